#include "sim/sim_world.h"

#include <algorithm>

namespace sim {
namespace {

bool is_ipv6(const std::string& ip) { return ip.find(':') != std::string::npos; }

bool is_address(const std::string& name) {
  return is_ipv6(name) || name.find_first_not_of("0123456789.") == std::string::npos;
}

template <typename Map>
auto values(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

}  // namespace

Node* Container::find(const Endpoint& endpoint) {
  const auto is_it = [&](const Node& node) {
    return node.port_no == endpoint.port_no &&
           (node.only_at.empty() || node.only_at == endpoint.ip);
  };
  const auto found = std::find_if(nodes.begin(), nodes.end(), is_it);
  return found == nodes.end() ? nullptr : &*found;
}

void Dns::add(const std::string& host, const std::string& ip) { hosts[host].push_back(ip); }

void Dns::remove(const std::string& host, const std::string& ip) { std::erase(hosts[host], ip); }

Fault Dns::fault_of(const std::string& name) const {
  const auto own = faults.find(name);
  return own == faults.end() ? values(faults, "") : own->second;
}

/// Destroyed, its event is no longer due.
class World::Operation : public base::Operation {
 public:
  Operation(World& world, Key key) : world_(world), key_(key) {
    world_.operations_max = std::max(world_.operations_max, ++world_.operations_now);
  }
  ~Operation() override {
    --world_.operations_now;
    world_.queue_.erase(key_);
  }

 private:
  World& world_;
  Key key_;
};

void World::plug_in(const std::shared_ptr<Container>& container) {
  for (const std::string& ip : container->ips) by_ip_[ip] = container;
}

void World::unplug(const std::shared_ptr<Container>& container) {
  std::erase_if(by_ip_, [&](const auto& entry) { return entry.second == container; });
}

void World::run_for(Time span) {
  const Time end = now_ + span;
  while (step(end)) continue;
  now_ = end;
}

bool World::step(Time end) {
  const auto next = queue_.begin();
  if (next == queue_.end() || next->first.first > end) return false;
  now_ = next->first.first;
  const std::function<void()> event = std::move(next->second);
  queue_.erase(next);
  event();
  return true;
}

World::Key World::enqueue(Time delay, std::function<void()> event) {
  const Key key = {now_ + delay, enqueued_++};
  queue_.emplace(key, std::move(event));
  return key;
}

void World::at(Time when, std::function<void()> event) {
  enqueue(std::max(when - now_, Time::zero()), std::move(event));
}

Pending World::after(Time delay, std::function<void()> on_elapsed) {
  return later(delay, std::move(on_elapsed));
}

Pending World::later(Time delay, std::function<void()> on_done) {
  return std::make_unique<Operation>(*this, enqueue(delay, std::move(on_done)));
}

Container* World::find(const std::string& ip) {
  const auto found = by_ip_.find(ip);
  return found == by_ip_.end() ? nullptr : found->second.get();
}

/// The same distance is not always the same time, so that answers come in every order.
Time World::delay_of(const std::string& ip, Time timeout) {
  const Container* const container = find(ip);
  if (!container || container->is_paused) return timeout;
  const auto spread = static_cast<size_t>(container->latency.count()) + 1;
  return std::min(timeout, container->latency / 2 + Time(random_.below(spread)));
}

Time World::dns_delay() { return dns.latency + Time(random_.below(3)); }

Pending World::resolve(const Query& query, OnResolved on_resolved) {
  ++dns_asked[query.name];
  const Fault fault = dns.fault_of(query.name);
  return later(fault == Fault::hangs ? dns_timeout : dns_delay(),
               [this, query, fault, on_resolved] { on_resolved(answer(query, fault)); });
}

Resolution World::answer(const Query& query, Fault fault) {
  using Outcome = Resolution::Outcome;
  Resolution resolution = answer_of_dns(query, fault);
  for (const std::string& ip : values(hosts_file, query.name)) {
    const Endpoint endpoint = {ip, query.port_no};
    auto& endpoints = resolution.endpoints;
    resolution.in_hosts_file.push_back(ip);
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) != endpoints.end()) continue;
    endpoints.push_back(endpoint);
    resolution.hosts_file_only.push_back(ip);
    if (resolution.outcome == Outcome::empty) resolution.outcome = Outcome::answered;
  }
  return resolution;
}

Resolution World::answer_of_dns(const Query& query, Fault fault) {
  using Outcome = Resolution::Outcome;
  if (fault == Fault::fails || fault == Fault::hangs) return {};
  Resolution resolution;
  if (query.kind == Query::Kind::service)
    resolution.endpoints = values(dns.services, query.name);
  else if (is_address(query.name))
    resolution.endpoints = {{query.name, query.port_no}};
  else
    for (const std::string& ip : values(dns.hosts, query.name))
      resolution.endpoints.push_back({ip, query.port_no});
  auto& endpoints = resolution.endpoints;
  for (size_t left = endpoints.size(); left > 1; --left)
    std::swap(endpoints[left - 1], endpoints[random_.below(left)]);
  if (fault == Fault::truncated) endpoints.resize(endpoints.size() / 2);
  if (fault == Fault::only_ipv4)
    std::erase_if(endpoints, [](const Endpoint& endpoint) { return is_ipv6(endpoint.ip); });
  resolution.outcome = endpoints.empty() ? Outcome::empty : Outcome::answered;
  if (fault != Fault::none) resolution.outcome = Outcome::failed;
  resolution.is_ipv4_failed = fault != Fault::only_ipv4;
  return resolution;
}

Pending World::reverse(const std::string& ip, OnReversed on_reversed) {
  ++dns_asked[ip];
  const Fault fault = dns.fault_of(ip);
  return later(fault == Fault::hangs ? dns_timeout : dns_delay(), [this, ip, fault, on_reversed] {
    const bool is_answer = fault == Fault::none;
    on_reversed({is_answer, is_answer ? values(dns.reverse, ip) : std::vector<std::string>{}});
  });
}

Pending World::ask_names(const Endpoint& epmd, Time timeout, OnNames on_names) {
  ++names_asked[epmd];
  const Time delay = delay_of(epmd.ip, timeout);
  const bool is_late = delay >= timeout;
  return later(delay, [this, epmd, is_late, on_names] {
    on_names(is_late ? NamesAnswer{} : names_at(epmd));
  });
}

/// As it is when the question arrives, which may be another state than when it was sent.
NamesAnswer World::names_at(const Endpoint& epmd) {
  const Container* const container = find(epmd.ip);
  if (!container || container->is_paused) return {};
  if (container->runs_from > now_ || container->epmd_port_no != epmd.port_no)
    return {NamesAnswer::Outcome::refused, {}};
  if (container->is_nonsense) return {NamesAnswer::Outcome::nonsense, {}};
  NamesAnswer answer = {NamesAnswer::Outcome::listed, container->also_listed};
  for (const Node& node : container->nodes)
    answer.names.push_back(
        {node.listed_as.empty() ? node.alive_name() : node.listed_as, node.port_no});
  return answer;
}

Pending World::identify(const Endpoint& endpoint, OnIdentified on_identified) {
  ++handshaken[endpoint];
  Time delay = delay_of(endpoint.ip, identify_timeout);
  if (Container* const container = find(endpoint.ip))
    if (Node* const node = container->find(endpoint)) {
      ++node->handshakes;
      if (node->manner == Identification::Outcome::silent) delay = identify_timeout;
    }
  const bool is_late = delay >= identify_timeout;
  return later(delay, [this, endpoint, is_late, on_identified] {
    on_identified(is_late ? Identification{} : identity_at(endpoint));
  });
}

Identification World::identity_at(const Endpoint& endpoint) {
  Container* const container = find(endpoint.ip);
  if (!container || container->is_paused) return {};
  const Node* const node = container->find(endpoint);
  if (!node || container->runs_from > now_) return {Identification::Outcome::refused, {}};
  if (node->manner != Identification::Outcome::identified) return {node->manner, {}};
  dist::Challenge challenge;
  challenge.node_name = node->name;
  challenge.creation = node->creation;
  challenge.flags = dist::flags::prober;
  if (!node->is_hidden) challenge.flags |= dist::flags::published;
  return {Identification::Outcome::identified, challenge};
}

}  // namespace sim
