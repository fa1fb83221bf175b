#include "keeper/recovery.h"

#include "catch.h"
#include "requests.h"

using keeper::Fate;
using keeper::Records;
using keeper::SocketFacts;
using keeper::sort_out;
using keeper::Survivors;

namespace {

constexpr bool with_record = true;
constexpr bool without_record = false;

SocketFacts client(uint64_t bytes_read, uint64_t bytes_sent, bool has_ended = false) {
  return {.descriptor = 9,
          .cookie = 77,
          .is_client = true,
          .has_ended = has_ended,
          .bytes_read = bytes_read,
          .bytes_sent = bytes_sent};
}

epmd::RequestSlot request_of(int descriptor, uint64_t reply_bytes = 0, uint32_t repeats = 0) {
  epmd::RequestSlot request;
  request.descriptor = descriptor;
  request.reply_bytes = reply_bytes;
  request.repeats = repeats;
  return request;
}

Records::Numbered numbered(Records::Number number, uint64_t cookie, uint64_t sequence) {
  return {number, {cookie, sequence, 1000, node_named("n" + std::to_string(number))}};
}

SocketFacts registered(int descriptor, uint64_t cookie, bool has_ended = false) {
  return {descriptor, cookie, true, has_ended, 20, 6};
}

}  // namespace

TEST_CASE("a name that was answered stays, unless its node has ended") {
  CHECK(fate_of(client(20, 6), with_record, request_of(9, 6)) == Fate::keep);
  CHECK(fate_of(client(20, 6), with_record, request_of(-1)) == Fate::keep);
  CHECK(fate_of(client(20, 6, true), with_record, request_of(-1)) == Fate::close);
}

TEST_CASE("a name that was not answered is registered again if its request is there") {
  CHECK(fate_of(client(20, 0), with_record, request_of(9)) == Fate::repeat);
  CHECK(fate_of(client(20, 0), with_record, request_of(8)) == Fate::close);
  CHECK(fate_of(client(20, 0), with_record, request_of(-1)) == Fate::close);
}

TEST_CASE("a client that was not heard is served") {
  CHECK(fate_of(client(0, 0), without_record, request_of(9)) == Fate::serve);
  CHECK(fate_of(client(0, 0, true), without_record, request_of(-1)) == Fate::serve);
}

TEST_CASE("a request that was read is answered once more, and not a third time") {
  CHECK(fate_of(client(20, 0), without_record, request_of(9)) == Fate::repeat);
  CHECK(fate_of(client(20, 0), without_record, request_of(9, 21)) == Fate::repeat);
  CHECK(fate_of(client(20, 0), without_record, request_of(9, 0, 1)) == Fate::close);
  CHECK(fate_of(client(20, 0), without_record, request_of(8)) == Fate::close);
}

TEST_CASE("an answer that is not known to be whole is reset") {
  CHECK(fate_of(client(3, 100), without_record, request_of(9, 100)) == Fate::close);
  CHECK(fate_of(client(3, 99), without_record, request_of(9, 100)) == Fate::reset);
  CHECK(fate_of(client(3, 100), without_record, request_of(8, 100)) == Fate::reset);
}

TEST_CASE("a socket that is no client's is closed") {
  SocketFacts other = client(0, 0);
  other.is_client = false;
  CHECK(fate_of(other, without_record, request_of(9)) == Fate::close);
}

TEST_CASE("bytes that the memory cannot hold are no request") {
  CHECK(fate_of(client(epmd::read_bytes_max + 1, 0), without_record, request_of(9)) == Fate::close);
}

TEST_CASE("names are matched by cookie, and come in the order of their registration") {
  const Survivors survivors =
      sort_out({registered(5, 50), registered(6, 60), registered(7, 70), registered(8, 80, true)},
               {numbered(0, 70, 1), numbered(1, 50, 3), numbered(2, 60, 2), numbered(3, 80, 4),
                numbered(4, 90, 5)},
               request_of(-1));
  REQUIRE(survivors.names.size() == 3);
  CHECK(survivors.names[0].descriptor == 7);
  CHECK(survivors.names[0].record.number == 0);
  CHECK(survivors.names[1].descriptor == 6);
  CHECK(survivors.names[2].descriptor == 5);
  CHECK(survivors.dropped == std::vector<Records::Number>{3, 4});
  CHECK(survivors.closed == std::vector{8});
  CHECK(survivors.names_ended == 1);
  CHECK(survivors.names_lost == 1);
}

TEST_CASE("of two records with one socket, or one name, one is dropped") {
  auto same_name = numbered(1, 60, 2);
  same_name.record.node = numbered(0, 50, 1).record.node;
  const Survivors survivors =
      sort_out({registered(5, 50), registered(6, 60)},
               {numbered(0, 50, 1), same_name, numbered(2, 50, 3)}, request_of(-1));
  REQUIRE(survivors.names.size() == 1);
  CHECK(survivors.names[0].record.number == 0);
  CHECK(survivors.dropped == std::vector<Records::Number>{2, 1});
  CHECK(survivors.closed == std::vector{6});
}

TEST_CASE("the newest name is the only one that may not have been answered") {
  CHECK(keeper::newest_of({}) == 0);
  CHECK(keeper::newest_of({numbered(0, 70, 1), numbered(1, 50, 3), numbered(2, 60, 2)}) == 50);
}

TEST_CASE("a record that was never answered is dropped before its request is repeated") {
  const Survivors survivors =
      sort_out({{9, 77, true, false, 20, 0}}, {numbered(0, 77, 1)}, request_of(9));
  CHECK(survivors.names.empty());
  CHECK(survivors.dropped == std::vector<Records::Number>{0});
  CHECK(survivors.repeated == 9);
  CHECK(survivors.bytes_repeated == 20);
  CHECK(survivors.names_ended + survivors.names_lost == 0);
}
