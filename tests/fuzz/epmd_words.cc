// Any words are either understood or answered with the usage; nothing is both.

#include "options/epmd_words.h"

#include <algorithm>

#include "fuzz/demand.h"
#include "fuzz/lines.h"

namespace {

using Action = options::EpmdWords::Action;

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void check(const std::vector<std::string>& words, const options::EpmdWords& read) {
  if (read.action == Action::usage) return;
  DEMAND(read.debug_level <= static_cast<int>(words.size()));
  DEMAND(read.packet_timeout.count() != 0);
  DEMAND(read.address.empty() || has(words, read.address));
  DEMAND(!read.is_daemon || has(words, "-daemon"));
  DEMAND(!read.is_systemd || has(words, "-systemd"));
  if (read.action == Action::names) DEMAND(words.back() == "-names");
  if (read.action == Action::dump) DEMAND(words.back() == "-dump");
  if (read.action == Action::started) DEMAND(words.back() == "-started");
  if (read.action == Action::kill) DEMAND(words.back() == "-kill");
  if (read.action == Action::stop) DEMAND(words.back() == read.stop_name);
}

/// What has been understood is not understood differently with a word more before it.
void check_prefix(std::vector<std::string> words, const options::EpmdWords& read) {
  words.insert(words.begin(), "-d");
  const options::EpmdWords more = options::parse_epmd_words(words);
  DEMAND(more.action == read.action);
  DEMAND(more.debug_level == read.debug_level + 1);
  DEMAND(more.port == read.port);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<std::string> words = lines_of(data, size);
  const options::EpmdWords read = options::parse_epmd_words(words);
  check(words, read);
  check_prefix(words, read);
  return 0;
}
