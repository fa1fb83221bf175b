#include "process/memory.h"

#include <sys/resource.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "catch.h"

namespace {

constexpr size_t mib = size_t{1} << 20;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

/// Lets this process have so much memory more, until the end of the test.
class ScarceMemory {
 public:
  explicit ScarceMemory(size_t left) {
    getrlimit(RLIMIT_AS, &before_);
    // Above what is used now, which memory_left() tells by the distance to any limit.
    const rlimit far = {rlim_t{1} << 40, before_.rlim_max};
    setrlimit(RLIMIT_AS, &far);
    const size_t used = (size_t{1} << 40) - addressable();
    const rlimit scarce = {used + left, before_.rlim_max};
    setrlimit(RLIMIT_AS, &scarce);
  }
  ScarceMemory(const ScarceMemory&) = delete;
  ScarceMemory& operator=(const ScarceMemory&) = delete;
  ~ScarceMemory() { setrlimit(RLIMIT_AS, &before_); }

 private:
  /// Without what a control group leaves, which may be less.
  static size_t addressable() {
    size_t used = 0;
    std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "r"), std::fclose);
    REQUIRE(file);
    REQUIRE(std::fscanf(file.get(), "%zu", &used) == 1);
    return (size_t{1} << 40) - used * 4096;
  }
  rlimit before_ = {};
};

using Blocks = std::vector<std::unique_ptr<char[]>>;

}  // namespace

TEST_CASE("what a limit of the address space leaves is known") {
  if (is_sanitized) {
    WARN("NOT TESTED: sanitizers need all of the address space");
    return;
  }
  const ScarceMemory scarce(64 * mib);
  const auto left = process::memory_left();
  REQUIRE(left);
  CHECK(*left <= 64 * mib);
}

TEST_CASE("an allocation that fails is done with the memory kept aside, and that is seen") {
  if (is_sanitized) {
    WARN("NOT TESTED: sanitizers need all of the address space");
    return;
  }
  const ScarceMemory scarce(64 * mib);
  process::MemoryReserve::keep(8 * mib);
  Blocks blocks;
  blocks.reserve(1000);
  CHECK_FALSE(process::MemoryReserve::is_used());
  while (blocks.size() < 1000 && !process::MemoryReserve::is_used())
    blocks.push_back(std::make_unique<char[]>(mib));  // ends the process if it fails
  CHECK(process::MemoryReserve::is_used());
  CHECK(blocks.size() >= 40);
  while (process::MemoryReserve::is_used() && blocks.size() < 1000 &&
         !process::MemoryReserve::fill())
    blocks.pop_back();
  CHECK_FALSE(process::MemoryReserve::is_used());
  CHECK(blocks.size() >= 40);
}
