#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "http/outgoing.h"
#include "outputs/member_json.h"

namespace web {

using outputs::Json;

/// The elements of a JSON list, rendered in steps, and once for each revision of what they show.
class ListText {
 public:
  /// One element after another, and nothing behind the last. Valid for one revision.
  using Next = std::function<std::optional<Json>()>;
  using Begin = std::function<Next()>;

  explicit ListText(Begin begin) : begin_(std::move(begin)) {}

  /// Renders some of it: some 100 µs. False: there is more. Another revision begins anew.
  bool render(uint64_t revision);
  /// Once render() has returned true.
  const http::SharedTexts& texts() const { return texts_; }

 private:
  Begin begin_;
  Next next_ = {};  // null: it is whole
  uint64_t revision_ = 0;
  http::SharedTexts texts_ = {};
};

}  // namespace web
