#include "takeover/dump.h"

#include "base/number.h"

namespace takeover {
namespace {

constexpr size_t port_bytes = 4;
constexpr std::string_view end_of_line("\n\0", 2);
constexpr std::string_view before_name = "active name     <";
constexpr std::string_view before_port = "> at port ";
constexpr std::string_view before_descriptor = ", fd = ";
constexpr std::string_view before_old_name = "old/unused name <";

/// "active name     <NAME> at port PORT, fd = FD". The name may hold any of these words: what
/// stands behind it is looked for from the end.
std::optional<DumpedName> read_line(std::string_view line) {
  const size_t descriptor = line.rfind(before_descriptor);
  if (!line.starts_with(before_name) || descriptor == line.npos) return std::nullopt;
  const std::string_view front = line.substr(0, descriptor);
  const size_t port = front.rfind(before_port);
  if (port == front.npos || port < before_name.size()) return std::nullopt;
  const auto number = base::parse_number<int>(line.substr(descriptor + before_descriptor.size()));
  const auto port_no = base::parse_number<uint16_t>(front.substr(port + before_port.size()));
  if (!number || !port_no) return std::nullopt;
  const std::string_view name = front.substr(before_name.size(), port - before_name.size());
  return DumpedName{std::string(name), *port_no, *number};
}

}  // namespace

std::optional<std::vector<DumpedName>> read_dump(std::string_view bytes) {
  if (bytes.size() < port_bytes) return std::nullopt;
  bytes.remove_prefix(port_bytes);
  std::vector<DumpedName> names;
  while (!bytes.empty()) {
    const size_t end = bytes.find(end_of_line);  // no name holds a NUL
    if (end == bytes.npos) return std::nullopt;
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + end_of_line.size());
    if (line.starts_with(before_old_name)) continue;
    const auto name = read_line(line);
    if (!name) return std::nullopt;
    names.push_back(*name);
  }
  return names;
}

}  // namespace takeover
