#include "push/peer_checks.h"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "catch.h"

using discovery::NamesAnswer;
using push::PeerChecks;
using Texts = std::vector<std::string>;

namespace {

/// Is asked, and answers when the test says so.
class PatientFinder final : public discovery::HostChecker {
 public:
  base::Pending is_resolvable(const std::string& host, OnChecked on_checked) override {
    asked.push_back(host);
    callbacks[host] = std::move(on_checked);
    return std::make_unique<base::Operation>();
  }
  void answer(const std::string& host, bool is_found) {
    const OnChecked callback = std::move(callbacks.extract(host).mapped());
    callback(is_found);
  }

  Texts asked = {};
  std::map<std::string, OnChecked> callbacks = {};
};

/// EPMDs that list a node called `node` at port 4000, but for those in `answers`, and at port 9100
/// nodes without an EPMD that tell a name in `nodes`.
class HonestProber final : public discovery::Prober {
 public:
  base::Pending ask_names(const discovery::Endpoint& epmd, discovery::Time,
                          OnNames on_names) override {
    asked.push_back(epmd.ip);
    const auto own = answers.find(epmd.ip);
    NamesAnswer answer = {NamesAnswer::Outcome::listed, {{"other", 3999}, {"node", 4000}}};
    if (own != answers.end()) answer = own->second;
    due.emplace_back([on_names = std::move(on_names), answer] { on_names(answer); });
    return std::make_unique<base::Operation>();
  }
  base::Pending identify(const discovery::Endpoint& node, OnIdentified on_identified) override {
    REQUIRE(node.port_no == 9100);
    discovery::Identification who;
    who.challenge.node_name = nodes[node.ip];
    due.emplace_back([on_identified = std::move(on_identified), who] { on_identified(who); });
    return std::make_unique<base::Operation>();
  }

  void answer_all() {
    while (!due.empty()) {
      const auto next = std::move(due.front());
      due.pop_front();
      next();
    }
  }

  std::map<std::string, NamesAnswer> answers = {};
  std::map<std::string, std::string> nodes = {};
  std::deque<std::function<void()>> due = {};
  Texts asked = {};
};

discovery::Sighting peer_at(const std::string& host) {
  discovery::Sighting peer;
  peer.name = {"node", host};
  peer.epmd = {"ip of " + host, 4369};
  peer.node = {"ip of " + host, 4000};
  return peer;
}

struct World {
  /// Somebody who writes down what he is told.
  base::Pending wish(const std::string& who, const std::string& host) {
    base::Pending pending = checks.check(peer_at(host), [this, who](bool is_there) {
      told.push_back(who + (is_there ? " yes" : " no"));
    });
    prober.answer_all();
    return pending;
  }
  void answer(const std::string& host, bool is_found) {
    finder.answer(host, is_found);
    prober.answer_all();
  }

  PatientFinder finder = {};
  HonestProber prober = {};
  PeerChecks checks{finder, prober};
  Texts told = {};
};

}  // namespace

TEST_CASE("who wants to know the same at the same time is told by one look-up") {
  World world;
  const base::Pending first = world.wish("first", "h");
  const base::Pending second = world.wish("second", "h");
  CHECK(world.finder.asked == Texts{"h"});
  world.answer("h", true);
  CHECK(world.told == Texts{"first yes", "second yes"});
}

TEST_CASE("a node without an EPMD is asked itself, and looked up if it tells its name") {
  const auto [tells, asked, told] = GENERATE(table<std::string, Texts, Texts>(
      {{"node@h", {"h"}, {}}, {"other@h", {}, {"who no"}}, {"", {}, {"who no"}}}));
  World world;
  discovery::Sighting peer = peer_at("h");
  peer.epmd = peer.node = {"ip of h", 9100};
  world.prober.nodes["ip of h"] = tells;
  const base::Pending wish = world.checks.check(
      peer, [&](bool is_there) { world.told.push_back(is_there ? "who yes" : "who no"); });
  world.prober.answer_all();
  CHECK(world.finder.asked == asked);
  CHECK(world.told == told);
  CHECK(world.prober.asked.empty());
}

TEST_CASE("nothing is remembered") {
  World world;
  const base::Pending first = world.wish("first", "h");
  world.answer("h", true);
  const base::Pending second = world.wish("second", "h");
  world.answer("h", false);
  CHECK(world.told == Texts{"first yes", "second no"});
  CHECK(world.finder.asked == Texts{"h", "h"});
}

TEST_CASE("who no longer wants to know is not told") {
  World world;
  base::Pending first = world.wish("first", "h");
  const base::Pending second = world.wish("second", "h");
  first.reset();
  world.answer("h", true);
  CHECK(world.told == Texts{"second yes"});
}

TEST_CASE("so many look-ups are under way at once and no more, and the others follow") {
  World world;
  std::vector<base::Pending> wishes;
  constexpr size_t more = 3;
  for (size_t i = 0; i < PeerChecks::checks_at_once_max + more; ++i)
    wishes.push_back(world.wish("w" + std::to_string(i), "h" + std::to_string(i)));
  CHECK(world.finder.asked.size() == PeerChecks::checks_at_once_max);
  world.answer("h0", true);
  CHECK(world.finder.asked.size() == PeerChecks::checks_at_once_max + 1);
  // The next in the line is given up, so the one behind it is looked up.
  wishes[PeerChecks::checks_at_once_max + 1].reset();
  world.answer("h1", true);
  CHECK(world.finder.asked.back() == "h" + std::to_string(PeerChecks::checks_at_once_max + 2));
}

TEST_CASE("who is told may ask again, for the same or for another") {
  World world;
  const std::string other = GENERATE(as<std::string>(), "h", "other");
  base::Pending again;
  base::Pending first = world.checks.check(peer_at("h"), [&](bool) {
    first.reset();
    again = world.wish("again", other);
  });
  world.prober.answer_all();
  world.answer("h", true);
  CHECK(world.told.empty());
  world.answer(other, false);
  CHECK(world.told == Texts{"again no"});
}

TEST_CASE("the DNS is not asked for one that its EPMD does not list") {
  World world;
  const NamesAnswer answer = GENERATE(NamesAnswer{NamesAnswer::Outcome::refused},
                                      NamesAnswer{NamesAnswer::Outcome::silent},
                                      NamesAnswer{NamesAnswer::Outcome::listed, {{"other", 4000}}},
                                      NamesAnswer{NamesAnswer::Outcome::listed, {{"node", 4001}}});
  world.prober.answers["ip of h"] = answer;
  const base::Pending wish = world.wish("first", "h");
  CHECK(world.told == Texts{"first no"});
  CHECK(world.finder.asked.empty());
}

TEST_CASE("what is alike but for its EPMD is another") {
  World world;
  discovery::Sighting elsewhere = peer_at("h");
  elsewhere.epmd.ip = "another ip";
  const base::Pending first = world.wish("first", "h");
  const base::Pending second = world.checks.check(elsewhere, [](bool) {});
  CHECK(world.prober.asked == Texts{"ip of h", "another ip"});
}
