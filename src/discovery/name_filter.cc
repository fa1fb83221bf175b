#include "discovery/name_filter.h"

#include <algorithm>

namespace discovery {

/// On a mismatch the last `*` takes one more byte; earlier ones never need to.
bool matches_glob(std::string_view glob, std::string_view text) {
  size_t at = 0;
  size_t read = 0;
  size_t star = std::string_view::npos;
  size_t taken = 0;
  while (read < text.size()) {
    if (at < glob.size() && glob[at] == '*') {
      star = at++;
      taken = read;
    } else if (at < glob.size() && (glob[at] == '?' || glob[at] == text[read])) {
      ++at;
      ++read;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      read = ++taken;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', at) == std::string_view::npos;
}

bool NameFilter::counts(std::string_view alive_name) const {
  const auto matches = [&](const std::string& glob) { return matches_glob(glob, alive_name); };
  if (std::any_of(ignored.begin(), ignored.end(), matches)) return false;
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), matches);
}

}  // namespace discovery
