#include "outputs/progress.h"

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

Ledger::AllUntold kept_untold(const Json& kept) {
  Ledger::AllUntold untold;
  for (const auto& [name, each] : kept.items()) {
    untold[name].reason = each.at("reason");
    if (!each.at("told").is_null()) untold[name].told = kept_sighting(each["told"]);
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
  ledger.resume(known, progress.is_null() ? all_of(known) : kept_untold(progress));
}

}  // namespace outputs
