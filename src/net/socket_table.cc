#include <fmt/core.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "net/sock_diag.h"

namespace net {
namespace {

using base::Error;
using base::Result;

struct Row {
  std::string own = {};
  std::string peer = {};
  unsigned state = 0;
  uid_t user = 0;
  uint64_t inode = 0;
};

/// "sl local remote state queues timer retransmits uid timeout inode …"
std::optional<Row> read_row(const std::string& line) {
  std::istringstream words(line);
  Row row;
  std::string number, state, queues, timer, retransmits, timeout;
  words >> number >> row.own >> row.peer >> state >> queues >> timer >> retransmits >> row.user >>
      timeout >> row.inode;
  if (!words) return std::nullopt;  // the headings
  std::from_chars(state.data(), state.data() + state.size(), row.state, 16);
  return row;
}

/// Hands each row to `take` until that returns false. The system's number for what went wrong, or
/// 0.
template <typename Take>
int read_rows(const std::string& path, Take take) {
  std::ifstream table(path);
  if (!table) return errno;
  for (std::string line; std::getline(table, line);)
    if (const auto row = read_row(line); row && !take(*row)) break;
  return 0;
}

Error table_error(const std::string& path, int number) {
  return {path + ": " + std::strerror(number), number};
}

/// As the table writes it: words of four bytes, in the order of this machine, and the port.
std::string in_table(const Address& address, bool is_of_ipv6) {
  const std::string_view bytes = kept_bytes(address);
  std::string whole(bytes);
  if (is_of_ipv6 && bytes.size() == ipv4_host_bytes) whole.insert(0, ipv4_mapped_prefix);
  std::string text;
  for (size_t at = 0; at < whole.size(); at += sizeof(uint32_t)) {
    uint32_t word = 0;
    std::memcpy(&word, whole.data() + at, sizeof word);
    text += fmt::format("{:08X}", word);
  }
  return fmt::format("{}:{:04X}", text, address.port());
}

Result<uid_t> look_up(const std::string& path, bool is_of_ipv6, const Ends& ends) {
  const std::string own = in_table(ends.own, is_of_ipv6);
  const std::string peer = in_table(ends.peer, is_of_ipv6);
  Result<uid_t> user = no_such_socket_error();
  const int failed = read_rows(path, [&](const Row& row) {
    if (row.own != own || row.peer != peer) return true;
    user = user_if_connected(row.state, row.inode, row.user);
    return false;
  });
  return failed ? table_error(path, failed) : user;
}

std::optional<uint16_t> port_of_listener(const Row& row) {
  const size_t colon = row.own.find(':');
  if (row.state != TCP_LISTEN || colon == std::string::npos) return std::nullopt;
  uint16_t port = 0;
  std::from_chars(row.own.data() + colon + 1, row.own.data() + row.own.size(), port, 16);
  return port;
}

}  // namespace

Result<uid_t> socket_table::user_of(const Ends& ends, const char* folder) {
  const std::string path = std::string(folder) + "/tcp";
  if (kept_bytes(ends.own).size() != ipv4_host_bytes) return look_up(path + '6', true, ends);
  Result<uid_t> user = look_up(path, false, ends);
  if (user || user.error().number != no_such_socket) return user;
  Result<uid_t> of_dual_stack = look_up(path + '6', true, ends);
  return of_dual_stack ? of_dual_stack : user;
}

Result<ListenerUsers> socket_table::listeners(const char* folder) {
  ListenerUsers users;
  const auto take = [&users](const Row& row) {
    if (const auto port = port_of_listener(row)) users[*port].insert(row.user);
    return true;
  };
  const std::string path = std::string(folder) + "/tcp";
  if (const int failed = read_rows(path, take)) return table_error(path, failed);
  read_rows(path + '6', take);  // a kernel without IPv6 has none
  return users;
}

Result<bool> socket_table::listens_over_ipv6(uint16_t port, const char* folder) {
  bool is_found = false;
  const std::string path = std::string(folder) + "/tcp6";
  const int failed = read_rows(path, [&](const Row& row) {
    is_found = port_of_listener(row) == port;
    return !is_found;
  });
  if (failed) return table_error(path, failed);
  return is_found;
}

}  // namespace net
