#include "epmd/names.h"

#include "catch.h"
#include "epmd/listing.h"
#include "fake_event_sink.h"
#include "requests.h"
#include "seeds.h"

using namespace std::string_literals;
using namespace std::string_view_literals;
using epmd::ListedName;
using epmd::NamesReader;
using epmd::parse_node_info;

namespace {

const std::string header = "\0\0\x11\x11"s;

bool is_same(const NamesReader& a, const NamesReader& b) {
  return a.is_whole() == b.is_whole() && a.epmd_port_no() == b.epmd_port_no() &&
         a.names() == b.names();
}

}  // namespace

TEST_CASE("a NodeInfo line is a name and a port") {
  const auto [line, name, port_no] = GENERATE(table<std::string, std::string, uint16_t>({
      {"name web at port 41031", "web", 41031},
      {"name a b at port 0", "a b", 0},
      {"name  at port 65535", "", 65535},
      {"name x at port 1 at port 2", "x at port 1", 2},
      {"name \xff at port 7", "\xff", 7},
      {"name name at port at port 9", "name at port", 9},
  }));
  INFO(line);
  CHECK(parse_node_info(line) == ListedName{name, port_no});
}

TEST_CASE("what is not a NodeInfo line is not taken for one") {
  const std::string line =
      GENERATE(""s, "name"s, "name at port 5"s, "name web at port "s, "name web at port 65536"s,
               "name web at port -1"s, "name web at port +1"s, "name web at port 5 "s,
               "name web at port x"s, " name web at port 5"s, "Name web at port 5"s,
               "web at port 5"s, "name web at  port 5"s, "name web at port 0x5"s);
  INFO(line);
  CHECK_FALSE(parse_node_info(line));
}

TEST_CASE("a NAMES_RESP without names is whole after its port") {
  NamesReader reader;
  CHECK_FALSE(reader.is_whole());
  CHECK(reader.receive("\0\0\x11"sv));
  CHECK_FALSE(reader.epmd_port_no());
  CHECK_FALSE(reader.is_whole());
  CHECK(reader.receive("\x11"sv));
  CHECK(reader.epmd_port_no() == 4369U);
  CHECK(reader.is_whole());
  CHECK(reader.names().empty());
}

TEST_CASE("names are read as they arrive") {
  NamesReader reader;
  CHECK(reader.receive(header + "name a at port 1\nname b"));
  CHECK(reader.names() == std::vector<ListedName>{{"a", 1}});
  CHECK_FALSE(reader.is_whole());
  CHECK(reader.receive(" at port 2\n"));
  CHECK(reader.names() == std::vector<ListedName>{{"a", 1}, {"b", 2}});
  CHECK(reader.is_whole());
  CHECK(reader.receive(""));
  CHECK(reader.is_whole());
}

TEST_CASE("what is no NAMES_RESP is refused, and stays refused") {
  NamesReader reader;
  CHECK_FALSE(reader.receive(header + "HTTP/1.1 400 Bad Request\n"));
  CHECK_FALSE(reader.is_whole());
  CHECK_FALSE(reader.receive("name a at port 1\n"));
  CHECK_FALSE(reader.is_whole());
  CHECK(reader.names().empty());
}

TEST_CASE("lines that are no NodeInfo are counted, and spoil no others") {
  FakeEventSink event_sink;
  epmd::Registry registry(event_sink, [] { return 1000; });
  const auto good = registry.add(node_named("good", 4001), 3);
  const auto bad = registry.add(node_named("line\nfeed", 4002), 4);
  const auto better = registry.add(node_named("better", 4003), 5);
  NamesReader reader;
  CHECK(reader.receive(*epmd::Listing(registry, 4369).names_resp()));
  CHECK(reader.is_whole());
  CHECK(reader.names() == std::vector<ListedName>{{"better", 4003}, {"good", 4001}});
  CHECK(reader.unreadable() == 2);
}

TEST_CASE("lines of which none is a NodeInfo are no list") {
  NamesReader reader;
  CHECK(reader.receive(header + "name x\ny at port 1\n"));
  CHECK_FALSE(reader.is_whole());
  CHECK(reader.receive("name z at port 2\n"));
  CHECK(reader.is_whole());
}

TEST_CASE("another protocol's text is refused before its first line is over") {
  NamesReader http;
  CHECK_FALSE(http.receive("HTTP/1.1 400 Bad Request"));
  CHECK_FALSE(http.is_whole());
}

TEST_CASE("lines that cannot be read count among those that there may be") {
  NamesReader reader(3);
  CHECK(reader.receive(header + "name a at port 1\nx\ny\n"));
  CHECK(reader.is_whole());
  CHECK_FALSE(reader.receive("z\n"));
  CHECK_FALSE(reader.is_whole());
}

TEST_CASE("names that are not to be kept are read all the same") {
  NamesReader reader(NamesReader::names_max,
                     [](const ListedName& listed) { return listed.port_no == 2; });
  CHECK(reader.receive(header + "name a at port 1\nname b at port 2\n"));
  CHECK(reader.is_whole());
  CHECK(reader.take_names() == std::vector<ListedName>{{"b", 2}});
}

TEST_CASE("a line may be 1100 bytes long, and not longer") {
  const std::string around = "name  at port 1";
  const std::string longest = "name " + characters(1100 - around.size()) + " at port 1";
  NamesReader whole;
  CHECK(whole.receive(header + longest + "\n"));
  CHECK(whole.names().size() == 1);
  NamesReader pieces;
  CHECK(pieces.receive(header + longest));
  CHECK(pieces.receive("\n"));
  CHECK(is_same(whole, pieces));
  NamesReader too_long;
  CHECK_FALSE(too_long.receive(header + "name n" + longest.substr(5) + "\n"));
  NamesReader endless;
  CHECK_FALSE(endless.receive(header + characters(1101)));
}

TEST_CASE("the longest name that can be registered fits a line") {
  FakeEventSink event_sink;
  epmd::Registry registry(event_sink, [] { return 1000; });
  const auto name = registry.add(node_named(characters(255, "\xf0\x9f\x90\x98"), 65535), 3);
  NamesReader reader;
  CHECK(reader.receive(*epmd::Listing(registry, 4369).names_resp()));
  CHECK(reader.names() == std::vector<ListedName>{{name->node.alive_name, 65535}});
}

TEST_CASE("no more than a million names are read") {
  NamesReader reader;
  std::string line = "name n at port 1\n";
  std::string many;
  for (int i = 0; i < 1000; ++i) many += line;
  REQUIRE(reader.receive(header));
  bool is_read = true;
  for (int i = 0; i < 1000; ++i) is_read = is_read && reader.receive(many);
  CHECK(is_read);
  CHECK(reader.names().size() == NamesReader::names_max);
  CHECK(reader.is_whole());
  CHECK_FALSE(reader.receive(line));
  CHECK(reader.names().size() == NamesReader::names_max);
}

TEST_CASE("a listing is read as it was written, wherever it is cut") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    FakeEventSink event_sink;
    epmd::Registry registry(event_sink, [] { return 1000; });
    std::vector<epmd::Registration> alive;
    std::vector<ListedName> expected;
    for (uint32_t i = 0; i < 50; ++i) {
      const std::string name = "n" + std::to_string(i) + characters(random.below(30), " at port ");
      alive.push_back(registry.add(node_named(name, static_cast<uint16_t>(i)), 3));
      expected.insert(expected.begin(), {name, static_cast<uint16_t>(i)});
    }
    const std::string bytes = *epmd::Listing(registry, 4369).names_resp();
    NamesReader reader;
    for (size_t begin = 0; begin < bytes.size();) {
      const size_t size = 1 + random.below(60);
      REQUIRE(reader.receive(std::string_view(bytes).substr(begin, size)));
      begin += size;
    }
    CHECK(reader.is_whole());
    CHECK(reader.names() == expected);
  }
}

TEST_CASE("whether a text is refused does not depend on where it was cut") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    for (int i = 0; i < 300; ++i) {
      std::string bytes = header;
      for (uint32_t left = random.below(6); left > 0; --left)
        bytes += "name " + characters(random.below(3) * 544) + " at port 1\n";
      if (random.one_in(2))
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
      NamesReader whole;
      whole.receive(bytes);
      NamesReader pieces;
      for (size_t begin = 0; begin < bytes.size();) {
        const size_t size = 1 + random.below(700);
        pieces.receive(std::string_view(bytes).substr(begin, size));
        begin += size;
      }
      REQUIRE(is_same(whole, pieces));
    }
  }
}
