#include "options/help.h"

#include <sstream>

#include "options/command_lines.h"

namespace {

const Words commands = {"serve", "run",    "discover", "wait", "mesh",    "names",    "lookup",
                        "check", "doctor", "stop",     "kill", "upgrade", "takeover", "completion"};

std::string help_of(const Words& words) {
  const Captured output(std::cout);
  options::parse(words);
  return output.text();
}

}  // namespace

TEST_CASE("no line of a help text is longer than a hundred columns") {
  const Bare bare;
  Words helps = {help_of({"--help"})};
  for (const std::string& command : commands) helps.push_back(help_of({command, "--help"}));
  for (const std::string& help : helps) {
    REQUIRE(help.find("Usage: portolan") != std::string::npos);
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(line.size() <= options::help_columns_max);
    }
  }
}

TEST_CASE("the options of serve stand in groups, each with its variable, and examples follow") {
  const Bare bare;
  const std::string help = help_of({"serve", "--help"});
  size_t at = 0;
  for (const char* const part :
       {"\nOptions:\n", "\nEPMD:\n", "--port N", "(Env:ERL_EPMD_PORT)", "\nDiscovery:\n",
        "--discover QUERY ...", "\nOutputs of discovery:\n", "--print", "\nPush:\n", "--push",
        "\nHTTP:\n", "--drain", "\nLog:\n", "--log-level", "\nConfiguration:\n", "--config",
        "\nExamples:\n  portolan serve"}) {
    INFO(part);
    at = help.find(part, at);
    REQUIRE(at != std::string::npos);
  }
  CHECK(help.find("\n\n\n") == std::string::npos);
}

TEST_CASE("the usage of run says where its command stands, and no other has one") {
  const Bare bare;
  CHECK(help_of({"run", "--help"}).find("Usage: portolan run [OPTIONS] -- CMD [ARG...]\n") !=
        std::string::npos);
  CHECK(help_of({"serve", "--help"}).find("Usage: portolan serve [OPTIONS]\n") !=
        std::string::npos);
}

TEST_CASE("the help of what is asked for by hand ends with examples") {
  const Bare bare;
  const std::string command =
      GENERATE("serve", "run", "discover", "wait", "mesh", "names", "lookup", "check", "doctor");
  CHECK(help_of({command, "--help"}).find("\nExamples:\n  portolan " + command) !=
        std::string::npos);
}
