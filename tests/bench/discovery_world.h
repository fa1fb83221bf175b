#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

/// A cluster to be discovered, in a thread of its own: nodes at 127.1.x.y, each with its EPMD, and
/// the DNS that leads there. `web` has all the addresses, `hN` the one of node N.
class DiscoveryWorld {
 public:
  explicit DiscoveryWorld(unsigned nodes);
  DiscoveryWorld(const DiscoveryWorld&) = delete;
  DiscoveryWorld& operator=(const DiscoveryWorld&) = delete;
  ~DiscoveryWorld();

  std::string dns_servers() const;
  uint16_t epmd_port() const { return epmd_port_; }

  std::atomic<uint64_t> names_asked = 0;
  std::atomic<uint64_t> handshakes = 0;
  std::atomic<uint64_t> dns_questions = 0;

 private:
  enum class Kind : uint8_t { dns_udp, dns_tcp, epmd, node, dns_client, epmd_client, node_client };

  void run();
  void serve(Kind kind, int descriptor);
  void accept_all(Kind kind, int listener);
  void answer(Kind kind, int descriptor);
  void answer_udp();
  std::string dns_reply(const std::string& question, size_t room);
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
  std::atomic<bool> is_over_ = false;
  std::thread thread_ = {};
};
