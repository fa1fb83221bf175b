#pragma once

#include <string>
#include <vector>

namespace epmd_cli {

/// OTP's epmd, option for option and text for text (docs/PROTOCOL.md, "The epmd face").
/// Returns the exit status; in a daemon that it makes, the daemon's.
int run_epmd_face(const std::vector<std::string>& arguments);

/// Whether this program could go on in the place of one that was started so: 0 if it can.
int try_epmd_handover(const std::vector<std::string>& arguments);

}  // namespace epmd_cli
