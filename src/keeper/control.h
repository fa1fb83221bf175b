#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/descriptor.h"

namespace keeper {

/// How `portolan upgrade` and a keeper speak: over a socket of the keeper's, whose abstract name
/// (unix(7)) has its process. Whoever connects asks for an upgrade, and is answered one line. An
/// end without a line: the daemon has ended.
enum class Outcome { done, refused };

/// Closed if there is none: then nobody can ask, and all else works.
event::Descriptor listen_for_askers();
/// `asker` is a connection to it, or -1: nobody has asked.
void answer(int asker, Outcome outcome, std::string_view what);

/// The processes of the keepers that can be asked from here.
std::vector<pid_t> keepers_here();

/// Says for each port that EPMD is served there, and that its names outlive a crash, with sockets
/// whose abstract names have port and process. They are for readers of /proc/net/unix and take
/// nothing. A port is left out if the name is taken.
std::vector<event::Descriptor> announce(const std::set<uint16_t>& ports);
/// The keeper of the EPMD at this port of this network namespace, with the number that it has in
/// its own process namespace. Nothing: none has announced itself. Any process can take such a name,
/// so this is for people to read, and for no decision.
std::optional<pid_t> keeper_at(uint16_t port);

struct Answer {
  Outcome outcome = Outcome::refused;
  std::string what = {};
};
/// Asks a keeper, and waits. An error says why there is no answer.
base::Result<Answer> ask_for_upgrade(pid_t keeper, std::chrono::milliseconds timeout);

}  // namespace keeper
