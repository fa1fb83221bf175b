#include "page/nobody.h"

#include <fmt/core.h>

#include <algorithm>

#include "page/html.h"
#include "status/words.h"

namespace page {
namespace {

std::string addresses(size_t count) {
  return fmt::format("{} address{}", count, count == 1 ? "" : "es");
}

std::string why_not_behind(const status::Store& store, const discovery::Resolution& found) {
  if (!found.is_answer()) return escape_html(found.why);
  if (found.endpoints.empty()) return "has no address";
  const auto failing = std::count_if(
      found.endpoints.begin(), found.endpoints.end(), [&store](const discovery::Endpoint& each) {
        const auto asked = store.epmds().find(each);
        return asked != store.epmds().end() && !status::why_no_epmd(asked->second).empty();
      });
  const size_t count = found.endpoints.size();
  if (failing == 0)
    return fmt::format("has {}, where no node is listed that counts", addresses(count));
  return fmt::format("has {}, and no EPMD answers at {} of them", addresses(count), failing);
}

}  // namespace

std::string why_nobody(const status::Store& store) {
  if (!store.rounds().is_over() && store.queries().empty())
    return "Nobody has been found yet. <code>--discover QUERY</code> says where to look.";
  std::string text = "Nobody has been found.";
  for (const auto& [query, found] : store.queries())
    text += fmt::format(" <code>{}</code>{} {}.", escape_html(query), found.is_answer() ? "" : ":",
                        why_not_behind(store, found));
  return text;
}

}  // namespace page
