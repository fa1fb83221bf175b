// A node that costs next to nothing, for scripts/bench time-to-mesh: registers with the EPMD of its
// host, says who it is, and connects to whomever it is told to, for good. It begins when a line
// comes, and prints microseconds of the machine's clock: when it was up, and when it had which
// other node.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/wire.h"
#include "bench/node_messages.h"
#include "dist/cookie.h"
#include "dist/handshake.h"
#include "dist/term.h"

namespace {

constexpr uint16_t epmd_port = 4369;
constexpr uint64_t own_flags = 0xd07df7fbd;

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

int connected_to(const std::string& ip, uint16_t port_no) {
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port_no);
  inet_pton(AF_INET, ip.c_str(), &to.sin_addr);
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(made, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return made;
  close(made);
  return -1;
}

/// By its host's EPMD; 0: it has no such node.
uint16_t port_of(const std::string& alive, const std::string& ip) {
  const int epmd = connected_to(ip, epmd_port);
  if (epmd < 0) return 0;
  played::say(epmd, played::framed("z" + alive));
  const std::string answer = played::take(epmd, 4);
  close(epmd);
  base::WireReader reader(answer);
  const bool is_known = reader.u8() == 'w' && reader.u8() == 0;
  return is_known ? reader.u16() : 0;
}

class Node {
 public:
  Node(std::string name, std::string cookie) : name_(std::move(name)), cookie_(std::move(cookie)) {}

  [[noreturn]] void run() {
    listen_anywhere();
    std::puts("ready");
    std::fflush(stdout);
    std::string line;
    std::getline(std::cin, line);
    enlist();
    print("up");
    while (true) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) std::thread([this, client] { serve(client); }).detach();
    }
  }

 private:
  void listen_anywhere() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener_, raw, size) != 0 || listen(listener_, SOMAXCONN) != 0 ||
        getsockname(listener_, raw, &size) != 0)
      give_up("bench: cannot listen");
    port_no_ = ntohs(address.sin_port);
  }

  /// For as long as this process lives.
  void enlist() {
    const std::string alive = name_.substr(0, name_.find('@'));
    std::string request = "x";
    base::put_u16(request, port_no_);
    request.append("M\0\0\6\0\5", 6);
    base::put_u16(request, static_cast<unsigned>(alive.size()));
    request += alive;
    base::put_u16(request, 0);
    const int epmd = connected_to("127.0.0.1", epmd_port);
    if (epmd < 0) give_up("bench: no EPMD");
    played::say(epmd, played::framed(request));
    const std::string answer = played::take(epmd, 6);
    base::WireReader reader(answer);
    if (reader.u8() != 'v' || reader.u8() != 0) give_up("bench: not registered");
    creation_ = reader.u32();
  }

  void print(const std::string& what) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const long long us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    std::printf("%lld %s\n", us, what.c_str());
    std::fflush(stdout);
  }

  bool has(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    return connected_.contains(peer);
  }
  void note(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    if (connected_.insert(peer).second) print(peer);
  }

  /// A prober, one that pushes, or another node.
  void serve(int client) {
    const std::string hello = played::take_framed(client);
    base::WireReader reader(hello);
    reader.u8();
    const uint64_t flags = reader.u64();
    reader.u32();
    const std::string peer(reader.bytes(reader.u16()));
    const bool is_push = (flags & dist::flags::name_me) != 0;
    if (!reader.failed()) {
      played::say(client, played::greeting(name_, creation_, is_push));
      if (played::take_proof(client, cookie_)) is_push ? answer_calls(client) : hold(client, peer);
    }
    close(client);
  }

  /// Until it ends: nothing else is said.
  void hold(int socket, const std::string& peer) {
    note(peer);
    while (!played::take(socket, 1).empty()) {
    }
  }

  /// Each in a thread of its own, as rex does.
  void answer_calls(int client) {
    std::mutex writing;
    std::vector<std::thread> answering;
    while (true) {
      const played::Call call = played::take_call(client);
      if (call.function.empty()) break;
      answering.emplace_back([this, client, call, &writing] {
        const std::string reply = played::reply_to(call, result_of(call));
        const std::lock_guard lock(writing);
        played::say(client, reply);
      });
    }
    for (std::thread& each : answering) each.join();
  }

  std::string result_of(const played::Call& call) {
    if (call.function == "connect_node") {
      std::string result;
      dist::put_atom(result, connect_node(call.arguments.at(0)) ? "true" : "false");
      return result;
    }
    const std::lock_guard lock(mutex_);
    return played::list_of({connected_.begin(), connected_.end()});
  }

  /// The host part is an address.
  bool connect_node(const std::string& peer) {
    if (has(peer)) return true;
    const size_t at = peer.find('@');
    const std::string ip = peer.substr(at + 1);
    const uint16_t port_no = port_of(peer.substr(0, at), ip);
    const int socket = port_no == 0 ? -1 : connected_to(ip, port_no);
    if (socket < 0) return false;
    if (!shake_hands(socket)) {
      close(socket);
      return false;
    }
    note(peer);
    std::thread([this, socket, peer] { hold(socket, peer); }).detach();
    return true;
  }

  bool shake_hands(int socket) {
    using ReadResult = dist::Handshake::ReadResult;
    dist::Handshake handshake;
    played::say(socket, dist::Handshake().hello(name_, own_flags));
    ReadResult result = ReadResult::read_on;
    while (result == ReadResult::read_on || result == ReadResult::identified) {
      const std::string message = played::take_framed(socket);
      if (message.empty()) return false;
      result = handshake.receive(played::framed(message));
      if (result == ReadResult::identified)
        played::say(socket, handshake.prove(dist::Cookie(cookie_), 1));
    }
    return result == ReadResult::connected;
  }

  std::string name_;
  std::string cookie_;
  int listener_ = -1;
  uint16_t port_no_ = 0;
  uint32_t creation_ = 0;
  std::mutex mutex_ = {};
  std::set<std::string> connected_ = {};
};

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fprintf(stderr, "usage: bench_node NAME@ADDRESS COOKIE\n");
    return 2;
  }
  Node(words[1], words[2]).run();
}
