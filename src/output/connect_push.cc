#include "output/connect_push.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace output {
namespace {

/// The number of the call that asks for the nodes it has; those that connect have the others.
constexpr uint32_t which_call = 0;

std::string atom(std::string_view name) {
  std::string term;
  dist::put_atom(term, name);
  return term;
}

std::string list_of_atom(std::string_view name) {
  std::string term;
  dist::put_list(term, 1);
  dist::put_atom(term, name);
  dist::put_nil(term);
  return term;
}

}  // namespace

void ConnectPush::take(const discovery::Report& report) {
  const Peers before = std::exchange(peers_, peers_of(local_, report));
  std::erase_if(peers_, [this](const auto& each) { return !are_alike(local_, each.second); });
  std::erase_if(back_offs_, [&](const auto& each) {
    const auto now = peers_.find(each.first);
    const auto then = before.find(each.first);
    return now == peers_.end() || then == before.end() ||
           now->second.creation != then->second.creation;  // another life is tried at once
  });
  missing_.clear();
  for (const auto& [name, member] : report.members) {
    const auto peer = peers_.find(name);  // it may have moved to this host
    if (member.is_missing && peer != peers_.end() && !peer->second.queries.empty())
      missing_.insert(name);
  }
}

/// Also those it has as hidden nodes: it cannot have them in both ways.
void ConnectPush::begin(net::Link& link) {
  if (std::exchange(is_asking_, true)) return;
  link.call(which_call, {"erlang", "nodes", {list_of_atom("connected")}});
}

bool ConnectPush::take_answer(net::Link& link, uint32_t call, const std::string& term) {
  if (call == which_call) {
    is_asking_ = false;
    take_connected(term);
  } else if (const auto asked = under_way_.find(call); asked != under_way_.end()) {
    const std::string peer = std::move(asked->second);
    under_way_.erase(asked);
    take_result(peer, term);
  }
  connect_next(link);
  return !is_idle();
}

/// An answer that is no list of nodes is that of a node which has none: to connect to one that is
/// connected already does no harm.
void ConnectPush::take_connected(const std::string& term) {
  const std::vector<std::string> names = dist::TermReader(term).atoms();
  const std::set<std::string> connected(names.begin(), names.end());
  std::set<std::string> begun(waiting_.begin(), waiting_.end());
  for (const auto& [peer, check] : being_checked_) begun.insert(peer);
  for (const auto& [call, peer] : under_way_) begun.insert(peer);
  for (const auto& [name, peer] : peers_)
    if (!connected.contains(name) && !begun.contains(name) && is_due(peer) && told_.may_add(name))
      waiting_.push_back(name);
}

bool ConnectPush::is_due(const discovery::Sighting& peer) const {
  const std::string name = peer.name.to_string();
  if (missing_.contains(name)) return false;
  if (checks_.is_refused({name, peer.creation})) return false;
  const auto back_off = back_offs_.find(name);
  return back_off == back_offs_.end() || back_off->second.is_due(loop_.now());
}

/// Neighbours are on this host, whose names its nodes know.
void ConnectPush::connect_next(net::Link& link) {
  while (!waiting_.empty() && being_checked_.size() + under_way_.size() < calls_at_once_max) {
    const std::string name = std::move(waiting_.front());
    waiting_.pop_front();
    const auto peer = peers_.find(name);
    if (peer == peers_.end() || missing_.contains(name)) continue;  // it went meanwhile
    if (peer->second.queries.empty())
      connect(link, name);
    else
      check(link, peer->second);
  }
}

void ConnectPush::check(net::Link& link, const discovery::Sighting& peer) {
  const std::string name = peer.name.to_string();
  being_checked_[name] = peer_checks_.check(
      peer, [this, &link, name](bool is_there) { on_checked(link, name, is_there); });
}

void ConnectPush::on_checked(net::Link& link, const std::string& peer, bool is_there) {
  being_checked_.erase(peer);
  link.renew_patience();  // it was not asked anything, perhaps
  if (is_there && peers_.contains(peer) && !missing_.contains(peer))
    connect(link, peer);
  else if (!is_there)
    spdlog::debug("{} is not told of {}, which is not listed just now, or does not resolve",
                  local_.name.to_string(), peer);
  connect_next(link);
  if (is_idle()) link.finish();
}

void ConnectPush::connect(net::Link& link, const std::string& peer) {
  if (!told_.add(peer)) return;
  if (++calls_ == which_call) ++calls_;
  under_way_.emplace(calls_, peer);
  link.call(calls_, {"net_kernel", "connect_node", {atom(peer)}});
}

void ConnectPush::take_result(const std::string& peer, const std::string& term) {
  if (dist::is_atom(term, "true")) {
    back_offs_.erase(peer);
    ++figures_.connected;
    return spdlog::info("pushed: {} is connected to {}", local_.name.to_string(), peer);
  }
  ++figures_.not_connected;
  const auto refusing = peers_.find(peer);
  if (refusing == peers_.end()) return;  // it left meanwhile
  checks_.check(refusing->second);
  BackOff& back_off = back_offs_[peer];
  back_off.fail(loop_.now());
  // Once may be bad luck, such as a node that is about to end.
  if (back_off.failures() == 2)
    spdlog::warn(
        "{} cannot connect to {}, and is told to try ever less often; does it resolve {} to {} as "
        "we do, and may it connect there?",
        local_.name.to_string(), peer, refusing->second.name.host_part, refusing->second.node.ip);
}

void ConnectPush::on_lost() {
  is_asking_ = false;
  waiting_.clear();
  being_checked_.clear();
  under_way_.clear();
}

}  // namespace output
