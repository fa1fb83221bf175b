#pragma once

#include <string>

#include "base/result.h"
#include "service/survival.h"

namespace service {

/// What has become of the names, in a sentence; empty if there was no server before.
std::string summary_of(const Survival& survival);

/// The same, in the log.
void tell_of(const Survival& survival);
/// Why a crash ends all names.
void tell_not_kept(const base::Error& error);
/// That the program could not be replaced.
void tell_refusal(const char* reason);

}  // namespace service
