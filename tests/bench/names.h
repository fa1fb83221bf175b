#pragma once

// What the load and the limit agree on: node i is called "name<i>" and its port follows from i. So
// the limit can answer a look-up rightly without a registry, and every reply of every server can be
// checked.

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

inline constexpr std::string_view name_prefix = "name";

constexpr std::uint16_t port_of(unsigned node) {
  return static_cast<std::uint16_t>(1024 + node % 60000);
}

inline std::string name_of(unsigned node) {
  return std::string(name_prefix) + std::to_string(node);
}

// The number of the node called `name`; the name must be one of name_of's.
inline unsigned node_of(std::string_view name) {
  unsigned node = 0;
  std::from_chars(name.data() + name_prefix.size(), name.data() + name.size(), node);
  return node;
}

inline void put_u16(std::string& out, std::size_t value) {
  out += static_cast<char>(static_cast<unsigned char>(value >> 8));
  out += static_cast<char>(static_cast<unsigned char>(value & 0xff));
}

// PORT2_RESP for a name as the load registers it: type M, tcp, versions 6 to 5. Takes the string to
// write into, so that the limit need not allocate.
inline void put_port2_resp(std::string& out, std::string_view name) {
  out.append("w\0", 2);
  put_u16(out, port_of(node_of(name)));
  out.append("M\0\0\6\0\5", 6);
  put_u16(out, name.size());
  out += name;
  put_u16(out, 0);
}

// The lines of NAMES_RESP with `count` nodes alive, newest first.
inline std::string names_lines(unsigned count) {
  std::string lines;
  for (unsigned node = count; node-- > 0;)
    lines += "name " + name_of(node) + " at port " + std::to_string(port_of(node)) + "\n";
  return lines;
}

}  // namespace bench
