#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "options/options.h"
#include "outputs/member_json.h"

namespace terminal {

/// Why a command failed: a sentence for people, and for scripts a word that stays as it is when the
/// sentence changes (docs/OPERATING.md, "A failure as JSON").
struct Failure {
  std::string why = {};
  std::string_view reason = {};
};

/// Of a connection to an EPMD, or of asking it: `unresolved`, `connection_refused`, `timeout`,
/// `unreachable`, or `not_epmd` if something else answered.
Failure failure_of(const base::Error& error);

/// Bytes came from a port of this host that no EPMD would send.
Failure no_epmd(uint16_t port);

/// One line on standard error, in the name of the command. With --json also an object on standard
/// output: what `about` has, then "error" and "reason". Returns the exit status 1.
int fail(std::string_view command, options::Output output, const Failure& failure,
         outputs::Json about = outputs::Json::object());

}  // namespace terminal
