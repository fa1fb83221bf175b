#include "outputs/progress.h"

#include <optional>
#include <utility>
#include <vector>

namespace outputs {
namespace {

discovery::Endpoint endpoint_in(const Json& kept) {
  return {kept.at(0).get<std::string>(), kept.at(1).get<uint16_t>()};
}

Json keep(const discovery::Endpoint& endpoint) {
  return Json::array({endpoint.ip, endpoint.port_no});
}

Ledger::AllUntold all_of(const Sightings& members) {
  Ledger::AllUntold untold;
  for (const auto& [name, member] : members) untold[name] = {};
  return untold;
}

/// Outputs of members name the first query that led there. A neighbour on this host has none.
void demand_query(const Json& kept) { static_cast<void>(kept.at("queries").at(0)); }

Ledger::AllUntold kept_untold_of_members(const Json& kept) {
  for (const auto& [name, each] : kept.items())
    if (!each.at("told").is_null()) demand_query(each["told"]);
  return kept_untold(kept);
}

}  // namespace

Json keep(const discovery::Sighting& sighting) {
  return {{"alive_name", sighting.name.alive_name},
          {"host_part", sighting.name.host_part},
          {"node", keep(sighting.node)},
          {"epmd", keep(sighting.epmd)},
          {"queries", sighting.queries},
          {"is_verified", sighting.is_verified},
          {"creation", sighting.creation},
          {"flags", sighting.flags}};
}

Json keep(const Sightings& sightings) {
  Json kept = Json::array();
  for (const auto& [name, sighting] : sightings) kept.push_back(keep(sighting));
  return kept;
}

Json keep(const Ledger::AllUntold& untold) {
  Json kept = Json::object();
  for (const auto& [name, each] : untold)
    kept[name] = {{"told", each.told ? keep(*each.told) : Json(nullptr)}, {"reason", each.reason}};
  return kept;
}

discovery::Sighting kept_sighting(const Json& kept) {
  discovery::Sighting sighting;
  sighting.name = {kept.at("alive_name"), kept.at("host_part")};
  sighting.node = endpoint_in(kept.at("node"));
  sighting.epmd = endpoint_in(kept.at("epmd"));
  sighting.queries = kept.at("queries").get<std::vector<std::string>>();
  sighting.is_verified = kept.at("is_verified");
  sighting.creation = kept.at("creation");
  sighting.flags = kept.at("flags");
  return sighting;
}

Sightings kept_sightings(const Json& kept) {
  Sightings sightings;
  for (const Json& each : kept) {
    discovery::Sighting sighting = kept_sighting(each);
    std::string name = sighting.name.to_string();
    sightings.emplace(std::move(name), std::move(sighting));
  }
  return sightings;
}

discovery::Members kept_members(const Json& kept) {
  for (const Json& each : kept) demand_query(each);
  discovery::Members members;
  for (auto& [name, sighting] : kept_sightings(kept))
    members.emplace(name, discovery::Member{sighting});
  return members;
}

/// Under the name of what was told: a ledger never comes to an end with one that has two names.
Ledger::AllUntold kept_untold(const Json& kept) {
  Ledger::AllUntold untold;
  for (const auto& [name, each] : kept.items()) {
    Ledger::Untold one = {std::nullopt, each.at("reason")};
    if (!each.at("told").is_null()) one.told = kept_sighting(each["told"]);
    std::string told_name = one.told ? one.told->name.to_string() : name;
    untold.insert_or_assign(std::move(told_name), std::move(one));
  }
  return untold;
}

Sightings sightings_of(const discovery::Members& members) {
  Sightings sightings;
  for (const auto& [name, member] : members) sightings.emplace(name, member.seen);
  return sightings;
}

void resume(Ledger& ledger, const discovery::Members& members, const Json& progress) {
  const Sightings known = sightings_of(members);
  ledger.resume(known, progress.is_null() ? all_of(known) : kept_untold_of_members(progress));
}

}  // namespace outputs
