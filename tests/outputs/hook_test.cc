#include "outputs/hook.h"

#include <chrono>
#include <filesystem>

#include "catch.h"
#include "event/timer.h"
#include "logging/captured_log.h"
#include "outputs/folder.h"
#include "outputs/rounds.h"

using namespace std::chrono_literals;
using outputs::environment_of;
using outputs::Hook;
using Variables = std::map<std::string, std::string>;

namespace {

/// A hook on a loop, with a folder in which it writes what it was told.
struct Fixture {
  event::Loop loop = {};
  Folder folder = {};
  CapturedLog log{};
  Rounds rounds = {};

  std::string told() const { return text_of(folder / "told"); }
  std::string tell_command() const {
    return "echo \"$PORTOLAN_EVENT $PORTOLAN_NODE\" >> " + folder / "told";
  }
  /// Runs until the file holds so much, or for far too long.
  template <typename Condition>
  void run_until(Condition is_so) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    event::Timer timer(loop);
    while (!is_so() && std::chrono::steady_clock::now() < end) {
      timer.start(5ms, [] {});
      loop.run_once();
    }
    REQUIRE(is_so());
  }
};

}  // namespace

TEST_CASE("a hook's environment says all there is to say of a change") {
  auto member = sighting("node@node2", 1795421563, "172.18.0.3");
  member.queries = {"web", "db"};
  CHECK(environment_of(joined(member)) == Variables{{"PORTOLAN_EVENT", "joined"},
                                                    {"PORTOLAN_NODE", "node@node2"},
                                                    {"PORTOLAN_ADDRESS", "172.18.0.3"},
                                                    {"PORTOLAN_PORT", "40001"},
                                                    {"PORTOLAN_QUERY", "web"},
                                                    {"PORTOLAN_VERIFIED", "true"},
                                                    {"PORTOLAN_CREATION", "1795421563"},
                                                    {"PORTOLAN_REASON", ""}});
  member.is_verified = false;
  const auto variables = environment_of(left(member, "its EPMD is gone"));
  CHECK(variables.at("PORTOLAN_EVENT") == "left");
  CHECK(variables.at("PORTOLAN_VERIFIED") == "false");
  CHECK(variables.at("PORTOLAN_CREATION").empty());
  CHECK(variables.at("PORTOLAN_REASON") == "its EPMD is gone");
}

TEST_CASE("the command runs for each change, one after the other") {
  Fixture it;
  // Were two to run at once, the second would find the folder of the first.
  Hook hook(it.loop, "mkdir " + it.folder / "lock" + " || echo at once >> " + it.folder / "told" +
                         "; " + it.tell_command() + "; rmdir " + it.folder / "lock");
  std::string expected;
  for (int i = 0; i < 5; ++i) {
    const std::string name = "n" + std::to_string(i) + "@h";
    it.rounds.join(sighting(name));
    expected += "joined " + name + "\n";
  }
  it.rounds.tell(hook);
  it.rounds.tell(hook);
  it.run_until([&] { return it.told().size() >= expected.size(); });
  CHECK(it.told() == expected);
  CHECK(it.log.text().empty());
}

TEST_CASE("a command with nothing to tell does not run") {
  Fixture it;
  Hook hook(it.loop, it.tell_command());
  it.rounds.tell(hook);
  it.loop.run_ready();
  CHECK_FALSE(std::filesystem::exists(it.folder / "told"));
}

TEST_CASE("who comes and goes while the command runs is not told") {
  Fixture it;
  Hook hook(it.loop,
            it.tell_command() + "; while [ ! -e " + it.folder / "go" + " ]; do sleep 0.01; done");
  it.rounds.join(sighting("slow@h"));
  it.rounds.tell(hook);
  it.run_until([&] { return !it.told().empty(); });
  it.rounds.join(sighting("brief@h"));
  it.rounds.tell(hook);
  it.rounds.leave("brief@h");
  it.rounds.join(sighting("last@h"));
  it.rounds.tell(hook);
  put_text(it.folder / "go", "");
  it.run_until([&] { return it.told().ends_with("last@h\n"); });
  CHECK(it.told() == "joined slow@h\njoined last@h\n");
}

TEST_CASE("a command that fails is logged, not repeated, and the next one runs") {
  Fixture it;
  const auto [end, said] = GENERATE(table<std::string, std::string>({
      {"exit 3", "exited with 3"},
      {"kill -SEGV $$", "died of signal 11 (Segmentation fault)"},
      {"no_such_command_at_all 2>/dev/null", "exited with 127"},
  }));
  Hook hook(it.loop, it.tell_command() + "; " + end);
  it.rounds.join(sighting("a@h"));
  it.rounds.join(sighting("b@h"));
  it.rounds.tell(hook);
  it.run_until([&] { return it.log.lines() == 2; });
  it.rounds.tell(hook);
  CHECK(it.told() == "joined a@h\njoined b@h\n");
  CHECK(it.log.text() ==
        "warning --on-change: " + said + ", for 'joined a@h 192.0.2.1:40001 via web'\n" +
            "warning --on-change: " + said + ", for 'joined b@h 192.0.2.1:40001 via web'\n");
}

TEST_CASE("a command that takes too long is killed and logged, and the next one runs") {
  Fixture it;
  Hook hook(it.loop, it.tell_command() + "; [ $PORTOLAN_NODE = b@h ] || sleep 1000", 200ms);
  it.rounds.join(sighting("a@h"));
  it.rounds.join(sighting("b@h"));
  it.rounds.tell(hook);
  it.run_until([&] { return it.told().ends_with("b@h\n"); });
  CHECK(it.log.text() ==
        "warning --on-change: killed after 200 ms, for 'joined a@h 192.0.2.1:40001 via web'; what "
        "takes long belongs in the background\n");
}

TEST_CASE("a hook may end while its command runs") {
  Fixture it;
  {
    Hook hook(it.loop, it.tell_command() + "; sleep 1000");
    it.rounds.join(sighting("a@h"));
    it.rounds.tell(hook);
    it.run_until([&] { return !it.told().empty(); });
  }
  it.loop.run_ready();
}

TEST_CASE("names that mean something to a shell are told as they are") {
  const std::string name = GENERATE("a;b@h", "a|b&c@h", "(a)@h", "{}%s*?@h", "h\xc3\xa9@h");
  Fixture it;
  Hook hook(it.loop, it.tell_command());
  it.rounds.join(sighting(name));
  it.rounds.tell(hook);
  it.run_until([&] { return it.told().ends_with("\n"); });
  CHECK(it.told() == "joined " + name + "\n");
}
