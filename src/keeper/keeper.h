#pragma once

#include <csignal>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/descriptor.h"

namespace keeper {

/// What a server is told when it starts.
struct Life {
  /// Of the memory with the names (SharedMemory).
  int memory = -1;
  /// The server's end of the socket pair between it and its keeper.
  int channel = -1;
  /// Descriptors that are no server's to close: the keeper's, and those it was started with.
  std::vector<int> kept = {};
  /// The signal that ended the server before; 0: this one is the first.
  int last_signal = 0;
  /// The last servers have crashed too often: the names are dropped.
  bool lets_go = false;
};

/// The main process of a daemon whose server may crash (docs/decisions/079): it has one thread and
/// no loop, and makes one server after another, which shares its descriptors.
class Keeper {
 public:
  /// The whole life of a server; its exit status is returned.
  using Server = std::function<int(const Life& life)>;

  /// `kept` are the descriptors that stay open whatever becomes of a server. An error says why no
  /// name can be kept here.
  static base::Result<Keeper> create(std::vector<int> kept);

  /// Returns twice or more: in each server with what `server` returned, and in the keeper with what
  /// the last one did. Ends the process if a server crashes too often. Call it before threads and
  /// loops are made. An error: there can be no server.
  base::Result<int> run(const Server& server);

 private:
  struct Ended;

  Keeper(Life life, event::Descriptor memory, event::Descriptor channel,
         event::Descriptor servers_end, event::Descriptor signals);
  int live(int keeper, const sigset_t& before, const Server& server);
  Ended wait_for(int process);
  void pass_on_signal();
  void pass_on_states() const;
  void send(int signal_number) const;

  Life life_;
  event::Descriptor memory_;
  event::Descriptor channel_;
  event::Descriptor servers_end_;
  event::Descriptor signals_;
  bool is_ending_ = false;
  bool has_hung_up_ = false;
};

/// In a server: has the keeper tell the service manager, which listens to no other process.
void tell_service_manager(const Life& life, std::string_view state);

}  // namespace keeper
