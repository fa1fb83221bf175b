#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "epmd/message.h"
#include "net/address.h"
#include "takeover/dump.h"

namespace takeover {

/// How long an EPMD may take for one answer.
inline constexpr std::chrono::seconds answer_timeout(5);

/// Where to reach a socket that listens at `address` from this host.
net::Address reachable(net::Address address);

/// Whether what answers at an address is an EPMD.
bool is_epmd_at(const net::Address& address);

base::Result<std::vector<DumpedName>> ask_dump(const net::Address& epmd);

/// All fields of a registered name. An error also if it is not known there.
base::Result<epmd::Node> ask_node(const net::Address& epmd, const DumpedName& name);

}  // namespace takeover
