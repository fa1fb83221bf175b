#include "web/names_text.h"

#include <map>
#include <set>
#include <string>

#include "catch.h"
#include "fake_event_sink.h"
#include "requests.h"
#include "seeds.h"
#include "web/json.h"

namespace {

/// Names that come and go, and what a reader of /v1/names gets.
struct Names {
  void come(const std::string& name) {
    alive[name] = registry.add(node_named(name), 3);
    text.add(name);
  }
  void go(const std::string& name) {
    alive.erase(name);
    text.remove(name);
  }
  /// Steps until all is rendered.
  unsigned render() {
    unsigned steps = 1;
    while (!text.render()) ++steps;
    return steps;
  }
  std::string list() {
    render();
    std::string list = "[";
    for (const http::SharedText& each : text.texts()) list += *each;
    return list + "]";
  }
  /// What has to be in it.
  std::string expected() const {
    web::Json list = web::Json::array();
    for (const epmd::Entry& entry : registry.alive()) list.push_back(web::name_json(entry));
    return outputs::one_line(list);
  }
  std::set<const std::string*> texts() {
    render();
    std::set<const std::string*> texts;
    for (const http::SharedText& each : text.texts()) texts.insert(each.get());
    return texts;
  }

  FakeEventSink event_sink = {};
  uint32_t next_fresh = 900;
  epmd::Registry registry{event_sink, [this] { return ++next_fresh; }};
  std::map<std::string, epmd::Registration> alive = {};
  web::NamesText text{registry};
};

}  // namespace

TEST_CASE("the list has the names that are registered, newest first") {
  Names names;
  CHECK(names.list() == "[]");
  for (int i = 0; i < 100; ++i) names.come("name" + std::to_string(i));
  CHECK(names.list() == names.expected());
  CHECK(names.list().starts_with("[{\"name\":\"name99\","));
}

TEST_CASE("names that were there before are listed, too") {
  Names names;
  for (int i = 0; i < 100; ++i) names.come("name" + std::to_string(i));
  web::NamesText later(names.registry);
  while (!later.render()) {
  }
  std::string list = "[";
  for (const http::SharedText& each : later.texts()) list += *each;
  CHECK(list + "]" == names.expected());
}

TEST_CASE("while nothing changes nothing is rendered, and a change renders its block alone") {
  Names names;
  for (int i = 0; i < 2000; ++i) names.come("name" + std::to_string(i));
  CHECK(names.render() > 10);
  CHECK(names.render() == 1);
  const auto before = names.texts();
  CHECK(names.texts() == before);
  names.go("name1000");
  CHECK(names.render() == 1);
  size_t is_other = 0;
  for (const std::string* const each : names.texts())
    if (!before.contains(each)) ++is_other;
  CHECK(is_other == 1);
  CHECK(names.list() == names.expected());
}

TEST_CASE("whatever comes and goes, and between whichever steps, the list is right") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    Names names;
    for (int i = 0; i < 2000; ++i) {
      const std::string name = "name" + std::to_string(random.below(200));
      if (names.alive.contains(name))
        names.go(name);
      else
        names.come(name);
      if (random.one_in(3)) names.text.render();
      if (random.one_in(50)) REQUIRE(names.list() == names.expected());
    }
    REQUIRE(names.list() == names.expected());
  }
}
