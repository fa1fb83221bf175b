#include "doctor/command_line.h"

#include "doctor/findings.h"

using namespace doctor;
using Mark = CheckResult::Mark;

namespace {

/// As the emulator has them, with its own words first.
CommandLine node_with(const CommandLine& flags) {
  CommandLine words = {"beam.smp", "--", "-root", "/otp", "--", "-noinput", "-sname", "a@h"};
  words.insert(words.end(), flags.begin(), flags.end());
  return words;
}

StartedNodes one(const CommandLine& flags) { return {{"a@h", node_with(flags)}}; }

}  // namespace

TEST_CASE("a parameter of the kernel is set by its flag or by the application's") {
  const auto value = [](const CommandLine& flags) {
    return kernel_parameter(node_with(flags), "connect_all");
  };
  CHECK(value({"-connect_all", "false"}) == "false");
  CHECK(value({"-kernel", "connect_all", "false"}) == "false");
  CHECK(value({"-kernel", "inet_dist_listen_min", "9100", "connect_all", "true"}) == "true");
  CHECK(value({"-kernel", "x", "1", "-kernel", "connect_all", "false"}) == "false");
}

TEST_CASE("what only looks like a parameter of the kernel is none") {
  const auto value = [](const CommandLine& flags) {
    return kernel_parameter(node_with(flags), "connect_all");
  };
  CHECK(value({}).empty());
  CHECK(value({"-connect_all"}).empty());
  CHECK(value({"-kernel", "connect_all"}).empty());
  CHECK(value({"-kernel", "x", "connect_all", "y", "false"}).empty());
  CHECK(value({"-kernel", "x", "1", "-app", "connect_all", "false"}).empty());
  CHECK(value({"-extra", "-connect_all", "false"}).empty());
  CHECK(kernel_parameter({}, "connect_all").empty());
}

TEST_CASE("a node with an epmd_module is told of, as it may not ask EPMD") {
  for (const CommandLine& flags : {CommandLine{"-epmd_module", "own_epmd"},
                                   CommandLine{"-kernel", "epmd_module", "own_epmd"}}) {
    const auto told = judge_epmd_modules(one(flags));
    REQUIRE(told);
    CHECK(whole(*told).mark == Mark::unknown);
    CHECK(told->found == "started with an epmd_module, may not ask EPMD for ports: a@h (own_epmd)");
  }
  CHECK_FALSE(judge_epmd_modules(one({"-epmd_module", "erl_epmd"})));
  CHECK_FALSE(judge_epmd_modules(one({})));
  CHECK_FALSE(judge_epmd_modules({}));
}

TEST_CASE("a module's name cannot forge a line") {
  CHECK(has(whole(*judge_epmd_modules(one({"-epmd_module", "a\nb"}))).found, "(a\\x0ab)"));
}

TEST_CASE("nodes that do not connect to all are told of in one line") {
  StartedNodes nodes = one({"-connect_all", "false"});
  nodes.push_back({"b@h", node_with({"-kernel", "connect_all", "true"})});
  nodes.push_back({"c@h", node_with({"-kernel", "connect_all", "false"})});
  const auto told = judge_connect_all(nodes);
  REQUIRE(told);
  CHECK(whole(*told).mark == Mark::unknown);
  CHECK(told->found.ends_with("by --push connect: a@h, c@h"));
  CHECK_FALSE(judge_connect_all(one({"-connect_all", "true"})));
  CHECK_FALSE(judge_connect_all(one({})));
}

TEST_CASE("Erlang and Elixir have a flag for long names") {
  CHECK(has_name_flag({"erl", "-name", "a@h"}));
  CHECK(has_name_flag(node_with({"-extra", "--name", "a@h"})));
  CHECK_FALSE(has_name_flag(node_with({})));
}
