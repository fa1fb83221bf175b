#pragma once

#include <string>
#include <vector>

#include "doctor/blocking_dns.h"
#include "doctor/check_result.h"

/// Whether the search list of resolv.conf leads a name to other hosts than those it is meant for.
namespace doctor {

/// One of the names that the resolver tries for a name, in the order in which it tries them.
struct Candidate {
  /// The name as it is, or with a search domain.
  std::string name = {};
  HostAnswer answer = {};
  /// Its domain has an address for a name that nobody has.
  bool is_in_wildcard = false;
};

/// Who looks the name up decides what can be done: a query may end with a dot, a node name not.
enum class LookedUpBy { discovery, node };

/// Whether the resolver tries more names than `host` as it is.
bool is_searched_for(BlockingDns& inquiry, const std::string& host);
/// Asks for each name that it tries.
std::vector<Candidate> find_candidates(BlockingDns& inquiry, const std::string& host);

/// Without effects. There are two candidates at least, and one is `host` as it is.
CheckResult judge_search_list(const std::string& host, const std::vector<Candidate>& candidates,
                              LookedUpBy who);

}  // namespace doctor
