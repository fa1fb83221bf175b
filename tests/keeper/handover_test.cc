#include "keeper/handover.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "catch.h"
#include "event/descriptor.h"

using keeper::Handover;

namespace {

bool is_closed_at_exec(const event::Descriptor& descriptor) {
  return (fcntl(descriptor.get(), F_GETFD) & FD_CLOEXEC) != 0;
}

}  // namespace

TEST_CASE("what a program hands over is read as it was written") {
  for (const Handover& handover :
       {Handover{5, -1, {}, {}}, Handover{3, 9, {4, 5}, {0, 1, 2}}, Handover{1000, 4, {}, {17}}})
    CHECK(keeper::parse_handover(to_text(handover)) == handover);
}

TEST_CASE("what no program hands over is refused") {
  for (const char* const text :
       {"", "5", "5 3 4", "-1 3 4 5", "5 x 4 5", "5  3 4 5", "5 3 4 5 1e3", "5,3,4,5"}) {
    INFO(text);
    CHECK_FALSE(keeper::parse_handover(text));
  }
}

TEST_CASE("a handover is taken once, and an exec closes what is ours") {
  const event::Descriptor ours(open("/dev/null", O_RDONLY));
  const event::Descriptor inherited(open("/dev/null", O_RDONLY));
  const Handover handover = {ours.get(), -1, {}, {0, 1, 2, inherited.get()}};
  setenv(keeper::handover_variable, to_text(handover).c_str(), 1);
  CHECK(keeper::take_handover() == handover);
  CHECK_FALSE(keeper::take_handover());
  CHECK(is_closed_at_exec(ours));
  CHECK_FALSE(is_closed_at_exec(inherited));
}

TEST_CASE("an exec in favour of another program leaves open what it needs") {
  const event::Descriptor kept(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const event::Descriptor closed(open("/dev/null", O_RDONLY));
  const std::vector<int> before = {0, 1, 2};
  keeper::keep_open_across_exec({closed.get()});
  CHECK_FALSE(is_closed_at_exec(kept));
  CHECK(is_closed_at_exec(closed));
  keeper::close_at_exec(before);
}
