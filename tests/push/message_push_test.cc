#include "push/message_push.h"

#include "catch.h"

using namespace std::string_literals;
using discovery::Change;
using discovery::Sighting;

namespace {

Sighting sighting() {
  Sighting seen;
  seen.name = *dist::parse_node_name("a@b");
  seen.node = {"1.2.3.4", 4000};
  seen.queries = {"web"};
  seen.is_verified = true;
  seen.creation = 9;
  return seen;
}

}  // namespace

TEST_CASE("the first message has the names of all") {
  push::Peers peers;
  CHECK(push::members_message(peers) == "h\3w\x08portolanw\7membersj");
  peers["a@b"] = sighting();
  CHECK(push::members_message(peers) == "h\3w\x08portolanw\7membersl\0\0\0\1w\3a@bj"s);
}

TEST_CASE("a change is told with what is known of the node") {
  // term_to_binary({portolan, joined, 'a@b', #{address => <<"1.2.3.4">>, …}}) has other orders of
  // keys, which mean the same.
  const std::string info = "w\7addressm\0\0\0\x07"s +
                           "1.2.3.4w\4portb\0\0\x0f\xa0w\x08verifiedw\4truew\x08"s +
                           "creationa\x09w\7queriesl\0\0\0\1m\0\0\0\3webj"s;
  CHECK(push::change_message({Change::Kind::joined, sighting(), {}}) ==
        "h\4w\x08portolanw\6joinedw\3a@bt\0\0\0\5"s + info);
  CHECK(push::change_message({Change::Kind::left, sighting(), "it left"}) ==
        "h\4w\x08portolanw\4leftw\3a@bt\0\0\0\6"s + info + "w\6reasonm\0\0\0\7it left"s);
}

TEST_CASE("a guess has no creation, and a neighbour no query") {
  Sighting seen = sighting();
  seen.is_verified = false;
  seen.creation = 0;
  seen.queries.clear();
  const std::string told = push::change_message({Change::Kind::joined, seen, {}});
  CHECK(told.find("w\x08verifiedw\5falsew\x08"s + "creationa\0w\7queriesj"s) != std::string::npos);
}
