#pragma once

#include <numeric>
#include <string>

#include "sim/cluster.h"

namespace sim {

/// The address of node number `number` of a Quiet.
inline std::string ip_of(unsigned number) {
  return "10.1." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1);
}

/// A cluster that has been there for a while; of its EPMDs so many are asked in turn.
struct Quiet : Cluster {
  Quiet(unsigned count, size_t in_turn) {
    for (unsigned i = 0; i < count; ++i) have("n" + std::to_string(i), ip_of(i));
    settings.asked_in_turn = in_turn;
    on_report = [this](const discovery::Report& report) { sames += report.is_same ? 1 : 0; };
    begin();
    rounds(10);
    take_told();
    forget();
  }
  void forget() {
    world.names_asked.clear();
    world.dns_asked.clear();
    told_at.clear();
    sames = 0;
  }
  unsigned names_asked() const {
    return std::accumulate(world.names_asked.begin(), world.names_asked.end(), 0U,
                           [](unsigned sum, const auto& each) { return sum + each.second; });
  }

  unsigned sames = 0;
};

}  // namespace sim
