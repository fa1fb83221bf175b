#include "output/host_checks.h"

#include <map>
#include <string>
#include <vector>

#include "catch.h"

using output::HostChecks;
using Texts = std::vector<std::string>;

namespace {

/// Is asked, and answers when the test says so.
class PatientFinder final : public discovery::HostFinder {
 public:
  base::Pending find(const std::string& host, OnFound on_found) override {
    asked.push_back(host);
    callbacks[host] = std::move(on_found);
    return std::make_unique<base::Operation>();
  }
  void answer(const std::string& host, bool is_found) {
    const OnFound callback = std::move(callbacks.extract(host).mapped());
    callback(is_found);
  }

  Texts asked = {};
  std::map<std::string, OnFound> callbacks = {};
};

struct World {
  /// Somebody who writes down what he is told.
  base::Pending wish(const std::string& who, const std::string& host) {
    return checks.check(
        host, [this, who](bool resolves) { told.push_back(who + (resolves ? " yes" : " no")); });
  }

  PatientFinder finder = {};
  HostChecks checks{finder};
  Texts told = {};
};

}  // namespace

TEST_CASE("who wants to know the same at the same time is told by one look-up") {
  World world;
  const base::Pending first = world.wish("first", "h");
  const base::Pending second = world.wish("second", "h");
  CHECK(world.finder.asked == Texts{"h"});
  world.finder.answer("h", true);
  CHECK(world.told == Texts{"first yes", "second yes"});
}

TEST_CASE("nothing is remembered") {
  World world;
  const base::Pending first = world.wish("first", "h");
  world.finder.answer("h", true);
  const base::Pending second = world.wish("second", "h");
  world.finder.answer("h", false);
  CHECK(world.told == Texts{"first yes", "second no"});
  CHECK(world.finder.asked == Texts{"h", "h"});
}

TEST_CASE("who no longer wants to know is not told") {
  World world;
  base::Pending first = world.wish("first", "h");
  const base::Pending second = world.wish("second", "h");
  first.reset();
  world.finder.answer("h", true);
  CHECK(world.told == Texts{"second yes"});
}

TEST_CASE("so many look-ups are under way at once and no more, and the others follow") {
  World world;
  std::vector<base::Pending> wishes;
  constexpr size_t more = 3;
  for (size_t i = 0; i < HostChecks::lookups_at_once_max + more; ++i)
    wishes.push_back(world.wish("w" + std::to_string(i), "h" + std::to_string(i)));
  CHECK(world.finder.asked.size() == HostChecks::lookups_at_once_max);
  world.finder.answer("h0", true);
  CHECK(world.finder.asked.size() == HostChecks::lookups_at_once_max + 1);
  // The next in the line is given up, so the one behind it is looked up.
  wishes[HostChecks::lookups_at_once_max + 1].reset();
  world.finder.answer("h1", true);
  CHECK(world.finder.asked.back() == "h" + std::to_string(HostChecks::lookups_at_once_max + 2));
}

TEST_CASE("who is told may ask again, for the same or for another") {
  World world;
  base::Pending again;
  base::Pending first = world.checks.check("h", [&](bool) {
    first.reset();
    again = world.wish("again", "h");
  });
  world.finder.answer("h", true);
  CHECK(world.told.empty());
  world.finder.answer("h", false);
  CHECK(world.told == Texts{"again no"});
}
