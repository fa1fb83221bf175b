#include <string>
#include <string_view>
#include <vector>

#include "commands/commands.h"
#include "epmd_face.h"
#include "options.h"

namespace {

/// Under the name `epmd`, or as `portolan epmd …`, the program is OTP's epmd.
bool wears_epmd_face(std::string_view invoked_as, const std::vector<std::string>& arguments) {
  const std::string_view name = invoked_as.substr(invoked_as.rfind('/') + 1);
  return name == "epmd" || (!arguments.empty() && arguments.front() == "epmd");
}

}  // namespace

int main(int count, char** words) {
  const std::string_view invoked_as = count > 0 ? words[0] : "portolan";
  std::vector<std::string> arguments(words + (count > 0), words + count);
  if (!wears_epmd_face(invoked_as, arguments)) return run_command(parse_options(arguments));
  const bool is_named =
      !arguments.empty() && arguments.front() == "epmd" && !invoked_as.ends_with("epmd");
  if (is_named) arguments.erase(arguments.begin());
  return run_epmd_face(arguments);
}
