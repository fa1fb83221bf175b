#include "keeper/records.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "keeper/heap_memory.h"
#include "requests.h"
#include "seeds.h"

using keeper::Record;
using keeper::Records;

namespace {

Record record_of(uint64_t cookie, const std::string& name, const std::string& extra = "") {
  epmd::Node node = node_named(name, static_cast<uint16_t>(cookie));
  node.protocol = 1;
  node.extra = extra;
  return {cookie, cookie + 100, static_cast<uint32_t>(cookie) + 1000, node};
}

/// As the next server finds them.
std::vector<Record> found_in(HeapMemory& memory) {
  std::vector<Record> found;
  for (const Records::Numbered& each : Records(memory).all()) found.push_back(each.record);
  std::sort(found.begin(), found.end(),
            [](const Record& one, const Record& other) { return one.cookie < other.cookie; });
  return found;
}

uint32_t& mark_of(HeapMemory& memory, Records::Number number) {
  std::byte* const blocks = memory.bytes().data() + keeper::state_bytes;
  return *reinterpret_cast<uint32_t*>(blocks + size_t{number} * Records::block_bytes);
}

}  // namespace

TEST_CASE("a record is found again with all its fields, however long its name and extra field") {
  for (const size_t name : {1U, 87U, 88U, 89U, 207U, 208U, 209U, 1020U})
    for (const size_t extra : {0U, 1U, 88U, 120U, 1020U}) {
      INFO(name << " " << extra);
      HeapMemory memory;
      const std::vector<Record> put = {record_of(1, characters(name), characters(extra, "e")),
                                       record_of(2, "other", std::string("\0x", 2))};
      Records records(memory);
      for (const Record& each : put) REQUIRE(records.put(each));
      CHECK(found_in(memory) == put);
      CHECK(Records(memory).count() == 2);
    }
}

TEST_CASE("a name of up to 88 bytes takes 128 bytes") {
  HeapMemory memory(keeper::state_bytes + (size_t{64} << 10));
  Records records(memory);
  for (uint64_t i = 1; i <= 512; ++i) REQUIRE(records.put(record_of(i, characters(88))));
  CHECK_FALSE(records.put(record_of(513, "n")));
  CHECK(found_in(memory).size() == 512);
}

TEST_CASE("a record that was freed makes room, also for the next server") {
  HeapMemory memory(keeper::state_bytes + (size_t{64} << 10));
  {
    Records records(memory);
    for (int i = 0; i < 1000; ++i) records.free(*records.put(record_of(7, characters(1020))));
    for (uint64_t i = 0; i < 56; ++i) REQUIRE(records.put(record_of(i, characters(1020))));
    CHECK_FALSE(records.put(record_of(99, characters(1020))));
    for (const Records::Numbered& each : records.all()) records.free(each.number);
  }
  Records next(memory);
  CHECK(next.count() == 0);
  for (uint64_t i = 0; i < 56; ++i) REQUIRE(next.put(record_of(i, characters(1020))));
}

TEST_CASE("a record whose writing was not finished is none, and leaves its room") {
  HeapMemory memory(keeper::state_bytes + (size_t{64} << 10));
  const Records::Number number = *Records(memory).put(record_of(1, characters(1020)));
  mark_of(memory, number) = 0;  // the mark is written last
  CHECK(found_in(memory).empty());
  Records next(memory);
  for (uint64_t i = 0; i < 56; ++i) CHECK(next.put(record_of(i, characters(1020))));
}

TEST_CASE("a chain of blocks that leads nowhere is no record") {
  HeapMemory memory;
  Records records(memory);
  const size_t name = GENERATE(100U, 1020U);
  const Records::Number number = *records.put(record_of(1, characters(name)));
  REQUIRE(records.put(record_of(2, "whole")));
  const uint32_t next = GENERATE(0U, 1U << 31, 300U);
  (&mark_of(memory, number))[1] = next;
  CHECK(found_in(memory) == std::vector{record_of(2, "whole")});
}

TEST_CASE("a block that two records have, or that one has twice, is only the first's") {
  HeapMemory memory;
  Records records(memory);
  const bool is_cycle = GENERATE(false, true);
  const Records::Number first = *records.put(record_of(1, characters(100)));
  const Records::Number second = *records.put(record_of(2, characters(is_cycle ? 300 : 100)));
  uint32_t* const first_head = &mark_of(memory, first);
  uint32_t* const second_head = &mark_of(memory, second);
  if (is_cycle)
    (&mark_of(memory, second_head[1]))[1] = second_head[1];
  else
    second_head[1] = first_head[1];
  Records next(memory);
  REQUIRE(next.count() == 1);
  next.free(next.all().front().number);
  for (uint64_t i = 0; i < 100; ++i) REQUIRE(next.put(record_of(i, characters(300))));
  CHECK(found_in(memory).size() == 100);
}

TEST_CASE("records come and go, and what is there is found by the next server") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    HeapMemory memory;
    auto records = std::make_unique<Records>(memory);
    std::map<Records::Number, Record> there;
    for (uint64_t step = 1; step < 2000; ++step) {
      if (random.one_in(3) && !there.empty()) {
        const auto gone = std::next(there.begin(), random.below(there.size()));
        records->free(gone->first);
        there.erase(gone);
      } else {
        const Record record = record_of(step, characters(1 + random.below(300)),
                                        random.bytes(random.one_in(4) ? random.below(500) : 0));
        there[*records->put(record)] = record;
      }
      if (random.one_in(100)) records = std::make_unique<Records>(memory);
    }
    for (const Records::Numbered& each : records->all())
      CHECK(there.at(each.number) == each.record);
    CHECK(records->all().size() == there.size());
  }
}
