#include "discovery/name_filter.h"

#include "catch.h"
#include "seeds.h"

using discovery::matches_glob;
using discovery::NameFilter;

namespace {

/// As slow as it is plain.
bool matches_plainly(std::string_view glob, std::string_view text) {
  if (glob.empty()) return text.empty();
  if (glob.front() == '*')
    return matches_plainly(glob.substr(1), text) ||
           (!text.empty() && matches_plainly(glob, text.substr(1)));
  if (text.empty() || (glob.front() != '?' && glob.front() != text.front())) return false;
  return matches_plainly(glob.substr(1), text.substr(1));
}

std::string draw(Random& random, std::string_view letters) {
  std::string text;
  for (uint32_t left = random.below(9); left > 0; --left)
    text += letters[random.below(letters.size())];
  return text;
}

}  // namespace

TEST_CASE("a glob knows * and ?, and all else is what it is") {
  CHECK(matches_glob("web", "web"));
  CHECK_FALSE(matches_glob("web", "web2"));
  CHECK_FALSE(matches_glob("web", "we"));
  CHECK(matches_glob("web*", "web"));
  CHECK(matches_glob("web*", "web12"));
  CHECK(matches_glob("web?", "web1"));
  CHECK_FALSE(matches_glob("web?", "web"));
  CHECK_FALSE(matches_glob("web?", "web12"));
  CHECK(matches_glob("*-*-x", "a-b-c-x"));
  CHECK(matches_glob("*", ""));
  CHECK(matches_glob("", ""));
  CHECK_FALSE(matches_glob("", "a"));
  CHECK_FALSE(matches_glob("[ab]", "a"));
}

TEST_CASE("a glob matches what the plainest matcher matches") {
  for (const uint32_t seed : seeds()) {
    Random random(seed);
    for (int i = 0; i < 5000; ++i) {
      const std::string glob = draw(random, "ab*?");
      const std::string text = draw(random, "ab");
      INFO("seed " << seed << ", '" << glob << "', '" << text << "'");
      REQUIRE(matches_glob(glob, text) == matches_plainly(glob, text));
    }
  }
}

TEST_CASE("a glob that is made to take for ever does not") {
  std::string glob;
  for (int i = 0; i < 200; ++i) glob += "a*";
  CHECK_FALSE(matches_glob(glob + "b", std::string(5000, 'a')));
}

TEST_CASE("all names count but the helpers that come and go") {
  const NameFilter filter;
  CHECK(filter.counts("app"));
  CHECK(filter.counts("rabbit"));
  CHECK_FALSE(filter.counts("rabbitmqcli-99-rabbit"));
  CHECK_FALSE(filter.counts("rabbit_prelaunch_20"));
  CHECK_FALSE(filter.counts("epmd-starter-444431325"));
  CHECK_FALSE(filter.counts("rem-4f2a-app"));
  CHECK_FALSE(filter.counts("remsh"));
  CHECK_FALSE(filter.counts("remsh42"));
  CHECK(filter.counts("remote"));
}

TEST_CASE("a name counts that any glob wants and none ignores") {
  const NameFilter filter = {{"web*", "db"}, {"*-test"}};
  CHECK(filter.counts("web1"));
  CHECK(filter.counts("db"));
  CHECK_FALSE(filter.counts("db1"));
  CHECK_FALSE(filter.counts("web1-test"));
  CHECK(NameFilter{{}, {}}.counts("remsh"));
}
