#include "process/age.h"

#include <sys/wait.h>
#include <unistd.h>

#include "catch.h"

using namespace std::chrono_literals;
using process::age_of;

TEST_CASE("a process has an age, and one that was started later is younger") {
  const auto ours = age_of(getpid());
  REQUIRE(ours);
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  usleep(50'000);  // the clock ticks every 10 ms
  const auto age = age_of(child);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  REQUIRE(age);
  CHECK(*age >= 30ms);
  CHECK(*age < 10s);
  CHECK(*age_of(getpid()) >= *ours);
  CHECK(*age_of(getppid()) >= *ours);
}

TEST_CASE("a process that is not there has no age") { CHECK_FALSE(age_of(0x7ffffff0)); }
