#pragma once

#include <functional>
#include <vector>

#include "process/command_record.h"
#include "service/foreground.h"
#include "service/survival.h"

namespace service {

/// Runs a daemon in the foreground with a keeper, if names are to outlive a server. `server` runs
/// what the Foreground holds then. `signals` are for it besides the usual ones. Returns twice or
/// more, as Keeper::run() does.
int run_with_keeper(Foreground& foreground, const std::function<int()>& server,
                    const std::vector<int>& signals = {});

/// What is known of the command of `run`, where it outlives a server. Null: it does not.
process::CommandRecord* command_record(const Foreground& foreground);

}  // namespace service
