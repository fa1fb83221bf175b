#pragma once

#include "options.h"

/// The commands of `portolan`, a file each. All return the exit status: 0 it worked, 1 the answer
/// is no or it failed (a line on standard error says what, on what, and what to do).
namespace commands {

int serve(const options::Serve& serve);
int discover(const options::Discover& discover);
int wait(const options::Wait& wait);
int names(const options::Names& names);
int lookup(const options::Lookup& lookup);
int stop(const options::Stop& stop);
int kill(const options::Kill& kill);

}  // namespace commands

/// Does what was asked for.
int run_command(const options::Command& command);
