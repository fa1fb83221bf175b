#include "logging/wording.h"

#include <algorithm>
#include <set>
#include <string>

#include "catch.h"

using namespace std::string_view_literals;
using epmd::Event;
using epmd::EventKind;
using logging::describe;
using logging::fill_in;
using logging::Level;
using logging::wording_of;

namespace {

EventKind kind_at(size_t i) { return static_cast<EventKind>(i); }

Event event_of(EventKind kind, std::string_view text = "web") {
  return {.kind = kind, .descriptor = 7, .number = 11, .number2 = 4369, .text = text};
}

}  // namespace

TEST_CASE("every kind of event has its wording, in its place") {
  for (size_t i = 0; i < epmd::event_kinds; ++i) {
    INFO("kind " << i);
    CHECK(wording_of(kind_at(i)).kind == kind_at(i));
    CHECK_FALSE(wording_of(kind_at(i)).sentence.empty());
  }
}

TEST_CASE("names of events are unique, and fit for metrics") {
  std::set<std::string_view> names;
  for (size_t i = 0; i < epmd::event_kinds; ++i) {
    const std::string_view name = wording_of(kind_at(i)).name;
    INFO(name);
    CHECK(names.insert(name).second);
    CHECK_FALSE(name.empty());
    CHECK(std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }));
  }
}

TEST_CASE("every sentence can be filled in, and leaves no blank") {
  for (size_t i = 0; i < epmd::event_kinds; ++i) {
    const std::string line = describe(event_of(kind_at(i)));
    INFO(line);
    CHECK(line.find_first_of("{}") == std::string::npos);
    CHECK(line.find('\n') == std::string::npos);
    CHECK_FALSE(line.empty());
  }
}

TEST_CASE("a sentence says who, what, and how much") {
  CHECK(fill_in("{text} {number} {number2} {connection}", event_of(EventKind::registered), "x") ==
        "x 11 4369 7");
  CHECK(fill_in("{error}", {.number = ECONNRESET}, "") == "Connection reset by peer");
  CHECK(describe(event_of(EventKind::registered)) == "registered 'web' at port 4369, creation 11");
}

TEST_CASE("names are escaped, and their braces are only braces") {
  CHECK(describe(event_of(EventKind::stopped, "a\nb\x1b")) ==
        "unregistered 'a\\x0ab\\x1b', as a STOP_REQ asked");
  CHECK(describe(event_of(EventKind::stopped, "{number}{}")) ==
        "unregistered '{number}{}', as a STOP_REQ asked");
}

TEST_CASE("what a stranger can do is not an error, and what stops service is") {
  CHECK(wording_of(EventKind::descriptors_exhausted).level == Level::error);
  CHECK(wording_of(EventKind::accept_failed).level == Level::error);
  CHECK(wording_of(EventKind::registered).level == Level::info);
  CHECK(wording_of(EventKind::partial_packet).level == Level::debug);
  CHECK(wording_of(EventKind::bytes_read).level == Level::trace);
  CHECK(wording_of(EventKind::opcode_unknown).level == Level::warning);
}
