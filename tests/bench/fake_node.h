#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <thread>

#include "bench/node_messages.h"

/// A node at loopback, in a thread of its own, with one connection at a time: it proves the cookie
/// "bench", says whom it has, and connects to whomever it is told to, without a connection.
class FakeNode {
 public:
  FakeNode();
  FakeNode(const FakeNode&) = delete;
  FakeNode& operator=(const FakeNode&) = delete;
  ~FakeNode();

  uint16_t port() const { return port_; }
  std::atomic<uint64_t> links = 0;
  std::atomic<uint64_t> connects = 0;

 private:
  void run();
  void serve(int client);
  bool shake_hands(int client);
  std::string result_of(const played::Call& call);

  int listener_ = -1;
  uint16_t port_ = 0;
  std::set<std::string> connected_ = {};
  std::thread thread_ = {};
};
