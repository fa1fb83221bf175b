#include "event/poll_set.h"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "catch.h"
#include "event/timer.h"
#include "net/sockets.h"

using event::Loop;
using event::Poll;
using event::PollSet;
using event::Watch;

namespace {

/// A watched socket that counts how often it is told, and then does as a test says.
struct Watched final : Poll::Waiter {
  explicit Watched(PollSet& polled)
      : watch(std::make_unique<Watch>(polled, pair.near.get(), *this)) {
    REQUIRE(watch->wait(Poll::For::reading));
  }
  void on_ready() override {
    ++times;
    if (then) then();
  }

  Pair pair = {};
  int times = 0;
  std::function<void()> then = {};
  std::unique_ptr<Watch> watch;
};

}  // namespace

TEST_CASE("a watch tells as long as there is something to read") {
  Loop loop;
  PollSet polled(loop);
  Watched web(polled);
  loop.run_ready();
  CHECK(web.times == 0);
  web.pair.far.send("x");
  loop.run_ready();
  CHECK(web.times == 1);
  loop.run_ready();
  CHECK(web.times == 2);
  char byte = 0;
  REQUIRE(recv(web.pair.near.get(), &byte, 1, 0) == 1);
  loop.run_ready();
  CHECK(web.times == 2);
}

TEST_CASE("a watch in the loop's own set does not keep the loop running") {
  Loop loop;
  Watched web(loop.polls());
  loop.run();
  CHECK(web.times == 0);
  web.pair.far.send("x");
  loop.run_ready();
  CHECK(web.times == 0);  // nothing else to run for
  event::Timer timer(loop);
  timer.start(std::chrono::seconds(20), [] {});
  web.then = [&timer] { timer.stop(); };
  loop.run();
  CHECK(web.times == 1);
}

TEST_CASE("a watch waits for one thing at a time") {
  Loop loop;
  PollSet polled(loop);
  Watched web(polled);
  REQUIRE(web.watch->wait(Poll::For::writing));
  loop.run_ready();
  CHECK(web.times == 1);
  REQUIRE(web.watch->wait(Poll::For::reading));
  loop.run_ready();
  CHECK(web.times == 1);
  REQUIRE(web.watch->wait(Poll::For::reading));  // changes nothing
  web.pair.far.close();
  loop.run_ready();
  CHECK(web.times == 2);
}

TEST_CASE("a watch tells of a broken connection, whatever it waits for") {
  const auto purpose = GENERATE(Poll::For::reading, Poll::For::writing);
  Loop loop;
  PollSet polled(loop);
  Watched web(polled);
  REQUIRE(web.watch->wait(purpose));
  web.pair.far.reset();
  loop.run_ready();
  CHECK(web.times == 1);
}

TEST_CASE("a watch that is destroyed while it tells is told no more") {
  Loop loop;
  PollSet polled(loop);
  Watched web(polled);
  web.then = [&] { web.watch.reset(); };
  web.pair.far.send("x");
  loop.run_ready();
  loop.run_ready();
  CHECK(web.times == 1);
}

TEST_CASE("a watch that another destroys is not told of what had come for it") {
  Loop loop;
  PollSet polled(loop);
  Watched web(polled);
  Watched shop(polled);
  web.then = [&] { shop.watch.reset(); };
  shop.then = [&] { web.watch.reset(); };
  web.pair.far.send("x");
  shop.pair.far.send("x");
  loop.run_ready();
  CHECK(web.times + shop.times == 1);
}

TEST_CASE("a watch that another destroys may come back at once, with the same descriptor") {
  Loop loop;
  PollSet polled(loop);
  Watched web(polled);
  Watched shop(polled);
  web.then = [&] { shop.watch = std::make_unique<Watch>(polled, shop.pair.near.get(), shop); };
  web.pair.far.send("x");
  shop.pair.far.send("x");
  loop.run_ready();
  CHECK(shop.times <= 1);
  REQUIRE(shop.watch->wait(Poll::For::reading));
  const int before = shop.times;
  web.then = nullptr;
  loop.run_ready();
  CHECK(shop.times == before + 1);
}

TEST_CASE("everybody who is ready gets a turn, and others on the loop in between") {
  Loop loop;
  PollSet polled(loop);
  std::vector<std::unique_ptr<Watched>> many;
  for (int i = 0; i < 150; ++i) {
    many.push_back(std::make_unique<Watched>(polled));
    many.back()->pair.far.send("x");
  }
  const auto told = [&] {
    int sum = 0;
    for (const auto& one : many) sum += one->times > 0 ? 1 : 0;
    return sum;
  };
  loop.run_ready();
  CHECK(told() == 64);
  loop.run_ready();
  CHECK(told() == 128);
  loop.run_ready();
  CHECK(told() == 150);
}

TEST_CASE("a socket that another process has too is not told of once its watch is gone") {
  Loop loop;
  PollSet polled(loop);
  Watched web(polled);
  const event::Descriptor elsewhere(dup(web.pair.near.get()));  // as a forked process has it
  web.watch.reset();
  web.pair.near = event::Descriptor();
  web.pair.far.send("x");
  loop.run_ready();
  CHECK(web.times == 0);
}

TEST_CASE("what the kernel cannot watch is refused") {
  Loop loop;
  PollSet polled(loop);
  Watched web(polled);
  const event::Descriptor file(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  Watch watch(polled, file.get(), web);
  CHECK_FALSE(watch.wait(Poll::For::reading));
  CHECK(errno == EPERM);
  loop.run_ready();
  CHECK(web.times == 0);
}
