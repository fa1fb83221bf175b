#include "event/errand.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include "event/timer.h"
#include "event/turn.h"

using event::Errand;
using namespace std::chrono_literals;

TEST_CASE("an errand is run elsewhere, and the loop is told") {
  event::Loop loop;
  const auto here = std::this_thread::get_id();
  std::thread::id there = here;
  bool is_done = false;
  auto errand = Errand::start(
      loop, [&there] { there = std::this_thread::get_id(); }, [&is_done] { is_done = true; });
  REQUIRE(errand);
  turn_until(loop, [&] { return is_done; });
  CHECK(there != here);
}

TEST_CASE("the loop goes on while an errand takes its time") {
  event::Loop loop;
  std::promise<void> may_end;
  bool is_done = false;
  auto errand = Errand::start(
      loop, [may = may_end.get_future().share()] { may.wait(); }, [&is_done] { is_done = true; });
  bool has_passed = false;
  event::Timer timer(loop);
  timer.start(10ms, [&has_passed] { has_passed = true; });
  turn_until(loop, [&] { return has_passed; });
  CHECK_FALSE(is_done);
  may_end.set_value();
  turn_until(loop, [&] { return is_done; });
}

TEST_CASE("an errand that was dropped is waited for, but not for ever, and calls nobody") {
  event::Loop loop;
  auto may_end = std::make_shared<std::promise<void>>();
  auto has_ended = std::make_shared<std::promise<void>>();
  auto ended = has_ended->get_future();
  auto errand = Errand::start(
      loop,
      [may = may_end->get_future().share(), has_ended] {
        may.wait();
        has_ended->set_value();
      },
      [] { FAIL("called back"); });
  const auto begun = std::chrono::steady_clock::now();
  errand.reset();
  const auto took = std::chrono::steady_clock::now() - begun;
  CHECK(took >= Errand::timeout_at_end);
  CHECK(took < Errand::timeout_at_end + 5s);
  may_end->set_value();
  CHECK(ended.wait_for(20s) == std::future_status::ready);
}

TEST_CASE("an errand may be dropped by whom it tells") {
  event::Loop loop;
  base::Pending errand;
  bool is_done = false;
  errand = Errand::start(
      loop, [] {},
      [&] {
        errand.reset();
        is_done = true;
      });
  turn_until(loop, [&] { return is_done; });
}
