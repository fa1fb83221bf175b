#include "doctor/search_list.h"

#include <fmt/core.h>

#include <algorithm>

#include "doctor/surroundings.h"
#include "net/address.h"

namespace doctor {
namespace {

/// As a label of a name that nobody has.
constexpr auto name_of_nobody = "portolan-doctor-asks-for-nobody";

bool share_an_address(const Ips& one, const Ips& other) {
  return std::any_of(one.begin(), one.end(), [&](const std::string& ip) {
    return std::find(other.begin(), other.end(), ip) != other.end();
  });
}

bool has_wildcard(BlockingDns& inquiry, const std::string& host, const Candidate& candidate) {
  const std::string domain = candidate.name.substr(host.size());
  return !inquiry.find_in_dns(name_of_nobody + domain + '.').ips.empty();
}

std::string why_first(const Candidate& candidate) {
  return candidate.is_in_wildcard ? ", as its domain has an address for every name" : "";
}

std::string remedy_for(const std::string& host, LookedUpBy who) {
  const std::string common = "take the domain out of /etc/resolv.conf (docker run --dns-search .)";
  return who == LookedUpBy::discovery
             ? fmt::format("write '{}.', with a dot at its end, or {}", host, common)
             : common;
}

std::string looker(LookedUpBy who) { return who == LookedUpBy::discovery ? "discovery" : "a node"; }

/// The name itself is found, but only while nothing else is.
CheckResult judge_second(const std::string& host, const Candidate& as_it_is, const Candidate& other,
                         LookedUpBy who) {
  return unknown(fmt::format("{} is {}, and {} is {}{}: while {} has no address, {} goes there; {}",
                             host, listed_ips(as_it_is.answer.ips), other.name,
                             listed_ips(other.answer.ips), why_first(other), host, looker(who),
                             remedy_for(host, who)));
}

CheckResult judge_first(const std::string& host, const Candidate& as_it_is, const Candidate& first,
                        LookedUpBy who) {
  const std::string found = fmt::format("{} leads to {} ({}){}", host, first.name,
                                        listed_ips(first.answer.ips), why_first(first));
  const Ips& meant = as_it_is.answer.ips;
  if (share_an_address(meant, first.answer.ips)) return ok(found + ", the same hosts");
  if (!meant.empty())
    return failed(fmt::format("{}, but {}. to {}", found, host, listed_ips(meant)),
                  "the search list of /etc/resolv.conf comes first, so " + looker(who) +
                      " goes to other hosts",
                  remedy_for(host, who));
  if (!first.is_in_wildcard) return ok(found);
  return failed(found, host + " itself has no address, so " + looker(who) + " goes to other hosts",
                remedy_for(host, who));
}

}  // namespace

bool is_searched_for(BlockingDns& inquiry, const std::string& host) {
  if (net::Address::parse(host, 0) || host == "localhost") return false;
  return inquiry.candidates_of(host).size() > 1;
}

std::vector<Candidate> find_candidates(BlockingDns& inquiry, const std::string& host) {
  std::vector<Candidate> candidates;
  for (const std::string& name : inquiry.candidates_of(host)) {
    Candidate candidate = {name, inquiry.find_in_dns(name + '.'), false};
    if (name != host && !candidate.answer.ips.empty())
      candidate.is_in_wildcard = has_wildcard(inquiry, host, candidate);
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

CheckResult judge_search_list(const std::string& host, const std::vector<Candidate>& candidates,
                              LookedUpBy who) {
  const auto is_it = [&host](const Candidate& each) { return each.name == host; };
  const auto leads = [](const Candidate& each) { return !each.answer.ips.empty(); };
  const auto fails = [](const Candidate& each) { return each.answer.is_failed; };
  const Candidate& as_it_is = *std::find_if(candidates.begin(), candidates.end(), is_it);
  const auto first = std::find_if(candidates.begin(), candidates.end(), leads);
  if (first != candidates.end() && !is_it(*first)) return judge_first(host, as_it_is, *first, who);
  const auto other = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& each) {
    return leads(each) && !share_an_address(each.answer.ips, as_it_is.answer.ips);
  });
  if (other != candidates.end()) return judge_second(host, as_it_is, *other, who);
  const auto failing = std::find_if(candidates.begin(), candidates.end(), fails);
  if (failing != candidates.end())
    return unknown(
        fmt::format("where {} leads cannot be told: {}", failing->name, failing->answer.why));
  return ok(fmt::format("no search domain has another address for {}", host));
}

}  // namespace doctor
