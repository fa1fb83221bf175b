#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/wire.h"
#include "event/descriptor.h"
#include "event/loop.h"
#include "event/poll.h"
#include "event/timer.h"
#include "net/address.h"
#include "net/listening.h"
#include "net/sockets.h"

/// A nameserver on the loop of the test, at a port of its own, over UDP and TCP.
class FakeDns {
 public:
  enum Type : uint16_t { a = 1, cname = 5, ptr = 12, aaaa = 28, srv = 33 };
  enum Code : uint8_t { no_error = 0, server_failed = 2, no_such_name = 3, refused = 5 };

  explicit FakeDns(event::Loop& loop)
      : loop_(loop), tcp_(std::make_unique<Tcp>(*this, listen_beside(udp_))) {
    servers = tcp_->socket.address.to_string();
    udp_waiter_ = std::make_unique<Udp>(*this);
  }

  void add(const std::string& name, Type type, std::string data) {
    records[{name, type}].push_back(std::move(data));
  }
  void add_ipv4(const std::string& name, const std::string& ip) {
    add(name, a, std::string(net::Address::parse(ip, 0)->host_bytes()));
  }
  void add_ipv6(const std::string& name, const std::string& ip) {
    add(name, aaaa, std::string(net::Address::parse(ip, 0)->host_bytes()));
  }
  void add_srv(const std::string& name, const std::string& target, uint16_t port) {
    std::string data(4, '\0');  // priority and weight
    base::put_u16(data, port);
    add(name, srv, data + encoded(target));
  }
  void add_ptr(const std::string& name, const std::string& host) { add(name, ptr, encoded(host)); }

  static std::string encoded(std::string_view name) {
    std::string out;
    while (!name.empty()) {
      const size_t end = std::min(name.find('.'), name.size());
      base::put_u8(out, static_cast<unsigned>(end));
      out += name.substr(0, end);
      name.remove_prefix(std::min(end + 1, name.size()));
    }
    return out + '\0';
  }

  std::map<std::pair<std::string, uint16_t>, std::vector<std::string>> records = {};
  /// By type, in place of an answer.
  std::map<uint16_t, Code> codes = {};
  /// By name, in place of an answer.
  std::map<std::string, Code> codes_of_names = {};
  /// By name, how long it thinks before it answers over UDP.
  std::map<std::string, std::chrono::milliseconds> delays = {};
  /// By name and type, in place of an answer's records: how many it announces, and bytes.
  std::map<std::pair<std::string, uint16_t>, std::pair<uint16_t, std::string>> bodies = {};
  bool is_silent = false;
  /// Types that it never answers for.
  std::set<uint16_t> silent_types = {};
  size_t udp_bytes_max = 512;
  /// It sends as much as it is asked for, if that is less.
  bool heeds_edns = false;
  /// It takes connections and questions, and says nothing.
  bool is_silent_over_tcp = false;
  void refuse_tcp() { tcp_.reset(); }
  /// "NAME/TYPE" over udp or tcp, in order.
  std::vector<std::string> asked = {};
  size_t asked_over_tcp = 0;
  /// From which ports, over UDP.
  std::set<uint16_t> asked_from = {};
  /// Of EDNS0 in the last question; 0 if there was none.
  uint16_t edns_bytes = 0;
  std::string servers = {};

  /// A record; its owner is the name of the question, unless it is given.
  static std::string record(uint16_t type, const std::string& data,
                            const std::string& owner = "\xc0\x0c") {
    std::string out = owner;
    base::put_u16(out, type);
    base::put_u16(out, 1);
    base::put_u32(out, 600);
    base::put_u16(out, static_cast<unsigned>(data.size()));
    return out + data;
  }

 private:
  /// At a port that is free for UDP as well: resolvers of other tests ask from such ports.
  static net::ListeningSocket listen_beside(const event::Descriptor& udp) {
    for (int i = 0; i < 100; ++i) {
      net::ListeningSocket tcp = listen_on_loopback();
      if (bind(udp.get(), tcp.address.get(), tcp.address.size()) == 0) return tcp;
    }
    throw std::runtime_error("no port is free for both UDP and TCP");
  }

  struct Udp final : event::Poll::Waiter {
    explicit Udp(FakeDns& server) : dns(server), poll(server.loop_, server.udp_.get(), *this) {
      poll.wait(event::Poll::For::reading);
    }
    void on_ready() override { dns.serve_udp(); }
    FakeDns& dns;
    event::Poll poll;
  };
  struct TcpClient final : event::Poll::Waiter {
    TcpClient(FakeDns& server, event::Descriptor accepted)
        : dns(server), socket(std::move(accepted)), poll(server.loop_, socket.get(), *this) {
      poll.wait(event::Poll::For::reading);
    }
    void on_ready() override { dns.serve_tcp(*this); }
    FakeDns& dns;
    event::Descriptor socket;
    std::string received = {};
    event::Poll poll;
  };
  struct Tcp final : event::Poll::Waiter {
    Tcp(FakeDns& server, net::ListeningSocket listening)
        : dns(server),
          socket(std::move(listening)),
          poll(server.loop_, socket.descriptor.get(), *this) {
      poll.wait(event::Poll::For::reading);
    }
    void on_ready() override {
      dns.clients_.emplace_back(dns, event::Descriptor(accept4(socket.descriptor.get(), nullptr,
                                                               nullptr, SOCK_NONBLOCK)));
    }
    FakeDns& dns;
    net::ListeningSocket socket;
    event::Poll poll;
  };

  void serve_udp() {
    std::array<char, 4096> buffer = {};
    sockaddr_storage from = {};
    socklen_t size = sizeof from;
    const ssize_t count = recvfrom(udp_.get(), buffer.data(), buffer.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
    if (count <= 0) return;
    asked_from.insert(net::Address::from(from).port());
    const std::string reply = answer({buffer.data(), static_cast<size_t>(count)}, udp_bytes_max);
    if (reply.empty()) return;
    const auto reply_now = [this, reply, from, size] {
      sendto(udp_.get(), reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from),
             size);
    };
    const auto delay = delays.find(last_name_);
    if (delay == delays.end()) return reply_now();
    thoughts_.emplace_back(loop_).start(delay->second, reply_now);
  }

  void serve_tcp(TcpClient& client) {
    std::array<char, 4096> buffer = {};
    const ssize_t count = recv(client.socket.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      clients_.remove_if([&](const TcpClient& each) { return &each == &client; });
      return;
    }
    client.received.append(buffer.data(), static_cast<size_t>(count));
    base::WireReader reader(client.received);
    const std::string_view question = reader.bytes(reader.u16());
    if (reader.failed()) return;
    ++asked_over_tcp;
    if (is_silent_over_tcp) return;
    const std::string reply = answer(question, 65535);
    std::string framed;
    base::put_u16(framed, static_cast<unsigned>(reply.size()));
    framed += reply;
    if (!reply.empty()) send(client.socket.get(), framed.data(), framed.size(), MSG_NOSIGNAL);
    client.received.clear();
  }

  /// The reply to a whole question, truncated if it needs more than `room`.
  std::string answer(std::string_view message, size_t room) {
    base::WireReader reader(message);
    const uint16_t id = reader.u16();
    reader.bytes(10);
    const uint16_t additional = static_cast<uint16_t>(message.size() > 11 ? message[11] : 0);
    const size_t begin = 12;
    std::string name;
    for (uint8_t size = reader.u8(); size > 0 && !reader.failed(); size = reader.u8())
      name += (name.empty() ? "" : ".") + std::string(reader.bytes(size));
    const uint16_t type = reader.u16();
    reader.u16();
    const size_t end = message.size() - reader.rest().size();
    edns_bytes = 0;
    if (additional > 0) {
      reader.bytes(3);
      edns_bytes = reader.u16();
    }
    last_name_ = name;
    asked.push_back(name + "/" + std::to_string(type));
    if (is_silent || silent_types.contains(type)) return {};
    if (heeds_edns) room = std::min(room, std::max(size_t{512}, size_t{edns_bytes}));
    return render(id, message.substr(begin, end - begin), name, type, room);
  }

  std::string render(uint16_t id, std::string_view question, const std::string& name, uint16_t type,
                     size_t room) const {
    const auto code = codes.find(type);
    const auto code_of_name = codes_of_names.find(name);
    const auto found = records.find({name, type});
    const auto body_of_name = bodies.find({name, type});
    if (body_of_name != bodies.end())
      return header(id, no_error, false, body_of_name->second.first) + std::string(question) +
             body_of_name->second.second;
    const bool is_name = std::any_of(records.begin(), records.end(),
                                     [&](const auto& each) { return each.first.first == name; });
    Code result = is_name ? no_error : no_such_name;
    if (code != codes.end()) result = code->second;
    if (code_of_name != codes_of_names.end()) result = code_of_name->second;
    std::string body;
    uint16_t count = 0;
    bool is_truncated = false;
    if (result == no_error && found != records.end())
      for (const std::string& data : found->second) {
        if (12 + question.size() + body.size() + 12 + data.size() > room) {
          is_truncated = true;
          break;
        }
        body += record(type, data);
        ++count;
      }
    return header(id, result, is_truncated, count) + std::string(question) + body;
  }

  static std::string header(uint16_t id, Code code, bool is_truncated, uint16_t count) {
    std::string out;
    base::put_u16(out, id);
    base::put_u16(out, 0x8180U | (is_truncated ? 0x0200U : 0U) | code);
    base::put_u16(out, 1);
    base::put_u16(out, count);
    base::put_u32(out, 0);
    return out;
  }

  event::Loop& loop_;
  event::Descriptor udp_{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)};
  std::string last_name_ = {};
  std::list<event::Timer> thoughts_ = {};
  std::list<TcpClient> clients_ = {};
  std::unique_ptr<Tcp> tcp_;
  std::unique_ptr<Udp> udp_waiter_ = {};
};
