#include "service/discovery_progress.h"

#include <vector>

#include "catch.h"
#include "outputs/pipe.h"
#include "outputs/printer.h"
#include "outputs/progress.h"
#include "outputs/rounds.h"

namespace {

/// Notes how it is resumed.
class Listener final : public outputs::Output {
 public:
  void tell(const discovery::Report& /*report*/) override {}
  std::string_view name() const override { return "listener"; }
  outputs::Json progress() const override { return {{"count", 5}}; }
  void resume(const discovery::Members& known, const outputs::Json& progress) override {
    members = known;
    is_known = !progress.is_null();
    if (is_known) count = progress.at("count");
  }

  discovery::Members members = {};
  bool is_known = false;
  int count = 0;
};

std::string example() {
  std::vector<std::unique_ptr<outputs::Output>> outputs;
  outputs.push_back(std::make_unique<Listener>());
  return service::to_bytes({{"a@h", {sighting("a@h")}}, {"\xff@h", {sighting("\xff@h", 8)}}},
                           outputs);
}

}  // namespace

TEST_CASE("members and what outputs were told are read as they were written") {
  const service::DiscoveryProgress progress = service::parse_progress(example());
  REQUIRE(progress.members.size() == 2);
  const discovery::Sighting seen = progress.members.at("a@h").seen;
  const discovery::Sighting expected = sighting("a@h");
  CHECK(seen.name == expected.name);
  CHECK(seen.node == expected.node);
  CHECK(seen.epmd == expected.epmd);
  CHECK(seen.queries == expected.queries);
  CHECK(seen.is_verified);
  CHECK(seen.creation == expected.creation);
  CHECK(progress.members.at("\xff@h").seen.creation == 8);
  Listener listener;
  service::resume(listener, progress);
  CHECK(listener.members.size() == 2);
  CHECK(listener.count == 5);
}

TEST_CASE("what another program has written counts as nothing") {
  const std::string whole = example();
  for (size_t bytes = 0; bytes < whole.size(); ++bytes)
    CHECK(service::parse_progress(whole.substr(0, bytes)).members.empty());
  CHECK(service::parse_progress("\xff\xff").members.empty());
  outputs::Json other = outputs::Json::from_cbor(whole);
  other["version"] = 0;
  std::string bytes;
  outputs::Json::to_cbor(other, bytes);
  CHECK(service::parse_progress(bytes).members.empty());
}

namespace {

/// The whole of an example whose members are these, for a printer that has this to tell.
service::DiscoveryProgress progress_of(const discovery::Members& members,
                                       const outputs::Json& untold) {
  service::DiscoveryProgress progress = service::parse_progress(service::to_bytes(members, {}));
  progress.outputs = {{"print", untold}};
  return progress;
}

outputs::Json untold_of(const discovery::Sighting& told) {
  return {{"told", outputs::keep(told)}, {"reason", "it was ended"}};
}

/// What a printer with that to go on with prints in the next round.
std::string printed(const service::DiscoveryProgress& progress) {
  Pipe pipe;
  outputs::Printer printer(outputs::Printer::Form::text, pipe.descriptor());
  service::resume(printer, progress);
  printer.tell({progress.members, {}, {}});
  return pipe.read();
}

}  // namespace

TEST_CASE("a member that no query has led to is no member, and is not told") {
  discovery::Sighting neighbour = sighting("a@h");
  neighbour.queries.clear();
  CHECK(progress_of({{"a@h", {neighbour}}}, {}).members.empty());
  CHECK(printed(progress_of({}, {{"a@h", untold_of(neighbour)}})).empty());
}

TEST_CASE("what was told under another name comes to an end") {
  CHECK(printed(progress_of({}, {{"b@h", untold_of(sighting("a@h"))}})) ==
        "left a@h 192.0.2.1:40001 via web\n");
}

TEST_CASE("an output whose progress is not there, or another's, is told that it is new") {
  service::DiscoveryProgress progress = service::parse_progress(example());
  for (const outputs::Json& part : {outputs::Json(nullptr), outputs::Json{{"other", 1}}}) {
    progress.outputs["listener"] = part;
    Listener listener;
    service::resume(listener, progress);
    CHECK_FALSE(listener.is_known);
    CHECK(listener.members.size() == 2);
  }
  progress.outputs = nullptr;
  Listener listener;
  service::resume(listener, progress);
  CHECK_FALSE(listener.is_known);
}
