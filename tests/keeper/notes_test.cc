#include "keeper/notes.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <csignal>

#include "catch.h"
#include "keeper/journal.h"
#include "keeper/shared_memory.h"
#include "requests.h"

namespace {

/// What servers find that follow each other.
struct Memfd {
  event::Descriptor descriptor = std::move(*keeper::SharedMemory::create());
  std::unique_ptr<keeper::SharedMemory> memory =
      std::move(*keeper::SharedMemory::map(descriptor.get()));
  keeper::Journal journal{*memory};

  keeper::Notes notes() { return {descriptor.get(), journal.state()}; }
  blkcnt_t blocks() const {
    struct stat status = {};
    fstat(descriptor.get(), &status);
    return status.st_blocks;
  }
};

}  // namespace

TEST_CASE("what was written last is read by the next server, whole") {
  Memfd memfd;
  CHECK(memfd.notes().read().empty());
  for (const size_t bytes : std::array<size_t, 4>{100, 3'000'000, 0, 20}) {
    const std::string text(bytes, static_cast<char>('a' + bytes % 26));
    REQUIRE(memfd.notes().write(text));
    CHECK(memfd.notes().read() == text);
  }
  memfd.notes().clear();
  CHECK(memfd.notes().read().empty());
}

TEST_CASE("notes take the memory of the last ones only") {
  Memfd memfd;
  const blkcnt_t before = memfd.blocks();
  for (int i = 0; i < 3; ++i) REQUIRE(memfd.notes().write(std::string(1'000'000, 'x')));
  CHECK(memfd.blocks() - before <= 2048);  // of 512 bytes
  REQUIRE(memfd.notes().write("x"));
  CHECK(memfd.blocks() - before <= 8);
}

TEST_CASE("a crash while notes are written leaves those before") {
  Memfd memfd;
  REQUIRE(memfd.notes().write("before"));
  keeper::State& state = memfd.journal.state();
  const keeper::NotesPlaces places = state.notes;
  REQUIRE(memfd.notes().write("after"));
  state.notes.current = places.current;  // all but the last step
  REQUIRE(memfd.notes().write("before"));
  state.notes.bytes[1 - state.notes.current] = 12345;
  CHECK(memfd.notes().read() == "before");
}

TEST_CASE("what is torn, or of another program, is no note") {
  Memfd memfd;
  REQUIRE(memfd.notes().write("text"));
  keeper::State& state = memfd.journal.state();
  const uint32_t current = state.notes.current;
  state.notes.current = 7;
  CHECK(memfd.notes().read().empty());
  state.notes.current = current;
  for (const uint64_t bytes : {uint64_t{1} << 20, uint64_t{1} << 40}) {
    state.notes.bytes[current] = bytes;
    CHECK(memfd.notes().read().empty());
  }
  REQUIRE(memfd.notes().write("text"));
  CHECK(memfd.notes().read() == "text");
}

TEST_CASE("what there is no room for is not written, and what was there stays") {
  Memfd memfd;
  REQUIRE(memfd.notes().write("before"));
  CHECK_FALSE(memfd.notes().write(std::string(keeper::Notes::bytes_max + 1, 'x')));
  CHECK(memfd.notes().read() == "before");
}

TEST_CASE("names and notes keep out of each other's way") {
  Memfd memfd;
  REQUIRE(memfd.notes().write(std::string(1'000'000, 'x')));
  for (int i = 1; i <= 3000; ++i)
    REQUIRE(memfd.journal.registered(i, static_cast<uint64_t>(i), 1000, node_named("n")));
  CHECK(memfd.notes().read() == std::string(1'000'000, 'x'));
  auto again = keeper::SharedMemory::map(memfd.descriptor.get());
  REQUIRE(again);
  CHECK((*again)->bytes().size() < keeper::Notes::begin);
  CHECK(keeper::Journal(**again).records().count() == 3000);
}
