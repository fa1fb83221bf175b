#pragma once

#include <string>

#include "epmd/registry.h"
#include "status/store.h"

/// The sections of the page below the chart. The rows of each are in natural order, those in
/// trouble first.
namespace page {

std::string members_table(const status::Store& store);
std::string non_members_table(const status::Store& store);
std::string held_back_table(const status::Store& store);
std::string queries_table(const status::Store& store);
std::string names_table(const epmd::Registry& registry);

}  // namespace page
