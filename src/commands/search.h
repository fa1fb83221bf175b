#pragma once

#include "discovery/members.h"
#include "discovery/sightings.h"
#include "lookout.h"

namespace commands {

/// A lookout for a command that is no EPMD: all that it finds are others.
base::Result<std::unique_ptr<Lookout>> search(net::Loop& loop, const options::Search& search,
                                              Lookout::Outputs outputs);

/// A node name a line, or a JSON object a line, on standard output. False if it takes them not.
bool print_members(const discovery::Members& members, options::Output form);

inline constexpr const char* cannot_print = "cannot print to standard output";

/// What was not resolved, and who was found without being a member, on standard error.
void tell_failures(const discovery::Sightings& sightings);

}  // namespace commands
