#include "outputs/printer.h"

#include <fcntl.h>

#include <climits>
#include <csignal>
#include <string>

#include "catch.h"
#include "event/descriptor.h"
#include "logging/captured_log.h"
#include "outputs/member_json.h"
#include "outputs/pipe.h"
#include "outputs/rounds.h"

using event::Descriptor;
using outputs::Printer;
using outputs::to_text;

namespace {

discovery::Sighting longest() {
  auto longest = sighting(std::string(127, '\xff') + "@" + std::string(127, 'h'), UINT32_MAX,
                          "2001:db8:1111:2222:3333:4444:5555:6666");
  longest.queries = {"srv:" + std::string(253, 'q')};
  return longest;
}

}  // namespace

TEST_CASE("a change is a line of text that a person and a script can read") {
  CHECK(to_text(joined(sighting("node@node2", 1, "172.18.0.3"))) ==
        "joined node@node2 172.18.0.3:40001 via web");
  CHECK(to_text(left(sighting("node@node2", 1, "172.18.0.3"))) ==
        "left node@node2 172.18.0.3:40001 via web");
  CHECK(to_text(joined(sighting("a@h", 1, "fd00::3"))) == "joined a@h [fd00::3]:40001 via web");
}

TEST_CASE("what changes is printed, a line each, and a quiet round prints nothing") {
  Pipe pipe;
  Printer printer(Printer::Form::text, pipe.descriptor());
  Rounds rounds;
  rounds.join(sighting("a@h"));
  rounds.join(sighting("{}%s@h"));
  rounds.tell(printer);
  CHECK(pipe.read() ==
        "joined a@h 192.0.2.1:40001 via web\njoined {}%s@h 192.0.2.1:40001 via web\n");
  rounds.tell(printer);
  rounds.leave("a@h");
  CHECK(pipe.read().empty());
  rounds.tell(printer);
  CHECK(pipe.read() == "left a@h 192.0.2.1:40001 via web\n");
}

TEST_CASE("as JSON each line is an object with its event and time") {
  Pipe pipe;
  Printer printer(Printer::Form::json, pipe.descriptor());
  Rounds rounds;
  rounds.join(sighting("a@h"));
  rounds.tell(printer);
  const std::string line = pipe.read();
  CHECK(line.ends_with("\"}\n"));
  const auto object = outputs::Json::parse(line);
  CHECK(object["event"] == "joined");
  CHECK(object["node"] == "a@h");
  CHECK(object.contains("time"));
}

TEST_CASE("no line is longer than a pipe takes in one piece, however long its names are") {
  const auto change = left(longest(), std::string(1000, 'r'));
  CHECK(to_text(change).size() < PIPE_BUF);
  CHECK(outputs::one_line(outputs::to_json(change, {})).size() < PIPE_BUF);
}

TEST_CASE("a pipe that nobody reads never blocks, and misses nothing in the end") {
  const CapturedLog log;
  Pipe pipe;
  Printer printer(Printer::Form::text, pipe.descriptor());
  pipe.fill();
  Rounds rounds;
  rounds.join(sighting("first@h"));
  rounds.tell(printer);
  rounds.leave("first@h");
  rounds.join(sighting("a@h"));
  rounds.tell(printer);
  rounds.join(sighting("b@h"));
  rounds.tell(printer);
  rounds.leave("b@h");
  rounds.join(sighting("c@h"));
  rounds.tell(printer);
  CHECK(pipe.read().empty());
  rounds.tell(printer);
  CHECK(pipe.read() == "joined a@h 192.0.2.1:40001 via web\njoined c@h 192.0.2.1:40001 via web\n");
  CHECK(log.text() ==
        "warning cannot print to standard output: nobody reads it; what is missing follows when "
        "somebody does\n");
}

TEST_CASE("that nobody reads is said again when somebody has read meanwhile") {
  const CapturedLog log;
  Pipe pipe;
  Printer printer(Printer::Form::text, pipe.descriptor());
  Rounds rounds;
  for (int time = 0; time < 2; ++time) {
    pipe.fill();
    rounds.join(sighting("n" + std::to_string(time) + "@h"));
    rounds.tell(printer);
    rounds.tell(printer);
    pipe.read();
    rounds.tell(printer);
  }
  CHECK(log.lines() == 2);
}

TEST_CASE("a standard output that is closed is an error that is said once, and nothing more") {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: as the daemon does
  const CapturedLog log;
  Rounds rounds;
  SECTION("by its reader") {
    Pipe pipe;
    Printer printer(Printer::Form::text, pipe.descriptor());
    pipe.close_reader();
    rounds.join(sighting("a@h"));
    rounds.tell(printer);
    rounds.tell(printer);
    CHECK(log.text() == "warning cannot print to standard output: Broken pipe\n");
  }
  SECTION("from the start") {
    Printer printer(Printer::Form::text, -1);
    rounds.join(sighting("a@h"));
    rounds.tell(printer);
    rounds.tell(printer);
    CHECK(log.lines() == 1);
  }
}

TEST_CASE("a disk that is full is an error that is said once") {
  const Descriptor full(open("/dev/full", O_WRONLY));
  REQUIRE(full.is_open());
  const CapturedLog log;
  Printer printer(Printer::Form::text, full.get());
  Rounds rounds;
  rounds.join(sighting("a@h"));
  rounds.tell(printer);
  rounds.tell(printer);
  CHECK(log.text() == "warning cannot print to standard output: No space left on device\n");
}

TEST_CASE("a line of which only a part was taken is ended before another begins") {
  // A socket that does not block takes a part of what does not fit.
  const CapturedLog log;
  Pipe pipe;
  fcntl(pipe.descriptor(), F_SETFL, O_NONBLOCK);
  fcntl(pipe.descriptor(), F_SETPIPE_SZ, PIPE_BUF);
  Printer printer(Printer::Form::json, pipe.descriptor());
  Rounds rounds;
  auto far = sighting("a@h");
  far.queries = {std::string(3 * PIPE_BUF, 'q')};  // as no query is, but so that a part is taken
  rounds.join(far);
  rounds.tell(printer);
  std::string all = pipe.read();
  CHECK(all.size() == PIPE_BUF);
  rounds.leave("a@h");
  rounds.join(sighting("b@h"));
  for (int round = 0; round < 8; ++round) {
    rounds.tell(printer);
    all += pipe.read();
  }
  CHECK(std::count(all.begin(), all.end(), '\n') == 3);
  CHECK(all.find("q\",\"verified\":true,\"creation\":7,\"time\":") != std::string::npos);
  CHECK(all.find("}\n{\"event\":\"left\",\"node\":\"a@h\"") != std::string::npos);
  CHECK(all.find("}\n{\"event\":\"joined\",\"node\":\"b@h\"") != std::string::npos);
}
