#include "migration/main_words.h"

#include "catch.h"

using migration::command_of;
using Words = std::vector<std::string>;

TEST_CASE("what process 1 was started with is the command") {
  CHECK(command_of({{"/bin/sh", "/app/start", "-x"}, {}}) == Words{"/bin/sh", "/app/start", "-x"});
  CHECK(command_of({}) == Words{});
}

TEST_CASE("an init that only reaps is left out, with its own options") {
  CHECK(command_of({{"/sbin/docker-init", "--", "app", "-x"}, {}}) == Words{"app", "-x"});
  CHECK(command_of({{"tini", "-g", "--", "app", "--", "x"}, {}}) == Words{"app", "--", "x"});
  CHECK(command_of({{"dumb-init", "app"}, {}}) == Words{"app"});
  CHECK(command_of({{"tini"}, {}}) == Words{});
}

TEST_CASE("the words of an emulator are not those of its start") {
  const Words emulator = {"/app/erts-13.1.5/bin/beam.smp", "--", "-root", "/app"};
  CHECK(command_of({emulator, {"HOME=/root"}}) == Words{});
  CHECK(command_of({emulator, {"RELEASE_ROOT=/app", "RELEASE_NAME=shop"}}) == Words{});
  CHECK(
      command_of({emulator, {"RELEASE_ROOT=/app", "RELEASE_NAME=shop", "RELEASE_COMMAND=start"}}) ==
      Words{"/app/bin/shop", "start"});
}
