#pragma once

#include <optional>
#include <string>

#include "epmd/registry.h"
#include "outputs/member_json.h"
#include "status/store.h"

/// What is known as JSON. The keys are those of `discover --json` and `names --json`, and stay.
namespace web {

using outputs::Json;

/// {"name":…,"port":…,…}
Json name_json(const epmd::Entry& entry);
/// A member, one that is none and why, a node of this host that is to be connected with no other
/// host's, a query with what is behind it, and the last round.
Json member_json(const status::Store::Member& member);
Json non_member_json(const discovery::NonMember& non_member);
Json held_back_json(const discovery::LocalNode& local);
/// `epmds` is what those behind the queries have answered.
Json query_json(const std::string& text, const discovery::Resolution& resolution,
                const std::map<discovery::Endpoint, discovery::NamesAnswer::Outcome>& epmds);
Json round_json(const status::Store& store);
/// A target as Prometheus discovers it (http_sd): the member's address, at its own port or at
/// `port_no`.
Json target_json(const std::string& name, const status::Store::Member& member,
                 std::optional<uint16_t> port_no);
/// A happening as JSON, as events of discovery have it.
Json to_json(const status::Event& happening);

}  // namespace web
