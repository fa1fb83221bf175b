#pragma once

#include "options/options.h"

/// The commands of `portolan`, a file each. All return the exit status: 0 it worked, 1 the answer
/// is no or it failed (a line on standard error says what, on what, and what to do).
namespace commands {

int serve(const options::Serve& serve);
/// The exit status is that of the command it runs, 126 or 127 if that cannot be started.
int run(const options::Run& run);
/// What would keep it from being run so, a line each; if nothing would, how it would be run.
/// `command` is whose options they are: serve or run. `words` is the command of run.
int check_config(const options::Serve& serve, const char* command,
                 const std::vector<std::string>& words = {});
int discover(const options::Discover& discover);
int wait(const options::Wait& wait);
int mesh(const options::Mesh& mesh);
int names(const options::Names& names);
int lookup(const options::Lookup& lookup);
int check(const options::Check& check);
int doctor(const options::Doctor& doctor);
/// `doctor --migrate`.
int migrate(const options::Doctor& doctor);
int stop(const options::Stop& stop);
int kill(const options::Kill& kill);
int upgrade(const options::Upgrade& upgrade);
/// Whether this program could go on in the place of the one that has started it: the exit status
/// says so, and a line why not.
int try_handover(const options::Command& command);
/// Becomes the daemon if it succeeds, and returns only if it does not, or is a dry run.
int takeover(const options::Takeover& takeover);
/// The line of --version, or with --json what the program is made of.
int version(const options::Version& version);
int completion(const options::Completion& completion);

/// Does what was asked for.
int run(const options::Command& command);

}  // namespace commands
