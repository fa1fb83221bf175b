#include "discovery/classify.h"

#include <algorithm>

#include "epmd/alive_name.h"

namespace discovery {
namespace {

using dist::NodeName;
using Outcome = Identification::Outcome;
using Match = HostCache::Match;

NonMember non_member(const Found& found, const std::string& name, std::string why) {
  return {name, found.node(), found.queries.front(), std::move(why)};
}

/// All that is known of it for sure.
std::string label_of(const ListedNode& place) {
  return place.has_epmd() ? place.alive_name : "a node";
}

constexpr const char* how_to_ask_through_tls =
    "it uses TLS distribution (give --tls-ca or --tls-conf to learn who it is)";

std::string why_unknown_without_epmd(Outcome outcome) {
  switch (outcome) {
    case Outcome::not_allowed:
      return "it does not allow strangers to ask who it is (net_kernel:allow), and no EPMD "
             "lists it";
    case Outcome::nonsense: return "what listens at its port is no Erlang node";
    case Outcome::speaks_tls: return std::string(how_to_ask_through_tls) + ", and no EPMD lists it";
    default:
      return "it does not say who it is (TLS distribution, or it is about to end), and no EPMD "
             "lists it";
  }
}

std::string why_unknown(const ListedNode& place, const Identification& identification) {
  const Outcome outcome = identification.outcome;
  if (!identification.why.empty()) return identification.why;
  if (!place.has_epmd()) return why_unknown_without_epmd(outcome);
  switch (outcome) {
    case Outcome::not_allowed:
      return "it does not allow strangers to ask who it is (net_kernel:allow), and no reverse name "
             "of its address leads back to it; give its container a name that resolves";
    case Outcome::speaks_tls:
      return std::string(how_to_ask_through_tls) +
             ", and no reverse name of its address leads back to it; give its container a "
             "name that resolves";
    case Outcome::closed:
      return "it does not say who it is (TLS distribution, or it is about to end), and no reverse "
             "name of its address leads back to it; give its container a name that resolves";
    case Outcome::nonsense: return "what listens at its port is no Erlang node";
    case Outcome::refused: return "nobody listens at its port, though its EPMD lists it";
    default:
      return "it does not answer at its port: is it paused or overloaded, or is the port "
             "filtered?";
  }
}

std::string why_not_connectable(const NodeName& name, const std::string& ip, Match match) {
  const std::string host = "its host part '" + name.host_part + "' ";
  if (const auto number = dist::numeric_host(name.host_part))
    return host + dist::why_no_name(*number);
  switch (match) {
    case Match::leads_nowhere:
      return host +
             "does not resolve here; start it under a host name that does (docker run "
             "--hostname, without a dot), or name it by its address (-name)";
    case Match::leads_elsewhere:
      return host + "resolves here, but not to " + ip +
             ", where it was found; start it under a host name of its own, or, if it is in several "
             "networks, look for it in the one that this name leads to";
    default: return host + "could not be looked up: the DNS does not answer";
  }
}

std::string why_other_kind(const NodeName& name) {
  return name.is_long() ? "it has a long name and the nodes here have short ones; start both with "
                          "-name, or both with -sname"
                        : "it has a short name and the nodes here have long ones; start both with "
                          "-name, or both with -sname";
}

Sighting sight(const Found& found, const NodeName& name, const Identification& identification) {
  Sighting sighting;
  sighting.name = name;
  sighting.node = found.node();
  sighting.epmd = found.place.epmd;
  sighting.queries = found.queries;
  sighting.is_verified = identification.outcome == Outcome::identified;
  sighting.creation = identification.challenge.creation;
  sighting.flags = identification.challenge.flags;
  return sighting;
}

std::optional<NodeName> legal_name(const std::string& text) {
  std::optional<NodeName> name = dist::parse_node_name(text);
  return name && epmd::is_printable_name(name->alive_name) ? name : std::nullopt;
}

std::vector<NodeName> guesses(const Found& found, const RoundCache& cache) {
  std::vector<NodeName> names;
  const auto reversed = cache.reversed.find(found.place.epmd.ip);
  if (reversed == cache.reversed.end()) return names;
  for (const std::string& host : reversed->second.names)
    for (size_t end = host.find('.');; end = host.find('.', end + 1)) {
      const auto name = legal_name(found.place.alive_name + '@' + host.substr(0, end));
      if (name && std::find(names.begin(), names.end(), *name) == names.end())
        names.push_back(*name);
      if (end == std::string::npos) break;
    }
  return names;
}

Classification judge_guesses(const Found& found, const RoundCache& cache,
                             const Identification& identification) {
  bool is_uncertain = false;
  for (const NodeName& name : guesses(found, cache)) {
    if (!cache.kind.fits(name)) continue;
    const Match match = cache.hosts.match(name.host_part, found.place.epmd.ip);
    if (match == Match::resolves_here) return sight(found, name, identification);
    is_uncertain = is_uncertain || match == Match::unknown;
  }
  NonMember unknown =
      non_member(found, label_of(found.place), why_unknown(found.place, identification));
  unknown.is_uncertain = is_uncertain;
  return unknown;
}

Classification judge_identified(const Found& found, const RoundCache& cache,
                                const Identification& identification) {
  if (identification.challenge.is_hidden()) return {};
  const std::string& told = identification.challenge.node_name;
  const std::optional<NodeName> name = legal_name(told);
  if (!name || !found.place.can_be(*name))
    return non_member(found, label_of(found.place),
                      "it calls itself '" +
                          epmd::escape_name(told.substr(0, dist::node_name_bytes_max)) +
                          "', which cannot be its name");
  if (!cache.kind.fits(*name)) return non_member(found, told, why_other_kind(*name));
  const Match match = cache.hosts.match(name->host_part, found.place.epmd.ip);
  if (match == Match::resolves_here) return sight(found, *name, identification);
  NonMember lost = non_member(found, told, why_not_connectable(*name, found.place.epmd.ip, match));
  lost.is_uncertain = match == Match::unknown;
  lost.creation = identification.challenge.creation;
  return lost;
}

}  // namespace

bool leaves_a_guess(Outcome outcome) {
  return outcome == Outcome::not_allowed || outcome == Outcome::speaks_tls ||
         outcome == Outcome::closed;
}

std::vector<NodeName> candidates(const Found& found, const RoundCache& cache, Time now) {
  const auto identification = cache.identities.find(found.place, now);
  if (!identification) return {};
  if (leaves_a_guess(identification->outcome)) return guesses(found, cache);
  if (identification->outcome != Outcome::identified || identification->challenge.is_hidden())
    return {};
  const std::optional<NodeName> name = legal_name(identification->challenge.node_name);
  return name ? std::vector<NodeName>{*name} : std::vector<NodeName>{};
}

Classification classify(const Found& found, const RoundCache& cache, Time now) {
  const auto identification = cache.identities.find(found.place, now);
  if (!identification) return {};
  if (identification->outcome == Outcome::identified)
    return judge_identified(found, cache, *identification);
  if (leaves_a_guess(identification->outcome)) return judge_guesses(found, cache, *identification);
  NonMember unknown =
      non_member(found, label_of(found.place), why_unknown(found.place, *identification));
  unknown.is_silent = identification->outcome == Outcome::silent;
  unknown.is_uncertain = identification->outcome == Outcome::not_asked;
  return unknown;
}

}  // namespace discovery
