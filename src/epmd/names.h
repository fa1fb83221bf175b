#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
class NamesReader {
 public:
  static constexpr size_t names_max = 1'000'000;
  /// A name of 1,020 bytes with what stands around it, and room to spare.
  static constexpr size_t line_bytes_max = 1100;

  explicit NamesReader(size_t most = names_max) : names_max_(most) {}

  /// False: these bytes cannot be part of a NAMES_RESP.
  bool receive(std::string_view bytes);
  /// Whether what arrived is whole, if the peer has closed now.
  bool is_whole() const { return !failed_ && epmd_port_no_ && unread_.empty(); }

  /// The port that EPMD says it listens on; nothing before the first four bytes.
  std::optional<uint32_t> epmd_port_no() const { return epmd_port_no_; }
  const std::vector<ListedName>& names() const { return names_; }

 private:
  bool fail();

  size_t names_max_;
  std::string unread_ = {};
  std::optional<uint32_t> epmd_port_no_ = {};
  std::vector<ListedName> names_ = {};
  bool failed_ = false;
};

/// Reads "name NAME at port PORT"; a name may hold spaces, and even " at port ".
std::optional<ListedName> parse_node_info(std::string_view line);

}  // namespace epmd
