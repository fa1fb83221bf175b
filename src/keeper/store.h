#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace keeper {

/// The service manager's store of descriptors (sd_pid_notify_with_fds(3), FDSTORE=1): what is in it
/// outlives a restart of the service. Three are enough for any number of names: the memory, and a
/// pair of sockets, through which a server that ends sends all others.
struct StoredPair {
  /// What is sent here comes out there. -1: there is no store.
  int in = -1;
  int out = -1;
  bool operator==(const StoredPair&) const = default;
};

/// The name of a listening socket that was taken over (LISTEN_FDNAMES). No socket unit holds it.
inline constexpr std::string_view taken_port = "taken-port";

/// Makes a pair, and gives it and the memory to the service manager, if there is one. It gets what
/// was given to us as `taken_port` too. A manager that has no store for us closes them: then a
/// restart ends all names.
StoredPair offer_to_store(int memory);

/// Sends copies of as many sockets as there is room for, in their order. Returns how many.
size_t put_into(const StoredPair& pair, std::span<const int> sockets);

/// What the service manager has given back.
struct Stored {
  int memory = -1;
  StoredPair pair = {};
  /// In this process, from now on.
  std::vector<int> sockets = {};
};

/// Nothing: it has given nothing of ours back (LISTEN_FDNAMES).
std::optional<Stored> take_stored();

}  // namespace keeper
