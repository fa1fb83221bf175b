#include "web/json.h"

#include "base/host_port.h"
#include "epmd/alive_name.h"

namespace web {
namespace {

const char* describe(discovery::Resolution::Outcome outcome) {
  using Outcome = discovery::Resolution::Outcome;
  if (outcome == Outcome::answered) return "answered";
  return outcome == Outcome::empty ? "empty" : "failed";
}

Json member_json(const Board::Member& each) {
  Json object = output::to_json(each.member.seen);
  object["queries"] = each.member.seen.queries;
  object["epmd"] = {{"address", each.member.seen.epmd.ip}, {"port", each.member.seen.epmd.port_no}};
  object["state"] = each.member.rounds_missing == 0 ? "present" : "missing";
  object["rounds_missing"] = each.member.rounds_missing;
  object["since"] = output::to_text(each.since);
  return object;
}

Json stray_json(const discovery::Stray& stray) {
  return {{"node", epmd::escape_name(stray.name)},
          {"address", stray.node.ip},
          {"port", stray.node.port_no},
          {"query", stray.query},
          {"why", stray.why}};
}

/// The nodes of this host that no node of another host is to be connected with.
Json held_back_json(const Board& board) {
  Json held_back = Json::array();
  for (const discovery::LocalNode& local : board.locals())
    if (!local.held_back.empty())
      held_back.push_back({{"node", local.name.to_string()}, {"why", local.held_back}});
  return held_back;
}

Json query_json(const std::string& text, const discovery::Resolution& resolution) {
  Json addresses = Json::array();
  for (const discovery::Endpoint& each : resolution.endpoints)
    addresses.push_back(base::join_host_port(each.ip, each.port_no));
  Json object = {
      {"query", text}, {"outcome", describe(resolution.outcome)}, {"epmds", std::move(addresses)}};
  if (!resolution.is_answer()) object["why"] = resolution.why;
  return object;
}

Json round_json(const Board& board) {
  const Board::Rounds& rounds = board.rounds();
  if (!rounds.is_over()) return nullptr;
  return {{"ended", output::to_text(rounds.last)},
          {"took_seconds", static_cast<double>(rounds.took_last.count()) / 1000.0},
          {"rounds", rounds.count()}};
}

}  // namespace

Json names_json(const epmd::Registry& registry, uint16_t epmd_port_no) {
  Json names = Json::array();
  for (const epmd::Entry& entry : registry.alive())
    names.push_back({{"name", epmd::escape_name(entry.node.alive_name)},
                     {"port", entry.node.port_no},
                     {"type", epmd::type_name(entry.node)},
                     {"creation", entry.creation},
                     {"lowest_version", entry.node.lowest_version},
                     {"highest_version", entry.node.highest_version}});
  return {{"epmd_port", epmd_port_no}, {"names", std::move(names)}};
}

Json members_json(const Board& board) {
  Json members = Json::array();
  Json strays = Json::array();
  Json queries = Json::array();
  for (const auto& [name, member] : board.members()) members.push_back(member_json(member));
  for (const discovery::Stray& stray : board.strays()) strays.push_back(stray_json(stray));
  for (const auto& [text, found] : board.queries()) queries.push_back(query_json(text, found));
  return {{"members", std::move(members)},
          {"not_members", std::move(strays)},
          {"held_back", held_back_json(board)},
          {"queries", std::move(queries)},
          {"round", round_json(board)}};
}

Json targets_json(const Board& board, std::optional<uint16_t> port_no) {
  Json groups = Json::array();
  for (const auto& [name, each] : board.members()) {
    const discovery::Sighting& seen = each.member.seen;
    const std::string own_port = std::to_string(seen.node.port_no);
    const std::string at = base::join_host_port(seen.node.ip, port_no.value_or(seen.node.port_no));
    Json labels = {{"__meta_portolan_node", name},
                   {"__meta_portolan_name", seen.name.alive_name},
                   {"__meta_portolan_host", seen.name.host_part},
                   {"__meta_portolan_address", seen.node.ip},
                   {"__meta_portolan_port", own_port},
                   {"__meta_portolan_query", seen.queries.front()},
                   {"__meta_portolan_verified", seen.is_verified ? "true" : "false"}};
    groups.push_back({{"targets", Json::array({at})}, {"labels", std::move(labels)}});
  }
  return groups;
}

Json to_json(const Happening& happening) {
  using Kind = Happening::Kind;
  if (happening.kind == Kind::joined || happening.kind == Kind::left)
    return output::to_json(happening.change, happening.when);
  Json object = {{"event", name_of(happening.kind)}};
  if (happening.kind != Kind::changed) {
    object["name"] = epmd::escape_name(happening.alive_name);
    object["port"] = happening.port_no;
    object["creation"] = happening.creation;
  }
  object["time"] = output::to_text(happening.when);
  return object;
}

const char* name_of(Happening::Kind kind) {
  switch (kind) {
    case Happening::Kind::registered:
      return "registered";
    case Happening::Kind::unregistered:
      return "unregistered";
    case Happening::Kind::joined:
      return "joined";
    case Happening::Kind::left:
      return "left";
    case Happening::Kind::changed:
      return "changed";
  }
  return "";
}

}  // namespace web
