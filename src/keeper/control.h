#pragma once

#include <sys/types.h>

#include <chrono>
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

struct Answer {
  Outcome outcome = Outcome::refused;
  std::string what = {};
};
/// Asks a keeper, and waits. An error says why there is no answer.
base::Result<Answer> ask_for_upgrade(pid_t keeper, std::chrono::milliseconds timeout);

}  // namespace keeper
