#pragma once

#include <array>
#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/descriptor.h"
#include "keeper/adopted_command.h"
#include "keeper/crash_limit.h"
#include "keeper/handover.h"
#include "keeper/life.h"
#include "keeper/state.h"
#include "keeper/upgrade.h"
#include "keeper/watchdog.h"

namespace keeper {

/// How a daemon begins.
struct Beginning {
  /// The descriptors that stay open whatever becomes of a server.
  std::vector<int> kept = {};
  /// Those of them that it was started with.
  std::vector<int> inherited = {};
  /// What is sent on to the server. The keeper hears SIGCHLD besides.
  std::vector<int> signals = {};
  /// Of the program that was here before.
  std::optional<Handover> handover = {};
  /// It has ended, and the service manager has kept this. Otherwise it has become this one.
  bool is_restart = false;
  /// Whether the service manager's store is used, if there is one.
  bool has_store = true;
  /// That EPMD is served at.
  std::set<uint16_t> ports = {};
};

/// From the keeper to a server.
struct Message {
  /// What is to be answered in the State, if the loop runs; 0: nothing.
  uint64_t question = 0;
  /// To be taken; 0: none.
  int signal_number = 0;
  /// Why the program could not be replaced, with a zero at its end; empty: it was not tried.
  std::array<char, 500> refusal = {};
};

/// The main process of a daemon whose server may crash (docs/decisions/079): it has one thread and
/// no loop, and makes one server after another, which shares its descriptors.
class Keeper {
 public:
  /// The whole life of a server; its exit status is returned.
  using Server = std::function<int(const Life& life)>;

  /// An error says why no name can be kept here.
  static base::Result<Keeper> create(Beginning beginning);

  /// Returns twice or more: in each server with what `server` returned, and in the keeper with what
  /// the last one did. Ends the process if a server crashes too often, and gives its place to
  /// another program if it is asked to. Call it before threads and loops are made. An error: there
  /// can be no server.
  base::Result<int> run(const Server& server);

 private:
  struct Ended;

  Keeper(Beginning beginning, event::Descriptor memory, event::Descriptor channel,
         event::Descriptor servers_end, event::Descriptor signals);
  void prepare_life();
  bool goes_on_after(const Ended& ended);
  int live(int keeper, sigset_t signals, const Server& server);
  Ended wait_for(int process);
  std::optional<Ended> reap(int process);
  void on_trial_ended(int status, int process);
  int time_left(const Watchdog& watchdog) const;
  void watch(Watchdog& watchdog, int process);
  void pass_on_signal();
  void pass_on_states() const;
  void send(const Message& message) const;
  void refuse(const std::string& reason);
  Handover handover() const;

  Beginning beginning_;
  Life life_ = {};
  event::Descriptor memory_;
  /// What it begins with; null: it cannot be mapped.
  State* state_ = nullptr;
  AdoptedCommand command_ = AdoptedCommand();
  event::Descriptor channel_;
  event::Descriptor servers_end_;
  event::Descriptor signals_;
  /// Never closed: what is in it belongs to the service manager too.
  StoredPair pair_ = {};
  Upgrade upgrade_ = {};
  /// Of our ports.
  std::vector<event::Descriptor> announced_ = {};
  CrashLimit limit_ = {};
  bool is_ending_ = false;
  bool is_replaced_ = false;
  bool has_hung_up_ = false;
};

/// In a server: has the keeper tell the service manager, which listens to no other process.
void tell_service_manager(const Life& life, std::string_view state);

}  // namespace keeper
