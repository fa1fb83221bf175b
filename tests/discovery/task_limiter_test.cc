#include "discovery/task_limiter.h"

#include "catch.h"
#include "seeds.h"

using base::Pending;
using discovery::TaskLimiter;

namespace {

/// Operations that are done when the test says so.
struct Jobs {
  struct Job : base::Operation {
    explicit Job(unsigned& count) : running(count) { ++running; }
    ~Job() override { --running; }
    unsigned& running;
  };

  TaskLimiter::Begin job() {
    return [this](std::function<void()> done) {
      dones.push_back(std::move(done));
      Pending pending = std::make_unique<Job>(running);
      running_max = std::max(running_max, running);
      return pending;
    };
  }
  void finish(size_t index) {
    const auto done = std::move(dones[index]);
    dones.erase(dones.begin() + static_cast<std::ptrdiff_t>(index));
    done();
  }

  std::vector<std::function<void()>> dones = {};
  unsigned running = 0;
  unsigned running_max = 0;
};

}  // namespace

TEST_CASE("a crew is idle when the last of its operations is done, and says it once") {
  Jobs jobs;
  unsigned idle = 0;
  TaskLimiter limiter(10, [&] { ++idle; });
  CHECK(limiter.is_idle());
  limiter.add(jobs.job());
  limiter.add(jobs.job());
  CHECK_FALSE(limiter.is_idle());
  jobs.finish(1);
  CHECK(idle == 0);
  CHECK(jobs.running == 1);
  jobs.finish(0);
  CHECK(idle == 1);
  CHECK(limiter.is_idle());
  CHECK(jobs.running == 0);
}

TEST_CASE("an operation that brings another keeps the crew busy") {
  Jobs jobs;
  unsigned idle = 0;
  TaskLimiter limiter(1, [&] { ++idle; });
  limiter.add([&](std::function<void()> done) {
    return jobs.job()([&limiter, &jobs, done] {
      limiter.add(jobs.job());
      done();
    });
  });
  jobs.finish(0);
  CHECK(idle == 0);
  REQUIRE(jobs.dones.size() == 1);
  jobs.finish(0);
  CHECK(idle == 1);
}

TEST_CASE("no more than so many run at a time, and all have their turn") {
  for (const uint32_t seed : seeds()) {
    Random random(seed);
    Jobs jobs;
    unsigned idle = 0;
    TaskLimiter limiter(5, [&] { ++idle; });
    for (int i = 0; i < 100; ++i) limiter.add(jobs.job());
    unsigned finished = 0;
    for (; !jobs.dones.empty(); ++finished) {
      CHECK(jobs.running == std::min(5U, 100 - finished));
      jobs.finish(random.below(jobs.dones.size()));
    }
    CHECK(finished == 100);
    CHECK(jobs.running_max == 5);
    CHECK(idle == 1);
  }
}

TEST_CASE("a crew may be destroyed by what it tells, and with it what still runs") {
  Jobs jobs;
  std::unique_ptr<TaskLimiter> limiter;
  limiter = std::make_unique<TaskLimiter>(10, [&limiter] { limiter.reset(); });
  limiter->add(jobs.job());
  jobs.finish(0);
  CHECK_FALSE(limiter);

  limiter = std::make_unique<TaskLimiter>(2, [] {});
  for (int i = 0; i < 5; ++i) limiter->add(jobs.job());
  CHECK(jobs.running == 2);
  limiter.reset();
  CHECK(jobs.running == 0);
}

TEST_CASE("what is dropped does not call back, and others may follow") {
  Jobs jobs;
  unsigned idle = 0;
  TaskLimiter limiter(2, [&] { ++idle; });
  for (int i = 0; i < 5; ++i) limiter.add(jobs.job());
  limiter.drop_all();
  CHECK(limiter.is_idle());
  CHECK(jobs.running == 0);
  CHECK(idle == 0);
  jobs.dones.clear();
  limiter.add(jobs.job());
  REQUIRE(jobs.dones.size() == 1);
  jobs.finish(0);
  CHECK(idle == 1);
}
