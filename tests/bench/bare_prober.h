#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/discovery_world.h"
#include "bench/questions.h"

/// Asks what a first round of discovery asks, with nothing but epoll and sockets: much less is not
/// possible. It has no timeout but one for all, no hosts file and no search list, and remembers
/// nothing. A wrong answer, or none, ends the program.
class BareProber {
 public:
  explicit BareProber(const DiscoveryWorld& world);
  BareProber(const BareProber&) = delete;
  BareProber& operator=(const BareProber&) = delete;
  ~BareProber();

  /// Returns how many nodes have told their name, whose host part leads to their address.
  size_t run();
  const Questions& asked() const { return asked_; }

 private:
  enum class Step : uint8_t { alias, alias_by_tcp, names, handshake, host };
  /// One question after the other, each on a socket of its own.
  struct Visit {
    Step step = Step::alias;
    int descriptor = -1;
    std::string name = {};  // alias or host part
    uint32_t address = 0;
    bool has_asked = false;
    unsigned answers_left = 0;  // of the two from the DNS
    bool is_truncated = false;
    std::string heard = {};  // by TCP
  };

  void begin_waiting();
  void open(Visit& visit, Step step, int type, const sockaddr_in& to);
  void look_up(Visit& visit, Step step, const std::string& name);
  void connect(Visit& visit, Step step, uint16_t port_no);
  void go_on(Visit& visit);
  void ask(const Visit& visit);
  void read_datagrams(Visit& visit);
  void read_stream(Visit& visit);
  bool take_stream(Visit& visit, bool is_closed);
  bool take_alias(Visit& visit);
  bool take_challenge(Visit& visit);
  void take_dns(Visit& visit, std::string_view message);
  void after_look_up(Visit& visit);
  void end(Visit& visit);

  sockaddr_in dns_;
  uint16_t epmd_port_;
  int epoll_;
  std::vector<Visit> visits_;
  std::vector<Visit*> idle_ = {};
  std::vector<std::string> aliases_;
  std::vector<uint32_t> addresses_ = {};  // not visited yet
  size_t found_ = 0;
  Questions asked_ = {};
};
