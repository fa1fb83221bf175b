#pragma once

#include <memory>
#include <string_view>

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

/// A keeper for a daemon that is about to run. An error says why it can keep no name.
base::Result<keeper::Keeper> keeper_for(const Foreground& foreground);

/// In a server, before anything is opened: takes what a dead server has left, and sets the log up
/// again.
std::unique_ptr<Survival> begin_life(const keeper::Life& life, const Foreground& foreground);

/// Closes what another program has left, where there is no keeper to go on with it.
void let_go(const Foreground& foreground);

/// Says why a crash ends all names.
void tell_no_name_is_kept(const base::Error& error);
/// Says what has become of the names, if there was a server before.
void tell_of(const Survival& survival);

/// Says that the program could not be replaced.
void tell_refusal(const char* reason);
/// Answers who asked for an upgrade, if there was one: this program serves.
void answer_requester(Survival& survival);

/// READY=1 and the like, with or without a keeper in between.
void tell_service_manager(const Survival* survival, std::string_view state);

}  // namespace service
