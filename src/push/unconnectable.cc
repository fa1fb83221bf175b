#include "push/unconnectable.h"

#include "logging/log.h"

namespace push {
namespace {

using discovery::Identification;

Unconnectable::Incarnation who_is(const discovery::Sighting& peer) {
  return {peer.name.to_string(), peer.creation};
}

bool is_it(const discovery::Sighting& peer, const Identification& identification) {
  return identification.outcome == Identification::Outcome::identified &&
         identification.challenge.node_name == peer.name.to_string() &&
         identification.challenge.creation == peer.creation;
}

/// It cannot be seen from here how a node was started.
std::string other_cause(const dist::NodeName& name) {
  if (name.is_long() || name.is_of_both_kinds()) return {};
  return ", or one of the two was started with -name and a host part without a dot";
}

}  // namespace

/// Several nodes of this host may fail at the same moment, for the same reason.
void Unconnectable::note_failure(const std::string& node, const discovery::Sighting& peer,
                                 unsigned failures, const std::string& cookie, Time now) {
  State& state = states_[who_is(peer)];
  const bool is_too_soon = state.failures > 0 && now - state.last_failure < apart_least;
  if (state.probe || (is_too_soon && failures < 2)) return;
  const Failure failure = {node, peer, failures, cookie, now};
  state.probe = prober_.identify(peer.node, [this, failure](const Identification& identification) {
    on_probed(failure, identification);
  });
}

void Unconnectable::on_probed(const Failure& failure, const Identification& identification) {
  const discovery::Sighting& peer = failure.peer;
  State& state = states_.at(who_is(peer));
  const base::Pending probe = std::move(state.probe);
  if (state.has_connected || !is_it(peer, identification)) {
    if (failure.failures == warn_after) warn_unconnectable(failure.node, peer);
    return;
  }
  if (state.failures > 0 && failure.when - state.last_failure < apart_least) return;
  state.last_failure = failure.when;
  if (++state.failures < 2) return;
  state.rest = std::clamp(state.rest * 2, first_rest, longest_rest);
  state.rests_until = failure.when + state.rest;
  if (std::exchange(state.is_told, true)) return;
  logging::error(
      "cannot_connect",
      "{} cannot connect to {}, although that node answers: most often it has another cookie than "
      "that of {}; the nodes here are told to try ever less often, next in 5 minutes; is it of "
      "this cluster?",
      logging::field("node", failure.node), logging::field("peer", peer.name.to_string()),
      failure.cookie + other_cause(peer.name));
}

void warn_unconnectable(const std::string& node, const discovery::Sighting& peer) {
  logging::warn(
      "cannot_connect",
      "{} cannot connect to {}, and is told to try ever less often; does it resolve {} to {} as we "
      "do, and may it connect there?",
      logging::field("node", node), logging::field("peer", peer.name.to_string()),
      peer.name.host_part, logging::field("address", peer.node.ip));
}

void Unconnectable::note_connected(const Incarnation& who) {
  State& state = states_[who];
  state = {};
  state.has_connected = true;
}

bool Unconnectable::is_left_alone(const Incarnation& who, Time now) const {
  const auto state = states_.find(who);
  return state != states_.end() && now < state->second.rests_until;
}

void Unconnectable::keep(const std::set<Incarnation>& present) {
  std::erase_if(states_, [&](const auto& each) { return !present.contains(each.first); });
}

}  // namespace push
