#include <set>
#include <utility>

#include "push/connect_push.h"

/// What of a ConnectPush outlives its process. Times are those of a clock that all processes of
/// this host have.
namespace push {

using outputs::Json;
using Time = event::Loop::Time;

Json ConnectPush::keep(const PeerState& state) {
  const base::BackOff::Kept back_off = state.back_off.kept();
  return {{"creation", state.creation},
          {"wait", back_off.wait.count()},
          {"due", back_off.due.count()},
          {"failures", back_off.failures},
          {"is_connected", state.is_connected || state.is_lost},
          {"connected_since", state.connected_since.count()},
          {"waits_for_suspects", state.waits_for_suspects},
          {"is_loss_told", state.is_loss_told}};
}

ConnectPush::PeerState ConnectPush::kept_state(const Json& kept) {
  PeerState state;
  state.creation = kept.at("creation");
  state.back_off = base::BackOff({Time(kept.at("wait").get<int64_t>()),
                                  Time(kept.at("due").get<int64_t>()), kept.at("failures")});
  state.is_connected = kept.at("is_connected");
  state.connected_since = Time(kept.at("connected_since").get<int64_t>());
  state.waits_for_suspects = kept.at("waits_for_suspects");
  state.is_loss_told = kept.at("is_loss_told");
  return state;
}

Json ConnectPush::progress() const {
  Json states = Json::object();
  for (const auto& [name, state] : states_) states[name] = keep(state);
  return {{"told", told_.names()}, {"states", std::move(states)}};
}

void ConnectPush::resume(const Json& progress) {
  std::map<std::string, PeerState> states;
  for (const auto& [name, state] : progress.at("states").items())
    states.emplace(name, kept_state(state));
  told_.resume(progress.at("told").get<std::set<std::string>>());
  states_ = std::move(states);
}

}  // namespace push
