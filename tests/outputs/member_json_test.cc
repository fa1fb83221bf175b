#include "outputs/member_json.h"

#include "catch.h"
#include "outputs/rounds.h"

using namespace std::chrono_literals;
using outputs::one_line;
using outputs::to_json;

namespace {

const std::chrono::system_clock::time_point when{1795421563042ms};

}  // namespace

TEST_CASE("a member is an object whose keys stand in one order") {
  auto member = sighting("node@node2", 1795421563, "172.18.0.3");
  member.queries = {"web", "db"};
  CHECK(one_line(to_json(member)) ==
        R"({"node":"node@node2","address":"172.18.0.3","port":40001,"query":"web",)"
        R"("verified":true,"creation":1795421563})");
}

TEST_CASE("a member that did not tell its name has no creation") {
  auto member = sighting("node@node2");
  member.is_verified = false;
  CHECK(one_line(to_json(member)).ends_with(R"("verified":false,"creation":null})"));
}

TEST_CASE("a change has the event first and the time last") {
  CHECK(one_line(to_json(joined(sighting("a@h")), when)) ==
        R"({"event":"joined","node":"a@h","address":"192.0.2.1","port":40001,"query":"web",)"
        R"("verified":true,"creation":7,"time":"2026-11-23T08:12:43.042Z"})");
}

TEST_CASE("who left has a reason too") {
  CHECK(one_line(to_json(left(sighting("a@h"), "its EPMD is gone"), when))
            .ends_with(R"("creation":7,"reason":"its EPMD is gone",)"
                       R"("time":"2026-11-23T08:12:43.042Z"})"));
}

TEST_CASE("odd but legal names stay on one line and can be read back") {
  const std::string name =
      GENERATE("h\xc3\xa9@h", "{}@h", "%s@h", "a\\b@h", "a;b|c&d@h", "a\xff@h");
  const std::string line = one_line(to_json(sighting(name)));
  CHECK(line.find('\n') == std::string::npos);
  const auto read = outputs::Json::parse(line);
  const std::string expected = name == "a\xff@h" ? "a\xef\xbf\xbd@h" : name;
  CHECK(read["node"] == expected);
}
