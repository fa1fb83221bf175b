#include "takeover/finding.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

#include "net/port_holder.h"
#include "takeover/questions.h"

namespace takeover {
namespace {

/// What the daemon opens beside the sockets that it takes.
constexpr size_t descriptors_reserved = 64;

std::vector<ProcessFacts> facts_of_all(const std::vector<pid_t>& processes) {
  std::vector<ProcessFacts> facts;
  facts.reserve(processes.size());
  for (const pid_t process : processes) facts.push_back(facts_of(process));
  return facts;
}

int ptrace_scope() {
  int scope = 0;
  std::ifstream("/proc/sys/kernel/yama/ptrace_scope") >> scope;
  return scope;
}

size_t raise_descriptor_limit() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<size_t>(limit.rlim_cur);
}

Holders holders_of(const net::SocketNames& listening, pid_t named) {
  return holders_among(facts_of_all(net::holders_of(listening)), named, geteuid());
}

std::string why_no_look(const base::Error& error, const ProcessFacts& old) {
  const bool is_forbidden = error.number == EPERM || error.number == EACCES;
  return is_forbidden ? why_not_permitted(old, geteuid(), ptrace_scope()) : error.message;
}

/// Finds which of its sockets EPMD listens on: a Portolan may also answer over HTTP.
void find_ports(const Look& look, OldEpmd& old) {
  for (const net::Address& each : look.listening) {
    if (old.ports.contains(each.port()) || !is_epmd_at(reachable(each))) continue;
    if (old.ports.empty()) old.address = reachable(each);
    old.ports.insert(each.port());
  }
}

void add(std::vector<std::string>& sentences, std::string sentence) {
  if (!sentence.empty()) sentences.push_back(std::move(sentence));
}

std::string described(const ProcessFacts& process, const char* what) {
  return fmt::format("process {} ({}) {}", process.number, process.name, what);
}

void open_all(Found& found) {
  for (const ProcessFacts& each : found.holders.old) {
    auto opened = OldProcess::open(each.number);
    if (opened)
      found.old.processes.push_back(std::move(*opened));
    else
      add(found.obstacles, opened.error().message);
  }
}

/// What can be known of it only if its sockets may be had.
void look_closer(Found& found, const Wanted& wanted) {
  const ProcessFacts seen = found.holders.old.back();
  const auto process = OldProcess::open(seen.number);
  if (!process) return add(found.obstacles, process.error().message);
  const auto look = process->look(false);
  if (!look) return add(found.obstacles, why_no_look(look.error(), seen));
  if (look->listening.empty())
    return add(found.obstacles, described(seen, "listens on no TCP port"));
  const pid_t named = wanted.process != 0 ? wanted.process : seen.number;
  found.holders = holders_of(look->listening_names, named);
  if (wanted.is_without_socket_unit) forget_service_manager(found.holders);
  found.obstacles = obstacles_to(found.holders);
  if (!found.obstacles.empty()) return;
  find_ports(*look, found.old);
  if (found.old.ports.empty())
    add(found.obstacles,
        described(seen, "does not answer as an EPMD does: does it run, or is it stopped?"));
  const size_t needed = look->sockets.size() + descriptors_reserved;
  add(found.obstacles, why_too_many(needed, raise_descriptor_limit()));
}

Holders first_holders(const Wanted& wanted) {
  const pid_t process = wanted.process;
  if (process == 0) return holders_of(net::listening_sockets(wanted.port), 0);
  return holders_among({facts_of(process)}, process, geteuid());
}

std::string why_none(const Wanted& wanted) {
  if (wanted.process != 0) return fmt::format("there is no process {}", wanted.process);
  return fmt::format(
      "no process is seen to listen on port {}; if `portolan names` finds an EPMD there, run this "
      "as root, on the host or in the container of that process",
      wanted.port);
}

}  // namespace

Found find(const Wanted& wanted) {
  Found found;
  found.holders = first_holders(wanted);
  if (found.holders.old.empty() || found.holders.old.back().name.empty())
    found.obstacles = {why_none(wanted)};
  else
    found.obstacles = obstacles_to_looking(found.holders);
  if (found.obstacles.empty()) look_closer(found, wanted);
  if (found.obstacles.empty()) open_all(found);
  return found;
}

}  // namespace takeover
