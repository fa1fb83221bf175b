#include "base/result.h"

#include <memory>
#include <type_traits>

#include "catch.h"

using base::Done;
using base::Error;
using base::Result;

namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{"odd"};
  return number / 2;
}

}  // namespace

TEST_CASE("a result holds the value that was returned") {
  const Result<int> result = half(8);
  REQUIRE(result);
  CHECK(*result == 4);
}

TEST_CASE("a result holds the error that was returned") {
  const Result<int> result = half(7);
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "odd");
}

TEST_CASE("a value that looks like a message is still a value") {
  const Result<std::string> result = std::string("fine");
  REQUIRE(result);
  CHECK(*result == "fine");
  CHECK(result->size() == 4);
}

TEST_CASE("a value can be changed in place and moved out") {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(1);
  **result = 2;
  const std::unique_ptr<int> taken = *std::move(result);
  CHECK(*taken == 2);
}

TEST_CASE("done is all that a result without a value says") {
  CHECK(Result<Done>(Done{}));
  CHECK_FALSE(Result<Done>(Error{"no"}));
}

TEST_CASE("a result is not mistaken for a number") {
  CHECK_FALSE(std::is_convertible_v<Result<int>, bool>);
}
