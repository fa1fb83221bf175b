#include "logging/lossy_lines.h"

#include <pty.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

#include "outputs/folder.h"
#include "outputs/pipe.h"

using event::Descriptor;
using logging::LossyLines;
using net::NonblockingWriter;

namespace {

std::string note(uint64_t lost, const std::string& why) {
  return std::to_string(lost) + " lost: " + why + "\n";
}

/// All that can be read now.
std::string read_now(int descriptor) {
  fcntl(descriptor, F_SETFL, O_NONBLOCK);
  std::string text(1 << 20, ' ');
  size_t size = 0;
  ssize_t count = 0;
  while ((count = read(descriptor, text.data() + size, text.size() - size)) > 0)
    size += static_cast<size_t>(count);
  return text.substr(0, size);
}

/// Writes until nothing is taken any more, which would else block for ever.
void fill(const NonblockingWriter& writer) {
  const std::string page(1000, '.');
  while (writer.write(page) > 0) continue;
  CHECK(errno == EAGAIN);
}

}  // namespace

TEST_CASE("lines that nobody reads are lost, counted, and told when somebody reads") {
  Pipe pipe;
  LossyLines lines(pipe.descriptor(), note);
  lines.write("first\n");
  CHECK(pipe.read() == "first\n");
  pipe.fill();
  for (int i = 0; i < 3; ++i) lines.write("lost\n");
  CHECK(lines.is_behind());
  CHECK_FALSE(lines.catch_up());
  CHECK(pipe.read().empty());
  lines.write("next\n");
  CHECK(pipe.read() == "3 lost: nobody reads it\nnext\n");
  CHECK_FALSE(lines.is_behind());
}

TEST_CASE("what was lost can be told though no further line comes") {
  Pipe pipe;
  LossyLines lines(pipe.descriptor(), note);
  pipe.fill();
  lines.write("lost\n");
  pipe.read();
  CHECK(lines.catch_up());
  CHECK(lines.catch_up());
  CHECK(pipe.read() == "1 lost: nobody reads it\n");
}

TEST_CASE("a line longer than a pipe is ended before another begins") {
  Pipe pipe;
  LossyLines lines(pipe.descriptor(), note);
  const std::string longest(300'000, 'x');
  lines.write(longest + "\n");
  CHECK(lines.is_behind());
  std::string all = pipe.read();
  lines.write("lost\n");
  for (int i = 0; i < 100 && !lines.catch_up(); ++i) all += pipe.read();
  all += pipe.read();
  CHECK(all == longest + "\n1 lost: nobody reads it\n");
}

TEST_CASE("a disk that is full is told when there is room") {
  const Descriptor full(open("/dev/full", O_WRONLY));
  REQUIRE(full.is_open());
  Pipe pipe;
  const Descriptor output(dup(full.get()));
  LossyLines lines(output.get(), note);
  lines.write("a\n");
  lines.write("b\n");
  Folder folder;
  const Descriptor file(open((folder / "log").c_str(), O_WRONLY | O_CREAT, 0600));
  REQUIRE(dup2(file.get(), output.get()) == output.get());
  lines.write("c\n");
  CHECK(text_of(folder / "log") == "2 lost: No space left on device\nc\n");
}

TEST_CASE("a descriptor that is closed loses lines, and nothing else") {
  LossyLines lines(-1, note);
  lines.write("a\n");
  CHECK(lines.is_behind());
}

TEST_CASE("neither a pipe, a socket nor a terminal that nobody reads is waited for") {
  Pipe pipe;
  std::array<int, 2> pair = {};
  REQUIRE(socketpair(AF_UNIX, GENERATE(SOCK_STREAM, SOCK_DGRAM), 0, pair.data()) == 0);
  const Descriptor near(pair[0]);
  const Descriptor far(pair[1]);
  int controller = -1;
  int terminal = -1;
  REQUIRE(openpty(&controller, &terminal, nullptr, nullptr, nullptr) == 0);
  const Descriptor controlling(controller);
  const Descriptor controlled(terminal);
  for (const int descriptor : {pipe.descriptor(), near.get(), controlled.get()}) {
    const NonblockingWriter writer(descriptor);
    fill(writer);
    CHECK((fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0);  // it is others', too
  }
  CHECK(read_now(controlling.get()).size() > 1000);
  CHECK(NonblockingWriter(controlled.get()).write("again") == 5);
}

TEST_CASE("a terminal that was stopped is not waited for") {
  int controller = -1;
  int terminal = -1;
  REQUIRE(openpty(&controller, &terminal, nullptr, nullptr, nullptr) == 0);
  const Descriptor controlling(controller);
  const Descriptor controlled(terminal);
  const NonblockingWriter writer(terminal);
  REQUIRE(tcflow(terminal, TCOOFF) == 0);
  CHECK(writer.write("x") == -1);
  CHECK(errno == EAGAIN);
  REQUIRE(tcflow(terminal, TCOON) == 0);
  CHECK(writer.write("x") == 1);
}

TEST_CASE("a pipe that may not be opened once more is polled, and not waited for") {
  Pipe pipe;
  REQUIRE(fchmod(pipe.descriptor(), 0) == 0);
  constexpr uid_t nobody = 65534;
  const int before = setfsuid(nobody);  // root may open everything
  const NonblockingWriter writer(pipe.descriptor());
  setfsuid(static_cast<uid_t>(before));
  fill(writer);
  CHECK((fcntl(pipe.descriptor(), F_GETFL) & O_NONBLOCK) == 0);
  pipe.read();
  CHECK(writer.write(std::string(10'000, 'x')) == PIPE_BUF);
}
