#include "takeover/taking.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "epmd/alive_name.h"
#include "keeper/journal.h"
#include "keeper/shared_memory.h"
#include "takeover/pause.h"
#include "takeover/questions.h"

namespace takeover {
namespace {

using Clock = std::chrono::steady_clock;

/// How long to try for a moment in which nothing is half done.
constexpr std::chrono::seconds doubt_timeout(10);
/// How long a client may take for the rest of its request. Then its connection is not taken.
constexpr std::chrono::seconds half_heard_timeout(2);
constexpr std::chrono::milliseconds between_attempts(5);
constexpr int rounds_max = 5;

/// The old one's creations are not told. As for every new name: the time in microseconds, which
/// no name of an earlier daemon has (docs/decisions/036). 1 to 3 would mean the old form.
uint32_t unlike_any() {
  constexpr uint32_t least = 4;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  return std::max(static_cast<uint32_t>(count), least);
}

/// accept(2) and recv(2) of the daemon must return. The flag is the socket's, also for the old
/// process, which reads only what it knows to be there.
void set_nonblocking(const event::Descriptor& socket) {
  fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
}

Taking::Cookies cookies_of(const Look& look) {
  Taking::Cookies cookies;
  for (const SocketFacts& each : look.sockets) cookies.emplace(each.descriptor, each.cookie);
  return cookies;
}

}  // namespace

/// Until no name is new, so that little can happen between the last list and what follows.
base::Result<Findings> Taking::ask() {
  for (int round = 1;; ++round) {
    auto look = old_.server().look(false);
    if (!look) return look.error();
    auto dumped = ask_dump(old_.address);
    if (!dumped) return dumped.error();
    const auto asked = ask_of_new(cookies_of(*look), *dumped);
    if (!asked) return asked.error();
    if (*asked == 0 || round == rounds_max) return Findings{std::move(*look), std::move(*dumped)};
  }
}

/// The fields of a registration never change: each is asked for once. How many were is returned. A
/// name that has just gone has none.
base::Result<size_t> Taking::ask_of_new(const Cookies& cookies,
                                        const std::vector<DumpedName>& dumped) {
  size_t asked = 0;
  for (const DumpedName& name : dumped) {
    const auto cookie = cookies.find(name.descriptor);
    if (cookie == cookies.end() || nodes_.contains(cookie->second)) continue;
    auto node = ask_node(old_.address, name);
    if (!node && node.error().number != 0) return node.error();
    if (node) asked += nodes_.emplace(cookie->second, std::move(*node)).second ? 1 : 0;
  }
  return asked;
}

/// The doubt of the sorting, or that of a name whose fields are not known.
Sorted Taking::sort(const Findings& findings, const Look& after) const {
  Sorted sorted = sort_out(findings.look.sockets, findings.dumped, after.sockets, old_.ports);
  for (const Sorted::Name& name : sorted.names) {
    if (!sorted.doubt.empty()) break;
    if (!nodes_.contains(after.sockets[name.socket].cookie))
      sorted.doubt = fmt::format("its fields are not told for '{}'",
                                 epmd::escape_name(findings.dumped[name.dumped].alive_name));
  }
  return sorted;
}

/// Whether what the old EPMD has answered fits its sockets, and nothing is half done.
base::Result<bool> Taking::fits(Findings& findings, bool is_to_keep, bool may_wait) const {
  auto after = old_.server().look(is_to_keep);
  if (!after) return after.error();
  findings.sorted = sort(findings, *after);
  const Sorted& sorted = findings.sorted;
  if (!sorted.doubt.empty() || (may_wait && !sorted.half_heard.empty())) return false;
  findings.look = std::move(*after);
  return true;
}

/// If it fits, the old EPMD stays stopped. If not, it goes on.
base::Result<bool> Taking::fits_when_stopped(Findings& findings, bool may_wait) const {
  Pause pause(old_.processes);
  if (!pause.is_complete()) return base::Error{"the old process does not stop (SIGSTOP)"};
  auto fitting = fits(findings, true, may_wait);
  if (fitting && *fitting) pause.leave_to_guard();
  return fitting;
}

base::Result<Findings> Taking::find_moment(bool is_to_stop) {
  const auto begin = Clock::now();
  std::string doubt;
  while (Clock::now() - begin < doubt_timeout) {
    auto findings = ask();
    if (!findings) return findings;
    const bool may_wait = Clock::now() - begin < half_heard_timeout;
    const auto fitting =
        is_to_stop ? fits_when_stopped(*findings, may_wait) : fits(*findings, false, may_wait);
    if (!fitting) return fitting.error();
    if (*fitting) return findings;
    doubt = findings->sorted.doubt;
    std::this_thread::sleep_for(between_attempts);
  }
  return base::Error{
      fmt::format("there was no moment in {} s in which all names were certain ({}); it goes on as "
                  "before: try again when less happens",
                  doubt_timeout.count(), doubt)};
}

base::Result<Findings> Taking::look() { return find_moment(false); }

base::Result<Findings> Taking::stop_and_take() { return find_moment(true); }

/// False: there is no memory.
bool Taking::write_down(keeper::Memory& memory, const Findings& findings) const {
  keeper::Journal journal(memory);
  for (const Sorted::Name& name : findings.sorted.names) {
    const uint64_t cookie = findings.look.sockets[name.socket].cookie;
    const int socket = findings.look.duplicates[name.socket].get();
    if (!journal.registered(socket, cookie, unlike_any(), nodes_.at(cookie))) return false;
  }
  return true;
}

base::Result<Estate> Taking::estate_of(Findings findings) const {
  auto memory = keeper::SharedMemory::create();
  if (!memory) return memory.error();
  auto mapped = keeper::SharedMemory::map(memory->get());
  if (!mapped) return mapped.error();
  if (!write_down(**mapped, findings)) return base::Error{"there is no memory for the names"};
  Estate estate = {std::move(*memory)};
  const auto take = [&findings](size_t place, std::vector<event::Descriptor>& taken) {
    taken.push_back(std::move(findings.look.duplicates[place]));
    set_nonblocking(taken.back());
  };
  const Sorted& sorted = findings.sorted;
  for (const Sorted::Name& name : sorted.names) take(name.socket, estate.others);
  for (const size_t place : sorted.unheard) take(place, estate.others);
  for (const size_t place : sorted.other_listeners) take(place, estate.others);
  for (const size_t place : sorted.listeners) take(place, estate.listeners);
  return estate;
}

}  // namespace takeover
