#pragma once

#include <string>
#include <vector>

namespace migration {

/// The command line of OTP's epmd as options of `portolan serve`, which `run` and `takeover` have
/// too. `words` begins with the program; `port_variable` and `address_variable` are what
/// ERL_EPMD_PORT and ERL_EPMD_ADDRESS said, empty if not set. Options that only say how it is
/// started, such as -daemon, are left out. Without effects.
std::vector<std::string> options_of_serve(const std::vector<std::string>& words,
                                          const std::string& port_variable,
                                          const std::string& address_variable);

}  // namespace migration
