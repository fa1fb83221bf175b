#include "page/links.h"

#include "catch.h"
#include "page/pictures.h"

using page::Tie;

namespace {

size_t count_of(const std::string& text, const std::string& piece) {
  size_t count = 0;
  for (size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1))
    ++count;
  return count;
}

/// A harbour for each node but the last, which is here.
page::Harbours harbours_of(const mesh::Picture& mesh) {
  page::Harbours harbours;
  for (mesh::Picture::Index node = 0; node + 1 < mesh.nodes.size(); ++node) {
    harbours.all.push_back({});
    harbours.all.back().name = mesh.nodes[node].name.to_string();
    harbours.all.back().nodes = {node};
  }
  harbours.here = {static_cast<mesh::Picture::Index>(mesh.nodes.size() - 1)};
  return harbours;
}

std::string links_of(const page::Harbours& harbours, const mesh::Picture& mesh) {
  return page::links_of(harbours.all, page::ring_of(harbours.all), {harbours, mesh});
}

}  // namespace

TEST_CASE("two harbours are tied as their nodes are connected") {
  const auto mesh = picture_of(
      names_of(5, "h"), [](size_t one, size_t other) { return one == 0 && other != 2; }, {3, 4});
  const page::Harbours harbours = harbours_of(mesh);
  const page::Ties ties(harbours, mesh);
  CHECK(ties.between(0, 1) == Tie::seen);
  CHECK(ties.between(1, 0) == Tie::seen);
  CHECK(ties.between(0, 2) == Tie::missing);
  CHECK(ties.between(3, ties.here()) == Tie::unknown);
  CHECK(ties.between(0, ties.here()) == Tie::seen);
  CHECK(ties.between(2, ties.here()) == Tie::missing);
}

TEST_CASE("of many nodes drawn as one, one missing connection is missing") {
  const auto mesh =
      picture_of(names_of(6, "h"), [](size_t one, size_t other) { return one != 0 || other != 3; });
  page::Harbours harbours;
  harbours.all.resize(2);
  harbours.all[0].nodes = {0, 1, 2};
  harbours.all[1].nodes = {3, 4, 5};
  const page::Ties ties(harbours, mesh);
  CHECK(ties.between(0, 1) == Tie::missing);
  CHECK(ties.missing(0, 1) == 1);
  CHECK(ties.between(0, ties.here()) == Tie::none);
}

TEST_CASE("nodes that cannot be connected are not tied") {
  const auto mesh = picture_of({"a@h", "b@h.example"}, [](size_t, size_t) { return false; });
  page::Harbours harbours;
  harbours.all.resize(2);
  harbours.all[0].nodes = {0};
  harbours.all[1].nodes = {1};
  CHECK(page::Ties(harbours, mesh).between(0, 1) == Tie::none);
}

TEST_CASE("if not all missing connections are listed, none is taken for one that is there") {
  auto mesh = picture_of(names_of(3, "h"), [](size_t, size_t) { return true; });
  const page::Harbours harbours = harbours_of(mesh);
  CHECK(page::Ties(harbours, mesh).between(0, 1) == Tie::seen);
  mesh.missing.count = 1;
  CHECK(page::Ties(harbours, mesh).between(0, 1) == Tie::none);
}

TEST_CASE("up to sixteen harbours have all their lines, more only those that are missing") {
  const auto is_missing = [](size_t one, size_t other) { return one == 0 && other < 4; };
  const auto are_connected = [&](size_t one, size_t other) { return !is_missing(one, other); };
  const auto few = picture_of(names_of(17), are_connected);
  CHECK(count_of(links_of(harbours_of(few), few), "<path") == 16 * 15 / 2);
  CHECK(count_of(links_of(harbours_of(few), few), "link missing") == 3);
  const auto many = picture_of(names_of(18), are_connected);
  CHECK(count_of(links_of(harbours_of(many), many), "<path") == 3);
}

TEST_CASE("of many that are split, what is missing between the groups is not drawn") {
  const auto mesh = picture_of(names_of(30), [](size_t one, size_t other) {
    return (one < 20) == (other < 20) && !(one == 0 && other == 1);
  });
  page::Harbours harbours = harbours_of(mesh);
  for (page::Harbour& each : harbours.all) each.group = each.nodes.front() < 20 ? 0 : 1;
  CHECK(count_of(links_of(harbours, mesh), "<path") == 1);
}

TEST_CASE("lines are bounded, and so are their bytes") {
  const auto mesh = picture_of(names_of(41), [](size_t, size_t) { return false; });
  const std::string links = links_of(harbours_of(mesh), mesh);
  CHECK(count_of(links, "<path") == page::links_max);
  CHECK(links.size() < 60'000);
}

TEST_CASE("a line that would meet this host goes round it") {
  const auto mesh = picture_of(names_of(5, "h"), [](size_t, size_t) { return true; });
  const std::string links = links_of(harbours_of(mesh), mesh);
  CHECK(count_of(links, "Q") == 2);  // of four harbours those that are opposite
  CHECK(count_of(links, "L") == 4);
  CHECK(count_of(links, "Q550.0 280.0") == 0);  // the middle
}
