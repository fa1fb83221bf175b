#include "keeper/shared_memory.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "catch.h"
#include "keeper/journal.h"
#include "requests.h"

TEST_CASE("what is written in one mapping is read in the next, before and after it has grown") {
  auto descriptor = keeper::SharedMemory::create();
  REQUIRE(descriptor);
  auto memory = keeper::SharedMemory::map(descriptor->get());
  REQUIRE(memory);
  keeper::Journal journal(**memory);
  const std::byte* const head = (*memory)->head();
  for (int i = 1; i <= 2000; ++i)
    REQUIRE(journal.registered(i, static_cast<uint64_t>(i), 1000, node_named("n")));
  journal.state().request.descriptor = 5;
  CHECK((*memory)->head() == head);
  auto again = keeper::SharedMemory::map(descriptor->get());
  REQUIRE(again);
  const keeper::Journal next(**again);
  CHECK(next.records().count() == 2000);
  CHECK(next.state().request.descriptor == 5);
}

TEST_CASE("no command inherits the memory") {
  auto descriptor = keeper::SharedMemory::create();
  REQUIRE(descriptor);
  CHECK((fcntl(descriptor->get(), F_GETFD) & FD_CLOEXEC) != 0);
}
