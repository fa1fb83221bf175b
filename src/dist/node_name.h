#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dist {

/// A node name, `alive@host`: only with both parts is it a name that a node can be connected by.
struct NodeName {
  std::string alive_name = {};
  std::string host_part = {};

  /// Nodes with long names (`-name`) and nodes with short ones (`-sname`) never connect.
  bool is_long() const { return host_part.find('.') != std::string::npos; }
  /// An IPv6 address has no dot, and yet nodes of both kinds connect to it.
  bool is_of_both_kinds() const { return host_part.find(':') != std::string::npos; }
  bool is_of_kind_of(const NodeName& other) const {
    return is_of_both_kinds() || other.is_of_both_kinds() || is_long() == other.is_long();
  }
  std::string to_string() const { return alive_name + '@' + host_part; }
  auto operator<=>(const NodeName&) const = default;  // NOLINT: a nullptr, to clang-tidy 14
};

/// An atom's worth, which is what a node name is in Erlang.
inline constexpr size_t node_name_bytes_max = 255;

/// Reads a name that a node gives itself. Nothing if it could not be one: Erlang wants one '@' with
/// something on both sides; we also want a host part that a resolver can be asked for, and no
/// white space, quotes or controls, because the name goes into files and command lines.
std::optional<NodeName> parse_node_name(std::string_view text);

/// A host part of digits and dots is a number to Erlang (inet_parse), which does not ask the DNS
/// for it: the IPv4 address that it stands for, `2` for 0.0.0.2, or "" if it stands for none.
/// Nothing if it is a name, or the address itself.
std::optional<std::string> numeric_host(const std::string& host_part);
/// What is wrong with a host part that is such a number, and what to do; `ip` is what it stands
/// for.
std::string why_no_name(const std::string& ip);

}  // namespace dist
