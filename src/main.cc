#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "commands/commands.h"
#include "epmd_cli/epmd_cli.h"
#include "keeper/trial.h"
#include "options/options.h"

namespace {

/// Under the name `epmd`, or as `portolan epmd …`, the program is OTP's epmd.
bool is_invoked_as_epmd(std::string_view invoked_as) {
  return invoked_as.substr(invoked_as.rfind('/') + 1) == "epmd";
}

/// A standard stream that we were started without must not become the number of a socket, which
/// results would then be written to. What stands in fails when it is used, as a closed one does.
void hold_places_of_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0)
      static_cast<void>(open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

}  // namespace

int main(int count, char** words) {
  const std::string_view invoked_as = count > 0 ? words[0] : "portolan";
  std::vector<std::string> arguments(words + (count > 0), words + count);
  if (!arguments.empty() && arguments.front() == keeper::trial_word) {
    arguments.erase(arguments.begin());
    return commands::try_handover(options::parse(arguments));
  }
  if (is_invoked_as_epmd(invoked_as)) return epmd_cli::run_epmd_face(arguments);
  if (arguments.empty() || arguments.front() != "epmd") {
    hold_places_of_standard_streams();
    return commands::run(options::parse(arguments));
  }
  arguments.erase(arguments.begin());
  return epmd_cli::run_epmd_face(arguments);
}
