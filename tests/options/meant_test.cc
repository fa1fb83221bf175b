#include "options/meant.h"

#include "catch.h"

using options::nearest;
using options::with_usual_words;
using Words = std::vector<std::string>;

TEST_CASE("help and version are words, too") {
  CHECK(with_usual_words({"help"}) == Words{"--help"});
  CHECK(with_usual_words({"help", "serve"}) == Words{"serve", "--help"});
  CHECK(with_usual_words({"version"}) == Words{"--version"});
  CHECK(with_usual_words({"help", "version"}) == Words{"--version", "--help"});
  CHECK(with_usual_words({"version", "--json"}) == Words{"--version", "--json"});
  CHECK(with_usual_words({"-v"}) == Words{"--version"});
  CHECK(with_usual_words({"names", "help"}) == Words{"names", "help"});
  CHECK(with_usual_words({}).empty());
}

TEST_CASE("the nearest word is a beginning of it, or has a letter or two amiss") {
  const Words known = {"serve", "stop", "discover", "--port", "--print"};
  CHECK(nearest("serv", known) == "serve");
  CHECK(nearest("sevre", known) == "serve");
  CHECK(nearest("disover", known) == "discover");
  CHECK(nearest("--prot", known) == "--port");
  CHECK(nearest("kill", known).empty());
  CHECK(nearest("serve", {}).empty());
}

TEST_CASE("who writes an unknown word is told what it may have been to be") {
  CLI::App portolan("", "portolan");
  CLI::App& run = *portolan.add_subcommand("run");
  int port = 0;
  run.add_option("--port", port);
  CHECK(options::meant(portolan, {"rn"}) == "did you mean `run`?");
  CHECK(options::meant(run, {"1", "--prot"}) == "did you mean `--port`?");
  CHECK(options::meant(run, {"--prot=1"}) == "did you mean `--port`?");
  CHECK(options::meant(run, {"erl"}) ==
        "the command stands behind `--`: portolan run [OPTIONS] -- erl");
  CHECK(options::meant(run, {"secret", "--cookie"}).find("PORTOLAN_COOKIE") != std::string::npos);
  CHECK(options::meant(portolan, {"something"}).empty());
}
