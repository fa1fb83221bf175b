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

/// The face that the words are for, and the words without those that choose it.
struct Call {
  bool is_epmd = false;
  /// The program is to say whether it could go on in the place of the one that has started it.
  bool is_trial = false;
  std::vector<std::string> arguments = {};
};

bool take_first(std::vector<std::string>& words, std::string_view word) {
  if (words.empty() || words.front() != word) return false;
  words.erase(words.begin());
  return true;
}

Call read(int count, char** words) {
  Call call;
  call.arguments.assign(words + (count > 0), words + count);
  call.is_trial = take_first(call.arguments, keeper::trial_word);
  call.is_epmd =
      is_invoked_as_epmd(count > 0 ? words[0] : "portolan") || take_first(call.arguments, "epmd");
  return call;
}

}  // namespace

int main(int count, char** words) {
  const Call call = read(count, words);
  if (call.is_epmd)
    return call.is_trial ? epmd_cli::try_epmd_handover(call.arguments)
                         : epmd_cli::run_epmd_face(call.arguments);
  hold_places_of_standard_streams();
  const options::Command command = options::parse(call.arguments);
  return call.is_trial ? commands::try_handover(command) : commands::run(command);
}
