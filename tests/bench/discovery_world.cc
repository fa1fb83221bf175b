#include "bench/discovery_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/wire.h"

namespace {

constexpr uint32_t address_first = 0x7f010001;  // 127.1.0.1, node 0
constexpr uint16_t type_a = 1;
constexpr uint16_t type_aaaa = 28;
constexpr unsigned nodes_per_alias = 4000;
constexpr size_t record_bytes = 16;

sockaddr_in any(uint32_t address, uint16_t port) {
  sockaddr_in wanted = {};
  wanted.sin_family = AF_INET;
  wanted.sin_addr.s_addr = htonl(address);
  wanted.sin_port = htons(port);
  return wanted;
}

int bound(int type, uint32_t address, uint16_t& port) {
  const int descriptor = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  // A port that a closed connection still has, is free to listen at.
  const int reuses = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuses, sizeof reuses);
  sockaddr_in wanted = any(address, port);
  socklen_t size = sizeof wanted;
  auto* const raw = reinterpret_cast<sockaddr*>(&wanted);
  const bool works = descriptor >= 0 && bind(descriptor, raw, size) == 0 &&
                     (type != SOCK_STREAM || listen(descriptor, SOMAXCONN) == 0) &&
                     getsockname(descriptor, raw, &size) == 0;
  if (!works) {
    std::perror("bench: cannot listen");
    std::exit(1);
  }
  port = ntohs(wanted.sin_port);
  return descriptor;
}

/// Which node's address a client has connected to.
unsigned node_of(int descriptor) {
  sockaddr_in own = {};
  socklen_t size = sizeof own;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size);
  return ntohl(own.sin_addr.s_addr) - address_first;
}

std::string framed(const std::string& message) {
  std::string out;
  base::put_u16(out, static_cast<unsigned>(message.size()));
  return out + message;
}

std::string challenge_of(unsigned node) {
  const std::string name = "n" + std::to_string(node) + "@h" + std::to_string(node);
  std::string out = "N";
  base::put_u64(out, 0xd07df7fbd);
  base::put_u32(out, 1);
  base::put_u32(out, 1000 + node);
  base::put_u16(out, static_cast<unsigned>(name.size()));
  return framed("sok") + framed(out + name);
}

std::string record(unsigned node) {
  std::string out;
  base::put_u16(out, 0xc00c);
  base::put_u16(out, type_a);
  base::put_u16(out, 1);
  base::put_u32(out, 600);
  base::put_u16(out, 4);
  base::put_u32(out, address_first + node);
  return out;
}

void say(int descriptor, const std::string& text) {
  if (send(descriptor, text.data(), text.size(), MSG_NOSIGNAL) < 0) std::perror("bench: send");
}

}  // namespace

DiscoveryWorld::DiscoveryWorld(unsigned nodes) : nodes_(nodes), epoll_(epoll_create1(0)) {
  // TCP first: its ports are the scarce ones, while connections that were closed still have theirs.
  dns_tcp_ = bound(SOCK_STREAM, INADDR_LOOPBACK, dns_port_);
  dns_udp_ = bound(SOCK_DGRAM, INADDR_LOOPBACK, dns_port_);
  epmd_ = bound(SOCK_STREAM, INADDR_ANY, epmd_port_);
  node_ = bound(SOCK_STREAM, INADDR_ANY, node_port_);
  watch(Kind::dns_udp, dns_udp_);
  watch(Kind::dns_tcp, dns_tcp_);
  watch(Kind::epmd, epmd_);
  watch(Kind::node, node_);
  thread_ = std::thread([this] { run(); });
}

DiscoveryWorld::~DiscoveryWorld() {
  is_over_ = true;
  thread_.join();
  for (const int descriptor : {dns_udp_, dns_tcp_, epmd_, node_, epoll_}) close(descriptor);
}

std::vector<std::string> DiscoveryWorld::aliases() const {
  std::vector<std::string> all;
  for (unsigned first = 0; first < nodes_; first += nodes_per_alias)
    all.push_back("web" + std::to_string(all.size()));
  return all;
}

Questions DiscoveryWorld::asked() const {
  Questions all;
  std::copy(asked_.begin(), asked_.end(), all.counts.begin());
  return all;
}

void DiscoveryWorld::note(Question kind) { ++asked_.at(static_cast<size_t>(kind)); }

void DiscoveryWorld::watch(Kind kind, int descriptor) const {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = static_cast<uint64_t>(kind) << 32 | static_cast<uint32_t>(descriptor);
  epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

void DiscoveryWorld::run() {
  std::array<epoll_event, 256> events = {};
  while (!is_over_) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < count; ++i) {
      const uint64_t data = events[static_cast<size_t>(i)].data.u64;
      serve(static_cast<Kind>(data >> 32), static_cast<int>(data & 0xffffffff));
    }
  }
}

void DiscoveryWorld::serve(Kind kind, int descriptor) {
  switch (kind) {
    case Kind::dns_udp: return answer_udp();
    case Kind::dns_tcp: return accept_all(Kind::dns_client, descriptor);
    case Kind::epmd: return accept_all(Kind::epmd_client, descriptor);
    case Kind::node: return accept_all(Kind::node_client, descriptor);
    default: return answer(kind, descriptor);
  }
}

void DiscoveryWorld::accept_all(Kind kind, int listener) {
  while (true) {
    const int client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    watch(kind, client);
  }
}

void DiscoveryWorld::answer(Kind kind, int descriptor) {
  std::array<char, 4096> buffer = {};
  const ssize_t count = recv(descriptor, buffer.data(), buffer.size(), 0);
  if (count <= 0) {
    close(descriptor);
    return;
  }
  const unsigned node = node_of(descriptor);
  if (kind == Kind::epmd_client) {
    note(Question::names);
    std::string reply;
    base::put_u32(reply, epmd_port_);
    say(descriptor,
        reply + "name n" + std::to_string(node) + " at port " + std::to_string(node_port_) + "\n");
    close(descriptor);
  } else if (kind == Kind::node_client) {
    note(Question::handshake);
    say(descriptor, challenge_of(node));
  } else {
    const std::string received(buffer.data(), static_cast<size_t>(count));
    note(Question::by_tcp);
    if (received.size() > 2) say(descriptor, framed(dns_reply(received.substr(2), 65535)));
  }
}

void DiscoveryWorld::answer_udp() {
  std::array<char, 4096> buffer = {};
  sockaddr_in from = {};
  socklen_t size = sizeof from;
  auto* const raw = reinterpret_cast<sockaddr*>(&from);
  while (true) {
    const ssize_t count = recvfrom(dns_udp_, buffer.data(), buffer.size(), 0, raw, &size);
    if (count <= 0) return;
    const std::string reply = dns_reply({buffer.data(), static_cast<size_t>(count)}, 1232);
    sendto(dns_udp_, reply.data(), reply.size(), 0, raw, size);
  }
}

/// A records of an alias or a host; none if there is no such name.
std::string DiscoveryWorld::records(std::string_view name) const {
  const bool is_alias = name.starts_with("web");
  const std::string digits(name.substr(std::min(name.size(), is_alias ? 3UL : 1UL)));
  const auto number = static_cast<unsigned>(std::strtoul(digits.c_str(), nullptr, 10));
  if (!is_alias) return name.starts_with('h') && number < nodes_ ? record(number) : "";
  const unsigned first = number * nodes_per_alias;
  std::string all;
  for (unsigned node = first; node < std::min(nodes_, first + nodes_per_alias); ++node)
    all += record(node);
  return all;
}

std::string DiscoveryWorld::dns_reply(const std::string& question, size_t room) {
  base::WireReader reader(question);
  const uint16_t id = reader.u16();
  reader.bytes(10);
  std::string name;
  for (uint8_t size = reader.u8(); size > 0 && !reader.failed(); size = reader.u8())
    name += (name.empty() ? "" : ".") + std::string(reader.bytes(size));
  const uint16_t type = reader.u16();
  reader.u16();
  if (room < 65535)
    note(type == type_a ? Question::a : type == type_aaaa ? Question::aaaa : Question::other_dns);
  const std::string known = records(name);
  const std::string answers = type == type_a ? known : "";
  const bool is_truncated = answers.size() + 64 > room;
  std::string reply;
  base::put_u16(reply, id);
  base::put_u16(reply, 0x8180U | (is_truncated ? 0x0200U : 0U) | (known.empty() ? 3U : 0U));
  base::put_u16(reply, 1);
  const size_t count = is_truncated ? 0 : answers.size() / record_bytes;
  base::put_u16(reply, static_cast<unsigned>(count));
  base::put_u32(reply, 0);
  reply += question.substr(12, question.size() - 12 - reader.rest().size());
  return is_truncated ? reply : reply + answers;
}
