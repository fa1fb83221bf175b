#pragma once

#include <unistd.h>

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

/// None of the variables that portolan reads, or warns of, is set.
struct Bare {
  Bare() {
    Words names;
    for (char** each = environ; *each; ++each) {
      const std::string text = *each;
      if (text.starts_with("PORTOLAN_") || text.starts_with("ERL_EPMD_"))
        names.push_back(text.substr(0, text.find('=')));
    }
    for (const std::string& name : names) environment.remove(name);
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
