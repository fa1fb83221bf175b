#include <fmt/core.h>

#include <cerrno>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "keeper/control.h"
#include "outputs/member_json.h"
#include "terminal/failure.h"
#include "terminal/print.h"

namespace commands {
namespace {

int refuse(const options::Upgrade& upgrade, const terminal::Failure& failure) {
  return terminal::fail("upgrade", upgrade.asking.output, failure);
}

std::string processes_of(const std::vector<pid_t>& processes) {
  std::string list;
  for (const pid_t process : processes)
    list += (list.empty() ? "" : ", ") + std::to_string(process);
  return list;
}

/// `keeper` is its process, if that was given.
int refuse_unknown(const options::Upgrade& upgrade, const std::vector<pid_t>& keepers) {
  if (!keepers.empty() && upgrade.process == 0)
    return refuse(upgrade, {"there are several daemons here, the processes " +
                                processes_of(keepers) + "; say which one: portolan upgrade PID",
                            "ambiguous"});
  const std::string who = upgrade.process == 0
                              ? "there is no daemon here that can be upgraded"
                              : fmt::format("process {} cannot be upgraded", upgrade.process);
  return refuse(upgrade, {who + ": it must keep names (--keep-names yes), and run in this "
                                "container or on this host",
                          "not_found"});
}

int finish(const options::Upgrade& upgrade, pid_t keeper, const std::string& what) {
  const bool is_json = upgrade.asking.output == options::Output::json;
  const std::string text =
      is_json ? outputs::one_line({{"process", keeper}, {"upgraded", true}, {"answer", what}})
              : fmt::format("process {}: {}", keeper, what);
  return terminal::finish("upgrade", terminal::print(text + '\n'));
}

}  // namespace

int upgrade(const options::Upgrade& upgrade) {
  const std::vector<pid_t> keepers =
      upgrade.process != 0 ? std::vector<pid_t>{upgrade.process} : keeper::keepers_here();
  if (keepers.size() != 1) return refuse_unknown(upgrade, keepers);
  const auto answer = keeper::ask_for_upgrade(keepers.front(), upgrade.asking.timeout);
  if (!answer && answer.error().number == ECONNREFUSED) return refuse_unknown(upgrade, keepers);
  if (!answer)
    return refuse(upgrade, {fmt::format("process {}: {}; its log says more", keepers.front(),
                                        answer.error().message),
                            "no_answer"});
  if (answer->outcome == keeper::Outcome::refused)
    return refuse(
        upgrade,
        {fmt::format("process {} goes on as it is: {}", keepers.front(), answer->what), "refused"});
  return finish(upgrade, keepers.front(), answer->what);
}

}  // namespace commands
