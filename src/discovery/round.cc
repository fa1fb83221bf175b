#include "discovery/round.h"

#include <algorithm>
#include <array>
#include <utility>

#include "epmd/alive_name.h"

namespace discovery {
namespace {

/// Among the phases of a round, that of the host parts.
constexpr size_t look_ups_phase = 6;
constexpr Time mute_timeout = std::chrono::milliseconds(200);

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace

Round::Round(const Environment& world, const Scope& scope, RoundCache& cache, RoundPlan plan,
             OnDone on_done)
    : environment_(world),
      scope_(scope),
      cache_(cache),
      plan_(std::move(plan)),
      on_done_(std::move(on_done)),
      locals_(world.local, cache),
      tasks_(operations_at_once_max, [this] { end_phase(); }),
      identifier_(world, cache, tasks_) {
  sightings_.filter = scope.filter;
  choose_in_turn();
  look_at_credentials();
  begin();
}

/// What we showed was not enough for some nodes; what we have now may be.
void Round::look_at_credentials() {
  const uint64_t now = environment_.prober.credentials();
  if (std::exchange(cache_.credentials, now) != now)
    is_changed_ |= cache_.identities.forget_failed_tls();
}

void Round::begin() {
  // With nothing to look for, the round is over all the same, but not before it was begun.
  tasks_.add([this](auto done) { return environment_.scheduler.after(Time::zero(), done); });
  for (const Query& query : scope_.queries)
    resolve(query,
            [this, query](Resolution resolution) { on_resolved(query, std::move(resolution)); });
  recall_local_ports();
  identify_locals();
}

/// A phase with nothing to wait for is over at once.
void Round::end_phase() {
  constexpr std::array phases = {&Round::look_up_some_host_parts,
                                 &Round::ask_trusted_rivals,
                                 &Round::take_trusted,
                                 &Round::resolve_tasks_of_what_is_mute,
                                 &Round::identify_the_hindered,
                                 &Round::reverse_names_of_silent_nodes,
                                 &Round::look_up_host_parts,
                                 &Round::judge_all};
  static_assert(phases.size() == phases_max);
  static_assert(phases.at(look_ups_phase) == &Round::look_up_host_parts);
  while (tasks_.is_idle() && phases_over_ < phases.size())
    std::invoke(phases.at(phases_over_++), this);
  if (!tasks_.is_idle()) return;
  const OnDone on_done = std::move(on_done_);
  on_done(cache_.before.sightings);
}

void Round::give_up() {
  is_changed_ = true;
  take_trusted();
  tasks_.drop_all();
  note_unanswered();
  phases_over_ = std::max(phases_over_, look_ups_phase);
  end_phase();
}

void Round::resolve(const Query& query, const Resolver::OnResolved& take) {
  tasks_.add([this, query, take](auto done) {
    return environment_.resolver.resolve(query, [take, done](Resolution resolution) {
      take(std::move(resolution));
      done();
    });
  });
}

void Round::on_resolved(const Query& query, Resolution resolution) {
  leave_out_strangers(query, resolution.endpoints);
  auto next = places_.end();  // they mostly come in order
  for (const Endpoint& endpoint : resolution.endpoints)
    if (is_own(query, endpoint))
      find_own(query, endpoint);
    else if (places_.size() >= endpoints_max && !places_.contains(endpoint))
      ++sightings_.dropped;
    else
      next = std::next(add_place(query, endpoint, next));
  sightings_.queries[query.text] = std::move(resolution);
}

FoundPlaces::iterator Round::add_place(const Query& query, const Endpoint& endpoint,
                                       FoundPlaces::iterator next) {
  const size_t known = places_.size();
  const auto place = places_.try_emplace(next, endpoint);
  if (places_.size() > known) {
    if (query.behind == Query::Behind::nodes) sightings_.nodes_without_epmd.insert(endpoint);
    place->second.is_trusted = !is_to_be_asked(endpoint);
    if (!place->second.is_trusted) ask_or_visit(endpoint);
  }
  std::vector<std::string>& queries = place->second.queries;
  const auto in_order = std::lower_bound(queries.begin(), queries.end(), query.text);
  if (in_order == queries.end() || *in_order != query.text) queries.insert(in_order, query.text);
  return place;
}

void Round::recall_local_ports() {
  std::erase_if(cache_.local_port_nos, [this](const auto& entry) {
    return std::none_of(scope_.queries.begin(), scope_.queries.end(),
                        [&](const Query& query) { return query.text == entry.first; });
  });
  for (const auto& [query, port_nos] : cache_.local_port_nos)
    for (const uint16_t port_no : port_nos) locals_.add_unregistered(port_no);
}

/// A node of this host that does not register is one that a query has led to.
void Round::find_own(const Query& query, const Endpoint& endpoint) {
  if (query.behind != Query::Behind::nodes) return;
  const auto place = locals_.add_unregistered(endpoint.port_no);
  if (!place) return;
  cache_.local_port_nos[query.text].insert(endpoint.port_no);
  visit_local(*place);
}

bool Round::is_own(const Query& query, const Endpoint& endpoint) const {
  return query.behind == Query::Behind::nodes ? locals_.is_here(endpoint.ip)
                                              : locals_.is_own_epmd(endpoint);
}

/// Why no member can be there; nullptr if one can.
const char* Round::why_no_place(const Endpoint& endpoint) const {
  if (base::is_unspecified(endpoint.ip)) return no_address;
  return scope_.may_be_peer && !scope_.may_be_peer(endpoint.ip) ? outside_peers : nullptr;
}

/// Nothing is asked of an address at which no member can be.
void Round::leave_out_strangers(const Query& query, std::vector<Endpoint>& endpoints) {
  std::erase_if(endpoints, [&](const Endpoint& endpoint) {
    const char* const why = is_own(query, endpoint) ? nullptr : why_no_place(endpoint);
    if (!why) return false;
    if (sightings_.non_members.size() < endpoints_max)
      sightings_.non_members.push_back({"a host", endpoint, query.text, why});
    else
      ++sightings_.dropped;
    return true;
  });
}

void Round::resolve_tasks_of_what_is_mute() {
  for (const Query& query : scope_.queries)
    if (cache_.swarm_tasks.is_due(query, sightings_, now()))
      resolve(SwarmTasks::tasks_of(query), [this, query](Resolution resolution) {
        if (cache_.swarm_tasks.learn(query, resolution, now()))
          on_resolved(query, std::move(resolution));
      });
}

void Round::ask(const Endpoint& epmd, bool tells_news) {
  // Who was mute must not keep the others waiting, but one that is only slow must be heard again.
  const Time timeout = cache_.mute.contains(epmd) ? mute_timeout : epmd_timeout;
  tasks_.add([=, this](auto done) {
    const Time begun = now();
    return environment_.prober.ask_some_names(
        epmd, timeout, interest_in(epmd, tells_news), [=, this](const NamesAnswer& answer) {
          const bool is_closed =
              answer.outcome == NamesAnswer::Outcome::silent && now() - begun < timeout / 2;
          if (tells_news && is_closed)
            ask(epmd, false);  // an EPMD that takes no more than it knows
          else
            on_answer(epmd, answer);
          done();
        });
  });
}

Interest Round::interest_in(const Endpoint& epmd, bool tells_news) const {
  const auto in = [this, epmd](const epmd::ListedName& name) {
    if (!scope_.filter.counts(name.alive_name)) return Interest::In::none;
    const ListedNode place = {epmd, name.alive_name, name.port_no};
    const bool is_known = cache_.identities.contains(place);
    return is_known ? Interest::In::known_names : Interest::In::new_names;
  };
  return {in, names_per_epmd_max, tells_news};
}

void Round::visit(const Endpoint& node) {
  const auto on_visited = [this, node](NamesAnswer::Outcome outcome, bool is_changed) {
    is_changed_ |= is_changed;
    on_answer(node, {outcome});
  };
  identifier_.visit({node, {}, node.port_no}, {node.ip}, on_visited);
}

void Round::visit_local(const ListedNode& place) {
  identifier_.visit(place, locals_.ips(),
                    [this](NamesAnswer::Outcome, bool is_changed) { is_changed_ |= is_changed; });
}

void Round::on_answer(const Endpoint& epmd, const NamesAnswer& answer) {
  if (cache_.answers.learn(epmd, answer)) is_changed_ = true;
  on_names(epmd, answer);
}

void Round::on_names(const Endpoint& epmd, const NamesAnswer& answer) {
  sightings_.epmds[epmd] = answer.outcome;
  std::vector<ListedNode> places = listed_by(epmd, answer);
  if (sightings_.nodes_without_epmd.contains(epmd)) {
    if (!places.empty()) find(places.front());
    return;
  }
  if (answer.unreadable > 0) sightings_.unreadable[epmd] = answer.unreadable;
  sightings_.dropped += std::erase_if(
      places, [](const ListedNode& place) { return !epmd::is_printable_name(place.alive_name); });
  // Those we know come first: whom the limit meets must not change with the order of a list.
  std::stable_partition(places.begin(), places.end(), [this](const ListedNode& place) {
    return cache_.identities.contains(place);
  });
  const size_t left = places_max - std::min(places_max, found_.size());
  const size_t room = std::min(names_per_epmd_max, left);
  const size_t beyond = places.size() - std::min(places.size(), room);
  if (beyond + answer.left_out > 0) {
    // Who is not among those that were looked at may be listed all the same.
    sightings_.epmds[epmd] = NamesAnswer::Outcome::nonsense;
    sightings_.dropped += beyond + answer.left_out;
  }
  places.resize(places.size() - beyond);
  size_t asked = 0;
  for (const ListedNode& place : places)
    if (find(place) && ++asked <= identified_per_epmd_max)
      identifier_.identify(place, {place.epmd.ip});
}

/// The nodes at which an answer leads, as far as they count.
std::vector<ListedNode> Round::listed_by(const Endpoint& epmd, const NamesAnswer& answer) const {
  std::vector<ListedNode> places;
  if (!sightings_.nodes_without_epmd.contains(epmd)) {
    for (const epmd::ListedName& name : answer.names)
      if (scope_.filter.counts(name.alive_name))
        places.push_back({epmd, name.alive_name, name.port_no});
  } else if (answer.outcome == NamesAnswer::Outcome::listed) {
    places.push_back({epmd, {}, epmd.port_no});
  }
  return places;
}

/// Whether the node there is to be asked who it is.
bool Round::find(const ListedNode& place) {
  if (!sightings_.listed.insert(place).second) return false;
  found_.push_back({place, {}});
  return !cache_.identities.find(place, now());
}

void Round::identify_locals() {
  if (locals_.ips().empty()) return;
  for (const ListedNode& place : locals_.places())
    if (!place.has_epmd())
      visit_local(place);
    else if (!cache_.identities.find(place, now()))
      identifier_.identify(place, locals_.ips());
}

/// A node with two addresses is asked twice at once, and lets only one of the two in: the other
/// goes again, when nobody is in its way.
void Round::identify_the_hindered() {
  std::set<Named> named;
  for (const Found& found : found_)
    if (cache_.identities.find_challenge(found.place, now())) named.insert(name_of(found.place));
  std::map<Named, std::vector<ListedNode>> hindered;
  for (const Found& found : found_)
    if (identifier_.was_hindered(found.place) && named.contains(name_of(found.place)))
      hindered[name_of(found.place)].push_back(found.place);
  for (auto& [name, places] : hindered) identifier_.identify_in_turn(std::move(places));
}

void Round::reverse_names_of_silent_nodes() {
  std::set<std::string> ips;
  for (const Found& found : found_) {
    const auto identification = cache_.identities.find(found.place, now());
    const auto known = cache_.reversed.find(found.place.epmd.ip);
    const bool is_due = known == cache_.reversed.end() || known->second.is_due(now());
    if (identification && leaves_a_guess(identification->outcome) && is_due)
      ips.insert(found.place.epmd.ip);
  }
  for (const std::string& ip : ips) reverse(ip);
}

/// Where there are none now, or the DNS fails, those that are known stay.
void Round::reverse(const std::string& ip) {
  tasks_.add([this, ip](auto done) {
    return environment_.resolver.reverse(ip, [this, ip, done](const Reversal& reversal) {
      RoundCache::Reversed& reversed = cache_.reversed[ip];
      if (reversal.is_answer && !reversal.names.empty()) reversed.names.clear();
      for (const std::string& name : reversal.names)
        if (!contains(reversed.names, name)) reversed.names.push_back(name);
      reversed.learned = now();
      done();
    });
  });
}

void Round::look_up_host_parts() {
  std::map<std::string, std::set<std::string>> due;
  for (const Found& found : found_)
    for (const dist::NodeName& name : candidates(found, cache_, now()))
      if (cache_.hosts.is_due(name.host_part, found.place.epmd.ip, now()))
        due[name.host_part].insert(found.place.epmd.ip);
  // Where the DNS leads others who look for the nodes here. Nobody else is there: nobody needs it.
  if (!found_.empty())
    for (const std::string& host_part : locals_.host_parts_due(scope_.filter, now()))
      due[host_part];
  for (const auto& [host_part, ips] : due) look_up(host_part, ips);
}

void Round::look_up(const std::string& host_part, const std::set<std::string>& ips) {
  resolve({Query::Kind::host, host_part, 0, host_part}, [=, this](const Resolution& resolution) {
    cache_.hosts.learn(host_part, ips, resolution, locals_.ips(), now());
  });
}

/// Answers come in any order, but what is told must not depend on it.
void Round::order_what_was_found() {
  std::sort(found_.begin(), found_.end(),
            [](const Found& a, const Found& b) { return a.place < b.place; });
  for (Found& found : found_) {
    const std::vector<std::string>& led_there = places_.at(found.place.epmd).queries;
    for (const Query& query : scope_.queries)
      if (contains(led_there, query.text) && !contains(found.queries, query.text))
        found.queries.push_back(query.text);
  }
}

}  // namespace discovery
