#include "doctor/steps.h"

#include <string>

#include "catch.h"

using namespace doctor;
using namespace std::chrono_literals;

TEST_CASE("a step is a line, in columns") {
  CHECK(to_text({"host", ok("node1 is 192.0.2.1"), 1234us}) ==
        "ok    host            1.2 ms  node1 is 192.0.2.1\n");
  CHECK(to_text({"true name", unknown("not tried"), 5s}) ==
        "--    true name    5000.0 ms  not tried\n");
}

TEST_CASE("one that is broken says what that means and what to do, in lines of a bearable length") {
  const std::string words =
      "eight ch eight ch eight ch eight ch eight ch eight ch eight ch eight "
      "ch eight ch and more";
  CHECK(to_text({"port", failed("it is closed", "it means this", words), 0us}) ==
        "FAIL  port            0.0 ms  it is closed\n"
        "\n"
        "      it means: it means this\n"
        "      to do:    eight ch eight ch eight ch eight ch eight ch eight ch eight ch eight ch "
        "eight ch\n"
        "                and more\n"
        "\n");
  CHECK(to_text({"port", failed("closed", "it", std::string(200, 'x')), 0us})
            .find("      to do:    "
                  "xxx") != std::string::npos);
}

TEST_CASE("as JSON a step has the same") {
  CHECK(outputs::one_line(to_json({"host", ok("it is"), 1500us})) ==
        R"({"step":"host","result":"ok","ms":1.5,"found":"it is"})");
  CHECK(outputs::one_line(to_json({"host", unknown("it may be"), 0us})) ==
        R"({"step":"host","result":"unknown","ms":0.0,"found":"it may be"})");
  CHECK(outputs::one_line(to_json({"host", failed("a", "b", "c"), 0us})) ==
        R"({"step":"host","result":"failed","ms":0.0,"found":"a","meaning":"b","remedy":"c"})");
}

TEST_CASE("each step is told when it was taken, and the first that is broken is remembered") {
  std::string told;
  Steps steps([&](const Step& step) { told += step.name + ' '; });
  CHECK(steps.failed() == nullptr);
  CHECK(steps.take("one", [] { return ok("a"); }));
  CHECK(steps.take("two", [] { return unknown("b"); }));
  CHECK_FALSE(steps.take("three", [] { return failed("c", "d", "e"); }));
  CHECK_FALSE(steps.take("four", [] { return failed("f", "g", "h"); }));
  CHECK(told == "one two three four ");
  CHECK(steps.taken().size() == 4);
  REQUIRE(steps.failed() != nullptr);
  CHECK(steps.failed()->name == "three");
}
