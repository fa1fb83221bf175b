#pragma once

#include <string>

#include "discovery/interfaces.h"
#include "doctor/check_result.h"
#include "doctor/surroundings.h"

namespace doctor {

/// Whether a node that is about to start here can be reached by its name: `host` leads to this
/// host, which has the addresses `own`, and to no other, both as the node resolves it and as other
/// hosts do. `servers` is who was asked. All that is not ok has a remedy. Without effects.
CheckResult judge_own_name(const std::string& host, const discovery::Resolution& resolution,
                           const Ips& own, const std::string& servers);
/// What is wrong with a node that has_dotted_short_name().
CheckResult refused_short_name(const std::string& host);
/// Whether waiting is of no use, because the name itself is wrong.
bool is_hopeless(const std::string& host);

}  // namespace doctor
