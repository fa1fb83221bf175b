#include "logging/event_log.h"

#include <string>

#include "catch.h"
#include "logging/captured_log.h"
#include "net/sockets.h"

using epmd::EventKind;
using logging::EventLog;

namespace {

epmd::Event named(EventKind kind, std::string_view text) {
  return {.kind = kind, .descriptor = 7, .number = 1000, .number2 = 4711, .text = text};
}

size_t lines_in(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("an event is logged in our words, at its severity") {
  const CapturedLog captured(logging::Level::info);
  event::Loop loop;
  EventLog log(loop);
  log.record(named(EventKind::registered, "web"));
  log.record(named(EventKind::alive2_name_taken, "web"));
  log.record(named(EventKind::descriptors_exhausted, ""));
  CHECK(
      captured.text().starts_with("info registered 'web' at port 4711, creation 1000\n"
                                  "warning refused to register 'web': "));
  CHECK(captured.text().find("\nerror out of file descriptors: ") != std::string::npos);
}

TEST_CASE("events below the logger's level are counted, but not logged") {
  const CapturedLog captured(logging::Level::warning);
  event::Loop loop;
  EventLog log(loop);
  for (int i = 0; i < 3; ++i) log.record(named(EventKind::registered, "web"));
  CHECK(captured.text().empty());
  CHECK(log.count(EventKind::registered) == 3);
  CHECK(log.count(EventKind::unregistered) == 0);
}

TEST_CASE("at the level trace everything is logged") {
  const CapturedLog captured(logging::Level::trace);
  event::Loop loop;
  EventLog log(loop);
  log.record(named(EventKind::connection_opened, ""));
  CHECK(captured.text() == "trace connection 7: opened\n");
}

TEST_CASE("names in the log are escaped, and braces in them mean nothing") {
  const CapturedLog captured(logging::Level::info);
  event::Loop loop;
  EventLog log(loop);
  log.record(named(EventKind::stopped, "{}{0}%s\n"));
  CHECK(captured.text() == "info unregistered '{}{0}%s\\x0a', as a STOP_REQ asked\n");
}

TEST_CASE("a line about a connection says where its peer is") {
  event::Loop loop;
  const CapturedLog log(logging::Level::trace);
  const Pair pair;
  EventLog events(loop);
  events.record({.kind = EventKind::opcode_unknown, .descriptor = pair.near.get(), .number = 113});
  const std::string peer = net::Address::of_socket(pair.far.descriptor())->to_string();
  CHECK(log.text().find(" (from " + peer + ")\n") != std::string::npos);
}

TEST_CASE("what strangers cause is logged ten times, and then counted") {
  const CapturedLog captured(logging::Level::info);
  event::Loop loop;
  EventLog log(loop);
  for (int i = 0; i < 32; ++i) log.record(named(EventKind::opcode_unknown, ""));
  CHECK(lines_in(captured.text()) == 10);
  CHECK(log.count(EventKind::opcode_unknown) == 32);
  log.end();
  CHECK(lines_in(captured.text()) == 11);
  CHECK(captured.text().ends_with(
      "\nwarning opcode_unknown: 22 more in the last 10 s, not logged one by one\n"));
}

TEST_CASE("what is not logged is not held back either") {
  const CapturedLog captured(logging::Level::info);
  event::Loop loop;
  EventLog log(loop);
  for (int i = 0; i < 32; ++i) log.record(named(EventKind::partial_packet, ""));
  log.end();
  CHECK(captured.text().empty());
}
