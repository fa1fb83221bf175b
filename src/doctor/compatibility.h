#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "discovery/interfaces.h"
#include "dist/node_name.h"
#include "doctor/check_result.h"
#include "probe/dist_connection.h"

/// What `doctor` makes of a name, of where it leads, and of whether the node there and those of
/// this host can be connected at all. Without effects.
namespace doctor {

/// Where a host name leads, and who says so.
struct HostAnswer {
  std::vector<std::string> ips = {};
  std::string source = {};  // empty: it is an address itself
  /// Nobody answered, or not in full; else there is no such name if there are no addresses.
  bool is_failed = false;
  std::string why = {};
};

/// A node that is registered at the local EPMD, and what it answered.
struct Neighbour {
  std::string alive_name = {};
  discovery::Identification identification = {};
  /// It listens at the IPv6 loopback, and so connects to IPv6 addresses only; the others to IPv4.
  bool speaks_ipv6 = false;
  /// Its command line has -name, whatever its host part looks like.
  bool is_started_with_name = false;
  /// It was asked through TLS.
  bool is_behind_tls = false;

  bool speaks_tls() const;
  bool is_identified() const;
  const std::string& node_name() const { return identification.challenge.node_name; }
  /// Its alive name if it does not tell more. Not escaped.
  const std::string& known_name() const { return is_identified() ? node_name() : alive_name; }
};
using Neighbours = std::vector<Neighbour>;

CheckResult judge_name_form(const std::string& text);
CheckResult judge_host(const std::string& host, const HostAnswer& answer);
/// Who there is to be compared with.
CheckResult judge_neighbours(const Neighbours& ours);
/// Each: whether one of ours at least is alike.
CheckResult judge_transport(bool speaks_tls, const Neighbours& ours);
CheckResult judge_kind(const dist::NodeName& name, const Neighbours& ours);
/// Whether an address is of a family that one of ours connects to. `subject` says whose these are:
/// "HOST has", or "NODE listens at".
CheckResult judge_family(const std::string& subject, const std::vector<std::string>& ips,
                         const Neighbours& ours);
CheckResult judge_generation(uint64_t flags, const Neighbours& ours);
/// `source` is what to call the cookie that was tried.
CheckResult judge_cookie(probe::DistConnection::End end, const std::string& source);

}  // namespace doctor
