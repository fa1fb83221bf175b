#include "options/command_lines.h"

using namespace std::chrono_literals;
using options::Print;

namespace {

options::Run parse_run(Words words) {
  words.insert(words.begin(), "run");
  words.insert(words.end(), {"--", "erl"});
  return parse_as<options::Run>(words);
}

std::string refusal_of_run(const std::string& option, const std::string& value) {
  return refusal_of({"run", option, value, "--", "erl"});
}

}  // namespace

TEST_CASE("run prints nothing unless it is asked to, and serve does") {
  const Bare bare;
  CHECK(parse_run({}).serve.print == Print::none);
  CHECK(parse_run({"--print", "text"}).serve.print == Print::text);
  CHECK(parse_run({"--print", "json"}).serve.print == Print::json);
  CHECK(parse_as<options::Serve>({"serve"}).print == Print::text);
}

TEST_CASE("what run prints can be said by the environment") {
  Bare bare;
  bare.environment.set("PORTOLAN_PRINT", "text");
  CHECK(parse_run({}).serve.print == Print::text);
}

TEST_CASE("serve and run take a file for the log") {
  Bare bare;
  CHECK(parse_run({}).serve.log.file.empty());
  CHECK(parse_run({"--log-file", "/a/log"}).serve.log.file == "/a/log");
  CHECK(parse_as<options::Serve>({"serve", "--log-file=/a/log"}).log.file == "/a/log");
  bare.environment.set("PORTOLAN_LOG_FILE", "/b/log");
  CHECK(parse_run({}).serve.log.file == "/b/log");
}

TEST_CASE("signals go to the command alone unless its group is asked for") {
  Bare bare;
  CHECK_FALSE(parse_run({}).is_for_group);
  CHECK(parse_run({"--signal-group"}).is_for_group);
  bare.environment.set("PORTOLAN_SIGNAL_GROUP", "1");
  CHECK(parse_run({}).is_for_group);
  bare.environment.set("PORTOLAN_SIGNAL_GROUP", "false");
  CHECK_FALSE(parse_run({}).is_for_group);
}

TEST_CASE("the command waits for its own name if a time is given") {
  Bare bare;
  CHECK_FALSE(parse_run({}).own_name_timeout);
  CHECK(parse_run({"--wait-for-own-name", "60s"}).own_name_timeout == 60s);
  CHECK(refusal_of_run("--wait-for-own-name", "soon").find("write 500ms") != std::string::npos);
  CHECK(refusal_of_run("--wait-for-own-name", "0").find("'0' is too short") != std::string::npos);
  bare.environment.set("PORTOLAN_WAIT_FOR_OWN_NAME", "2m");
  CHECK(parse_run({}).own_name_timeout == 2min);
}

TEST_CASE("serve has no command to wait or to send signals to") {
  const Bare bare;
  CHECK(refusal_of({"serve", "--signal-group"}).find("--signal-group") != std::string::npos);
  CHECK(refusal_of({"serve", "--wait-for-own-name", "1s"}).find("--wait-for-own-name") !=
        std::string::npos);
}
