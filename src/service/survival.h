#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keeper/journal.h"
#include "keeper/keeper.h"
#include "keeper/recovery.h"
#include "keeper/shared_memory.h"

namespace service {

struct Foreground;

/// What a server has from its keeper, and from the server before it.
struct Survival {
  keeper::Life life = {};
  /// Null, and the journal too: it cannot be mapped, and no name is kept.
  std::unique_ptr<keeper::SharedMemory> memory = {};
  std::unique_ptr<keeper::Journal> journal = {};
  keeper::Survivors survivors = {};
};

/// Runs servers with a keeper, if names are to outlive them and can; else one without. `signals`
/// are for the server besides the usual ones. Returns twice or more, as Keeper::run() does.
int run_with_keeper(Foreground& foreground, const std::function<int()>& server,
                    const std::vector<int>& signals = {});

/// What is known of the command of `run`, where it outlives a server. Null: it does not.
process::CommandRecord* command_record(const Foreground& foreground);
/// The one that the daemon is known by: the keeper, or ours.
pid_t main_process(const Foreground& foreground);

/// Says what has become of the names, if there was a server before.
void tell_of(const Survival& survival);

/// Says that the program could not be replaced.
void tell_refusal(const char* reason);
/// Answers who asked for an upgrade, if there was one: this program serves.
void answer_requester(Survival& survival);

/// READY=1 and the like, with or without a keeper in between.
void tell_service_manager(const Survival* survival, std::string_view state);

}  // namespace service
