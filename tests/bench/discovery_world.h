#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/questions.h"

/// A cluster to be discovered, in a thread of its own: nodes at 127.1.x.y, each with its EPMD, and
/// the DNS that leads there. The aliases have all the addresses, `hN` the one of node N.
class DiscoveryWorld {
 public:
  explicit DiscoveryWorld(unsigned nodes);
  DiscoveryWorld(const DiscoveryWorld&) = delete;
  DiscoveryWorld& operator=(const DiscoveryWorld&) = delete;
  ~DiscoveryWorld();

  uint16_t dns_port() const { return dns_port_; }
  uint16_t epmd_port() const { return epmd_port_; }
  /// `web0`, `web1` and so on: a DNS answer has at most 64 KiB, or some 4,000 addresses.
  std::vector<std::string> aliases() const;

  /// What it was asked so far.
  Questions asked() const;

 private:
  enum class Kind : uint8_t { dns_udp, dns_tcp, epmd, node, dns_client, epmd_client, node_client };

  void run();
  void serve(Kind kind, int descriptor);
  void accept_all(Kind kind, int listener);
  void answer(Kind kind, int descriptor);
  void answer_udp();
  std::string dns_reply(const std::string& question, size_t room);
  std::string records(std::string_view name) const;
  void note(Question kind);
  void watch(Kind kind, int descriptor) const;

  unsigned nodes_;
  int epoll_ = -1;
  int dns_udp_ = -1;
  int dns_tcp_ = -1;
  int epmd_ = -1;
  int node_ = -1;
  uint16_t dns_port_ = 0;
  uint16_t epmd_port_ = 0;
  uint16_t node_port_ = 0;
  std::array<std::atomic<uint64_t>, Questions::kinds.size()> asked_ = {};
  std::atomic<bool> is_over_ = false;
  std::thread thread_ = {};
};
