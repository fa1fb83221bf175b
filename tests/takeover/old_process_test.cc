#include "takeover/old_process.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "catch.h"
#include "net/listening.h"
#include "takeover/pause.h"
#include "takeover/process_facts.h"

using namespace std::chrono_literals;
using takeover::OldProcess;

namespace {

/// A process that waits, with all our descriptors.
class Other {
 public:
  Other() : number_(fork()) {
    if (number_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (true) pause();
  }
  ~Other() {
    kill(number_, SIGKILL);
    waitpid(number_, nullptr, 0);
  }
  pid_t number() const { return number_; }

 private:
  pid_t number_;
};

char state_of(pid_t process) {
  siginfo_t info = {};
  waitid(P_PID, static_cast<id_t>(process), &info, WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT);
  return info.si_code == CLD_STOPPED ? 'T' : 'R';
}

}  // namespace

TEST_CASE("the listening sockets of another process are found, and can be kept") {
  const auto plan = net::plan_listening("127.0.0.1", 0);
  REQUIRE(plan);
  const net::Listening listening = net::listen_on(*plan);
  REQUIRE_FALSE(listening.sockets.empty());
  const uint16_t port = listening.sockets.front().address.port();
  const Other other;
  const auto process = OldProcess::open(other.number());
  REQUIRE(process);
  const auto look = process->look(true);
  REQUIRE(look);
  CHECK(look->sockets.size() == look->duplicates.size());
  const auto found = std::find_if(look->sockets.begin(), look->sockets.end(),
                                  [port](const auto& each) { return each.port_no == port; });
  REQUIRE(found != look->sockets.end());
  CHECK(found->is_listening);
  CHECK(found->cookie != 0);
  CHECK(net::listening_sockets(port) == look->listening_names);
}

TEST_CASE("a pause stops a process, and lets it go on") {
  const Other other;
  std::vector<OldProcess> processes;
  processes.push_back(*OldProcess::open(other.number()));
  {
    const takeover::Pause pause(processes);
    CHECK(pause.is_complete());
    CHECK(state_of(other.number()) == 'T');
  }
  CHECK(state_of(other.number()) == 'R');
  CHECK_FALSE(processes.front().has_stopped(0ms));
}

TEST_CASE("the end of a process is noticed") {
  const auto other = std::make_unique<Other>();
  const auto process = OldProcess::open(other->number());
  REQUIRE(process);
  CHECK_FALSE(process->has_ended(0ms));
  CHECK(process->send(SIGKILL));
  CHECK(process->has_ended(5s));
}

TEST_CASE("there is no process without a number") { CHECK_FALSE(OldProcess::open(-1)); }

TEST_CASE("/proc tells what a process is") {
  const Other other;
  const takeover::ProcessFacts facts = takeover::facts_of(other.number());
  CHECK(facts.parent == getpid());
  CHECK(facts.parent_name == "unit_tests");
  CHECK(facts.program == "unit_tests");
  CHECK(facts.user == geteuid());
  CHECK(facts.shares_network);
  CHECK(facts.shares_processes);
  CHECK(facts.children.empty());
  const std::vector<pid_t> ours = takeover::facts_of(getpid()).children;
  CHECK(std::count(ours.begin(), ours.end(), other.number()) == 1);
  kill(other.number(), SIGKILL);
  REQUIRE(OldProcess::open(other.number())->has_ended(5s));
  const std::vector<pid_t> left = takeover::facts_of(getpid()).children;
  CHECK(std::count(left.begin(), left.end(), other.number()) == 0);
}
