#include "mesh/picture.h"

#include <algorithm>
#include <map>

#include "catch.h"
#include "dist/handshake.h"
#include "mesh/describe.h"
#include "seeds.h"

using mesh::Picture;

namespace {

/// A member, and whom it says that it has.
struct Node : mesh::Node {
  std::set<std::string> peers = {};
};

Node node(const std::string& name, std::set<std::string> peers = {}) {
  return {{*dist::parse_node_name(name), dist::flags::prober, true, {}}, std::move(peers)};
}

mesh::Matrix matrix_of(const std::vector<Node>& nodes) {
  mesh::Matrix matrix;
  matrix.keep({nodes.begin(), nodes.end()});
  for (const Node& each : nodes)
    matrix.note({each.name.to_string(), 0, each.why_unknown, each.peers});
  return matrix;
}

Picture picture_of(const std::vector<Node>& nodes) { return mesh::picture_of(matrix_of(nodes)); }

Node unknown(const std::string& name, const std::string& why = "it is silent") {
  Node made = node(name);
  made.why_unknown = why;
  return made;
}

/// A cluster of the given size in which all are connected, but the pairs that `is_cut` names.
std::vector<Node> cluster(size_t count, const std::function<bool(size_t, size_t)>& is_cut) {
  std::vector<Node> nodes;
  const auto name = [](size_t i) { return "n" + std::to_string(i) + "@h"; };
  for (size_t i = 0; i < count; ++i) {
    nodes.push_back(node(name(i)));
    for (size_t other = 0; other < count; ++other)
      if (i != other && !is_cut(std::min(i, other), std::max(i, other)))
        nodes.back().peers.insert(name(other));
  }
  return nodes;
}

}  // namespace

TEST_CASE("a cluster in which all are connected is whole") {
  const Picture picture = picture_of(cluster(5, [](size_t, size_t) { return false; }));
  CHECK(picture.is_whole());
  CHECK(picture.expected == 10);
  CHECK(picture.seen == 10);
  REQUIRE(picture.groups.size() == 1);
  CHECK(picture.groups.front().size() == 5);
  CHECK(mesh::describe(picture) == "5 nodes, all 10 connections\n");
}

TEST_CASE("a split is told with its groups, each missing connection once, and where to look") {
  const Picture picture =
      picture_of(cluster(5, [](size_t one, size_t other) { return (one < 3) != (other < 3); }));
  CHECK(picture.groups.size() == 2);
  CHECK(picture.missing.count == 6);
  CHECK(mesh::describe(picture) ==
        "5 nodes, 4 of 10 connections; 6 missing\n"
        "split into 2 groups:\n"
        "group of 3: n0@h, n1@h, n2@h\n"
        "group of 2: n3@h, n4@h\n"
        "missing: n3@h is not connected to n0@h, n1@h, n2@h\n"
        "missing: n4@h is not connected to n0@h, n1@h, n2@h\n"
        "look first: where n0@h runs, `portolan doctor n3@h`\n");
}

TEST_CASE("a missing connection splits nobody, if there is another way") {
  const Picture picture =
      picture_of(cluster(3, [](size_t one, size_t other) { return one == 0 && other == 2; }));
  CHECK_FALSE(picture.is_whole());
  CHECK(picture.groups.size() == 1);
  CHECK(mesh::describe(picture).find("split") == std::string::npos);
}

TEST_CASE("one that is not asked is seen by the others") {
  const Picture picture =
      picture_of({node("a@h", {"b@h", "c@h"}), node("b@h", {"a@h"}), unknown("c@h")});
  CHECK(picture.seen == 2);
  CHECK(picture.missing.count == 1);  // b says that it has not c
  CHECK((picture.one_sided.count == 0));
  CHECK(mesh::describe(picture) ==
        "3 nodes, 2 of 3 connections; 1 missing\n"
        "missing: b@h is not connected to c@h\n"
        "unknown: whom c@h has: it is silent\n"
        "look first: where c@h runs, `portolan doctor b@h`\n");
}

TEST_CASE("of two that are not asked nothing is known") {
  const Picture picture = picture_of({unknown("a@h"), unknown("b@h")});
  CHECK_FALSE(picture.is_whole());
  CHECK(picture.unknown.count == 1);
  CHECK(mesh::describe(picture) ==
        "2 nodes, 0 of 1 connections; 1 unknown\n"
        "unknown: whom a@h, b@h has: it is silent\n");
}

TEST_CASE("a connection that only one end knows is there, and told") {
  const Picture picture = picture_of({node("a@h", {"b@h"}), node("b@h")});
  CHECK(picture.seen == 1);
  CHECK_FALSE(picture.is_whole());
  CHECK(mesh::describe(picture) ==
        "2 nodes, 1 of 1 connections; 1 one-sided\n"
        "split into 2 groups:\nalone: a@h\nalone: b@h\n"
        "one-sided: a@h says that it has b@h, which says that it has not a@h\n");
}

TEST_CASE("one that lies hides no split, and gives nobody a command to paste") {
  const Picture picture = picture_of({node("a@h", {"b@h"}), node("b@h", {"a@h"}), node("c@h"),
                                      node("liar;x@h", {"a@h", "b@h", "c@h"})});
  CHECK(picture.groups.size() == 3);
  const Picture alone = picture_of({node("a@h", {"b@h"}), node("b@h", {"a@h"}), node("liar;x@h")});
  CHECK(mesh::describe(alone).find("look first") == std::string::npos);
}

TEST_CASE("who cannot be connected is not missed") {
  Node old = node("old@h");
  old.flags = 0;
  const Picture picture = picture_of({node("short@h"), node("long@h.example"), old});
  CHECK(picture.expected == 0);
  CHECK(picture.is_whole());
  CHECK(picture.groups.empty());
  CHECK(mesh::describe(picture) ==
        "3 nodes, no connection expected\n"
        "cannot be connected to any other: short@h, long@h.example, old@h\n");
}

TEST_CASE("a long name among short ones is told, and not that its node is not asked") {
  const Picture picture =
      picture_of({node("a@h", {"b@h"}), node("b@h", {"a@h"}), unknown("long@h.example")});
  CHECK(picture.is_whole());
  CHECK(mesh::describe(picture) ==
        "3 nodes, 1 of 1 connections\n"
        "cannot be connected to any other: long@h.example\n");
}

TEST_CASE("of a node that is alone it is not told that it is not asked") {
  CHECK(mesh::describe(picture_of({unknown("a@h")})) == "1 node, no connection expected\n");
}

TEST_CASE("clusters that cannot be connected are no split, each with its own can be one") {
  const Node long_one = node("a@h.example", {"b@h.example"});
  const Node long_other = node("b@h.example", {"a@h.example"});
  Picture picture = picture_of({node("a@h", {"b@h"}), node("b@h", {"a@h"}), long_one, long_other});
  CHECK(picture.groups.size() == 2);
  CHECK(picture.groups_expected == 2);
  CHECK_FALSE(picture.is_split());
  CHECK(mesh::describe(picture) == "4 nodes, all 2 connections\n");
  picture = picture_of({node("a@h"), node("b@h"), long_one, long_other});
  CHECK(picture.groups.size() == 3);
  CHECK(picture.is_split());
  CHECK(mesh::to_json(picture)["is_split"] == true);
}

TEST_CASE("a long list is cut, and JSON has all of it") {
  const Picture picture = picture_of(cluster(60, [](size_t, size_t) { return true; }));
  const std::string text = mesh::describe(picture);
  CHECK(text.find("... and 40 more such lines; --json has all\n") != std::string::npos);
  CHECK(text.find(" and 49 more\n") != std::string::npos);
  const mesh::Json json = mesh::to_json(picture);
  CHECK(json["missing"].size() == 1770);
  CHECK(json["groups"].size() == 60);
}

TEST_CASE("of pairs without end the first are kept, and all are counted") {
  const Picture picture = picture_of(cluster(600, [](size_t, size_t) { return true; }));
  CHECK(picture.missing.count == 600 * 599 / 2);
  CHECK(picture.missing.first.size() == Picture::Pairs::first_max);
  CHECK(mesh::to_json(picture, 10)["missing"].size() == 10);
  CHECK(mesh::to_json(picture)["connections"]["missing"] == 600 * 599 / 2);
}

TEST_CASE("the matrix has a row and a column for each node") {
  const mesh::Matrix matrix =
      matrix_of({node("a@h", {"b@h"}), node("b@h", {"a@h"}), unknown("c@h")});
  CHECK(mesh::to_text(matrix) ==
        "+ says that it is connected, - that it is not, ? does not say\n"
        " +-  a@h\n"
        "+ -  b@h\n"
        "??   c@h\n");
}

TEST_CASE("what those have said who stay is kept when others come and go") {
  mesh::Matrix matrix =
      matrix_of({node("a@h", {"b@h", "c@h"}), node("b@h", {"a@h"}), node("c@h", {"a@h"})});
  const uint64_t revision = matrix.revision();
  matrix.keep({node("a@h"), node("b@h"), node("c@h")});
  matrix.note({"a@h", 0, {}, {"b@h", "c@h", "elsewhere@h"}});
  matrix.note({"elsewhere@h", 0, {}, {"a@h"}});
  CHECK(matrix.revision() == revision);
  matrix.keep({unknown("a0@h", "new"), node("a@h"), node("c@h")});
  CHECK(matrix.revision() != revision);
  CHECK(matrix.nodes()[0].why_unknown == "new");
  CHECK_FALSE(matrix.has(0, 1));
  CHECK_FALSE(matrix.has(1, 0));
  CHECK(matrix.has(1, 2));
  CHECK(matrix.has(2, 1));
  matrix.note({"c@h", 0, "it is silent"});
  CHECK_FALSE(matrix.has(2, 1));
  CHECK(matrix.nodes()[2].why_unknown == "it is silent");
}

TEST_CASE("whatever the nodes say, pairs and groups add up") {
  const uint32_t seed = GENERATE(from_range(seeds()));
  INFO("seed " << seed);
  Random random(seed);
  const size_t count = random.below(12);
  std::vector<Node> nodes;
  for (size_t i = 0; i < count; ++i) {
    const std::string host = random.one_in(5) ? "@h.example" : "@h";
    nodes.push_back(node("n" + std::to_string(i) + host));
    if (random.one_in(4)) nodes.back().why_unknown = "silent";
  }
  for (Node& each : nodes)
    for (const Node& other : nodes)
      if (each.why_unknown.empty() && random.one_in(2)) each.peers.insert(other.name.to_string());
  const Picture picture = picture_of(nodes);
  CHECK(picture.seen + picture.missing.count + picture.unknown.count == picture.expected);
  const auto has = [&](size_t one, size_t other) {
    return nodes[one].peers.contains(nodes[other].name.to_string());
  };
  for (const auto& [one, other] : picture.missing.first)
    CHECK_FALSE((has(one, other) || has(other, one)));
  for (const auto& [one, other] : picture.one_sided.first)
    CHECK((has(one, other) && !has(other, one)));
  std::map<size_t, size_t> group_of;
  for (size_t group = 0; group < picture.groups.size(); ++group)
    for (const size_t member : picture.groups[group]) CHECK(group_of.emplace(member, group).second);
  for (size_t one = 0; one < count; ++one)
    for (size_t other = one + 1; other < count; ++other)
      if (mesh::should_connect(nodes[one], nodes[other]) && has(one, other) && has(other, one))
        CHECK(group_of.at(one) == group_of.at(other));
  size_t ends = 0;
  size_t missing_ends = 0;
  for (const Picture::Degree& degree : picture.degrees) {
    ends += degree.seen;
    missing_ends += degree.missing;
  }
  CHECK(ends == 2 * picture.seen);
  CHECK(missing_ends == 2 * picture.missing.count);
  // Between two groups there is no connection at all: each pair of theirs that should be is not.
  size_t within = 0;
  for (const auto& group : picture.groups)
    for (size_t one = 0; one < group.size(); ++one)
      for (size_t other = one + 1; other < group.size(); ++other)
        if (mesh::should_connect(nodes[group[one]], nodes[group[other]])) ++within;
  CHECK(picture.seen <= within + picture.one_sided.count);
  const auto& missing = picture.missing.first;
  CHECK(picture.is_split() == std::any_of(missing.begin(), missing.end(), [&](const auto& pair) {
          return group_of.at(pair.first) != group_of.at(pair.second);
        }));
  CHECK(mesh::Json::accept(mesh::to_json(picture).dump()));
  CHECK_FALSE(mesh::describe(picture).empty());
}
