#include "event/loop.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "event/poll.h"
#include "event/signal.h"
#include "event/timer.h"
#include "net/sockets.h"

using namespace std::chrono_literals;
using event::Loop;
using event::Poll;
using event::Timer;

namespace {

/// Counts how often it is told, and can end itself when it is.
class Told final : public Poll::Waiter {
 public:
  void on_ready() override {
    ++times;
    if (drops_poll) poll.reset();
  }
  std::unique_ptr<Poll> poll = {};
  int times = 0;
  bool drops_poll = false;
};

/// What a child says on standard error before this ends it.
template <typename Act>
std::pair<int, std::string> end_of_child(Act act) {
  std::array<int, 2> ends = {};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // NOLINT: not the test runner's
    dup2(ends[1], STDERR_FILENO);
    act();
    _exit(0);
  }
  ::close(ends[1]);
  std::string said;
  std::array<char, 256> buffer = {};
  ssize_t count = 0;
  while ((count = read(ends[0], buffer.data(), buffer.size())) > 0)
    said.append(buffer.data(), static_cast<size_t>(count));
  ::close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return {status, said};
}

}  // namespace

TEST_CASE("a loop without handles has nothing to run for") {
  Loop loop;
  loop.run();
  loop.run_once();
  loop.run_ready();
}

TEST_CASE("a timer calls back once, when its time has come") {
  Loop loop;
  Timer timer(loop);
  int calls = 0;
  CHECK_FALSE(timer.is_running());
  const Loop::Time begun = loop.now();
  timer.start(20ms, [&] { ++calls; });
  CHECK(timer.is_running());
  loop.run_ready();
  CHECK(calls == 0);
  loop.run();
  CHECK(calls == 1);
  CHECK_FALSE(timer.is_running());
  CHECK(loop.now() - begun >= 20ms);
}

TEST_CASE("a timer that is stopped or destroyed does not call back") {
  Loop loop;
  Timer stopped(loop);
  auto destroyed = std::make_unique<Timer>(loop);
  int calls = 0;
  stopped.start(0ms, [&] { ++calls; });
  destroyed->start(0ms, [&] { ++calls; });
  stopped.stop();
  destroyed.reset();
  loop.run();
  CHECK(calls == 0);
}

TEST_CASE("a timer that is started again forgets what it waited for") {
  Loop loop;
  Timer timer(loop);
  std::string called;
  timer.start(0ms, [&] { called += "first"; });
  timer.start(1ms, [&] { called += "second"; });
  loop.run();
  CHECK(called == "second");
}

TEST_CASE("a timer may be started again from its own callback") {
  Loop loop;
  Timer timer(loop);
  int calls = 0;
  std::function<void()> again = [&] {
    if (++calls < 3) timer.start(0ms, again);
  };
  timer.start(0ms, again);
  loop.run();
  CHECK(calls == 3);
}

TEST_CASE("a timer's time counts from its start, however long the loop was idle before") {
  Loop loop;
  const Loop::Time stale = loop.now();
  const auto idle_until = std::chrono::steady_clock::now() + 30ms;
  while (std::chrono::steady_clock::now() < idle_until) continue;
  CHECK(loop.now() == stale);
  Timer timer(loop);
  const auto begun = std::chrono::steady_clock::now();
  timer.start(20ms, [] {});
  loop.run();
  CHECK(std::chrono::steady_clock::now() - begun >= 19ms);  // libuv counts whole milliseconds
}

TEST_CASE("a poll tells as long as there is something to read") {
  Loop loop;
  Pair pair;
  Told told;
  Poll poll(loop, pair.near.get(), told);
  poll.wait(Poll::For::reading);
  loop.run_ready();
  CHECK(told.times == 0);
  pair.far.send("x");
  loop.run_ready();
  CHECK(told.times == 1);
  loop.run_ready();
  CHECK(told.times == 2);
  poll.stop();
  loop.run_ready();
  CHECK(told.times == 2);
}

TEST_CASE("a poll waits for one thing at a time") {
  Loop loop;
  Pair pair;
  Told told;
  Poll poll(loop, pair.near.get(), told);
  poll.wait(Poll::For::writing);
  loop.run_ready();
  CHECK(told.times == 1);
  poll.wait(Poll::For::reading);
  loop.run_ready();
  CHECK(told.times == 1);
  poll.wait(Poll::For::reading);  // changes nothing
  pair.far.close();
  loop.run_ready();
  CHECK(told.times == 2);
}

TEST_CASE("a poll tells of a broken connection, and again when asked again") {
  Loop loop;
  Pair pair;
  Told told;
  Poll poll(loop, pair.near.get(), told);
  poll.wait(Poll::For::reading);
  pair.far.reset();
  loop.run_ready();
  CHECK(told.times == 1);
  poll.wait(Poll::For::reading);
  loop.run_ready();
  CHECK(told.times == 2);
}

TEST_CASE("a poll may be destroyed while it tells") {
  Loop loop;
  Pair pair;
  Told told;
  told.drops_poll = true;
  told.poll = std::make_unique<Poll>(loop, pair.near.get(), told);
  told.poll->wait(Poll::For::reading);
  pair.far.send("x");
  loop.run_ready();
  loop.run_ready();
  CHECK(told.times == 1);
}

TEST_CASE("a signal calls back on the loop each time it comes") {
  Loop loop;
  int calls = 0;
  const event::Signal signal(loop, SIGUSR1, [&] {
    ++calls;
    loop.stop();
  });
  for (int i = 1; i <= 2; ++i) {
    std::raise(SIGUSR1);  // NOLINT
    loop.run();
    CHECK(calls == i);
  }
}

TEST_CASE("a loop that is stopped leaves the rest for later") {
  Loop loop;
  Timer stopping(loop);
  Timer later(loop);
  int calls = 0;
  stopping.start(0ms, [&] { loop.stop(); });
  later.start(1h, [&] { ++calls; });
  loop.run();
  CHECK(calls == 0);
  later.start(0ms, [&] { ++calls; });
  loop.run();
  CHECK(calls == 1);
}

TEST_CASE("a handle that nobody closed ends the process with its type") {
  const auto [status, said] = end_of_child([] {
    event::Handle<uv_timer_t> forgotten(new uv_timer_t);
    Loop loop;
    uv_timer_init(loop.get(), forgotten.get());
    forgotten.release();  // NOLINT: the point
  });
  CHECK(WIFSIGNALED(status));
  CHECK(said == "portolan: a handle was never closed: timer\n");
}
