#include "push/connect_push.h"

#include <algorithm>
#include <utility>

#include "base/host_port.h"
#include "logging/log.h"
#include "push/look.h"

namespace push {
namespace {

using logging::field;

std::string atom(std::string_view name) {
  std::string term;
  dist::put_atom(term, name);
  return term;
}

}  // namespace

void ConnectPush::take(const discovery::Report& report) {
  if (report.is_same && !peers_.empty()) return;
  peers_ = peers_of(local_, report);
  families_.take(report.sightings);
  std::erase_if(peers_, [this](const auto& each) { return !are_alike(local_, each.second); });
  missing_.clear();
  for (const auto& [name, member] : report.members) {
    const auto peer = peers_.find(name);  // it may have moved to this host
    if (member.is_missing && peer != peers_.end() && !peer->second.queries.empty())
      missing_.insert(name);
  }
  forget_those_away();
  take_suspects(report);
  if (peers_.empty()) count_pairs(0, 0);
}

ConnectPush::PeerState& ConnectPush::state_of(const discovery::Sighting& peer) {
  return states_.try_emplace(peer.name.to_string(), PeerState{peer.creation}).first->second;
}

/// A peer that was away, or was started anew, is tried at once.
void ConnectPush::forget_those_away() {
  std::erase_if(states_, [this](const auto& each) {
    const auto peer = peers_.find(each.first);
    return peer == peers_.end() || peer->second.creation != each.second.creation ||
           missing_.contains(each.first);
  });
}

/// A container that is starting is among them, and is so for a moment only.
void ConnectPush::take_suspects(const discovery::Report& report) {
  using Outcome = discovery::NamesAnswer::Outcome;
  suspects_.clear();
  for (const auto& [epmd, outcome] : report.sightings.epmds)
    if (outcome == Outcome::silent || outcome == Outcome::refused)
      suspects_.insert(base::join_host_port(epmd.ip, epmd.port_no));
  for (const discovery::NonMember& non_member : report.sightings.non_members)
    if (non_member.is_silent)
      suspects_.insert(base::join_host_port(non_member.node.ip, non_member.node.port_no));
  if (!suspects_.empty()) return;
  for (auto& [name, state] : states_)
    if (std::exchange(state.waits_for_suspects, false)) state.back_off.expire();
}

/// Also those it has as hidden nodes: it cannot have them in both ways.
void ConnectPush::begin(probe::DistConnection& connection) {
  if (std::exchange(is_asking_, true)) return;
  connection.call(which_call, whom_it_has());
}

bool ConnectPush::take_answer(probe::DistConnection& connection, uint32_t call,
                              const std::string& term) {
  if (call == which_call) {
    is_asking_ = false;
    take_connected(term);
  } else if (const auto asked = under_way_.find(call); asked != under_way_.end()) {
    const std::string peer = std::move(asked->second);
    under_way_.erase(asked);
    take_result(peer, term);
  }
  connect_next(connection);
  return !is_idle();
}

/// An answer that is no list of nodes is that of a node which has none: to connect to one that is
/// connected already does no harm.
void ConnectPush::take_connected(const std::string& term) {
  const std::set<std::string> connected = peers_in(term);
  links_.note(local_, connected, loop_.now());
  std::set<std::string> begun(waiting_.begin(), waiting_.end());
  for (const auto& [peer, check] : being_checked_) begun.insert(peer);
  for (const auto& [call, peer] : under_way_) begun.insert(peer);
  size_t count = 0;
  size_t count_connected = 0;
  for (const auto& [name, peer] : peers_) {
    if (missing_.contains(name)) continue;
    const bool is_connected = connected.contains(name);
    ++count;
    if (is_connected) ++count_connected;
    if (!begun.contains(name)) look_at(peer, is_connected);
  }
  count_pairs(count_connected, count - count_connected);
}

/// As a part of what all nodes of this host have.
void ConnectPush::count_pairs(size_t connected, size_t not_connected) {
  metrics_.pairs += connected + not_connected;
  metrics_.pairs -= connected_ + not_connected_;
  metrics_.pairs_connected += connected;
  metrics_.pairs_connected -= connected_;
  connected_ = connected;
  not_connected_ = not_connected;
}

void ConnectPush::look_at(const discovery::Sighting& peer, bool is_connected) {
  PeerState& state = state_of(peer);
  if (is_connected) return note_connected(state);
  state.is_lost = state.is_connected;
  state.is_connected = false;
  const std::string name = peer.name.to_string();
  const bool is_to_be_told = is_due(peer) && can_connect(peer, state) && told_.may_add(name);
  if (state.is_lost || is_to_be_told) waiting_.push_back(name);
}

/// Where it cannot, the peer may.
bool ConnectPush::can_connect(const discovery::Sighting& peer, PeerState& state) {
  if (families_.can_connect(local_, peer)) {
    state.apart_since.reset();
    return true;
  }
  const event::Loop::Time now = loop_.now();
  if (!state.apart_since) state.apart_since = now;
  const bool is_long = now - *state.apart_since >= apart_wait;
  if (is_long && !std::exchange(state.is_apart_told, true)) warn_of_families(peer);
  return false;
}

void ConnectPush::warn_of_families(const discovery::Sighting& peer) const {
  const bool is_over_ipv6 = !base::is_ipv6(peer.node.ip);
  logging::warn(
      "families_differ",
      "{} connects over {} only, and {} was found over {} only; start both with "
      "-proto_dist inet6_tcp, or neither",
      field("node", local_.name.to_string()), field("family", is_over_ipv6 ? "IPv6" : "IPv4"),
      field("peer", peer.name.to_string()), field("peer_family", is_over_ipv6 ? "IPv4" : "IPv6"));
}

void ConnectPush::note_connected(PeerState& state) {
  state.apart_since.reset();
  const event::Loop::Time now = loop_.now();
  if (!std::exchange(state.is_connected, true)) {
    state.connected_since = now;
    note_progress();
  }
  if (now - state.connected_since < holds_after) return;
  state.back_off = {};
  state.is_loss_told = false;
}

/// Both run, and are where they were.
void ConnectPush::note_loss(const std::string& peer) {
  PeerState& state = states_.at(peer);
  state.is_lost = false;
  ++metrics_.lost;
  state.back_off.fail(loop_.now(), wait_after_loss(state));
  note_progress();
  if (std::exchange(state.is_loss_told, true)) return;
  std::string hint;
  for (const std::string& suspect : suspects_) {
    if (hint.size() > 100) break;
    hint += (hint.empty() ? "; from here nobody answers at " : ", ") + suspect;
  }
  logging::warn(
      "pair_lost",
      "{} and {} were connected and are not any more, although both run; often another node cannot "
      "reach one of them (from OTP 25 on nodes are then cut off), or a firewall lets them connect "
      "in one direction only{}; they are tried again ever less often",
      field("node", local_.name.to_string()), field("peer", peer), hint);
}

event::Loop::Time ConnectPush::wait_after_loss(PeerState& state) const {
  state.waits_for_suspects = !suspects_.empty();
  if (state.waits_for_suspects) return base::BackOff::last;
  if (connected_ < not_connected_) return base::BackOff::first;
  return state.back_off.failures() == 0 ? loss_wait_of_most : base::BackOff::last;
}

bool ConnectPush::is_due(const discovery::Sighting& peer) const {
  const std::string name = peer.name.to_string();
  if (missing_.contains(name)) return false;
  if (checks_.is_refused({name, peer.creation})) return false;
  const auto state = states_.find(name);
  return state == states_.end() || state->second.back_off.is_due(loop_.now());
}

/// Neighbours are on this host, whose names its nodes know.
void ConnectPush::connect_next(probe::DistConnection& connection) {
  while (!waiting_.empty() && being_checked_.size() + under_way_.size() < calls_at_once_max) {
    const std::string name = std::move(waiting_.front());
    waiting_.pop_front();
    const auto peer = peers_.find(name);
    if (peer == peers_.end() || missing_.contains(name)) continue;  // it went meanwhile
    const bool is_lost = state_of(peer->second).is_lost;
    if (!peer->second.queries.empty())
      check(connection, peer->second);
    else if (is_lost)
      note_loss(name);
    else
      connect(connection, name);
  }
}

void ConnectPush::check(probe::DistConnection& connection, const discovery::Sighting& peer) {
  const std::string name = peer.name.to_string();
  being_checked_[name] = peer_checks_.check(
      peer, [this, &connection, name](bool is_there) { on_checked(connection, name, is_there); });
}

void ConnectPush::on_checked(probe::DistConnection& connection, const std::string& peer,
                             bool is_there) {
  being_checked_.erase(peer);
  connection.renew_timeout();  // it was not asked anything, perhaps
  if (is_there && peers_.contains(peer) && !missing_.contains(peer))
    on_there(connection, peer);
  else if (!is_there)
    on_away(peer);
  connect_next(connection);
  if (is_idle()) connection.finish();
}

void ConnectPush::on_there(probe::DistConnection& connection, const std::string& peer) {
  if (state_of(peers_.at(peer)).is_lost)
    note_loss(peer);
  else
    connect(connection, peer);
}

/// It is tried again as soon as it is back.
void ConnectPush::on_away(const std::string& peer) {
  states_.erase(peer);
  logging::debug("peer_away",
                 "{} is not told of {}, which is not listed just now, or does not resolve",
                 field("node", local_.name.to_string()), field("peer", peer));
}

void ConnectPush::connect(probe::DistConnection& connection, const std::string& peer) {
  if (!told_.add(peer)) return;
  note_progress();
  if (++calls_ == which_call) ++calls_;
  under_way_.emplace(calls_, peer);
  connection.call(calls_, {"net_kernel", "connect_node", {atom(peer)}});
}

void ConnectPush::take_result(const std::string& peer, const std::string& term) {
  if (dist::is_atom(term, "true")) {
    if (const auto known = peers_.find(peer); known != peers_.end()) {
      note_connected(state_of(known->second));
      checks_.note_connected({peer, known->second.creation});
    }
    ++metrics_.connected;
    return logging::info("pushed", "pushed: {} is connected to {}",
                         field("node", local_.name.to_string()), field("peer", peer));
  }
  ++metrics_.not_connected;
  const auto refusing = peers_.find(peer);
  if (refusing == peers_.end()) return;  // it left meanwhile
  base::BackOff& back_off = state_of(refusing->second).back_off;
  back_off.fail(loop_.now());
  note_progress();
  const bool is_elsewhere = !refusing->second.queries.empty();
  if (back_off.failures() == warn_after) warn_of_ports(refusing->second);
  if (is_elsewhere)
    checks_.note_failure(local_.name.to_string(), refusing->second, back_off.failures());
  else if (back_off.failures() == warn_after)
    warn_unconnectable(local_.name.to_string(), refusing->second);
}

/// A node with -erl_epmd_port takes that port for every other's, registered or not. Others ask
/// EPMDs.
void ConnectPush::warn_of_ports(const discovery::Sighting& peer) const {
  if (peer.has_epmd() && local_.is_registered) return warn_of_epmd_ports(peer);
  if (peer.node.port_no == local_.node.port_no) return;
  logging::warn(
      "port_not_known",
      "{} cannot connect to {}, and does not know its port {}, perhaps: one of them runs "
      "without an EPMD; start both with -erl_epmd_port and one port, or both with an EPMD",
      field("node", local_.name.to_string()), field("peer", peer.name.to_string()),
      field("peer_port", peer.node.port_no));
}

/// Nodes ask the EPMD of each host at one and the same port.
void ConnectPush::warn_of_epmd_ports(const discovery::Sighting& peer) const {
  const bool is_other =
      !peer.queries.empty() && local_.epmd_port_no != 0 && peer.epmd.port_no != local_.epmd_port_no;
  if (!is_other) return;
  logging::warn(
      "epmd_ports_differ",
      "{} has an EPMD at port {}, and {} asks port {} on every host: give all EPMDs one port "
      "(ERL_EPMD_PORT)",
      field("peer", peer.name.to_string()), field("peer_port", peer.epmd.port_no),
      field("node", local_.name.to_string()), field("port", local_.epmd_port_no));
}

void ConnectPush::on_lost() {
  is_asking_ = false;
  waiting_.clear();
  being_checked_.clear();
  under_way_.clear();
}

}  // namespace push
