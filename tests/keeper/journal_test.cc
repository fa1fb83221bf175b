#include "keeper/journal.h"

#include <cstring>

#include "catch.h"
#include "keeper/heap_memory.h"
#include "requests.h"

using keeper::Journal;

TEST_CASE("a name is written down until its descriptor's name goes") {
  HeapMemory memory;
  Journal journal(memory);
  REQUIRE(journal.registered(9, 77, 1000, node_named("a")));
  REQUIRE(journal.registered(300, 78, 1001, node_named("b")));
  journal.unregistered(9);
  journal.unregistered(9);
  journal.unregistered(5000);
  CHECK(journal.records().count() == 1);
  const Journal next(memory);
  const auto all = next.records().all();
  REQUIRE(all.size() == 1);
  CHECK(all.front().record == keeper::Record{78, 2, 1001, node_named("b")});
}

TEST_CASE("the next server's names are newer than those it has kept") {
  HeapMemory memory;
  REQUIRE(Journal(memory).registered(9, 77, 1000, node_named("a")));
  Journal next(memory);
  next.keep(next.records().all().front(), 9);
  REQUIRE(next.registered(10, 78, 1001, node_named("b")));
  for (const auto& each : next.records().all())
    CHECK(each.record.sequence == (each.record.node.alive_name == "a" ? 1 : 2));
  next.unregistered(9);
  CHECK(next.records().count() == 1);
}

TEST_CASE("without memory a name is not written down, and goes without harm") {
  HeapMemory memory(keeper::state_bytes);
  Journal journal(memory);
  CHECK_FALSE(journal.registered(9, 77, 1000, node_named("a")));
  journal.unregistered(9);
  CHECK(journal.records().count() == 0);
}

TEST_CASE("the request and the totals outlive a server") {
  HeapMemory memory;
  {
    Journal journal(memory);
    std::memcpy(journal.state().request.begin(5, 0), "\0\1n", 3);
    ++journal.state().totals.restarts;
  }
  const Journal next(memory);
  CHECK(next.state().request.descriptor == 5);
  CHECK(next.state().request.bytes[2] == 'n');
  CHECK(next.state().totals.restarts == 1);
}

TEST_CASE("what a program of another format has left is dropped") {
  HeapMemory memory;
  {
    Journal journal(memory);
    REQUIRE(journal.registered(9, 77, 1000, node_named("a")));
    ++journal.state().format;
  }
  Journal next(memory);
  CHECK(next.records().count() == 0);
  CHECK(next.state().request.descriptor == -1);
}

TEST_CASE("a journal that is cleared says how many names it had") {
  HeapMemory memory;
  Journal journal(memory);
  REQUIRE(journal.registered(9, 77, 1000, node_named("a")));
  REQUIRE(journal.registered(10, 78, 1000, node_named("b")));
  CHECK(journal.clear() == 2);
  CHECK(Journal(memory).records().count() == 0);
  journal.unregistered(9);
}
