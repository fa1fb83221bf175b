#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace epmd {

/// One line of a NAMES_RESP. The name is whatever the other side said: escape it before showing.
struct ListedName {
  std::string alive_name = {};
  uint16_t port_no = 0;
  bool operator==(const ListedName&) const = default;
};

/// Reads a NAMES_RESP as it arrives, from an EPMD that is not to be trusted: what is not a
/// NAMES_RESP, or goes past a limit, is refused and stays refused.
///
/// EPMD writes alive names as they are, and these may hold line feeds: such a name comes as lines
/// that are no NodeInfo. They are counted, and spoil no other line. A name can also be made so
/// that one of its lines looks like another node's, which the protocol has no means to tell.
class NamesReader {
 public:
  static constexpr size_t names_max = 1'000'000;
  /// A name of 1,020 bytes with what stands around it, and room to spare.
  static constexpr size_t line_bytes_max = 1100;

  /// Whether a name is to be kept.
  using Keep = std::function<bool(const ListedName& listed)>;

  /// `most` is how many lines there may be. Without `keep`, every name is kept.
  explicit NamesReader(size_t most = names_max, Keep keep = nullptr)
      : lines_max_(most), keep_(std::move(keep)) {}

  /// False: these bytes cannot be part of a NAMES_RESP.
  bool receive(std::string_view bytes);
  /// Whether what arrived is whole, if the peer has closed now. Lines of which none is a NodeInfo
  /// are no list.
  bool is_whole() const {
    const bool is_list = lines_ == 0 || lines_ > unreadable_;
    return !failed_ && epmd_port_no_ && unread_.empty() && is_list;
  }

  /// The port that EPMD says it listens on; nothing before the first four bytes.
  std::optional<uint32_t> epmd_port_no() const { return epmd_port_no_; }
  const std::vector<ListedName>& names() const { return names_; }
  std::vector<ListedName> take_names() { return std::exchange(names_, {}); }
  /// How many lines are no NodeInfo.
  size_t unreadable() const { return unreadable_; }

 private:
  bool take(std::string_view line);
  bool fail();

  size_t lines_max_;
  Keep keep_;
  std::string unread_ = {};
  std::optional<uint32_t> epmd_port_no_ = {};
  std::vector<ListedName> names_ = {};
  size_t lines_ = 0;
  size_t unreadable_ = 0;
  bool failed_ = false;
};

/// Reads "name NAME at port PORT"; a name may hold spaces, and even " at port ".
std::optional<ListedName> parse_node_info(std::string_view line);

}  // namespace epmd
