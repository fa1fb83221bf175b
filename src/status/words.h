#pragma once

#include <string_view>

#include "status/store.h"

/// The words for what a store holds.
namespace status {

/// registered, unregistered, joined, left, changed
const char* name_of(Event::Kind kind);
/// Why an EPMD that was asked is none; empty if it has listed its names.
std::string_view why_no_epmd(discovery::NamesAnswer::Outcome outcome);

}  // namespace status
