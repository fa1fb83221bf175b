#include "web/list_text.h"

#include <vector>

#include "catch.h"

namespace {

/// A list of so many numbers.
struct Numbers {
  web::ListText::Next begin() {
    ++begun;
    return [this, i = size_t{0}]() mutable {
      return i == count ? std::nullopt : std::optional<web::Json>(i++);
    };
  }
  std::string list(uint64_t revision) {
    while (!text.render(revision)) {
    }
    std::string list;
    for (const http::SharedText& each : text.texts()) list += *each;
    return list;
  }

  size_t count = 0;
  int begun = 0;
  web::ListText text{[this] { return begin(); }};
};

std::string up_to(size_t count) {
  std::string list;
  for (size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + std::to_string(i);
  return list;
}

}  // namespace

TEST_CASE("a list is whole, however many steps it takes") {
  Numbers numbers;
  numbers.count = GENERATE(0U, 1U, 15U, 16U, 17U, 32U, 1000U);
  CHECK(numbers.list(1) == up_to(numbers.count));
}

TEST_CASE("a list is rendered once for each revision") {
  Numbers numbers;
  numbers.count = 100;
  CHECK_FALSE(numbers.text.render(1));
  CHECK(numbers.list(1) == up_to(100));
  CHECK(numbers.list(1) == up_to(100));
  CHECK(numbers.begun == 1);
  numbers.count = 50;
  CHECK_FALSE(numbers.text.render(2));
  numbers.count = 20;
  CHECK(numbers.list(3) == up_to(20));
  CHECK(numbers.begun == 3);
}
