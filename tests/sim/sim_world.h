#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "discovery/interfaces.h"
#include "seeds.h"

/// A world in memory: a DNS, containers with EPMDs and nodes, faults, and time. Everything that
/// happens is an event in one queue, so that a run depends on its seed and on nothing else.
namespace sim {

using discovery::Endpoint;
using discovery::Identification;
using discovery::LocalName;
using discovery::NamesAnswer;
using discovery::Pending;
using discovery::Query;
using discovery::Resolution;
using discovery::Time;

/// A node that listens at its container's addresses, and is registered with its EPMD.
struct Node {
  /// What it calls itself when asked.
  std::string name = {};
  uint16_t port_no = 0;
  uint32_t creation = 0;
  bool is_hidden = false;
  /// How it answers who asks for its name.
  Identification::Outcome manner = Identification::Outcome::identified;
  /// What its EPMD lists; the part before the '@' if empty.
  std::string listed_as = {};
  /// The only address at which it listens, if not at all of them.
  std::string only_at = {};
  /// So often it was asked for its name.
  unsigned handshakes = 0;

  std::string alive_name() const { return name.substr(0, name.find('@')); }
};

/// What is behind an address, or several.
struct Container {
  std::vector<std::string> ips = {};
  uint16_t epmd_port_no = discovery::epmd_port_no_default;
  /// Before its process runs, connections are refused.
  Time runs_from = {};
  bool is_paused = false;
  /// Its EPMD does not speak like one.
  bool is_nonsense = false;
  Time latency = std::chrono::milliseconds(1);
  std::vector<Node> nodes = {};
  /// What its EPMD lists without there being a node.
  std::vector<epmd::ListedName> also_listed = {};

  Node* find(const Endpoint& endpoint);
};

enum class Fault {
  none,
  fails,      // an error at once
  hangs,      // no answer in time
  only_ipv4,  // one of the two families of addresses gets no answer
  truncated,  // only some of the answer arrives, and the resolver knows it
};

struct Dns {
  std::map<std::string, std::vector<std::string>> hosts = {};
  std::map<std::string, std::vector<Endpoint>> services = {};
  std::map<std::string, std::vector<std::string>> reverse = {};
  /// By name or reversed address; "" stands for all that are not named.
  std::map<std::string, Fault> faults = {};
  Time latency = std::chrono::milliseconds(1);

  void add(const std::string& host, const std::string& ip);
  void remove(const std::string& host, const std::string& ip);
  Fault fault_of(const std::string& name) const;
};

class World : public discovery::Resolver,
              public discovery::Prober,
              public discovery::Scheduler,
              public discovery::LocalHost {
 public:
  /// How long its parts wait before they give up.
  static constexpr Time dns_timeout = std::chrono::seconds(2);
  static constexpr Time identify_timeout = std::chrono::seconds(1);

  explicit World(uint32_t seed = 1) : random_(seed) {}

  /// At an address that nobody has: silence.
  void plug_in(const std::shared_ptr<Container>& container);
  void unplug(const std::shared_ptr<Container>& container);

  /// Does what is due in the next `span` of time, and ends at its end.
  void run_for(Time span);
  /// Does the next thing that is due; false if there is none before `end`.
  bool step(Time end);
  /// Something that happens by itself.
  void at(Time when, std::function<void()> event);

  Pending resolve(const Query& query, OnResolved on_resolved) override;
  Pending reverse(const std::string& ip, OnReversed on_reversed) override;
  Pending ask_names(const Endpoint& epmd, Time timeout, OnNames on_names) override;
  Pending identify(const Endpoint& node, OnIdentified on_identified) override;
  uint64_t credentials() override { return certificates_changed; }
  Time now() const override { return now_; }
  Pending after(Time delay, std::function<void()> on_elapsed) override;
  uint32_t random() override { return random_.below(1U << 30); }
  std::vector<LocalName> names() const override { return local_names; }
  std::vector<std::string> addresses() const override { return local_ips; }
  uint16_t epmd_port_no() const override { return discovery::epmd_port_no_default; }

  std::vector<uint16_t> unregistered_port_nos() const override { return unregistered; }

  discovery::Environment ports() { return {*this, *this, *this, *this}; }

  Dns dns = {};
  /// What the hosts file of this host has, which no other host sees.
  std::map<std::string, std::vector<std::string>> hosts_file = {};
  std::vector<LocalName> local_names = {};
  std::vector<uint16_t> unregistered = {};
  std::vector<std::string> local_ips = {"127.0.0.1", "10.0.0.1"};

  /// How often each was asked.
  std::map<std::string, unsigned> dns_asked = {};
  std::map<Endpoint, unsigned> names_asked = {};
  std::map<Endpoint, unsigned> handshaken = {};
  /// How often the certificates have, with which nodes are asked.
  uint64_t certificates_changed = 0;
  unsigned operations_now = 0;
  unsigned operations_max = 0;

 private:
  using Key = std::pair<Time, uint64_t>;
  class Operation;

  Key enqueue(Time delay, std::function<void()> event);
  Pending later(Time delay, std::function<void()> on_done);
  Container* find(const std::string& ip);
  Time dns_delay();
  Time delay_of(const std::string& ip, Time timeout);
  Resolution answer(const Query& query, Fault fault);
  Resolution answer_of_dns(const Query& query, Fault fault);
  NamesAnswer names_at(const Endpoint& epmd);
  Identification identity_at(const Endpoint& endpoint);

  Random random_;
  Time now_ = {};
  uint64_t enqueued_ = 0;
  std::map<Key, std::function<void()>> queue_ = {};
  std::map<std::string, std::shared_ptr<Container>> by_ip_ = {};
};

}  // namespace sim
