#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "doctor/check_result.h"

/// The kernel's tables of neighbours (ARP for IPv4, ND for IPv6), which all containers of a host
/// share. Where one is full, connections fail for seconds. Only the host sees it, not its
/// containers.
namespace doctor {

/// How often a table has been full since the host started, of the text of a file in /proc/net/stat
/// (Linux, net/core/neighbour.c): a line of names, and for each processor one of hexadecimal
/// numbers. Nothing for another text, such as the empty one that a container sees.
std::optional<uint64_t> times_full(std::string_view stat);

/// Without effects; nothing if neither is seen.
std::optional<CheckResult> judge_neighbour_tables(std::optional<uint64_t> ipv4,
                                                  std::optional<uint64_t> ipv6);

/// Looks at this host.
std::optional<CheckResult> look_at_neighbour_tables();

}  // namespace doctor
