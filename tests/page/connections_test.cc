#include "page/connections.h"

#include "catch.h"
#include "page/pictures.h"

namespace {

std::vector<std::string> texts(const std::vector<page::Flaw>& flaws) {
  std::vector<std::string> texts;
  for (const page::Flaw& flaw : flaws) texts.push_back(flaw.node + ": " + flaw.what);
  return texts;
}

}  // namespace

TEST_CASE("of a whole cluster nothing is wrong") {
  const mesh::Picture mesh = picture_of(names_of(5), [](size_t, size_t) { return true; });
  CHECK(page::splits_of(mesh).empty());
  CHECK(page::missing_of(mesh).empty());
  CHECK(page::one_sided_of(mesh).empty());
  CHECK(page::unknown_of(mesh).empty());
  CHECK(page::connections_table(mesh).find("<p>5 nodes, all 10 connections.</p>") !=
        std::string::npos);
}

TEST_CASE("a mesh that is not known is no whole one") {
  CHECK(page::splits_of({}).empty());
  CHECK(page::connections_table({}).find("Not known. <code>--mesh</code>") != std::string::npos);
}

TEST_CASE("a split is told with a few groups, and a few nodes of each") {
  const auto five = picture_of(names_of(6, "h"), [](size_t, size_t other) { return other < 5; });
  CHECK(texts(page::splits_of(five)) ==
        std::vector<std::string>{"split into 2 groups: a group of 5: n0@h, n1@h, n2@h and 2 more; "
                                 "alone: n5@h"});
  const auto none = picture_of(names_of(6, "h"), [](size_t, size_t) { return false; });
  CHECK(texts(page::splits_of(none)) ==
        std::vector<std::string>{"split into 6 groups: alone: n0@h; alone: n1@h; alone: n2@h; "
                                 "alone: n3@h; and 2 smaller groups"});
}

TEST_CASE(
    "each missing connection is told once, with the node that lacks most, which comes first") {
  const auto mesh = picture_of(names_of(6, "h"), [](size_t one, size_t other) {
    return one != 4 && other != 4 && !(one == 0 && other == 1);
  });
  CHECK(texts(page::missing_of(mesh)) ==
        std::vector<std::string>{"n4@h: not connected to n0@h, n1@h, n2@h and 2 more; on the host "
                                 "of n0@h, run: portolan doctor n4@h",
                                 "n0@h: not connected to n1@h; on the host of n1@h, run: portolan "
                                 "doctor n0@h"});
}

TEST_CASE("what is one-sided or not known is told of each node once") {
  mesh::Picture mesh = picture_of(names_of(4, "h"), [](size_t, size_t) { return true; }, {3});
  mesh.one_sided.add(0, 1);
  mesh.one_sided.add(0, 2);
  CHECK(texts(page::one_sided_of(mesh)) ==
        std::vector<std::string>{"n0@h: says that it is connected to n1@h, n2@h, which deny it; if "
                                 "it stays so, packets are lost one way"});
  CHECK(texts(page::unknown_of(mesh)) ==
        std::vector<std::string>{"n3@h: its connections are not known: it is silent"});
}

TEST_CASE("of a thousand nodes without a connection the table stays short") {
  const auto mesh = picture_of(names_of(1000), [](size_t, size_t) { return false; });
  const std::string table = page::connections_table(mesh);
  CHECK(table.size() < 400'000);
  CHECK(table.find("<td>others</td><td class=\"bad\">399500 further connections missing</td>") !=
        std::string::npos);
}
