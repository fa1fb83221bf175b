#include "options/command_lines.h"

namespace {

options::Takeover parse_takeover(Words words) {
  words.insert(words.begin(), "takeover");
  return parse_as<options::Takeover>(words);
}

}  // namespace

TEST_CASE("takeover looks for the EPMD at the port, or takes the process that is named") {
  const Bare bare;
  CHECK(parse_takeover({}).process == 0);
  CHECK(parse_takeover({}).port == 4369);
  CHECK(parse_takeover({"--port", "4370"}).port == 4370);
  CHECK(parse_takeover({"812"}).process == 812);
  CHECK_FALSE(parse_takeover({"812"}).is_dry_run);
  CHECK(parse_takeover({"--dry-run", "812"}).is_dry_run);
}

TEST_CASE("a socket unit is passed over in a dry run only") {
  const Bare bare;
  CHECK_FALSE(parse_takeover({"--dry-run"}).is_without_socket_unit);
  CHECK(parse_takeover({"--dry-run", "--without-socket-unit"}).is_without_socket_unit);
  CHECK(refusal_of({"takeover", "--without-socket-unit"}).find("it is for --dry-run") !=
        std::string::npos);
}

TEST_CASE("what stands behind -- is for the daemon of a takeover") {
  const Bare bare;
  CHECK(parse_takeover({"812"}).words.empty());
  CHECK(parse_takeover({"812", "--"}).words.empty());
  const options::Takeover takeover = parse_takeover({"--", "--port", "1", "--dry-run", "5"});
  CHECK(takeover.words == Words{"--port", "1", "--dry-run", "5"});
  CHECK(takeover.process == 0);
  CHECK(takeover.port == 4369);
  CHECK_FALSE(takeover.is_dry_run);
}

TEST_CASE("what is no process is refused") {
  const Bare bare;
  for (const char* const text : {"0", "x", "1x", "99999999999"})
    CHECK(refusal_of({"takeover", text}).find("PID: '" + std::string(text) + "' is no process") !=
          std::string::npos);
}
