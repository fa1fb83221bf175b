#include "epmd/listing.h"

#include "catch.h"
#include "fake_event_sink.h"
#include "requests.h"

using namespace std::string_literals;
using epmd::Listing;
using epmd::Registry;

namespace {

struct Fixture {
  FakeEventSink event_sink = {};
  Registry registry{event_sink, [] { return 1000; }};
  Listing listing{registry, 4369};
};

}  // namespace

TEST_CASE("without names a NAMES_RESP is the port alone") {
  Fixture it;
  CHECK(*it.listing.names_resp() == "\0\0\x11\x11"s);
  CHECK(*it.listing.dump_resp() == "\0\0\x11\x11"s);
}

TEST_CASE("the port is reported with all its 32 bits") {
  Fixture it;
  CHECK(*Listing(it.registry, 65536 + 7).names_resp() == "\0\x01\0\x07"s);
  CHECK(*Listing(it.registry, static_cast<uint32_t>(-5)).dump_resp() == "\xff\xff\xff\xfb"s);
}

TEST_CASE("names are listed newest first, a line each") {
  Fixture it;
  const auto a = it.registry.add(node_named("a", 1), 10);
  const auto b = it.registry.add(node_named("b b", 65535), 11);
  const auto c = it.registry.add(node_named("", 0), 12);
  CHECK(*it.listing.names_resp() ==
        "\0\0\x11\x11"
        "name  at port 0\nname b b at port 65535\nname a at port 1\n"s);
}

TEST_CASE("names are listed raw, whatever is in them") {
  Fixture it;
  const auto a = it.registry.add(node_named("x at port 1\nname \xc3\xb6", 2), 10);
  CHECK(*it.listing.names_resp() ==
        "\0\0\x11\x11"
        "name x at port 1\nname \xc3\xb6 at port 2\n"s);
}

TEST_CASE("a dump shows live names newest first, then old ones oldest first, with descriptors") {
  Fixture it;
  const auto a = it.registry.add(node_named("a", 1), 10);
  auto b = it.registry.add(node_named("b", 2), 11);
  auto c = it.registry.add(node_named("c", 3), 12);
  const auto d = it.registry.add(node_named("d", 4), 13);
  c.reset();
  b.reset();
  CHECK(*it.listing.dump_resp() ==
        "\0\0\x11\x11"
        "active name     <d> at port 4, fd = 13\n\0"
        "active name     <a> at port 1, fd = 10\n\0"
        "old/unused name <c>, port = 3, fd = 12 \n\0"
        "old/unused name <b>, port = 2, fd = 11 \n\0"s);
}

TEST_CASE("the NAMES_RESP is rendered once for each change, and old ones stay as they were") {
  Fixture it;
  const auto empty = it.listing.names_resp();
  auto a = it.registry.add(node_named("a", 1), 10);
  const auto one = it.listing.names_resp();
  CHECK(it.listing.names_resp() == one);
  a.reset();
  const auto none = it.listing.names_resp();
  CHECK(*none == "\0\0\x11\x11"s);
  CHECK(*empty == *none);
  CHECK(*one == "\0\0\x11\x11name a at port 1\n"s);
  CHECK(it.listing.names_resp() == none);
}

TEST_CASE("a text counts once, as long as anybody holds it") {
  Fixture it;
  const auto a = it.registry.add(node_named("a", 1), 10);
  auto first = it.listing.names_resp();
  const size_t one = it.listing.bytes_held();
  CHECK(one >= first->size());
  auto again = it.listing.names_resp();
  CHECK(it.listing.bytes_held() == one);
  const auto b = it.registry.add(node_named("b", 1), 10);
  const auto second = it.listing.names_resp();
  CHECK(it.listing.bytes_held() > 2 * one);
  first.reset();
  CHECK(it.listing.bytes_held() > 2 * one);
  again.reset();
  CHECK(it.listing.bytes_held() < 2 * one);
}

TEST_CASE(
    "a text that does not fit has others let go first, and is refused if that is too little") {
  Fixture it;
  Listing listing(it.registry, 4369, 400);
  const auto a = it.registry.add(node_named(std::string(250, 'a'), 1), 10);
  auto held = listing.names_resp();
  REQUIRE(held);
  const auto b = it.registry.add(node_named("b", 1), 10);
  CHECK_FALSE(listing.names_resp());
  listing.on_full([&](const std::function<bool()>& fits) {
    CHECK_FALSE(fits());
    held.reset();
    CHECK(fits());
  });
  CHECK(listing.names_resp());
  CHECK(listing.bytes_held() <= 400);
}

TEST_CASE("a refused registration does not change the list") {
  Fixture it;
  const auto a = it.registry.add(node_named("a", 1), 10);
  const auto one = it.listing.names_resp();
  CHECK_FALSE(it.registry.add(node_named("a", 2), 11));
  CHECK(it.listing.names_resp() == one);
}

TEST_CASE("a name that comes back at another port is listed with that") {
  Fixture it;
  auto a = it.registry.add(node_named("a", 1), 10);
  CHECK(it.listing.names_resp()->ends_with("name a at port 1\n"));
  a.reset();
  a = it.registry.add(node_named("a", 2), 10);
  CHECK(it.listing.names_resp()->ends_with("name a at port 2\n"));
}
