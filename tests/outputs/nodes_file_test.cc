#include "outputs/nodes_file.h"

#include <unistd.h>

#include <filesystem>

#include "catch.h"
#include "logging/captured_log.h"
#include "outputs/folder.h"
#include "outputs/member_json.h"
#include "outputs/rounds.h"

using outputs::NodesFile;
using outputs::render_nodes;
using Outcome = discovery::Resolution::Outcome;

namespace {

const std::string nobody = "{\n  \"members\": [],\n  \"local\": []\n}\n";

outputs::Json read(const std::string& path) { return outputs::Json::parse(text_of(path)); }

}  // namespace

TEST_CASE("the members stand in the file in the order of their names, as they are printed") {
  Rounds rounds;
  CHECK(render_nodes(rounds.members, {}) == nobody);
  rounds.join(sighting("b@h"));
  rounds.join(sighting("a@h"));
  const auto read = outputs::Json::parse(render_nodes(rounds.members, {}));
  REQUIRE(read["members"].size() == 2);
  CHECK(read["members"][0].dump() == outputs::one_line(outputs::to_json(sighting("a@h"))));
  CHECK(read["members"][1]["node"] == "b@h");
}

TEST_CASE("the file is written at the first round, and at each that changes it") {
  const Folder folder;
  NodesFile file(folder / "nodes");
  Rounds rounds;
  rounds.tell(file);
  CHECK(text_of(folder / "nodes") == nobody);
  rounds.join(sighting("a@h"));
  rounds.tell(file);
  CHECK(read(folder / "nodes")["members"][0]["node"] == "a@h");
  REQUIRE(unlink((folder / "nodes").c_str()) == 0);
  rounds.tell(file);
  CHECK_FALSE(std::filesystem::exists(folder / "nodes"));
  rounds.leave("a@h");
  rounds.tell(file);
  CHECK(text_of(folder / "nodes") == nobody);
}

TEST_CASE("a guess that turns out true is verified in the file too, though nobody joined") {
  const Folder folder;
  NodesFile file(folder / "nodes");
  Rounds rounds;
  auto guess = sighting("a@h");
  guess.is_verified = false;
  rounds.join(guess);
  rounds.tell(file);
  CHECK(read(folder / "nodes")["members"][0]["creation"].is_null());
  rounds.members["a@h"].seen = sighting("a@h", 9);
  rounds.tell(file);
  CHECK(read(folder / "nodes")["members"][0]["verified"] == true);
  CHECK(read(folder / "nodes")["members"][0]["creation"] == 9);
}

TEST_CASE("a nodes file that cannot be written is an error once, and is written when it can be") {
  const Folder folder;
  const CapturedLog log;
  NodesFile file(folder / "later/nodes");
  Rounds rounds;
  rounds.join(sighting("a@h"));
  for (int round = 0; round < 3; ++round) rounds.tell(file);
  CHECK(log.text() == "error --nodes-file: cannot create " +
                          folder /
                              "later/nodes.portolan: No such file or directory; it is tried again "
                              "after each round\n");
  std::filesystem::create_directory(folder / "later");
  rounds.tell(file);
  CHECK(read(folder / "later/nodes")["members"][0]["node"] == "a@h");
  std::filesystem::remove_all(folder / "later");
  rounds.leave("a@h");
  rounds.tell(file);
  CHECK(log.lines() == 2);
}

TEST_CASE("the members that an earlier process found stay until the DNS has said otherwise") {
  const Folder folder;
  put_text(folder / "nodes", "earlier");
  NodesFile file(folder / "nodes");
  Rounds rounds;
  rounds.resolve("web", Outcome::answered);
  rounds.resolve("db", Outcome::failed);
  rounds.tell(file);
  CHECK(text_of(folder / "nodes") == "earlier");
  rounds.resolve("db", Outcome::empty);
  rounds.tell(file);
  CHECK(text_of(folder / "nodes") == nobody);
}

TEST_CASE("a name that is not UTF-8 does not spoil the file") {
  Rounds rounds;
  rounds.join(sighting("a\xff@h"));
  CHECK(outputs::Json::accept(render_nodes(rounds.members, {})));
}

TEST_CASE("the nodes of this host are read back from the file") {
  const Folder folder;
  NodesFile file(folder / "nodes");
  Rounds rounds;
  rounds.sightings.locals = {{{"a", "h"}, {"127.0.0.1", 4000}, 4'000'000'000, 5},
                             {{"b", "h"}, {"::1", 4001}, 7, 5}};
  rounds.sightings.locals.push_back({{"c", "h"}, {"127.0.0.1", 4002}, 8, 5});
  rounds.sightings.locals.back().is_registered = false;  // it is never to be called back
  rounds.tell(file);
  const auto locals = outputs::read_locals(folder / "nodes");
  REQUIRE(locals.size() == 2);
  CHECK(locals[0].name.to_string() == "a@h");
  CHECK(locals[0].node == discovery::Endpoint{"127.0.0.1", 4000});
  CHECK(locals[0].creation == 4'000'000'000);
  CHECK(locals[1].node.ip == "::1");
}

TEST_CASE("of a file that is not ours no nodes are read") {
  const Folder folder;
  CHECK(outputs::read_locals(folder / "none").empty());
  const std::string text = GENERATE("", "{", "[]", "{\"local\": 1}", "{\"local\": [1, {}, []]}",
                                    R"({"local": [{"node": 1, "port": "x"}]})",
                                    R"({"local": [{"node": "a@h", "port": 70000}]})",
                                    R"({"local": [{"node": "ah", "port": 4000}]})");
  put_text(folder / "nodes", text);
  CHECK(outputs::read_locals(folder / "nodes").empty());
}
