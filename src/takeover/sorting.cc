#include "takeover/sorting.h"

#include <algorithm>
#include <unordered_map>

#include "epmd/alive_name.h"

namespace takeover {
namespace {

/// Of a refused ALIVE2_REQ: ALIVE2_X_RESP has six bytes, ALIVE2_RESP has four.
constexpr uint64_t refusal_bytes_max = 6;

using ByDescriptor = std::unordered_map<int, size_t>;

ByDescriptor index_of(const std::vector<SocketFacts>& sockets) {
  ByDescriptor places;
  for (size_t i = 0; i < sockets.size(); ++i) places.emplace(sockets[i].descriptor, i);
  return places;
}

/// One sorting: where each socket was before, and whether it has found its place.
class Sorter {
 public:
  Sorter(const std::vector<SocketFacts>& before, const std::vector<SocketFacts>& after)
      : before_(before), after_(after), was_(index_of(before)), is_(index_of(after)) {}

  void place_name(const DumpedName& name, size_t dumped) {
    const auto found = is_.find(name.descriptor);
    if (found == is_.end())
      return doubt("the node '" + epmd::escape_name(name.alive_name) + "' has just ended");
    const SocketFacts& socket = after_[found->second];
    if (!is_the_same_as_before(socket) || socket.is_listening || socket.bytes_sent == 0)
      return doubt("the node '" + epmd::escape_name(name.alive_name) + "' has just come");
    sorted_.names.push_back({found->second, dumped});
    is_.erase(found);
  }

  void place_others(const std::set<uint16_t>& epmd_ports) {
    for (size_t i = 0; i < after_.size(); ++i) {
      const auto left = is_.find(after_[i].descriptor);
      const bool is_left = left != is_.end() && left->second == i;
      if (is_left && epmd_ports.contains(after_[i].port_no))
        place_nameless(i);
      else if (is_left && after_[i].is_listening)
        sorted_.other_listeners.push_back(i);
    }
  }

  Sorted finish() { return std::move(sorted_); }

 private:
  void place_nameless(size_t place) {
    const SocketFacts& socket = after_[place];
    if (socket.is_listening) return sorted_.listeners.push_back(place);
    if (socket.bytes_read == 0 && socket.bytes_sent == 0) return sorted_.unheard.push_back(place);
    // It may be a node that has registered since, or a request that is just being answered.
    if (!is_unchanged(socket)) return doubt("a request has just been answered");
    if (socket.bytes_sent == 0) return sorted_.half_heard.push_back(place);
    if (socket.bytes_sent > refusal_bytes_max) return doubt("a list is being sent to a client");
    sorted_.refused.push_back(place);
  }

  bool is_the_same_as_before(const SocketFacts& socket) const {
    const auto was = was_.find(socket.descriptor);
    return was != was_.end() && before_[was->second].cookie == socket.cookie;
  }

  bool is_unchanged(const SocketFacts& socket) const {
    return is_the_same_as_before(socket) && before_[was_.at(socket.descriptor)] == socket;
  }

  void doubt(std::string why) {
    if (sorted_.doubt.empty()) sorted_.doubt = std::move(why);
  }

  const std::vector<SocketFacts>& before_;
  const std::vector<SocketFacts>& after_;
  ByDescriptor was_;
  /// Those that have no place yet.
  ByDescriptor is_;
  Sorted sorted_ = {};
};

}  // namespace

Sorted sort_out(const std::vector<SocketFacts>& before, const std::vector<DumpedName>& dumped,
                const std::vector<SocketFacts>& after, const std::set<uint16_t>& epmd_ports) {
  Sorter sorter(before, after);
  for (size_t i = dumped.size(); i > 0; --i) sorter.place_name(dumped[i - 1], i - 1);
  sorter.place_others(epmd_ports);
  return sorter.finish();
}

}  // namespace takeover
