#include "takeover/obstacles.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

namespace takeover {
namespace {

using Sentences = std::vector<std::string>;

/// Of the reference, the same where a package of ours has put it aside, and ours.
constexpr std::array programs = {"epmd", "epmd.otp", "portolan"};

std::string named(const ProcessFacts& process) {
  return fmt::format("process {} ({})", process.number, process.name);
}

bool is_service_manager(const ProcessFacts& process) {
  return process.number == 1 || process.name == "systemd";
}

bool is_parent_of(const ProcessFacts& one, const ProcessFacts& other) {
  return other.parent == one.number;
}

std::string of_another_user(const ProcessFacts& old) {
  return fmt::format("{} is of user {}: run the takeover as root", named(old), old.user);
}

void add_place(const ProcessFacts& old, uid_t own_user, Sentences& sentences) {
  if (own_user != 0 && own_user != old.user)
    sentences.push_back(of_another_user(old));
  else if (old.is_hidden)
    return;  // the look at its sockets fails, and tells why
  else if (!old.shares_network || !old.shares_processes)
    sentences.push_back(
        fmt::format("{} is in another container: run the takeover there", named(old)));
  else if (!is_epmd(old))
    sentences.push_back(
        fmt::format("{} is neither epmd nor portolan (its program is '{}'); end it yourself if it "
                    "is in the way",
                    named(old), old.program));
}

/// A child would lose its parent, and may depend on it: the command of `portolan run` does.
void add_children(const Holders& holders, Sentences& sentences) {
  for (const ProcessFacts& each : holders.old)
    for (const pid_t child : each.children)
      if (child != holders.old.back().number)
        sentences.push_back(fmt::format(
            "{} has started process {}, which would lose its parent (`portolan run`, or "
            "a command that has not ended yet): wait for it, or restart both",
            named(each), child));
}

/// It would start the old program again, at the next connection: two would serve one port.
void add_other_holders(const Holders& holders, Sentences& sentences) {
  const ProcessFacts& old = holders.old.back();
  const std::string advice = fmt::format(
      "`systemctl stop --job-mode=ignore-dependencies` with the name of the socket unit (of {}) "
      "lets go of it, and leaves the service alone",
      old.unit.empty() ? "that service" : old.unit);
  for (const ProcessFacts& other : holders.others)
    if (is_service_manager(other))
      sentences.push_back(
          fmt::format("{} listens on the same socket, and would start the old program again: {}",
                      named(other), advice));
    else
      sentences.push_back(
          fmt::format("{} holds the same listening socket as {}, and would go on to listen: end it",
                      named(other), named(old)));
  if (old.has_given_sockets && !old.unit.empty() && holders.own_user != 0)
    sentences.push_back(
        fmt::format("{} was given its sockets by systemd, which may hold them too; that shows only "
                    "to root: run the takeover as root, or {}",
                    named(old), advice));
}

}  // namespace

bool is_epmd(const ProcessFacts& process) {
  return std::find(programs.begin(), programs.end(), process.program) != programs.end();
}

void forget_service_manager(Holders& holders) { std::erase_if(holders.others, is_service_manager); }

Holders holders_among(std::vector<ProcessFacts> processes, pid_t named, uid_t own_user) {
  Holders holders;
  holders.own_user = own_user;
  for (ProcessFacts& each : processes) {
    const bool is_old = each.number == named || is_epmd(each);
    (is_old ? holders.old : holders.others).push_back(std::move(each));
  }
  if (holders.old.empty()) std::swap(holders.old, holders.others);
  if (holders.old.size() == 2 && is_parent_of(holders.old[1], holders.old[0]))
    std::swap(holders.old[0], holders.old[1]);
  return holders;
}

Sentences obstacles_to_looking(const Holders& holders) {
  Sentences sentences;
  const bool is_pair = holders.old.size() == 2 && is_parent_of(holders.old[0], holders.old[1]);
  if (holders.old.size() > 1 && !is_pair)
    return {fmt::format("{} and {} listen there: name one of them, or end one",
                        named(holders.old[0]), named(holders.old[1]))};
  for (const ProcessFacts& each : holders.old) add_place(each, holders.own_user, sentences);
  return sentences;
}

Sentences obstacles_to(const Holders& holders) {
  Sentences sentences = obstacles_to_looking(holders);
  if (!sentences.empty()) return sentences;
  add_children(holders, sentences);
  add_other_holders(holders, sentences);
  return sentences;
}

Sentences notes_on(const Holders& holders) {
  const ProcessFacts& old = holders.old.front();
  if (!old.unit.empty())
    return {fmt::format(
        "{} runs in {}. If that is its own service, systemd sees that it is killed, and may start "
        "it again: it would find its port taken and end; `systemctl disable --now {}` once the "
        "takeover is done. If a node of that service has started it, there is nothing to do",
        named(old), old.unit, old.unit)};
  if (old.parent > 1)
    return {
        fmt::format("process {} ({}) is the parent of {}: if it starts that again, the new one "
                    "finds its port taken and ends",
                    old.parent, old.parent_name, named(old))};
  return {};
}

std::string why_not_permitted(const ProcessFacts& old, uid_t own_user, int ptrace_scope) {
  constexpr int nobody = 3;
  if (ptrace_scope >= nobody)
    return "this system lets no process have another's sockets (kernel.yama.ptrace_scope is 3, "
           "until "
           "it is booted anew): restart the EPMD instead";
  if (own_user != 0 && own_user != old.user) return of_another_user(old);
  if (own_user != 0)
    return fmt::format(
        "{} does not let its user have its sockets (kernel.yama.ptrace_scope is {}, "
        "or it holds a secret): run the takeover as root",
        named(old), ptrace_scope);
  return fmt::format("the sockets of {} may not be had: in a container, that needs CAP_SYS_PTRACE",
                     named(old));
}

std::string why_too_many(size_t needed, size_t limit) {
  if (needed <= limit) return {};
  return fmt::format(
      "{} descriptors are needed, and {} are allowed: raise the limit (`ulimit -Hn`, or "
      "LimitNOFILE= of a unit)",
      needed, limit);
}

}  // namespace takeover
