#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "discovery/interfaces.h"
#include "doctor/check_result.h"
#include "doctor/compatibility.h"

/// What `doctor` makes of this host and its networks. Without effects.
namespace doctor {

using Ips = std::vector<std::string>;

/// As a sentence has them.
std::string listed_ips(const Ips& ips);

/// With who holds the EPMD's port, if that is known.
CheckResult with_holder(CheckResult epmd, uint16_t port_no, const std::string& holder);
/// Where the local EPMD can be found: each loopback address, and whether it answers there.
CheckResult judge_loopback(const std::vector<std::pair<std::string, bool>>& answers);
/// Of a node that takes no connections at any other address of this host, and of nodes whose host
/// part is loopback's. Where other hosts are looked for, that is wrong; else it may be wanted.
CheckResult judge_loopback_only(const std::string& place, bool has_queries);
CheckResult judge_loopback_name(const std::string& host, bool has_queries);
/// Whether a host part of nodes here leads to this host, which has the addresses `own`.
CheckResult judge_own_host(const std::string& host, const HostAnswer& answer, const Ips& own);
/// The same as the DNS has it, and so everybody else.
CheckResult judge_for_others(const std::string& host, const HostAnswer& answer, const Ips& own);
/// What others call an address of ours.
CheckResult judge_reverse(const std::string& ip, const discovery::Reversal& reversal,
                          const std::string& servers);
/// Those of a name's addresses that --peers leaves out; `count` is how many the name has.
CheckResult judge_peers(const std::string& name, const std::vector<std::string>& outside,
                        size_t count);
/// A query of discovery's, and how many of the EPMDs behind it answer. `silent` are the places
/// where no EPMD answered, or no node.
CheckResult judge_query(const discovery::Query& query, const discovery::Resolution& resolution,
                        size_t answering, const Ips& silent);
/// Whether a query leads to this host, which has the addresses `own`.
bool leads_here(const discovery::Resolution& resolution, const Ips& own);
/// Of a query that leads to other hosts only, though nodes are registered here.
CheckResult judge_absence(const CheckResult& result, const discovery::Query& query, const Ips& own);

}  // namespace doctor
