#include "logging/reference_log.h"

#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"
#include "fake_event_sink.h"
#include "logging/wording.h"
#include "requests.h"

using namespace std::string_literals;
using epmd::Event;
using epmd::EventKind;
using logging::dump_bytes;
using logging::ReferenceLog;

namespace {

using Lines = std::vector<std::string>;

/// A log at some debug level, and what it wrote where.
struct Fixture {
  explicit Fixture(int debug_level)
      : log(loop, debug_level,
            {[this](const std::string& text) { lines.push_back(text); },
             [this](const std::string& text) { terminal_lines.push_back(text); },
             [this](const std::string& text) { terminal += text; }}) {}

  void record(EventKind kind, std::string_view text = "") {
    const epmd::Node node = node_named("web", 4711);
    log.record({.kind = kind,
                .descriptor = 7,
                .number = 11,
                .number2 = 4711,
                .text = text,
                .node = &node});
  }

  Lines lines = {};
  Lines terminal_lines = {};
  std::string terminal = {};
  event::Loop loop = {};
  ReferenceLog log;
};

bool is_said(int debug_level, EventKind kind) {
  Fixture it(debug_level);
  it.record(kind, "web");
  return !it.lines.empty() || !it.terminal_lines.empty();
}

}  // namespace

TEST_CASE("what goes wrong is said in the reference's words, without any -d") {
  const auto [kind, text, line] = GENERATE(table<EventKind, std::string, std::string>({
      {EventKind::read_failed, "", "error in read: Resource temporarily unavailable"},
      {EventKind::write_failed, "", "error in write, errno=11: Resource temporarily unavailable"},
      {EventKind::partial_packet, "", "got partial packet only on file descriptor 7 (11)"},
      {EventKind::packet_size_invalid, "", "invalid packet size (11)"},
      {EventKind::packet_overrun, "", "got 11 bytes in packet, expected 4711"},
      {EventKind::opcode_unknown, "", "got garbage "},
      {EventKind::alive2_from_remote, "", "ALIVE2_REQ from non local address"},
      {EventKind::alive2_too_short, "", "packet to small for request ALIVE2_REQ (11)"},
      {EventKind::alive2_name_size, "", "Node name size error in ALIVE2_REQ"},
      {EventKind::alive2_extra_size, "", "Extra info size error in ALIVE2_REQ"},
      {EventKind::alive2_name_has_nul, "", "node name contains ascii 0 in ALIVE2_REQ"},
      {EventKind::alive2_name_too_long, "web", "node name is too long (11) web"},
      {EventKind::alive2_extra_too_long, "web", "extra data is too long (11) web"},
      {EventKind::alive2_name_taken, "web", "node name already occupied web"},
      {EventKind::port_please2_too_short, "", "packet too small for request PORT2_REQ (11)"},
      {EventKind::port_please2_name_has_nul, "", "node name contains ascii 0 in PORT2_REQ"},
      {EventKind::dump_from_remote, "", "DUMP_REQ from non local address"},
      {EventKind::kill_from_remote, "", "KILL_REQ from non local address"},
      {EventKind::kill_refused, "", "Disallowed KILL_REQ, live nodes"},
      {EventKind::stop_from_remote, "", "STOP_REQ from non local address"},
      {EventKind::stop_refused, "", "Disallowed STOP_REQ, no relaxed_command_check"},
      {EventKind::stop_too_short, "", "packet too small for request STOP_REQ (11)"},
  }));
  for (const int debug_level : {0, 1}) {
    Fixture it(debug_level);
    it.record(kind, text);
    CHECK(it.lines == Lines{line});
  }
}

TEST_CASE("to the system's log the reference does not say why a call failed") {
  event::Loop loop;
  Lines lines;
  ReferenceLog log(
      loop, 0,
      {.line = [&](const std::string& text) { lines.push_back(text); }, .shows_reasons = false});
  log.record({.kind = EventKind::read_failed, .number = 11});
  log.record({.kind = EventKind::write_failed, .number = 11});
  log.record({.kind = EventKind::descriptors_exhausted, .number = 24});
  CHECK(lines == Lines{"error in read", "error in write, errno=11", "error in accept"});
}

TEST_CASE("with -d each request is said, and each name that comes and goes") {
  Fixture it(1);
  for (const EventKind kind : {EventKind::alive2_req, EventKind::name_reused, EventKind::registered,
                               EventKind::alive2_resp, EventKind::unregistered})
    it.record(kind, "web");
  CHECK(it.lines == Lines{"** got ALIVE2_REQ", "reusing slot with same name 'web'",
                          "registering 'web:11', port 4711", "type 77 proto 0 highvsn 6 lowvsn 5",
                          "** sent ALIVE2_RESP for \"web\"", "unregistering 'web:11', port 4711"});
  CHECK(it.terminal.empty());
}

TEST_CASE("with -d a STOP is said with all that was answered") {
  Fixture it(1);
  it.record(EventKind::stop_req);
  it.record(EventKind::stop_unknown, "web");
  CHECK(it.lines == Lines{"** got STOP_REQ", "trying to unregister node with unknown name web",
                          "** sent STOP_RESP NOEXIST", "** sent STOP_RESP STOPPED"});
}

TEST_CASE("an obeyed KILL is said, and with -d the reference says it twice") {
  Fixture without(0);
  without.record(EventKind::killed);
  CHECK(without.lines == Lines{"got KILL_REQ - terminates normal"});
  Fixture with(1);
  with.record(EventKind::killed);
  CHECK(with.lines == Lines{"epmd killed", "got KILL_REQ - terminates normal"});
}

TEST_CASE("with -d -d connections and bytes are said, on the terminal only") {
  Fixture it(2);
  it.record(EventKind::connected_local);
  it.record(EventKind::connection_opened);
  it.record(EventKind::bytes_read, "\0\1n"s);
  it.record(EventKind::connection_closed);
  CHECK(it.lines == Lines{"Local peer connected"});
  CHECK(it.terminal_lines == Lines{"opening connection on file descriptor 7", "got 3 bytes",
                                   "closing connection on file descriptor 7"});
  CHECK(it.terminal == dump_bytes("\0\1n"s));
}

TEST_CASE("each -d adds what the levels before it do not say") {
  CHECK_FALSE(is_said(0, EventKind::names_req));
  CHECK(is_said(1, EventKind::names_req));
  CHECK_FALSE(is_said(1, EventKind::connected_remote));
  CHECK(is_said(2, EventKind::connected_remote));
  CHECK_FALSE(is_said(1, EventKind::bytes_read));
  for (size_t i = 0; i < epmd::event_kinds; ++i) {
    const auto kind = static_cast<EventKind>(i);
    INFO(logging::wording_of(kind).name);
    for (int level = 0; level < 3; ++level)
      if (is_said(level, kind)) CHECK(is_said(level + 1, kind));
  }
}

TEST_CASE("what the reference has no words for is not said") {
  CHECK_FALSE(is_said(9, EventKind::peer_not_allowed));
  CHECK_FALSE(is_said(9, EventKind::owner_had_ended));
}

TEST_CASE("a name cannot forge a line, and braces in it mean nothing") {
  Fixture it(0);
  it.record(EventKind::alive2_name_taken, "a\r\nepmd: {number}");
  CHECK(it.lines == Lines{"node name already occupied a??epmd: {number}"});
}

TEST_CASE("without -d what strangers cause is said ten times, and then counted") {
  Fixture it(0);
  for (int i = 0; i < 30; ++i) it.record(EventKind::partial_packet);
  CHECK(it.lines.size() == 10);
  it.log.end();
  CHECK(it.lines.size() == 11);
  CHECK(it.lines.back() == "partial_packet: 20 more suppressed");
}

TEST_CASE("with -d nothing is held back") {
  Fixture it(1);
  for (int i = 0; i < 30; ++i) it.record(EventKind::partial_packet);
  CHECK(it.lines.size() == 30);
}

TEST_CASE("with -d -d -d the tables of names follow each change") {
  FakeEventSink event_sink;
  epmd::Registry registry(event_sink, [] { return 1000; });
  const auto web = registry.add(node_named("web", 1), 5);
  registry.add(node_named("old", 2), 6);
  Fixture it(3);
  it.record(EventKind::registered, "web");
  CHECK(it.terminal.empty());  // nobody has said whose names
  it.log.watch(registry);
  it.record(EventKind::unregistered, "old");
  CHECK(it.terminal ==
        "*****     active name     \"web#1000\" at port 1, fd = 5\r\n"
        "*****     reg calculated count  : 1\r\n"
        "*****     old/unused name \"old#1000\"\r\n"
        "*****     unreg counter         : 1\r\n"
        "*****     unreg calculated count: 1\r\n");
}

TEST_CASE("bytes are dumped sixteen to a row, as the reference does") {
  // As `epmd -d -d` printed it.
  CHECK(dump_bytes("\0\x12x\xa1\xb2M\0\0\x06\0\x05\0\x05probe\0\0"s) ==
        "***** 00000000  00 12 78 a1 b2 4d 00 00  06 00 05 00 05 70 72 6f  |..x..M.......pro|\r\n"
        "***** 00000010  62 65 00 00                                       |be..|\r\n");
  CHECK(dump_bytes("\0\x09zw\tb\xc3\xb6\x7f~ "s) ==
        "***** 00000000  00 09 7a 77 09 62 c3 b6  7f 7e 20                 |..zw.b...~ |\r\n");
  CHECK(dump_bytes("").empty());
}

TEST_CASE("no more than 1024 bytes are dumped") {
  const auto rows_of = [](const std::string& dump) {
    return std::count(dump.begin(), dump.end(), '\n');
  };
  const std::string longest = dump_bytes(characters(1024));
  CHECK(rows_of(longest) == 64);
  CHECK(longest.ends_with("|nnnnnnnnnnnnnnnn|\r\n"));
  CHECK(dump_bytes(characters(1025)) == longest + "***** ......and more\r\n");
}
