#include "doctor/keeping.h"

#include <unistd.h>

#include "doctor/findings.h"
#include "keeper/control.h"

using namespace doctor;
using Mark = CheckResult::Mark;

namespace {

EpmdProcess portolan() {
  return {7, "portolan", "portolan", "bash", {"portolan", "serve"}, {"HOME=/"}};
}

std::string found_of(const EpmdProcess& process) {
  const CheckResult result = whole(judge_keeping({4369, {}, {process}}));
  CHECK(result.mark == Mark::unknown);
  return result.found;
}

}  // namespace

TEST_CASE("names outlive a crash where a keeper says so, whatever else is seen") {
  CHECK(whole(judge_keeping({4369, 7, {}})).found ==
        "names outlive a crash: process 7 is the EPMD's keeper");
  CHECK(judge_keeping({4369, 7, {portolan()}}).mark == Mark::ok);
}

TEST_CASE("the option or the variable that forbids a keeper is named") {
  EpmdProcess process = portolan();
  process.words = {"portolan", "serve", "--keep-names", "no"};
  const std::string by_option =
      "a crash ends all names: portolan (process 7) was started with --keep-names no";
  CHECK(found_of(process) == by_option);
  process.words = {"portolan", "run", "--keep-names=NO", "--", "erl"};
  CHECK(found_of(process) == by_option);
  process.words = {"portolan", "serve"};
  process.environment = {"PORTOLAN_KEEP_NAMES=No"};
  CHECK(found_of(process) ==
        "a crash ends all names: portolan (process 7) was started with PORTOLAN_KEEP_NAMES=no");
}

TEST_CASE("what does not forbid a keeper is not named as the reason") {
  const std::string other =
      "a crash ends all names: portolan (process 7) has no keeper; its configuration file or its "
      "log says why";
  CHECK(found_of(portolan()) == other);
  EpmdProcess process = portolan();
  process.environment = {"PORTOLAN_KEEP_NAMES=no"};
  process.words = {"portolan", "serve", "--keep-names", "yes"};
  CHECK(found_of(process) == other);
  process.environment = {"PORTOLAN_KEEP_NAMES_=no", "X=PORTOLAN_KEEP_NAMES=no"};
  process.words = {"portolan", "run", "--", "erl", "--keep-names", "no"};
  CHECK(found_of(process) == other);
}

TEST_CASE("OTP's epmd has no keeper") {
  CHECK(found_of({9, "epmd", "epmd", "systemd", {"epmd"}, {"PORTOLAN_KEEP_NAMES=no"}}) ==
        "a crash ends all names: epmd (process 9) has no keeper, as OTP's epmd has none");
}

TEST_CASE("what is not seen is unknown") {
  const std::string hidden =
      "whether names outlive a crash is not seen: no keeper has announced itself for port 4369, "
      "and root or the EPMD's user may see more";
  const auto found = [](const std::vector<EpmdProcess>& seen) {
    return whole(judge_keeping({4369, {}, seen})).found;
  };
  CHECK(found({}) == hidden);
  CHECK(found({portolan(), portolan()}) == hidden);
  EpmdProcess server = portolan();
  server.parent_name = "portolan";  // a keeper that may not be looked at
  CHECK(found({server}) == hidden);
  EpmdProcess other_users = portolan();
  other_users.program.clear();
  CHECK(found({other_users}) == hidden);
  CHECK(found({{1, "systemd", "systemd", "", {}, {}}}) == hidden);
}

TEST_CASE("a keeper that announces itself is found at its ports only") {
  const auto announced = keeper::announce({14369, 14370});
  CHECK(look_for_keeper(14369).keeper == getpid());
  CHECK(look_for_keeper(14370).keeper == getpid());
  CHECK_FALSE(look_for_keeper(1436).keeper);
}
