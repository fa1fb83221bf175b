#include "push/atom_budget.h"

#include "catch.h"
#include "logging/captured_log.h"

TEST_CASE("a node is told so many names and no more, and always those that it knows") {
  const CapturedLog log;
  push::AtomBudget told("a@h");
  for (size_t i = 0; i < push::AtomBudget::names_max; ++i)
    REQUIRE(told.add("n" + std::to_string(i) + "@h"));
  CHECK(log.text().empty());
  CHECK_FALSE(told.add("one@more"));
  CHECK_FALSE(told.add("two@more"));
  CHECK(told.add("n0@h"));
  const std::string line = "a@h has been told of 50000 different nodes";
  CHECK(log.text().find(line) != std::string::npos);
  CHECK(log.text().find(line) == log.text().rfind(line));
}

TEST_CASE("to ask whether there is room for a name takes none") {
  const CapturedLog log;
  push::AtomBudget told("a@h");
  for (size_t i = 0; i < push::AtomBudget::names_max; ++i)
    CHECK(told.may_add("n" + std::to_string(i) + "@h"));
  CHECK(told.add("one@more"));
  CHECK(log.text().empty());
}

TEST_CASE("what another process has told it counts") {
  const CapturedLog log;
  push::AtomBudget before("a@h");
  for (size_t i = 0; i < push::AtomBudget::names_max; ++i) before.add("n" + std::to_string(i));
  push::AtomBudget after("a@h");
  after.resume(before.names());
  CHECK(after.add("n0"));
  CHECK_FALSE(after.add("one@more"));
}
