#include "epmd/request_slot.h"

#include <cstring>
#include <string_view>

#include "catch.h"

using epmd::RequestSlot;

namespace {

void receive(RequestSlot& slot, int descriptor, size_t bytes_before, std::string_view bytes) {
  std::memcpy(slot.begin(descriptor, bytes_before), bytes.data(), bytes.size());
}

}  // namespace

TEST_CASE("a request that comes in parts is kept as a whole") {
  RequestSlot slot;
  receive(slot, 5, 0, "ab");
  receive(slot, 5, 2, "cd");
  receive(slot, 5, 4, "e");
  CHECK(slot.descriptor == 5);
  CHECK(std::string_view(slot.bytes.data(), 5) == "abcde");
}

TEST_CASE("a request whose first part is not kept any more is none") {
  RequestSlot slot;
  receive(slot, 5, 0, "ab");
  receive(slot, 6, 0, "xy");
  receive(slot, 5, 2, "cd");
  CHECK(slot.descriptor == -1);
  receive(slot, 6, 2, "z");
  CHECK(slot.descriptor == -1);
}

TEST_CASE("what a server has tried and answered of a request is not told of the next part") {
  RequestSlot slot;
  receive(slot, 5, 0, "ab");
  slot.repeats = 1;
  slot.reply_bytes = 9;
  receive(slot, 5, 2, "cd");
  CHECK(slot.repeats == 0);
  CHECK(slot.reply_bytes == 0);
}

TEST_CASE("no more is read than there is room for") {
  RequestSlot slot;
  receive(slot, 5, 0, "ab");
  CHECK(slot.begin(5, slot.bytes.size()) == slot.bytes.data());
  CHECK(slot.descriptor == -1);
}
