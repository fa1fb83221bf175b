#include "probe/prober.h"

#include <algorithm>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/wire.h"
#include "catch.h"
#include "event/turn.h"
#include "probe/fake_service.h"

using namespace std::chrono_literals;
using namespace std::string_literals;
using discovery::Endpoint;
using discovery::Identification;
using discovery::NamesAnswer;
using Identity = Identification::Outcome;
using Names = NamesAnswer::Outcome;

namespace {

using discovery::Interest;

struct World {
  NamesAnswer ask_some(const Endpoint& epmd, const Interest& interest) {
    std::optional<NamesAnswer> answer;
    const auto pending = prober.ask_some_names(
        epmd, 10s, interest, [&](NamesAnswer given) { answer = std::move(given); });
    turn_until(loop, [&] { return answer.has_value(); });
    return *answer;
  }
  NamesAnswer ask(const Endpoint& epmd, discovery::Time timeout = 10s) {
    std::optional<NamesAnswer> answer;
    const auto pending =
        prober.ask_names(epmd, timeout, [&](NamesAnswer given) { answer = std::move(given); });
    CHECK_FALSE(answer);
    turn_until(loop, [&] { return answer.has_value(); });
    return *answer;
  }
  Identification identify(const Endpoint& node) {
    std::optional<Identification> identification;
    const auto pending =
        prober.identify(node, [&](Identification given) { identification = std::move(given); });
    CHECK_FALSE(identification);
    turn_until(loop, [&] { return identification.has_value(); });
    return *identification;
  }

  event::Loop loop;
  probe::Prober prober{loop, "epmd_probe7@epmd"};
};

std::string framed(const std::string& message) {
  std::string out;
  base::put_u16(out, static_cast<unsigned>(message.size()));
  return out + message;
}

std::string challenge(const std::string& name, uint64_t flags = 0xd07df7fbd) {
  std::string out = "N";
  base::put_u64(out, flags);
  base::put_u32(out, 12345);
  base::put_u32(out, 1795421563);
  base::put_u16(out, static_cast<unsigned>(name.size()));
  return framed(out + name);
}

const std::string names_of_two = "\0\0\x11\x11name one at port 4001\nname two at port 4002\n"s;

}  // namespace

TEST_CASE("an EPMD is asked for its names, and closes") {
  World world;
  FakeService epmd(world.loop, [](FakeService::Client& client) {
    client.say(names_of_two);
    client.close();
  });
  const NamesAnswer answer = world.ask(epmd.endpoint());
  CHECK(answer.outcome == Names::listed);
  CHECK(answer.names == std::vector<epmd::ListedName>{{"one", 4001}, {"two", 4002}});
  CHECK(epmd.received == "\0\x01n"s);
}

TEST_CASE("an EPMD without names is one all the same") {
  World world;
  FakeService epmd(world.loop, [](FakeService::Client& client) {
    client.say("\0\0\x11\x11"s);
    client.close();
  });
  CHECK(world.ask(epmd.endpoint()).outcome == Names::listed);
}

TEST_CASE("what of a list cannot be read is counted, and the names beside it are told") {
  World world;
  FakeService epmd(world.loop, [](FakeService::Client& client) {
    client.say("\0\0\x11\x11name good at port 4001\nname line\nfeed at port 4002\n"s);
    client.close();
  });
  const NamesAnswer answer = world.ask(epmd.endpoint());
  CHECK(answer.outcome == Names::listed);
  CHECK(answer.names == std::vector<epmd::ListedName>{{"good", 4001}});
  CHECK(answer.unreadable == 2);
}

TEST_CASE("of the names of interest the first are told, and those that are known in any case") {
  World world;
  FakeService epmd(world.loop, [](FakeService::Client& client) {
    std::string list = "\0\0\x11\x11"s;
    for (int i = 0; i < 9; ++i) list += "name n" + std::to_string(i) + " at port 4000\n";
    client.say(list);
    client.close();
  });
  const auto in = [](const epmd::ListedName& listed) {
    if (listed.alive_name == "n0") return Interest::In::none;
    return listed.alive_name >= "n7" ? Interest::In::known_names : Interest::In::new_names;
  };
  const NamesAnswer answer = world.ask_some(epmd.endpoint(), {in, 2});
  CHECK(answer.outcome == Names::listed);
  CHECK(answer.names ==
        std::vector<epmd::ListedName>{{"n1", 4000}, {"n2", 4000}, {"n7", 4000}, {"n8", 4000}});
  CHECK(answer.left_out == 4);
}

TEST_CASE("lists that are read at one time are bounded together, and each has room of its own") {
  World world;
  std::string list = "\0\0\x11\x11"s;
  for (int i = 0; i < 2000; ++i)
    list += "name " + std::string(1000, 'n') + std::to_string(i) + " at port 4000\n";
  list += "name";  // its end is waited for
  constexpr size_t services = 15;
  std::list<FakeService> epmds;
  std::vector<FakeService::Client*> clients;
  std::vector<discovery::Pending> pending;
  std::vector<NamesAnswer> answers;
  size_t seen = 0;
  const auto in = [&seen](const epmd::ListedName&) {
    ++seen;
    return Interest::In::new_names;
  };
  for (size_t i = 0; i < services; ++i) {
    epmds.emplace_back(world.loop, [&clients, &list](FakeService::Client& client) {
      client.say_all(list);
      clients.push_back(&client);
    });
    pending.push_back(world.prober.ask_some_names(
        epmds.back().endpoint(), 60s, {in, probe::Prober::names_max},
        [&](NamesAnswer given) { answers.push_back(std::move(given)); }));
  }
  turn_until(world.loop, [&] { return seen == services * 2000; });
  for (FakeService::Client* client : clients) {
    client->say(" last at port 1\n");
    client->close();
  }
  turn_until(world.loop, [&] { return answers.size() == services; });
  size_t kept = 0;
  for (const NamesAnswer& answer : answers) {
    CHECK(answer.outcome == Names::listed);
    CHECK(answer.names.size() + answer.left_out == 2001);
    CHECK(answer.names.size() >= probe::Prober::list_bytes_own / 1200);
    for (const auto& name : answer.names) kept += name.alive_name.size();
  }
  CHECK(kept > probe::Prober::list_bytes_shared / 2);
  CHECK(kept < probe::Prober::list_bytes_shared + services * probe::Prober::list_bytes_own);
}

TEST_CASE("nobody listens: refused") {
  World world;
  Endpoint nobody;
  {
    const net::ListeningSocket gone = listen_on_loopback();
    nobody = {gone.address.host(), gone.address.port()};
  }
  CHECK(world.ask(nobody).outcome == Names::refused);
  CHECK(world.identify(nobody).outcome == Identity::refused);
}

TEST_CASE("who accepts and says nothing is silent, after the time that was given") {
  World world;
  FakeService mute(world.loop, [](FakeService::Client&) {});
  const auto begun = std::chrono::steady_clock::now();
  CHECK(world.ask(mute.endpoint(), 50ms).outcome == Names::silent);
  CHECK(world.identify(mute.endpoint()).outcome == Identity::silent);
  const auto took = std::chrono::steady_clock::now() - begun;
  CHECK(took >= 40ms + probe::Prober::node_timeout);  // the loop counts in whole milliseconds
}

TEST_CASE("an answer that never ends is dropped in time, however it comes") {
  World world;
  const std::string line = "name " + std::string(200, 'n') + " at port 1\n";
  std::string flood = "\0\0\x11\x11"s;
  for (int i = 0; i < 300; ++i) flood += line;
  FakeService epmd(world.loop,
                   [flood](FakeService::Client& client) { client.say_for_ever(flood); });
  const NamesAnswer answer = world.ask(epmd.endpoint(), 2s);
  CHECK((answer.outcome == Names::nonsense || answer.outcome == Names::silent));
  CHECK(answer.names.empty());
}

TEST_CASE("what is no list of names is nonsense, and half of one too") {
  World world;
  const std::string text =
      GENERATE("HTTP/1.1 400 Bad Request\r\n"s, "\0\0\x11\x11name one at port 99999\n"s,
               "\0\0\x11\x11name one at p"s, "\0\0\x11"s + std::string(2000, 'x'));
  FakeService service(world.loop, [text](FakeService::Client& client) {
    client.say(text);
    client.close();
  });
  CHECK(world.ask(service.endpoint()).outcome == Names::nonsense);
}

TEST_CASE("an EPMD that closes without a word has not said that there are no names") {
  World world;
  FakeService service(world.loop, [](FakeService::Client& client) { client.close(); });
  CHECK(world.ask(service.endpoint()).outcome == Names::silent);
}

TEST_CASE("a node is identified by its challenge, and not spoken to any further") {
  World world;
  FakeService node(world.loop, [](FakeService::Client& client) {
    client.say(framed("sok"));
    client.say(challenge("node@m23"));
  });
  const Identification found = world.identify(node.endpoint());
  CHECK(found.outcome == Identity::identified);
  CHECK(found.challenge.node_name == "node@m23");
  CHECK(found.challenge.creation == 1795421563);
  CHECK(found.challenge.flags == 0xd07df7fbd);
  CHECK(node.waits_for_end(world.loop));
  CHECK(node.received == dist::Handshake().hello("epmd_probe7@epmd", dist::flags::prober));
}

TEST_CASE("a node that does not say who it is says how") {
  World world;
  const auto [said, closes, outcome] = GENERATE(table<std::string, bool, Identity>({
      {framed("snok"), false, Identity::busy},
      {framed("salive"), false, Identity::busy},
      {framed("snot_allowed"), true, Identity::not_allowed},
      {"\x15\x03\x01\0\x02\x02\x0a"s, true, Identity::speaks_tls},
      {"", true, Identity::closed},
      {framed("sok"), true, Identity::busy},
      {"SSH-2.0-OpenSSH\r\n", false, Identity::nonsense},
      {framed("sok") + framed("N\0\0"s), false, Identity::nonsense},
      {framed("sok") + "\xff\xff"s + std::string(100, 'N'), false, Identity::nonsense},
  }));
  FakeService node(world.loop, [said = said, closes = closes](FakeService::Client& client) {
    client.say(said);
    if (closes) client.close();
  });
  CHECK(world.identify(node.endpoint()).outcome == outcome);
}

TEST_CASE("one that answers byte by byte is understood, or given up in time") {
  World world;
  FakeService node(world.loop, [](FakeService::Client& client) {
    client.say_slowly(framed("sok") + challenge("slow@host"));
  });
  CHECK(world.identify(node.endpoint()).challenge.node_name == "slow@host");
}

TEST_CASE("a node that answered while this process was held up is identified") {
  World world;
  FakeService node(world.loop, [](FakeService::Client& client) {
    client.say(framed("sok") + challenge("node@host"));
    std::this_thread::sleep_for(probe::Prober::node_timeout + 100ms);
  });
  CHECK(world.identify(node.endpoint()).outcome == Identity::identified);
}

TEST_CASE("a node that says nothing is silent also where this process was held up") {
  World world;
  FakeService node(world.loop, [](FakeService::Client&) {
    std::this_thread::sleep_for(probe::Prober::node_timeout + 100ms);
  });
  CHECK(world.identify(node.endpoint()).outcome == Identity::silent);
}

TEST_CASE("a probe that was dropped closes its connection and calls nobody") {
  World world;
  FakeService mute(world.loop, [](FakeService::Client&) {});
  auto names = world.prober.ask_names(mute.endpoint(), 10s, [](const auto&) { FAIL("called"); });
  auto node = world.prober.identify(mute.endpoint(), [](const auto&) { FAIL("called"); });
  turn_until(world.loop, [&] { return mute.accepted == 2; });
  names.reset();
  node.reset();
  CHECK(mute.waits_for_end(world.loop));
}

TEST_CASE("without descriptors a probe is silent, and the next one works") {
  World world;
  FakeService epmd(world.loop, [](FakeService::Client& client) {
    client.say(names_of_two);
    client.close();
  });
  {
    const NoDescriptors none;
    CHECK(world.ask(epmd.endpoint()).outcome == Names::silent);
  }
  CHECK(world.ask(epmd.endpoint()).outcome == Names::listed);
}
