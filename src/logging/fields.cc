#include "logging/fields.h"

namespace logging {

void Fields::add(const char* name, Value value) { all_.emplace_back(name, std::move(value)); }

}  // namespace logging
