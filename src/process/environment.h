#pragma once

#include <map>
#include <string>
#include <vector>

namespace process {

/// Our environment for a command that we start, with what is to be added in place of what has the
/// same name. What is only for us is left out: the cookie that we were given, and what the service
/// manager tells its own child.
std::vector<std::string> environment_for_others(const std::map<std::string, std::string>& added);

/// As exec(3) wants them. They are valid as long as the texts are, and not changed.
std::vector<char*> pointers_to(std::vector<std::string>& texts);

}  // namespace process
