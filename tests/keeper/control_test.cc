#include "keeper/control.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>

#include "catch.h"

using keeper::Outcome;
using namespace std::chrono_literals;

namespace {

/// What an asker gets from a keeper that does this with it.
template <typename Act>
base::Result<keeper::Answer> answer_of(Act act) {
  const event::Descriptor listening = keeper::listen_for_askers();
  REQUIRE(listening.is_open());
  std::thread keeper([&] {
    event::Descriptor asker;
    while (!asker.is_open()) asker = event::Descriptor(accept(listening.get(), nullptr, nullptr));
    act(asker.get());
  });
  auto answer = keeper::ask_for_upgrade(getpid(), 5s);
  keeper.join();
  return answer;
}

/// Others of this host may be there, too.
bool is_here() {
  const std::vector<pid_t> found = keeper::keepers_here();
  return std::count(found.begin(), found.end(), getpid()) == 1;
}

}  // namespace

TEST_CASE("a keeper's answer is what its asker gets") {
  const auto done =
      answer_of([](int asker) { keeper::answer(asker, Outcome::done, "it goes on"); });
  REQUIRE(done);
  CHECK(done->outcome == Outcome::done);
  CHECK(done->what == "it goes on");
  const std::string long_reason(5000, 'x');
  const auto refused =
      answer_of([&](int asker) { keeper::answer(asker, Outcome::refused, long_reason); });
  REQUIRE(refused);
  CHECK(refused->outcome == Outcome::refused);
  CHECK(long_reason.starts_with(refused->what));
  CHECK(refused->what.size() > 1000);
}

TEST_CASE("an end without an answer is the daemon's end") {
  const auto answer = answer_of([](int) {});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().number == ECONNRESET);
}

TEST_CASE("a keeper that says nothing is not waited for longer than asked") {
  const event::Descriptor listening = keeper::listen_for_askers();
  const auto answer = keeper::ask_for_upgrade(getpid(), 20ms);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().number == ETIMEDOUT);
}

TEST_CASE("keepers are found by their sockets, for as long as they are there") {
  {
    const event::Descriptor listening = keeper::listen_for_askers();
    CHECK(is_here());
    CHECK_FALSE(keeper::listen_for_askers().is_open());
  }
  CHECK_FALSE(is_here());
  CHECK_FALSE(keeper::ask_for_upgrade(getpid(), 1s));
}

TEST_CASE("a keeper announces each of its ports, for as long as it is there") {
  {
    const auto announced = keeper::announce({14369, 14370});
    CHECK(announced.size() == 2);
    CHECK(keeper::keeper_at(14369) == getpid());
    CHECK(keeper::keeper_at(14370) == getpid());
    CHECK_FALSE(keeper::keeper_at(1436));
    CHECK(keeper::announce({14369}).empty());
    CHECK_FALSE(is_here());  // as one that can be asked for an upgrade
  }
  CHECK_FALSE(keeper::keeper_at(14369));
}
