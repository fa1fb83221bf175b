#include "doctor/here.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/host_port.h"
#include "dist/node_name.h"
#include "doctor/cookie_trial.h"
#include "doctor/keeping.h"
#include "doctor/neighbour_table.h"
#include "doctor/search_list.h"
#include "epmd/alive_name.h"
#include "net/interfaces.h"
#include "net/port_holder.h"
#include "terminal/ask.h"

namespace doctor {
namespace {

/// Of nodes, and of EPMDs behind a query: more would only be more of the same.
constexpr size_t visits_max = 100;
/// For each of them: whoever is well answers in milliseconds.
constexpr std::chrono::milliseconds visit_timeout = std::chrono::seconds(1);

}  // namespace

DoctorHere::DoctorHere(event::Loop& loop, BlockingDns& inquiry, const options::Doctor& doctor,
                       tls::Client* tls, Steps& steps)
    : loop_(loop),
      inquiry_(inquiry),
      doctor_(doctor),
      tls_(tls),
      steps_(steps),
      own_(net::interface_addresses()) {}

void DoctorHere::go() {
  look_at_epmd();
  look_at_nodes();
  look_at_cookies();
  look_at_names();
  look_at_queries();
  look_at_namesakes();
  if (const auto tables = look_at_neighbour_tables())
    steps_.take("neighbours", [&] { return *tables; });
}

void DoctorHere::look_at_epmd() {
  steps_.take("epmd", [this] {
    epmd_ = ask_local_epmd(doctor_.port, terminal::deadline_of(doctor_.asking));
    return with_holder(judge_epmd(epmd_.place, epmd_.answer, Side::local), doctor_.port,
                       net::port_holder(doctor_.port));
  });
  if (epmd_.answer.outcome != EpmdAnswer::Outcome::listed) return;
  steps_.take("loopback", [this] {
    std::vector<std::pair<std::string, bool>> answers;
    for (const std::string ip : {"127.0.0.1", "::1"})
      if (std::find(own_.begin(), own_.end(), ip) != own_.end())
        answers.emplace_back(ip, answers_at(ip, doctor_.port));
    return judge_loopback(answers);
  });
  steps_.take("keeper", [this] { return judge_keeping(look_for_keeper(doctor_.port)); });
}

void DoctorHere::look_at_nodes() {
  const auto& names = epmd_.answer.names;
  if (epmd_.answer.outcome == EpmdAnswer::Outcome::listed && names.empty())
    steps_.take("node", [] { return unknown("no node is registered"); });
  for (size_t i = 0; i < std::min(names.size(), visits_max); ++i)
    steps_.take("node", [&] { return probe_node(names[i]); });
}

/// With a cookie that was given to Portolan, or to a release, as it would push with. A node that is
/// to have another than that of ~/.erlang.cookie would log an error for nothing.
void DoctorHere::look_at_cookies() {
  if (!doctor_.is_cookie_named && doctor_.cookies.variable.empty()) return;
  for (const LocalNode& node : nodes_) {
    if (!may_be_proved_to(node)) continue;
    steps_.take("cookie", [&] {
      CheckResult result = try_cookie(loop_, doctor_, tls_, node.address, node.challenge);
      result.found = epmd::escape_name(node.challenge.node_name) + ": " + result.found;
      return result;
    });
  }
}

/// What is told of another user's node is in the step before.
bool DoctorHere::may_be_proved_to(const LocalNode& node) const {
  const auto cookie = doctor_.cookies.read();
  return !cookie || !node.user || *node.user == cookie->owner;
}

/// As `-sname` makes it of the host's name: up to the first dot.
void DoctorHere::look_at_names() {
  const std::string host_name = net::host_name();
  if (!host_name.empty()) hosts_.insert(host_name.substr(0, host_name.find('.')));
  for (const std::string& host : hosts_) {
    steps_.take("host part", [&] { return judge_own_host(host, inquiry_.find_host(host), own_); });
    const bool is_address = net::Address::parse(host, 0).has_value();
    if (is_address && !base::is_loopback(host)) continue;
    steps_.take("for others", [&] { return judge_elsewhere(host); });
  }
  for (const std::string& ip : own_)
    if (!base::is_loopback(ip))
      steps_.take("address",
                  [&] { return judge_reverse(ip, inquiry_.reverse(ip), inquiry_.servers()); });
}

void DoctorHere::look_at_queries() {
  for (const discovery::Query& query : doctor_.queries) {
    look_at_search_list(query);
    steps_.take("discover", [&] { return ask(query); });
  }
}

/// Of a service the targets count, which are whole names.
void DoctorHere::look_at_search_list(const discovery::Query& query) {
  const bool is_host = query.kind == discovery::Query::Kind::host;
  if (!is_host || !is_searched_for(inquiry_, query.name)) return;
  steps_.take("search list", [&] {
    const auto candidates = find_candidates(inquiry_, query.name);
    return judge_search_list(query.name, candidates, LookedUpBy::discovery);
  });
}

bool DoctorHere::answers_at(const std::string& ip, uint16_t port_no) const {
  auto client = net::BlockingClient::connect(*net::Address::parse(ip, port_no), soon());
  return ask_epmd(client).outcome == EpmdAnswer::Outcome::listed;
}

CheckResult DoctorHere::probe_node(const epmd::ListedName& listed) {
  const NodeProbe probe = visit_local_node(listed.port_no, soon(), tls_);
  const auto name = dist::parse_node_name(probe.identification.challenge.node_name);
  if (name) {
    hosts_.insert(name->host_part);
    nodes_.push_back({probe.identification.challenge, {probe.place}, *probe.address, probe.user});
  }
  CheckResult result = judge_visit(listed.alive_name, probe);
  if (const auto cookie = doctor_.cookies.read()) result = judge_user(result, probe, cookie->owner);
  if (!result.has_failed() && is_at_loopback_only(listed.port_no))
    result = judge_loopback_only(probe.place, !doctor_.queries.empty());
  result.found = fmt::format("'{}': {}", epmd::escape_name(listed.alive_name), result.found);
  return result;
}

bool DoctorHere::is_at_loopback_only(uint16_t port_no) const {
  bool has_others = false;
  for (const std::string& ip : own_) {
    if (base::is_loopback(ip)) continue;
    has_others = true;
    if (listens_at(ip, port_no, soon())) return false;
  }
  return has_others;
}

/// With a dot at its end, it is not looked for in the hosts file.
CheckResult DoctorHere::judge_elsewhere(const std::string& host) {
  if (host != "localhost" && !base::is_loopback(host))
    return judge_for_others(host, inquiry_.find_in_dns(host + '.'), own_);
  return judge_loopback_name(host, !doctor_.queries.empty());
}

CheckResult DoctorHere::ask(const discovery::Query& query) {
  discovery::Resolution resolution = inquiry_.resolve(query);
  const bool is_absent = !nodes_.empty() && !leads_here(resolution, own_);
  auto& endpoints = resolution.endpoints;
  const std::vector<std::string> outside = leave_out_strangers(endpoints);
  if (!outside.empty() && endpoints.empty())
    return judge_peers(query.text, outside, outside.size());
  const size_t count = endpoints.size();
  if (endpoints.size() > visits_max) endpoints.resize(visits_max);
  std::vector<std::string> silent;
  const auto answering =
      std::count_if(endpoints.begin(), endpoints.end(), [&, this](const auto& each) {
        const bool is_found = is_there(query, each);
        if (!is_found) silent.push_back(base::join_host_port(each.ip, each.port_no));
        return is_found;
      });
  CheckResult result = judge_query(query, resolution, static_cast<size_t>(answering), silent);
  if (is_absent) result = judge_absence(result, query, own_);
  if (!outside.empty())
    result.found += "; " + judge_peers(query.text, outside, outside.size() + count).found;
  return result;
}

/// An EPMD, or a node without one.
bool DoctorHere::is_there(const discovery::Query& query, const discovery::Endpoint& endpoint) {
  const net::Address address = *net::Address::parse(endpoint.ip, endpoint.port_no);
  auto client = net::BlockingClient::connect(address, soon());
  if (query.behind == discovery::Query::Behind::epmds) {
    const EpmdAnswer answer = ask_epmd(client);
    find_namesakes(endpoint.ip, answer.names);
    return answer.outcome == EpmdAnswer::Outcome::listed;
  }
  if (!client) return false;
  const discovery::Identification who = ask_who(*client, tls_);
  const std::string& name = who.challenge.node_name;
  find_namesakes(endpoint.ip, {{name.substr(0, name.find('@')), endpoint.port_no}});
  return who.outcome == discovery::Identification::Outcome::identified;
}

/// Returns the addresses that --peers leaves out.
std::vector<std::string> DoctorHere::leave_out_strangers(
    std::vector<discovery::Endpoint>& endpoints) const {
  std::vector<std::string> outside;
  if (doctor_.peers.empty()) return outside;
  std::erase_if(endpoints, [&](const discovery::Endpoint& endpoint) {
    const bool is_outside = !net::is_in_any(doctor_.peers, endpoint.ip);
    if (is_outside) outside.push_back(endpoint.ip);
    return is_outside;
  });
  return outside;
}

/// Nodes of other hosts that say they have the name of one of ours.
void DoctorHere::find_namesakes(const std::string& ip, const std::vector<epmd::ListedName>& names) {
  if (std::find(own_.begin(), own_.end(), ip) != own_.end()) return;
  for (const epmd::ListedName& listed : names)
    for (LocalNode& node : nodes_) {
      if (!node.challenge.node_name.starts_with(listed.alive_name + '@')) continue;
      auto client = net::BlockingClient::connect(*net::Address::parse(ip, listed.port_no), soon());
      if (!client) continue;
      const dist::Challenge other = ask_who(*client, tls_).challenge;
      const bool is_another = other.creation != node.challenge.creation;
      if (other.node_name == node.challenge.node_name && is_another)
        node.places.insert(client->address().to_string());
    }
}

void DoctorHere::look_at_namesakes() {
  if (doctor_.queries.empty()) return;
  for (const LocalNode& node : nodes_)
    steps_.take("namesakes", [&] {
      return judge_one_name(node.challenge.node_name, {node.places.begin(), node.places.end()});
    });
}

net::BlockingClient::Deadline DoctorHere::soon() const {
  return std::chrono::steady_clock::now() + std::min(visit_timeout, doctor_.asking.timeout);
}

}  // namespace doctor
