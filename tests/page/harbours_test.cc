#include "page/harbours.h"

#include <algorithm>
#include <string>

#include "catch.h"
#include "fake_event_sink.h"
#include "outputs/rounds.h"
#include "page/pictures.h"

using State = page::Harbour::State;

namespace {

struct Cluster {
  void add(size_t count, const std::string& host = "h", const std::string& query = "web") {
    for (size_t i = 0; i < count; ++i) {
      const std::string number = std::to_string(++count_);
      discovery::Sighting seen = sighting("n" + number + "@" + host);
      seen.queries = {query};
      rounds.join(seen);
    }
  }
  void add_non_members(size_t count, const std::string& query = "web") {
    for (size_t i = 0; i < count; ++i)
      rounds.sightings.non_members.push_back(
          {"x" + std::to_string(i), {"192.0.2.7", 1}, query, "nothing answers"});
  }
  page::Harbours look() {
    rounds.tell(store);
    return page::harbours_of(store);
  }

  Rounds rounds = {};
  FakeEventSink sink = {};
  status::Store store{sink};
  size_t count_ = 0;
};

size_t nodes_in(const page::Harbours& harbours, State state) {
  size_t count = 0;
  for (const page::Harbour& each : harbours.all)
    if (each.state == state) count += each.count;
  return count;
}

}  // namespace

TEST_CASE("up to forty nodes are drawn one by one, in natural order") {
  Cluster cluster;
  cluster.add(38);
  cluster.add_non_members(2);
  const page::Harbours harbours = cluster.look();
  CHECK(harbours.grouping.empty());
  REQUIRE(harbours.all.size() == 40);
  CHECK(harbours.all.at(1).name == "n2@h");
  CHECK(harbours.all.at(39).name == "x1");
  CHECK(harbours.all.at(39).title == "not a member: nothing answers");
}

TEST_CASE("more than forty are grouped by host if the hosts are few") {
  Cluster cluster;
  cluster.add(30, "h1");
  cluster.add(20, "h2");
  const page::Harbours harbours = cluster.look();
  CHECK(harbours.grouping == "50 nodes are drawn by host");
  REQUIRE(harbours.all.size() == 2);
  CHECK(harbours.all.at(0).name == "h1: 30");
  CHECK(harbours.all.at(1).count == 20);
}

TEST_CASE("more than forty on as many hosts are grouped by query") {
  Cluster cluster;
  for (int i = 0; i < 60; ++i) cluster.add(1, "h" + std::to_string(i), i < 10 ? "db" : "web");
  const page::Harbours harbours = cluster.look();
  CHECK(harbours.grouping == "60 nodes are drawn by query");
  REQUIRE(harbours.all.size() == 2);
  CHECK(harbours.all.at(0).name == "db: 10");
}

TEST_CASE("among many, each that is in trouble is drawn on its own") {
  Cluster cluster;
  cluster.add(100);
  cluster.rounds.members["n5@h"].rounds_missing = 2;
  cluster.add_non_members(3);
  const page::Harbours harbours = cluster.look();
  CHECK(harbours.grouping == "103 nodes are drawn by host, those in trouble one by one");
  CHECK(harbours.all.size() == 5);
  CHECK(std::count_if(harbours.all.begin(), harbours.all.end(), [](const auto& each) {
          return each.state == State::missing && each.name == "n5@h";
        }) == 1);
}

TEST_CASE("those of a group of a split cluster are together, and this host's nodes are known") {
  Cluster cluster;
  cluster.add(4);  // n1@h to n4@h
  cluster.rounds.sightings.locals.push_back({{"n5", "h"}, {}, 3, 0});
  cluster.store.take_mesh(
      picture_of({"n1@h", "n2@h", "n3@h", "n4@h", "n5@h"},
                 [](size_t one, size_t other) { return one % 2 == other % 2; }));
  const page::Harbours harbours = cluster.look();
  std::vector<std::string> names;
  for (const page::Harbour& each : harbours.all) names.push_back(each.name);
  CHECK(names == std::vector<std::string>{"n1@h", "n3@h", "n2@h", "n4@h"});
  CHECK(harbours.all[1].group == 0);
  CHECK(harbours.all[2].group == 1);
  CHECK(harbours.all[2].nodes == std::vector<mesh::Picture::Index>{1});
  CHECK(harbours.here == std::vector<mesh::Picture::Index>{4});
}

TEST_CASE("nodes of two groups are never drawn as one, and those that lack most are on their own") {
  Cluster cluster;
  const std::vector<std::string> names = names_of(100, "h");
  for (const std::string& name : names) cluster.rounds.join(sighting(name));
  SECTION("a split") {
    cluster.store.take_mesh(
        picture_of(names, [](size_t one, size_t other) { return (one < 60) == (other < 60); }));
    const page::Harbours harbours = cluster.look();
    REQUIRE(harbours.all.size() == 2);
    CHECK(harbours.all[0].nodes.size() == 60);
    CHECK(harbours.all[1].nodes.size() == 40);
  }
  SECTION("two that are not connected") {
    cluster.store.take_mesh(
        picture_of(names, [](size_t one, size_t other) { return one != 5 || other != 50; }));
    const page::Harbours harbours = cluster.look();
    REQUIRE(harbours.all.size() == 3);
    CHECK(harbours.all[0].name == "h: 98");
    CHECK(harbours.all[1].nodes == std::vector<mesh::Picture::Index>{5});
  }
}

TEST_CASE("whatever there is, at most forty are drawn, and none is left out") {
  const size_t sound = GENERATE(0U, 41U, 1000U);
  const size_t troubled = GENERATE(0U, 39U, 500U);
  const size_t queries = GENERATE(1U, 19U, 60U);
  Cluster cluster;
  for (size_t i = 0; i < sound; ++i)
    cluster.add(1, "h" + std::to_string(i), "q" + std::to_string(i % queries));
  for (size_t i = 0; i < troubled; ++i)
    cluster.add_non_members(1, "q" + std::to_string(i % queries));
  const page::Harbours harbours = cluster.look();
  CHECK(harbours.all.size() <= page::harbours_max);
  CHECK(nodes_in(harbours, State::verified) == sound);
  CHECK(nodes_in(harbours, State::non_member) == troubled);
}
