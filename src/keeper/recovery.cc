#include "keeper/recovery.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace keeper {
namespace {

/// A request is tried twice: it may be what has ended the server.
constexpr uint32_t repeats_max = 1;

using ByCookie = std::unordered_map<uint64_t, Records::Numbered*>;

bool is_in(const epmd::RequestSlot& request, const SocketFacts& socket) {
  return request.descriptor == socket.descriptor && socket.bytes_read > 0 &&
         socket.bytes_read <= request.bytes.size();
}

Fate of_unanswered(const SocketFacts& socket, const epmd::RequestSlot& request) {
  const bool may_repeat = is_in(request, socket) && request.repeats < repeats_max;
  return may_repeat ? Fate::repeat : Fate::close;
}

Fate of_answered(const SocketFacts& socket, const epmd::RequestSlot& request) {
  const bool is_whole = is_in(request, socket) && socket.bytes_sent == request.reply_bytes;
  return is_whole ? Fate::close : Fate::reset;
}

void place(Survivors& survivors, const SocketFacts& socket, Fate fate) {
  switch (fate) {
    case Fate::keep: return;
    case Fate::serve: return survivors.served.push_back(socket.descriptor);
    case Fate::close: return survivors.closed.push_back(socket.descriptor);
    case Fate::reset: return survivors.reset.push_back(socket.descriptor);
    case Fate::repeat:
      survivors.repeated = socket.descriptor;
      survivors.bytes_repeated = static_cast<size_t>(socket.bytes_read);
  }
}

bool is_older(const Survivors::Name& one, const Survivors::Name& other) {
  return one.record.record.sequence < other.record.record.sequence;
}

/// Of two records with one name, which no server writes, the older one stays.
void drop_doubles(Survivors& survivors) {
  std::unordered_set<std::string_view> seen;
  std::vector<size_t> doubles;
  for (size_t i = 0; i < survivors.names.size(); ++i)
    if (!seen.insert(survivors.names[i].record.record.node.alive_name).second) doubles.push_back(i);
  for (; !doubles.empty(); doubles.pop_back()) {
    const auto each = survivors.names.begin() + static_cast<std::ptrdiff_t>(doubles.back());
    survivors.closed.push_back(each->descriptor);
    survivors.dropped.push_back(each->record.number);
    survivors.names.erase(each);
  }
}

}  // namespace

Fate fate_of(const SocketFacts& socket, bool has_record, const epmd::RequestSlot& request) {
  if (has_record && socket.bytes_sent > 0) return socket.has_ended ? Fate::close : Fate::keep;
  if (has_record) return of_unanswered(socket, request);
  if (!socket.is_client) return Fate::close;
  if (socket.bytes_sent > 0) return of_answered(socket, request);
  return socket.bytes_read == 0 ? Fate::serve : of_unanswered(socket, request);
}

uint64_t newest_of(const std::vector<Records::Numbered>& records) {
  const auto is_older = [](const auto& one, const auto& other) {
    return one.record.sequence < other.record.sequence;
  };
  const auto newest = std::max_element(records.begin(), records.end(), is_older);
  return newest == records.end() ? 0 : newest->record.cookie;
}

Survivors sort_out(const std::vector<SocketFacts>& sockets, std::vector<Records::Numbered> records,
                   const epmd::RequestSlot& request) {
  Survivors survivors;
  ByCookie by_cookie;
  for (Records::Numbered& each : records)
    if (!by_cookie.emplace(each.record.cookie, &each).second)
      survivors.dropped.push_back(each.number);
  for (const SocketFacts& socket : sockets) {
    const auto known = by_cookie.find(socket.cookie);
    const bool has_record = known != by_cookie.end();
    const Fate fate = fate_of(socket, has_record, request);
    place(survivors, socket, fate);
    if (!has_record) continue;
    if (fate == Fate::keep)
      survivors.names.push_back({socket.descriptor, std::move(*known->second)});
    else
      survivors.dropped.push_back(known->second->number);
    if (fate != Fate::keep && socket.bytes_sent > 0) ++survivors.names_ended;
    by_cookie.erase(known);
  }
  for (const auto& [cookie, record] : by_cookie) survivors.dropped.push_back(record->number);
  survivors.names_lost = by_cookie.size();
  std::sort(survivors.names.begin(), survivors.names.end(), is_older);
  drop_doubles(survivors);
  return survivors;
}

}  // namespace keeper
