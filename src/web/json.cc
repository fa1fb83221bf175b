#include "web/json.h"

#include "base/host_port.h"
#include "epmd/alive_name.h"
#include "status/words.h"

namespace web {
namespace {

const char* describe(discovery::Resolution::Outcome outcome) {
  using Outcome = discovery::Resolution::Outcome;
  if (outcome == Outcome::answered) return "answered";
  return outcome == Outcome::empty ? "empty" : "failed";
}

}  // namespace

Json member_json(const status::Store::Member& each) {
  Json object = outputs::to_json(each.member.seen);
  object["queries"] = each.member.seen.queries;
  const discovery::Sighting& seen = each.member.seen;
  object["epmd"] = nullptr;
  if (seen.has_epmd()) object["epmd"] = {{"address", seen.epmd.ip}, {"port", seen.epmd.port_no}};
  object["state"] = each.member.rounds_missing == 0 ? "present" : "missing";
  object["rounds_missing"] = each.member.rounds_missing;
  object["since"] = outputs::to_text(each.since);
  return object;
}

Json non_member_json(const discovery::NonMember& non_member) {
  return {{"node", epmd::escape_name(non_member.name)},
          {"address", non_member.node.ip},
          {"port", non_member.node.port_no},
          {"query", non_member.query},
          {"why", non_member.why}};
}

Json held_back_json(const discovery::LocalNode& local) {
  return {{"node", local.name.to_string()}, {"why", local.held_back}};
}

Json query_json(const std::string& text, const discovery::Resolution& resolution,
                const std::map<discovery::Endpoint, discovery::NamesAnswer::Outcome>& epmds) {
  Json addresses = Json::array();
  Json failing = Json::object();
  for (const discovery::Endpoint& each : resolution.endpoints) {
    const std::string address = base::join_host_port(each.ip, each.port_no);
    const auto asked = epmds.find(each);
    if (asked != epmds.end() && !status::why_no_epmd(asked->second).empty())
      failing[address] = status::why_no_epmd(asked->second);
    addresses.push_back(address);
  }
  Json object = {
      {"query", text}, {"outcome", describe(resolution.outcome)}, {"epmds", std::move(addresses)}};
  if (!resolution.is_answer()) object["why"] = resolution.why;
  if (!failing.empty()) object["failing"] = std::move(failing);
  return object;
}

Json round_json(const status::Store& store) {
  const status::Store::Rounds& rounds = store.rounds();
  if (!rounds.is_over()) return nullptr;
  return {{"ended", outputs::to_text(rounds.last)},
          {"took_seconds", static_cast<double>(rounds.took_last.count()) / 1000.0},
          {"rounds", rounds.count()}};
}

Json name_json(const epmd::Entry& entry) {
  return {{"name", epmd::escape_name(entry.node.alive_name)},
          {"port", entry.node.port_no},
          {"type", epmd::type_name(entry.node)},
          {"creation", entry.creation},
          {"lowest_version", entry.node.lowest_version},
          {"highest_version", entry.node.highest_version}};
}

Json target_json(const std::string& name, const status::Store::Member& member,
                 std::optional<uint16_t> port_no) {
  const discovery::Sighting& seen = member.member.seen;
  const std::string own_port = std::to_string(seen.node.port_no);
  const std::string at = base::join_host_port(seen.node.ip, port_no.value_or(seen.node.port_no));
  Json labels = {{"__meta_portolan_node", name},
                 {"__meta_portolan_name", seen.name.alive_name},
                 {"__meta_portolan_host", seen.name.host_part},
                 {"__meta_portolan_address", seen.node.ip},
                 {"__meta_portolan_port", own_port},
                 {"__meta_portolan_query", seen.queries.front()},
                 {"__meta_portolan_verified", seen.is_verified ? "true" : "false"}};
  return {{"targets", Json::array({at})}, {"labels", std::move(labels)}};
}

Json to_json(const status::Event& happening) {
  using Kind = status::Event::Kind;
  if (happening.kind == Kind::joined || happening.kind == Kind::left)
    return outputs::to_json(happening.change, happening.when);
  Json object = {{"event", status::name_of(happening.kind)}};
  if (happening.kind != Kind::changed) {
    object["name"] = epmd::escape_name(happening.alive_name);
    object["port"] = happening.port_no;
    object["creation"] = happening.creation;
  }
  object["time"] = outputs::to_text(happening.when);
  return object;
}

}  // namespace web
