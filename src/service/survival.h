#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keeper/handover.h"
#include "keeper/journal.h"
#include "keeper/keeper.h"
#include "keeper/notes.h"
#include "keeper/recovery.h"
#include "keeper/shared_memory.h"
#include "net/listening.h"

namespace service {

/// What a server has from its keeper, and from the server before it.
struct Survival {
  keeper::Life life = {};
  /// Null, and the journal and the notes too: it cannot be mapped, and no name is kept.
  std::unique_ptr<keeper::SharedMemory> memory = {};
  std::unique_ptr<keeper::Journal> journal = {};
  /// Of discovery.
  std::unique_ptr<keeper::Notes> notes = {};
  keeper::Survivors survivors = {};
};

/// What a program begins with.
struct Begun {
  /// Of a program that was here before, and whose names go on.
  std::optional<keeper::Handover> handover = {};
  /// The descriptors that the first program was started with.
  std::vector<int> inherited = {};
  /// That program has ended: the service manager has restarted us, and has kept its sockets.
  bool is_restart = false;
  /// What that program has listened on, and was not given by whoever started it.
  std::vector<net::ListeningSocket> handed = {};
};

/// To be called before anything is opened. An error: what was handed over is of no use here.
base::Result<Begun> begin();

/// What a keeper has to know of a daemon.
struct Keeping {
  bool keeps_names = true;
  /// EPMD's. They outlive it.
  const std::vector<net::ListeningSocket>& sockets;
  /// All descriptors that no server closes.
  std::vector<int> kept = {};
  std::vector<int> inherited = {};
  std::optional<keeper::Handover> handover = {};
  /// What the keeper sends on to the server.
  std::vector<int> signals = {};
  bool is_restart = false;
  /// Whether names may outlive a restart, in a service manager's store.
  bool has_store = true;
  /// In a server that follows another, before anything is opened, and after: the log that it has
  /// from the keeper has descriptors that may be others' by now.
  std::function<void()> abandon_log = {};
  std::function<void()> renew_log = {};
  /// Says why a crash ends all names.
  std::function<void(const base::Error& error)> tell_not_kept = {};
};

/// A server, from its beginning to its exit status. Without a keeper it is given null.
using Server = std::function<int(std::unique_ptr<Survival> survival)>;

/// Runs servers with a keeper, if names are to outlive them and can; else one without. Returns
/// twice or more, as Keeper::run() does.
int run_with_keeper(const Keeping& keeping, const Server& server);

/// Answers who asked for an upgrade, if there was one: this program serves.
void answer_requester(Survival& survival);
/// At the end of a server that was asked to end: the names outlive it, if the service manager keeps
/// what is stored, and restarts the service. All do whose sockets fit into its store. So do clients
/// that have not been heard.
void store_names(Survival* survival);
/// READY=1 and the like, with or without a keeper in between.
void tell_service_manager(const Survival* survival, std::string_view state);
/// The one that the daemon is known by: the keeper, or ours.
pid_t main_process(const Survival* survival);

}  // namespace service
