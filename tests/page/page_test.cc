#include "page/page.h"

#include <string>

#include "catch.h"
#include "epmd/registry.h"
#include "fake_event_sink.h"
#include "outputs/rounds.h"
#include "page/pictures.h"

using Outcome = discovery::Resolution::Outcome;

namespace {

struct Looker {
  std::string look(page::Pairs pairs = {}) {
    rounds.tell(store);
    return *page.text({"host1", 4369, "1.2.3"}, "", pairs);
  }
  bool shows(const std::string& text) { return look().find(text) != std::string::npos; }

  Rounds rounds = {};
  FakeEventSink sink = {};
  status::Store store{sink};
  epmd::Registry registry{sink, [] { return 7U; }};
  page::Page page{store, registry};
};

}  // namespace

TEST_CASE("a page without members says why there are none") {
  Looker looker;
  CHECK(looker.shows("--discover QUERY"));
  looker.rounds.resolve("web", Outcome::empty);
  CHECK(looker.shows("Nobody has been found. <code>web</code> has no address."));
  looker.rounds.resolve("web", Outcome::failed, "REFUSED by 192.0.2.53 & co");
  CHECK(looker.shows("<code>web</code>: REFUSED by 192.0.2.53 &amp; co."));
  looker.rounds.resolve("web", Outcome::answered);
  looker.rounds.sightings.queries["web"].endpoints = {{"192.0.2.1", 4369}, {"192.0.2.2", 4369}};
  looker.rounds.sightings.epmds[{"192.0.2.1", 4369}] = discovery::NamesAnswer::Outcome::refused;
  CHECK(looker.shows("has 2 addresses, and no EPMD answers at 1 of them"));
}

TEST_CASE("a page tells what is wrong, a few of each kind") {
  Looker looker;
  CHECK(looker.shows("No problem is known."));
  looker.rounds.join(sighting("a@h"));
  looker.rounds.members["a@h"].rounds_missing = 1;
  looker.rounds.resolve("web", Outcome::failed, "no answer");
  for (int i = 1; i <= 12; ++i)
    looker.rounds.sightings.non_members.push_back(
        {"x" + std::to_string(i), {"192.0.2.7", 1}, "web", "why"});
  const std::string page = looker.look();
  const size_t query = page.find("<td>web</td><td class=\"kind\">query</td>");
  const size_t member = page.find("missing for 1 round<");
  const size_t more = page.find("<td>9 more</td>");
  CHECK(query < member);
  CHECK(member < more);
  CHECK(more != std::string::npos);
}

TEST_CASE("a page tells of crashes, and of the names that they have cost") {
  Looker looker;
  looker.store.take_crashes({2, 1});
  CHECK(looker.shows(
      "its server crashed, and went on, 2 times; 1 name lost; the log has the signal"));
}

TEST_CASE("a page counts what there is") {
  Looker looker;
  looker.rounds.join(sighting("a@h"));
  looker.rounds.resolve("web", Outcome::answered);
  CHECK(looker.shows("<b>1</b> member<"));
  CHECK(looker.shows("<b>1</b> query<"));
  CHECK(looker.look({3, 2}).find("<b>2 of 3</b> pairs connected") != std::string::npos);
  looker.rounds.resolve("db", Outcome::failed, "no answer");
  CHECK(looker.shows("<b>1 of 2</b> queries failing"));
}

TEST_CASE("members in trouble come first, and the others as people count") {
  Looker looker;
  for (const char* const name : {"n10@h", "n2@h", "n1@h"}) looker.rounds.join(sighting(name));
  looker.rounds.members["n10@h"].rounds_missing = 2;
  const std::string page = looker.look();
  const size_t table = page.find("id=\"members\"");
  const size_t trouble = page.find("<td>n10@h", table);
  const size_t first = page.find("<td>n1@h", table);
  const size_t second = page.find("<td>n2@h", table);
  CHECK(trouble < first);
  CHECK(first < second);
  CHECK(second != std::string::npos);
}

TEST_CASE("a page is drawn anew only if something is not as before") {
  Looker looker;
  looker.rounds.join(sighting("a@h"));
  looker.look();
  const auto before = looker.page.text({"host1", 4369, "1.2.3"}, "", {});
  CHECK(looker.page.text({"host1", 4369, "1.2.3"}, "", {}) == before);
  CHECK(looker.page.text({"host1", 4369, "1.2.3"}, "", {2, 1}) != before);
}

TEST_CASE(
    "a page counts the connections of the cluster once they are known, in place of the pairs") {
  Looker looker;
  looker.rounds.join(sighting("a@h"));
  looker.store.take_mesh(picture_of({"a@h", "b@h"}, [](size_t, size_t) { return true; }));
  const std::string page = looker.look({3, 2});
  CHECK(page.find("<b>1 of 1</b> connections") != std::string::npos);
  CHECK(page.find("pairs connected") == std::string::npos);
  CHECK(page.find("solid: connected<") != std::string::npos);
  CHECK(page.find("No problem is known.") != std::string::npos);
}

TEST_CASE("lines from the middle are those of the nodes here, if there are any") {
  Looker looker;
  looker.rounds.join(sighting("a@h"));
  looker.rounds.join(sighting("b@h"));
  const auto are_connected = [](size_t one, size_t other) { return one != 0 || other != 2; };
  CHECK(looker.shows("class=\"way\""));
  looker.store.take_mesh(picture_of({"a@h", "b@h", "c@h"}, are_connected));
  CHECK_FALSE(looker.shows("class=\"way"));
  looker.rounds.sightings.locals.push_back({{"c", "h"}, {}, 3, 0});
  CHECK(looker.shows("class=\"way missing\""));
  CHECK(looker.shows("class=\"way seen\""));
}

TEST_CASE("a split is the worst that can be") {
  Looker looker;
  looker.rounds.resolve("web", Outcome::failed, "no answer");
  looker.store.take_mesh(picture_of({"a@h", "b@h"}, [](size_t, size_t) { return false; }));
  const std::string page = looker.look();
  const size_t split = page.find("<td>split into 2 groups</td><td class=\"kind\">cluster</td>");
  const size_t query = page.find("<td>web</td><td class=\"kind\">query</td>");
  const size_t missing = page.find("<td>a@h</td><td class=\"kind\">connections</td>");
  CHECK(split < query);
  CHECK(query < missing);
  CHECK(missing != std::string::npos);
  CHECK(page.find("<b>2</b> groups: the cluster is split") != std::string::npos);
}

TEST_CASE("a page of a thousand nodes without a connection is bounded") {
  Looker looker;
  const std::vector<std::string> names = names_of(1000);
  for (const std::string& name : names) looker.rounds.join(sighting(name));
  looker.look();
  const size_t before = looker.look().size();
  looker.store.take_mesh(picture_of(names, [](size_t, size_t) { return false; }));
  CHECK(looker.look().size() < before + 500'000);
}
