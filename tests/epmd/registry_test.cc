#include "epmd/registry.h"

#include <malloc.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "catch.h"
#include "fake_event_sink.h"
#include "fake_owner.h"
#include "requests.h"
#include "seeds.h"

using epmd::EventKind;
using epmd::Registration;
using epmd::Registry;

namespace {

struct Fixture {
  explicit Fixture(size_t history_length = Registry::history_length, Registry::Room room = {})
      : registry(
            event_sink, [this] { return next_fresh += 100; }, history_length, room) {}

  /// A name comes and goes.
  uint32_t visit(const std::string& name) { return registry.add(node_named(name), 3)->creation; }

  FakeEventSink event_sink = {};
  uint32_t next_fresh = 900;
  Registry registry;
};

std::vector<std::string> names_of(const epmd::Entries& entries) {
  std::vector<std::string> names;
  for (const Registry::Entry& entry : entries) names.push_back(entry.node.alive_name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a name beyond the room for names is refused until another one leaves") {
  Fixture it(Registry::history_length, {.names_max = 2});
  const auto web = it.registry.add(node_named("web"), 3);
  auto db = it.registry.add(node_named("db"), 4);
  CHECK_FALSE(it.registry.add(node_named("web"), 5));
  CHECK_FALSE(it.event_sink.has(EventKind::alive2_no_room));  // it is taken
  CHECK_FALSE(it.registry.add(node_named("late"), 5));
  CHECK(it.event_sink.count(EventKind::alive2_no_room) == 1);
  CHECK(it.event_sink.last(EventKind::alive2_no_room).text == "late");
  CHECK(it.event_sink.last(EventKind::alive2_no_room).number == 2);
  db.reset();
  CHECK(it.registry.add(node_named("late"), 5));
}

TEST_CASE("names and extra fields beyond the room for bytes are refused until others leave") {
  Fixture it(Registry::history_length, {.bytes_max = 2 * Registry::registration_bytes + 20});
  epmd::Node fat = node_named("fat");
  fat.extra = std::string(10, '.');
  auto first = it.registry.add(fat, 3);
  CHECK(it.registry.bytes() == Registry::registration_bytes + 13);
  CHECK(it.registry.name_bytes() == 3);
  CHECK_FALSE(it.registry.add(node_named("eightlong"), 4));
  CHECK(it.event_sink.last(EventKind::alive2_no_memory).text == "eightlong");
  CHECK(it.event_sink.last(EventKind::alive2_no_memory).number2 ==
        static_cast<int64_t>(it.registry.bytes()));
  const auto small = it.registry.add(node_named("small"), 4);
  REQUIRE(small);
  first.reset();
  CHECK(it.registry.bytes() == Registry::registration_bytes + 5);
  CHECK(it.registry.name_bytes() == 5);
  CHECK(it.registry.history().front().node.extra.empty());
  CHECK(it.registry.add(node_named("eightlong"), 4));
}

TEST_CASE("as long as memory is short no name is registered, and those that are stay") {
  Fixture it;
  const auto web = it.registry.add(node_named("web"), 3);
  it.registry.set_short_of_memory(true);
  CHECK_FALSE(it.registry.add(node_named("db"), 4));
  CHECK(it.event_sink.count(EventKind::alive2_no_memory) == 1);
  CHECK(it.registry.find("web"));
  it.registry.set_short_of_memory(false);
  CHECK(it.registry.add(node_named("db"), 4));
}

TEST_CASE("an owner that has ended makes room though no other name would fit") {
  Fixture it(Registry::history_length, {.names_max = 1});
  FakeOwner owner(it.registry.add(node_named("web"), 3));
  owner.ended = true;
  CHECK(it.registry.add(node_named("web"), 4));
}

TEST_CASE("a name lives as long as its registration") {
  Fixture it;
  CHECK_FALSE(it.registry.find("web"));
  {
    const Registration web = it.registry.add(node_named("web", 5), 9);
    REQUIRE(web);
    REQUIRE(it.registry.find("web") == web.get());
    CHECK(web->node == node_named("web", 5));
    CHECK(web->descriptor == 9);
  }
  CHECK_FALSE(it.registry.find("web"));
  CHECK(it.registry.alive().empty());
  CHECK(names_of(it.registry.history()) == Names{"web"});
}

TEST_CASE("a registration can be moved, and replaced by another") {
  Fixture it;
  Registration first = it.registry.add(node_named("a"), 3);
  Registration second = std::move(first);
  CHECK(it.registry.find("a"));
  second = it.registry.add(node_named("b"), 3);
  CHECK_FALSE(it.registry.find("a"));
  CHECK(it.registry.find("b"));
}

TEST_CASE("a name that is taken is refused, and stays its owner's") {
  Fixture it;
  const Registration web = it.registry.add(node_named("web", 1), 3);
  CHECK_FALSE(it.registry.add(node_named("web", 2), 4));
  CHECK(it.registry.find("web")->node.port_no == 1);
  CHECK(it.registry.find("web")->descriptor == 3);
  CHECK(it.registry.alive().size() == 1);
}

TEST_CASE("names are compared byte for byte") {
  Fixture it;
  const Registration composed = it.registry.add(node_named("\xc3\xb6"), 3);
  CHECK(it.registry.add(node_named("o\xcc\x88"), 3));
  const Registration lower = it.registry.add(node_named("web"), 3);
  CHECK(it.registry.add(node_named("Web"), 3));
  CHECK_FALSE(it.registry.find("web "));
  CHECK_FALSE(it.registry.find("we"));
}

TEST_CASE("an empty name is a name") {
  Fixture it;
  const Registration empty = it.registry.add(node_named(""), 3);
  CHECK(it.registry.find(""));
  CHECK_FALSE(it.registry.add(node_named(""), 3));
}

TEST_CASE("live names stand newest first, departed ones oldest first") {
  Fixture it;
  Registration a = it.registry.add(node_named("a"), 3);
  Registration b = it.registry.add(node_named("b"), 3);
  Registration c = it.registry.add(node_named("c"), 3);
  CHECK(names_of(it.registry.alive()) == Names{"c", "b", "a"});
  b.reset();
  a.reset();
  CHECK(names_of(it.registry.alive()) == Names{"c"});
  CHECK(names_of(it.registry.history()) == Names{"b", "a"});
  b = it.registry.add(node_named("b"), 3);
  CHECK(names_of(it.registry.alive()) == Names{"b", "c"});
  CHECK(names_of(it.registry.history()) == Names{"a"});
}

TEST_CASE("a name that comes back gets the next creation, a new one a fresh one") {
  Fixture it;
  CHECK(it.visit("a") == 1000);
  CHECK(it.visit("b") == 1100);
  CHECK(it.visit("a") == 1001);
  CHECK(it.visit("a") == 1002);
  CHECK(it.visit("b") == 1101);
}

TEST_CASE("a name that comes back has its new fields and none of the old") {
  Fixture it;
  it.visit("a");
  const Registration back = it.registry.add(node_named("a", 99), 12);
  CHECK(it.registry.find("a")->node == node_named("a", 99));
  CHECK(it.registry.find("a")->descriptor == 12);
  CHECK_FALSE(it.registry.find("a")->owner);
}

TEST_CASE("creations are never below 4") {
  Fixture it;
  it.next_fresh = static_cast<uint32_t>(-100);
  CHECK(it.visit("zero") == 4);
  it.next_fresh = static_cast<uint32_t>(-101);
  CHECK(it.visit("last") == 0xffffffff);
  CHECK(it.visit("last") == 4);
  CHECK(it.visit("last") == 5);
}

TEST_CASE("the history holds one more than its length, and forgets the oldest") {
  const auto length = GENERATE(Registry::history_length, Registry::history_length_debug);
  Fixture it(length);
  const uint32_t first = it.visit("n0");
  for (size_t i = 1; i <= length; ++i) it.visit("n" + std::to_string(i));
  CHECK(it.registry.history().size() == length + 1);
  CHECK(it.registry.history().front().node.alive_name == "n0");
  CHECK(it.visit("n0") == first + 1);  // not yet forgotten, and now the newest
  it.visit("one more");
  CHECK(it.registry.history().size() == length + 1);
  CHECK(it.registry.history().front().node.alive_name == "n2");
}

TEST_CASE("a name that was forgotten is new, and nobody inherits its creation") {
  Fixture it(1);
  CHECK(it.visit("a") == 1000);
  CHECK(it.visit("b") == 1100);
  CHECK(it.visit("c") == 1200);  // the reference would hand on 1000
  CHECK(names_of(it.registry.history()) == Names{"b", "c"});
  CHECK(it.visit("a") == 1300);
}

TEST_CASE("the history stays within its length when many leave at once") {
  Fixture it(5);
  std::vector<Registration> all;
  for (int i = 0; i < 50; ++i) all.push_back(it.registry.add(node_named(std::to_string(i)), 3));
  all.clear();
  CHECK(it.registry.history().size() == 6);
  CHECK(it.registry.history().back().node.alive_name == "49");
  CHECK(it.registry.history().front().node.alive_name == "44");
}

TEST_CASE("a name that is taken away tells its owner, who lets go of it") {
  Fixture it;
  FakeOwner owner(it.registry.add(node_named("web"), 3));
  CHECK(it.registry.remove("web"));
  CHECK(owner.told == 1);
  CHECK_FALSE(owner.registration);
  CHECK_FALSE(it.registry.find("web"));
  CHECK_FALSE(it.registry.remove("web"));
  CHECK_FALSE(it.registry.remove("never seen"));
  CHECK(owner.told == 1);
}

TEST_CASE("an owner that has ended makes room for its successor") {
  Fixture it;
  FakeOwner before(it.registry.add(node_named("web", 1), 3));
  before.ended = true;
  const Registration after = it.registry.add(node_named("web", 2), 4);
  REQUIRE(after);
  CHECK(before.told == 1);
  CHECK(after->node.port_no == 2);
  CHECK(after->creation == 1001);
  CHECK(it.registry.find("web") == after.get());
  CHECK(it.registry.alive().size() == 1);
  CHECK(it.registry.history().empty());
  CHECK(it.event_sink.count(EventKind::owner_had_ended) == 1);
}

TEST_CASE("an owner that has not ended is asked, and keeps its name") {
  Fixture it;
  FakeOwner owner(it.registry.add(node_named("web", 1), 3));
  CHECK_FALSE(it.registry.add(node_named("web", 2), 4));
  CHECK(owner.asked == 1);
  CHECK(owner.told == 0);
  CHECK(it.registry.find("web")->node.port_no == 1);
}

TEST_CASE("nobody is asked when a name is free") {
  Fixture it;
  FakeOwner owner(it.registry.add(node_named("web"), 3));
  owner.registration.reset();
  CHECK(it.registry.add(node_named("web"), 4));
  CHECK(owner.asked == 0);
}

TEST_CASE("the revision changes when a name comes or goes, and only then") {
  Fixture it;
  const uint64_t before = it.registry.revision();
  Registration web = it.registry.add(node_named("web"), 3);
  const uint64_t with = it.registry.revision();
  CHECK(with != before);
  CHECK_FALSE(it.registry.add(node_named("web"), 3));
  CHECK_FALSE(it.registry.remove("nobody"));
  CHECK(it.registry.revision() == with);
  web.reset();
  CHECK(it.registry.revision() != with);
  CHECK(it.registry.revision() != before);
}

TEST_CASE("what happens to names is recorded with name, creation and port") {
  Fixture it;
  it.registry.add(node_named("web", 5), 3);
  it.registry.add(node_named("web", 6), 4);
  const auto& events = it.event_sink.events;
  REQUIRE(events.size() == 5);
  const std::vector<EventKind> kinds = {EventKind::registered, EventKind::unregistered,
                                        EventKind::name_reused, EventKind::registered,
                                        EventKind::unregistered};
  for (size_t i = 0; i < kinds.size(); ++i) {
    INFO("event " << i);
    CHECK(events[i].kind == kinds[i]);
    CHECK(events[i].text == "web");
    CHECK(events[i].number == (i < 2 ? 1000 : 1001));
  }
  CHECK(events[3].number2 == 6);
  CHECK(events[3].descriptor == 4);
}

namespace {

/// The registry as vectors that are searched from the front: what the reference does.
class Model {
 public:
  struct Name {
    std::string name = {};
    uint32_t creation = 0;
    uint16_t port_no = 0;
  };

  explicit Model(size_t length) : length_(length) {}

  std::optional<uint32_t> add(const std::string& name, uint16_t port_no, uint32_t fresh) {
    if (find(alive, name) != alive.end()) return std::nullopt;
    uint32_t creation = fresh;
    if (const auto old = find(history, name); old != history.end()) {
      creation = old->creation + 1;
      history.erase(old);
    } else if (history.size() > length_) {
      history.erase(history.begin());
    }
    alive.insert(alive.begin(), {name, creation, port_no});
    return creation;
  }

  bool leave(const std::string& name) {
    const auto leaving = find(alive, name);
    if (leaving == alive.end()) return false;
    history.push_back(*leaving);
    alive.erase(leaving);
    if (history.size() > length_ + 1) history.erase(history.begin());
    return true;
  }

  std::vector<Name> alive = {};
  std::vector<Name> history = {};

 private:
  static std::vector<Name>::iterator find(std::vector<Name>& names, const std::string& name) {
    return std::find_if(names.begin(), names.end(),
                        [&](const Name& each) { return each.name == name; });
  }

  size_t length_;
};

bool is_same(const epmd::Entries& entries, const std::vector<Model::Name>& names) {
  return std::equal(entries.begin(), entries.end(), names.begin(), names.end(),
                    [](const Registry::Entry& entry, const Model::Name& name) {
                      return entry.node.alive_name == name.name &&
                             entry.creation == name.creation && entry.node.port_no == name.port_no;
                    });
}

/// A registry and a model that live through the same.
class Comparison {
 public:
  Comparison(uint32_t seed, size_t length) : random_(seed), it_(length), model_(length) {
    it_.event_sink.is_listening = false;
  }

  void step() {
    const std::string name = "n" + std::to_string(random_.below(30));
    const auto port_no = static_cast<uint16_t>(random_.below(0x10000));
    switch (random_.below(5)) {
      case 0: REQUIRE(it_.registry.remove(name) == model_.leave(name)); break;
      case 1: leave(name); break;
      case 2: end(name); [[fallthrough]];
      default: add(name, port_no);
    }
    forget_the_dead();
    compare(name);
  }

 private:
  std::unique_ptr<FakeOwner>* owner_of(const std::string& name) {
    for (auto& owner : owners_)
      if (owner->registration->node.alive_name == name) return &owner;
    return nullptr;
  }

  void leave(const std::string& name) {
    const auto owner = owner_of(name);
    REQUIRE((owner != nullptr) == model_.leave(name));
    if (owner) (*owner)->registration.reset();
  }

  void end(const std::string& name) {
    const auto owner = owner_of(name);
    if (owner) (*owner)->ended = true;
  }

  void add(const std::string& name, uint16_t port_no) {
    const auto before = owner_of(name);
    if (before && (*before)->ended) model_.leave(name);
    auto owner = std::make_unique<FakeOwner>(it_.registry.add(node_named(name, port_no), 3));
    const auto creation = model_.add(name, port_no, it_.next_fresh);
    REQUIRE((owner->registration != nullptr) == creation.has_value());
    if (!creation) return;
    REQUIRE(owner->registration->creation == *creation);
    owners_.push_back(std::move(owner));
  }

  void forget_the_dead() {
    std::erase_if(owners_, [](const auto& owner) { return !owner->registration; });
  }

  void compare(const std::string& name) {
    REQUIRE(is_same(it_.registry.alive(), model_.alive));
    REQUIRE(is_same(it_.registry.history(), model_.history));
    REQUIRE((it_.registry.find(name) != nullptr) == (owner_of(name) != nullptr));
  }

  Random random_;
  Fixture it_;
  Model model_;
  std::vector<std::unique_ptr<FakeOwner>> owners_ = {};
};

}  // namespace

TEST_CASE("the registry does what searching lists would do") {
  for (const uint32_t seed : seeds()) {
    for (const size_t length : {0U, 1U, 5U, 12U}) {
      INFO("seed " << seed << ", history of " << length);
      Comparison comparison(seed, length);
      for (int i = 0; i < 1500; ++i) {
        INFO("step " << i);
        comparison.step();
      }
    }
  }
}

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

}  // namespace

TEST_CASE("a hundred thousand names fit, with little memory each, and leave little behind") {
  constexpr uint16_t step = 7;
  constexpr size_t count = 100'000;
  Fixture it;
  it.event_sink.is_listening = false;
  const auto name_of = [](size_t number) { return "node" + std::to_string(number); };
  const size_t before = mallinfo2().uordblks;
  std::vector<Registration> held(count);
  for (size_t i = 0; i < count; ++i)
    held[i] = it.registry.add(node_named(name_of(i), static_cast<uint16_t>(i * step)), 3);
  if (!is_sanitized) CHECK((mallinfo2().uordblks - before) / count < 512);
  for (size_t i = 0; i < count; ++i)
    REQUIRE(it.registry.find(name_of(i))->node.port_no == static_cast<uint16_t>(i * step));
  CHECK(it.registry.alive().size() == count);
  held.clear();
  CHECK(it.registry.alive().empty());
  CHECK(it.registry.history().size() == Registry::history_length + 1);
}

TEST_CASE("a restored name has its creation, counts as any other, and records nothing") {
  Fixture it;
  auto old = it.registry.restore(node_named("old"), 5, 77);
  auto young = it.registry.restore(node_named("young"), 6, 78);
  CHECK(it.event_sink.events.empty());
  CHECK(names_of(it.registry.alive()) == Names{"young", "old"});
  CHECK(it.registry.find("old")->creation == 77);
  CHECK(it.registry.find("old")->descriptor == 5);
  CHECK(it.registry.name_bytes() == 8);
  CHECK_FALSE(it.registry.add(node_named("old"), 7));
  old.reset();
  CHECK(it.registry.add(node_named("old"), 7)->creation == 78);
  young.reset();
  CHECK(it.registry.bytes() == 0);
}

TEST_CASE("a name is not restored twice") {
  Fixture it;
  const auto first = it.registry.restore(node_named("n"), 5, 77);
  CHECK_FALSE(it.registry.restore(node_named("n"), 6, 78));
  CHECK(it.registry.find("n")->creation == 77);
}
