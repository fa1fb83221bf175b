#include "doctor/walk.h"

#include <algorithm>
#include <utility>

#include "doctor/cookie_trial.h"
#include "doctor/node_probe.h"
#include "doctor/search_list.h"
#include "doctor/surroundings.h"
#include "epmd/alive_name.h"
#include "net/port_holder.h"
#include "terminal/ask.h"

namespace doctor {
namespace {

using discovery::Identification;

/// More would only be more of the same.
constexpr size_t neighbours_max = 16;
/// Those that are well answer in milliseconds, and the others say nothing of the way.
constexpr std::chrono::milliseconds neighbour_timeout = std::chrono::seconds(1);

bool lists(const EpmdAnswer& answer, const std::string& alive_name) {
  return std::any_of(answer.names.begin(), answer.names.end(),
                     [&](const epmd::ListedName& each) { return each.alive_name == alive_name; });
}

}  // namespace

void DoctorWalk::go() {
  if (find_host() && is_peer() && find_port() && secure() && meet() && compare() && is_identified())
    steps_.take("cookie", [this] {
      return try_cookie(loop_, doctor_, tls_, node_, identification_.challenge);
    });
}

bool DoctorWalk::find_host() {
  if (!steps_.take("name", [this] { return judge_name_form(doctor_.node); })) return false;
  name_ = *dist::parse_node_name(doctor_.node);
  HostAnswer answer;
  const bool is_found = steps_.take("host", [&, this] {
    answer = inquiry_.find_host(name_.host_part);
    ips_ = answer.ips;
    return judge_host(name_.host_part, answer);
  });
  return is_found && is_found_as_written(answer);
}

/// What the hosts file has is not looked for in the search domains.
bool DoctorWalk::is_found_as_written(const HostAnswer& answer) {
  const std::string& host = name_.host_part;
  const bool is_from_dns = answer.source == inquiry_.servers();
  if (!is_from_dns || !is_searched_for(inquiry_, host)) return true;
  return steps_.take("search list", [&, this] {
    return judge_search_list(host, find_candidates(inquiry_, host), LookedUpBy::node);
  });
}

/// Discovery would leave the node alone otherwise.
bool DoctorWalk::is_peer() {
  if (doctor_.peers.empty()) return true;
  std::vector<std::string> outside;
  for (const std::string& ip : ips_)
    if (!net::is_in_any(doctor_.peers, ip)) outside.push_back(ip);
  return steps_.take("peers", [&] { return judge_peers(name_.host_part, outside, ips_.size()); });
}

bool DoctorWalk::find_port() {
  if (doctor_.dist_port_no) return steps_.take("port", [this] { return connect_to_any(); });
  if (!steps_.take("epmd", [this] { return ask_epmds(); })) return false;
  const auto look = [this] { return judge_listing(epmd_, name_.alive_name, names_); };
  if (!steps_.take("registered", look)) return false;
  return steps_.take("port", [this] { return connect_as_listed(); });
}

bool DoctorWalk::secure() {
  return !tls_ || steps_.take("tls", [this] { return begin_tls(); });
}

/// Its own log may say more than an alert does, and so does ours: the node refuses us in the next
/// step, for TLS 1.3 tells a client late.
CheckResult DoctorWalk::begin_tls() {
  auto session = tls_->begin(name_.host_part);
  if (!session)
    return failed(session.error().message, "without that, no node can be asked through TLS",
                  "mend the file, or leave out the --tls options");
  session_ = std::move(*session);
  NodeTalk talk(*client_, session_);
  return judge_tls(node_.to_string(), name_.host_part, talk.meet(name_.host_part));
}

bool DoctorWalk::meet() {
  if (!steps_.take("handshake", [this] { return shake_hands(); })) return false;
  if (!is_identified()) return true;
  const bool is_true = steps_.take("true name", [this] {
    return judge_true_name(doctor_.node, identification_.challenge.node_name);
  });
  if (!is_true || ips_.size() < 2) return is_true;
  return steps_.take("one name", [this] { return look_for_namesakes(); });
}

/// Whoever connects to the name may come to each address of its host.
CheckResult DoctorWalk::look_for_namesakes() {
  std::vector<std::string> places = {node_.to_string()};
  for (const std::string& ip : ips_)
    if (ip != ip_)
      if (const auto other = namesake_at(ip)) places.push_back(other->to_string());
  return judge_one_name(doctor_.node, places);
}

/// Where another node there has the name; the same node may have several addresses.
std::optional<net::Address> DoctorWalk::namesake_at(const std::string& ip) const {
  for (const epmd::ListedName& listed : names_at(ip)) {
    if (listed.alive_name != name_.alive_name) continue;
    const net::Address address = *net::Address::parse(ip, listed.port_no);
    auto node = net::BlockingClient::connect(address, terminal::deadline_of(doctor_.asking));
    if (!node) continue;
    const dist::Challenge told = ask_who(*node, tls_).challenge;
    const bool is_another = told.creation != identification_.challenge.creation;
    if (told.node_name == doctor_.node && is_another) return address;
  }
  return std::nullopt;
}

/// Without an EPMD the node would be where it is at its other addresses.
std::vector<epmd::ListedName> DoctorWalk::names_at(const std::string& ip) const {
  if (doctor_.dist_port_no) return {{name_.alive_name, *doctor_.dist_port_no}};
  auto epmd = net::BlockingClient::connect(*net::Address::parse(ip, doctor_.port),
                                           terminal::deadline_of(doctor_.asking));
  return ask_epmd(epmd).names;
}

/// With the nodes of this host, as far as both sides can be seen.
bool DoctorWalk::compare() {
  const bool speaks_tls = tls_ || identification_.outcome == Identification::Outcome::speaks_tls;
  if (!is_identified() && !speaks_tls) return true;
  steps_.take("ours", [this] { return ask_neighbours(); });
  tell_how_started();
  if (ours_.empty()) return true;
  if (!steps_.take("transport", [&] { return judge_transport(speaks_tls, ours_); })) return false;
  if (!steps_.take("family", [this] { return compare_families(); })) return false;
  if (!is_identified()) return true;
  const uint64_t flags = identification_.challenge.flags;
  return steps_.take("long, short", [&] { return judge_kind(name_, ours_); }) &&
         steps_.take("release", [&] { return judge_generation(flags, ours_); });
}

/// Most nodes listen over IPv4 only, though their hosts have addresses of both families.
CheckResult DoctorWalk::compare_families() const {
  CheckResult of_host = judge_family(name_.host_part + " has", ips_, ours_);
  if (of_host.has_failed()) return of_host;
  const std::vector<std::string> listening = listening_ips();
  if (listening.empty()) return of_host;  // it has just ended
  CheckResult of_node = judge_family(doctor_.node + " listens at", listening, ours_);
  return of_node.has_failed() ? of_node : of_host;
}

std::vector<std::string> DoctorWalk::listening_ips() const {
  std::vector<std::string> listening;
  for (const std::string& ip : ips_)
    if (listens_at(ip, node_.port(), std::chrono::steady_clock::now() + neighbour_timeout))
      listening.push_back(ip);
  return listening;
}

/// At each address of the host, until one has the name; a node would take any.
CheckResult DoctorWalk::ask_epmds() {
  std::optional<CheckResult> best;
  for (const std::string& ip : ips_) {
    const net::Address address = *net::Address::parse(ip, doctor_.port);
    auto client = net::BlockingClient::connect(address, terminal::deadline_of(doctor_.asking));
    const EpmdAnswer answer = ask_epmd(client);
    CheckResult result = judge_epmd(address.to_string(), answer, Side::remote);
    const bool has_name = lists(answer, name_.alive_name);
    if (best && !has_name && (result.has_failed() || !best->has_failed())) continue;
    best = std::move(result);
    ip_ = ip;
    epmd_ = address.to_string();
    names_ = answer.names;
    if (has_name) break;
  }
  return *best;
}

CheckResult DoctorWalk::connect_as_listed() {
  const auto listed = std::find_if(names_.begin(), names_.end(), [this](const auto& each) {
    return each.alive_name == name_.alive_name;
  });
  const ConnectResult connected = connect(ip_, listed->port_no);
  return judge_port(node_.to_string(), connected);
}

/// At each address of the host, until one takes the connection.
CheckResult DoctorWalk::connect_to_any() {
  CheckResult result;
  for (const std::string& ip : ips_) {
    const ConnectResult connected = connect(ip, *doctor_.dist_port_no);
    result = judge_port(node_.to_string(), connected, PortSource::user);
    if (!result.has_failed()) break;
  }
  return result;
}

ConnectResult DoctorWalk::connect(const std::string& ip, uint16_t port_no) {
  ip_ = ip;
  node_ = *net::Address::parse(ip, port_no);
  auto client = net::BlockingClient::connect(node_, terminal::deadline_of(doctor_.asking));
  if (client) client_ = std::move(*client);
  return connect_result_of(client);
}

CheckResult DoctorWalk::shake_hands() {
  NodeTalk talk(*client_, session_);
  identification_ = ask_who(talk);
  client_.reset();
  const bool is_refused = session_ && session_->failure().kind == tls::Failure::Kind::alert;
  if (is_refused)
    return judge_alert(node_.to_string(), session_->failure().text, session_->has_certificate());
  return judge_handshake(node_.to_string(), identification_);
}

/// Of a node here that does not register, the name is not known yet.
std::vector<epmd::ListedName> DoctorWalk::names_here() const {
  std::vector<epmd::ListedName> names =
      ask_local_epmd(doctor_.port, terminal::deadline_of(doctor_.asking)).answer.names;
  const auto deadline = terminal::deadline_of(doctor_.asking);
  if (doctor_.dist_port_no && listens_at("127.0.0.1", *doctor_.dist_port_no, deadline))
    names.push_back({{}, *doctor_.dist_port_no});
  return names;
}

/// Not the node itself, should it be one of this host's.
CheckResult DoctorWalk::ask_neighbours() {
  for (const epmd::ListedName& each : names_here()) {
    if (ours_.size() == neighbours_max) break;
    const auto timeout = std::min(neighbour_timeout, doctor_.asking.timeout);
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    const NodeProbe node_probe = visit_local_node(each.port_no, deadline, tls_);
    const CommandLine words = net::holder_command_line(each.port_no);
    Neighbour neighbour = {each.alive_name, node_probe.identification,
                           listens_at("::1", each.port_no, deadline), has_name_flag(words),
                           tls_ != nullptr};
    started_.push_back({neighbour.known_name(), words});
    const bool is_itself = neighbour.is_identified() ? neighbour.node_name() == doctor_.node
                                                     : each.alive_name == name_.alive_name;
    if (!is_itself) ours_.push_back(std::move(neighbour));
  }
  return judge_neighbours(ours_);
}

/// No fault, but it says why a node finds others, or is connected to them, in its own way.
void DoctorWalk::tell_how_started() {
  if (const auto told = judge_epmd_modules(started_))
    steps_.take("epmd module", [&] { return *told; });
  if (const auto told = judge_connect_all(started_))
    steps_.take("connect all", [&] { return *told; });
}

bool DoctorWalk::is_identified() const {
  return identification_.outcome == Identification::Outcome::identified;
}

}  // namespace doctor
