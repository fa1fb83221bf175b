#include "epmd/name_index.h"

#include <map>
#include <string>

#include "catch.h"
#include "seeds.h"

using epmd::Entries;
using epmd::NameIndex;

TEST_CASE("an index finds who was inserted, until it is erased") {
  NameIndex index;
  Entries entries(2);
  entries.front().node.alive_name = "web";
  entries.back().node.alive_name = "";
  CHECK_FALSE(index.find("web"));
  index.insert(entries.begin());
  REQUIRE(index.find("web"));
  CHECK(*index.find("web") == entries.begin());
  CHECK_FALSE(index.find("we"));
  CHECK_FALSE(index.find(""));
  index.insert(std::next(entries.begin()));
  CHECK(index.find(""));
  index.erase("web");
  CHECK_FALSE(index.find("web"));
  CHECK(index.find(""));
}

TEST_CASE("an entry that moves to another list is still found") {
  NameIndex index;
  Entries alive(1);
  Entries history;
  alive.front().node.alive_name = "web";
  index.insert(alive.begin());
  history.splice(history.end(), alive, alive.begin());
  CHECK(*index.find("web") == history.begin());
}

TEST_CASE("an index and a map that live through the same agree on every name") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    NameIndex index;
    Entries entries;
    std::map<std::string, Entries::iterator> model;
    // Small enough that most slots are taken now and then, large enough to grow a few times.
    const size_t names = 20 + random.below(200);
    for (int step = 0; step < 5000; ++step) {
      const std::string name = std::to_string(random.below(names));
      const auto known = model.find(name);
      if (known == model.end()) {
        entries.emplace_front().node.alive_name = name;
        index.insert(entries.begin());
        model[name] = entries.begin();
      } else {
        index.erase(name);
        entries.erase(known->second);
        model.erase(known);
      }
      const std::string asked = std::to_string(random.below(names));
      const auto* found = index.find(asked);
      REQUIRE((found != nullptr) == model.contains(asked));
      if (found) REQUIRE(*found == model[asked]);
    }
    for (const auto& [name, entry] : model) REQUIRE(*index.find(name) == entry);
  }
}
