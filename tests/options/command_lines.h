#pragma once

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "catch.h"
#include "environment.h"
#include "options/options.h"

using Words = std::vector<std::string>;

/// None of the variables that portolan reads is set.
struct Bare {
  Bare() {
    for (const char* const name :
         {"ERL_EPMD_PORT",         "ERL_EPMD_ADDRESS",          "ERL_EPMD_RELAXED_COMMAND_CHECK",
          "PORTOLAN_ALLOW",        "PORTOLAN_MAX_CONNECTIONS",  "PORTOLAN_LOG_LEVEL",
          "PORTOLAN_LOG_FORMAT",   "PORTOLAN_DISCOVER",         "PORTOLAN_INTERVAL",
          "PORTOLAN_NODES",        "PORTOLAN_IGNORE",           "PORTOLAN_NAMESERVERS",
          "PORTOLAN_PRINT",        "PORTOLAN_HOSTS_FILE",       "PORTOLAN_NODES_FILE",
          "PORTOLAN_ON_CHANGE",    "PORTOLAN_CONFIG",           "PORTOLAN_LOG_FILE",
          "PORTOLAN_SIGNAL_GROUP", "PORTOLAN_WAIT_FOR_OWN_NAME"})
      environment.remove(name);
  }
  Environment environment = {};
};

/// What is written to a standard stream while this lives.
class Captured {
 public:
  explicit Captured(std::ostream& stream) : stream_(stream), before_(stream.rdbuf(text_.rdbuf())) {}
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;
  ~Captured() { stream_.rdbuf(before_); }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_ = {};
  std::ostream& stream_;
  std::streambuf* before_;
};

template <typename Chosen>
Chosen parse_as(const Words& words) {
  const options::Command command = options::parse(words);
  REQUIRE(std::holds_alternative<Chosen>(command));
  return std::get<Chosen>(command);
}

/// The line on standard error with which a command line is refused.
inline std::string refusal_of(const Words& words) {
  const Captured errors(std::cerr);
  const Captured output(std::cout);
  const options::Command command = options::parse(words);
  REQUIRE(std::holds_alternative<options::Exit>(command));
  CHECK(std::get<options::Exit>(command).status == 2);
  const std::string said = errors.text();
  CHECK(std::count(said.begin(), said.end(), '\n') == 1);
  CHECK(said.ends_with(" --help`)\n"));
  CHECK(output.text().empty());
  return said;
}
