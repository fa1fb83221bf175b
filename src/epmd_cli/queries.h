#pragma once

#include "options/epmd_words.h"

namespace epmd_cli {

/// The interactive commands of epmd: -names, -dump, -started, -kill and -stop, with its texts and
/// exit statuses. Unlike it, they give up on an EPMD that does not answer.
int run_epmd_query(const options::EpmdWords& words);

}  // namespace epmd_cli
