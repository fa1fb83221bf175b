#include "net/port_holder.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "base/number.h"

namespace net {
namespace {

namespace fs = std::filesystem;

/// As the kernel's table of sockets has it: "sl local remote state … inode", ports in hexadecimal.
void add_listeners(const char* table, uint16_t port, SocketNames& sockets) {
  constexpr std::string_view listening = "0A";
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // the headings
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
    words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
        timeout >> inode;
    const size_t colon = local.find(':');
    unsigned local_port = 0;
    if (colon == std::string::npos || state != listening) continue;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), local_port, 16);
    if (local_port == port) sockets.insert("socket:[" + inode + "]");
  }
}

bool holds_any(const fs::path& process, const SocketNames& sockets) {
  std::error_code ignored;
  for (fs::directory_iterator each(process / "fd", ignored), end; !ignored && each != end;
       each.increment(ignored))
    if (std::error_code gone; sockets.contains(fs::read_symlink(each->path(), gone).string()))
      return true;
  return false;
}

bool is_process(const fs::path& entry) {
  return entry.filename().string().find_first_not_of("0123456789") == std::string::npos;
}

/// The folders in /proc of those that hold any of these sockets. `most`: no more than so many.
std::vector<fs::path> folders_of_holders(const SocketNames& sockets, size_t most) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (fs::directory_iterator each("/proc", ignored), end;
       !ignored && each != end && found.size() < most; each.increment(ignored))
    if (is_process(each->path()) && holds_any(each->path(), sockets)) found.push_back(each->path());
  return found;
}

/// Its folder in /proc; empty if nobody is known.
fs::path holder_of(uint16_t port) {
  const SocketNames sockets = listening_sockets(port);
  if (sockets.empty()) return {};
  const std::vector<fs::path> found = folders_of_holders(sockets, 1);
  return found.empty() ? fs::path{} : found.front();
}

}  // namespace

SocketNames listening_sockets(uint16_t port) {
  SocketNames sockets;
  add_listeners("/proc/net/tcp", port, sockets);
  add_listeners("/proc/net/tcp6", port, sockets);
  return sockets;
}

std::vector<pid_t> holders_of(const SocketNames& sockets) {
  std::vector<pid_t> processes;
  for (const fs::path& folder : folders_of_holders(sockets, ~size_t{0}))
    processes.push_back(base::parse_number<pid_t>(folder.filename().string()).value_or(0));
  return processes;
}

std::string port_holder(uint16_t port) {
  const fs::path process = holder_of(port);
  if (process.empty()) return {};
  std::ifstream comm(process / "comm");
  std::string name;
  std::getline(comm, name);
  return name.append(" (process ").append(process.filename().string()).append(")");
}

std::vector<std::string> holder_command_line(uint16_t port) {
  const fs::path process = holder_of(port);
  if (process.empty()) return {};
  std::vector<std::string> words;
  std::ifstream command_line(process / "cmdline");
  for (std::string word; std::getline(command_line, word, '\0');) words.push_back(word);
  return words;
}

}  // namespace net
