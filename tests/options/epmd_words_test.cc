#include "options/epmd_words.h"

#include "catch.h"
#include "environment.h"

using namespace std::chrono_literals;
using Action = options::EpmdWords::Action;
using Words = std::vector<std::string>;

namespace {

/// None of the variables that epmd reads is set.
struct Bare {
  Bare() {
    for (const char* const name :
         {"ERL_EPMD_PORT", "ERL_EPMD_ADDRESS", "ERL_EPMD_RELAXED_COMMAND_CHECK"})
      environment.remove(name);
  }
  Environment environment = {};
};

options::EpmdWords parse(const Words& words) { return options::parse_epmd_words(words); }
Action action_of(const Words& words) { return parse(words).action; }

}  // namespace

TEST_CASE("epmd without words serves as it always did") {
  const Bare bare;
  const options::EpmdWords words = parse({});
  CHECK(words.action == Action::serve);
  CHECK(words.port == 4369);
  CHECK(words.address.empty());
  CHECK(words.packet_timeout == 60s);
  CHECK(words.delay_accept == 0s);
  CHECK(words.delay_write == 0s);
  CHECK(words.debug_level == 0);
  CHECK_FALSE(words.is_daemon);
  CHECK_FALSE(words.is_systemd);
  CHECK_FALSE(words.relaxed_command_check);
}

TEST_CASE("each word of epmd does what it says") {
  const Bare bare;
  const options::EpmdWords words =
      parse({"-daemon", "-relaxed_command_check", "-systemd", "-address", "10.0.0.1,::1", "-port",
             "5000", "-packet_timeout", "7", "-delay_accept", "8", "-delay_write", "9"});
  CHECK(words.action == Action::serve);
  CHECK(words.is_daemon);
  CHECK(words.relaxed_command_check);
  CHECK(words.is_systemd);
  CHECK(words.address == "10.0.0.1,::1");
  CHECK(words.port == 5000);
  CHECK(words.packet_timeout == 7s);
  CHECK(words.delay_accept == 8s);
  CHECK(words.delay_write == 9s);
}

TEST_CASE("each -d and -debug adds to the debug level, before any action") {
  const Bare bare;
  CHECK(parse({"-d"}).debug_level == 1);
  CHECK(parse({"-d", "-debug", "-d"}).debug_level == 3);
  CHECK(action_of({"-d", "-names"}) == Action::names);
}

TEST_CASE("the last word of a kind wins") {
  const Bare bare;
  CHECK(parse({"-port", "1", "-port", "5"}).port == 5);
  CHECK(parse({"-port", "1", "-port", "5", "-names"}).port == 5);
  CHECK(parse({"-address", "10.0.0.1", "-address", "10.0.0.2"}).address == "10.0.0.2");
}

TEST_CASE("interactive words act, and must be the last") {
  const Bare bare;
  CHECK(action_of({"-names"}) == Action::names);
  CHECK(action_of({"-dump"}) == Action::dump);
  CHECK(action_of({"-started"}) == Action::started);
  CHECK(action_of({"-kill"}) == Action::kill);
  CHECK(action_of({"-stop", "web"}) == Action::stop);
  CHECK(parse({"-stop", "web"}).stop_name == "web");
  CHECK(action_of({"-names", "-port", "5"}) == Action::usage);
  CHECK(action_of({"-names", "-names"}) == Action::usage);
  CHECK(action_of({"-stop", "web", "-d"}) == Action::usage);
  CHECK(action_of({"-kill", ""}) == Action::usage);
}

TEST_CASE("what -stop takes is a name, even if it looks like a word") {
  const Bare bare;
  CHECK(parse({"-stop", "-names"}).stop_name == "-names");
  CHECK(action_of({"-stop", "-names"}) == Action::stop);
  CHECK(action_of({"-stop", ""}) == Action::stop);
}

TEST_CASE("unknown words and missing values ask for the usage") {
  const Bare bare;
  const std::string word =
      GENERATE("-help", "-h", "--help", "-version", "names", "", "-D", "-Names", "-port",
               "-address", "-packet_timeout", "-delay_accept", "-delay_write", "-stop");
  INFO(word);
  CHECK(action_of({word}) == Action::usage);
  CHECK(action_of({"-d", word}) == Action::usage);
}

TEST_CASE("numbers are read as atoi reads them, and 0 asks for the usage") {
  const Bare bare;
  const std::string word = GENERATE("-port", "-packet_timeout", "-delay_accept", "-delay_write");
  for (const char* const bad : {"0", "x", "", "-0", "0x10", " ", "-names"})
    CHECK(action_of({word, bad}) == Action::usage);
  for (const char* const good : {"5", " 5", "5x", "+5", "05"}) {
    INFO(good);
    CHECK(action_of({word, good}) == Action::serve);
  }
  CHECK(parse({"-port", "5x"}).port == 5);
}

TEST_CASE("the port is kept with all its bits") {
  const Bare bare;
  CHECK(parse({"-port", "65543"}).port == 65543);
  CHECK(parse({"-port", "-5"}).port == -5);
}

TEST_CASE("the first word that is wrong ends the reading") {
  const Bare bare;
  CHECK(action_of({"-port", "0", "-names"}) == Action::usage);
  CHECK(action_of({"nonsense", "-kill"}) == Action::usage);
}

TEST_CASE("the environment gives defaults, which words override") {
  Bare bare;
  bare.environment.set("ERL_EPMD_PORT", "5001");
  bare.environment.set("ERL_EPMD_ADDRESS", "10.0.0.1");
  CHECK(parse({}).port == 5001);
  CHECK(parse({"-names"}).port == 5001);
  CHECK(parse({"-port", "6"}).port == 6);
  CHECK(parse({}).address == "10.0.0.1");
  CHECK(parse({"-address", ""}).address.empty());
}

TEST_CASE("a port in the environment that is no number is port 0") {
  Bare bare;
  bare.environment.set("ERL_EPMD_PORT", "many");
  CHECK(parse({}).port == 0);
  CHECK(action_of({}) == Action::serve);
}

TEST_CASE("that the relaxing variable is there is enough, even empty") {
  Bare bare;
  bare.environment.set("ERL_EPMD_RELAXED_COMMAND_CHECK", "");
  CHECK(parse({}).relaxed_command_check);
}

TEST_CASE("the usage is the reference's, to the byte") {
  const std::string usage = options::epmd_usage;
  CHECK(usage.size() == 2008);
  CHECK(usage.starts_with("usage: epmd [-d|-debug]"));
  CHECK(usage.find("relaxed_command_check was given when \n") != std::string::npos);
}
