#include <fmt/core.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "commands/commands.h"
#include "takeover/finding.h"
#include "takeover/guard.h"
#include "takeover/succession.h"
#include "takeover/taking.h"
#include "terminal/ask.h"
#include "terminal/print.h"

namespace commands {
namespace {

int refuse(const std::vector<std::string>& obstacles) {
  for (const std::string& each : obstacles) terminal::warn("takeover", each);
  return 1;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// What a takeover would do, a line each.
std::string describe(const takeover::Found& found, const takeover::Findings& findings) {
  const takeover::ProcessFacts& old = found.holders.old.back();
  const takeover::Sorted& sorted = findings.sorted;
  std::string text = fmt::format("process {} ({}) of user {}, which answers at {}\n", old.number,
                                 old.name, old.user, found.old.address.to_string());
  std::vector<std::string> places;
  for (const net::Address& each : findings.look.listening)
    if (found.old.ports.contains(each.port())) places.push_back(each.to_string());
  text += fmt::format("  listens on {}\n", listed(places));
  text += fmt::format("  {} names, with their connections\n", sorted.names.size());
  text += fmt::format("  {} clients that wait for an answer\n", sorted.unheard.size());
  if (!sorted.half_heard.empty() || !sorted.refused.empty())
    text += fmt::format("  {} clients would be closed: they sent half a request, or were refused\n",
                        sorted.half_heard.size() + sorted.refused.size());
  for (const std::string& note : notes_on(found.holders)) text += "note: " + note + '\n';
  return text;
}

int tell_what_would_be(const takeover::Found& found) {
  takeover::Taking taking(found.old);
  const auto findings = taking.look();
  if (!findings) return refuse({findings.error().message});
  return terminal::finish("takeover", terminal::print(describe(found, *findings)));
}

/// Whether these are words for `serve`, with which it can go on with names. If not, it is told.
bool are_for_serve(std::vector<std::string> words) {
  words.insert(words.begin(), "serve");
  const options::Command command = options::parse(words);
  const auto* const serve = std::get_if<options::Serve>(&command);
  if (!serve) return false;
  if (serve->is_check) terminal::warn("takeover", "--check-config starts no daemon; leave it out");
  if (!serve->keeps_names)
    terminal::warn("takeover", "--keep-names no would lose the names; leave it out");
  return !serve->is_check && serve->keeps_names;
}

/// Returns only if it fails. The old EPMD goes on then: the guard sees to it when we end.
int take_over(const takeover::Found& found, const std::vector<std::string>& words) {
  auto guard = takeover::Guard::start(found.old.processes, found.old.address);
  if (!guard) return refuse({guard.error().message});
  takeover::Taking taking(found.old);
  auto findings = taking.stop_and_take();
  if (!findings) return refuse({findings.error().message});
  const size_t names = findings->sorted.names.size();
  auto estate = taking.estate_of(std::move(*findings));
  if (!estate) return refuse({estate.error().message});
  guard->expect_daemon(names);
  return refuse({takeover::become_daemon(std::move(*estate), words).message});
}

}  // namespace

int takeover(const options::Takeover& takeover) {
  constexpr int wrong_command_line = 2;
  if (!are_for_serve(takeover.words)) return wrong_command_line;
  const takeover::Found found =
      takeover::find({takeover.process, takeover.port, takeover.is_without_socket_unit});
  if (!found.obstacles.empty()) return refuse(found.obstacles);
  if (takeover.is_dry_run) return tell_what_would_be(found);
  return take_over(found, takeover.words);
}

}  // namespace commands
