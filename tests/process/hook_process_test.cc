#include "process/hook_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "catch.h"
#include "environment.h"
#include "event/descriptor.h"
#include "outputs/folder.h"

using namespace std::chrono_literals;
using event::Loop;
using process::HookProcess;

namespace {

HookProcess::Command shell(const std::string& script) {
  return {{"/bin/sh", "-c", script}, {}, 10s};
}

/// Runs it to its end.
std::optional<HookProcess::Exit> end_of(Loop& loop, const HookProcess::Command& command) {
  std::optional<HookProcess::Exit> end;
  const auto process = HookProcess::start(loop, command, [&](const HookProcess::Exit& exit) {
    end = exit;
    loop.stop();
  });
  REQUIRE(process);
  loop.run();
  return end;
}

/// A pipe in the file system: whoever has opened it for writing keeps it from ending.
class Fifo {
 public:
  Fifo() {
    REQUIRE(mkfifo(path().c_str(), 0600) == 0);
    reading_ = event::Descriptor(open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(reading_.is_open());
  }
  std::string path() const { return folder_ / "fifo"; }

  bool wait_for_bytes() const {
    pollfd readable = {reading_.get(), POLLIN, 0};
    return poll(&readable, 1, 10'000) > 0;
  }
  /// What has been written there.
  std::string read() const {
    std::array<char, 256> buffer = {};
    const ssize_t count = ::read(reading_.get(), buffer.data(), buffer.size());
    return {buffer.data(), static_cast<size_t>(std::max<ssize_t>(count, 0))};
  }
  /// What is written there until the last who has opened it is gone.
  std::string read_to_end() const {
    std::string text;
    while (wait_for_bytes()) {
      const std::string more = read();
      if (more.empty()) return text;
      text += more;
    }
    return text + "(somebody still holds it)";
  }

 private:
  Folder folder_ = {};
  event::Descriptor reading_ = {};
};

}  // namespace

TEST_CASE("a command's exit status is told") {
  Loop loop;
  const int status = GENERATE(0, 1, 42, 255);
  const auto end = end_of(loop, shell("exit " + std::to_string(status)));
  CHECK(end->status == status);
  CHECK(end->signal_number == 0);
  CHECK_FALSE(end->was_late);
}

TEST_CASE("a command that dies of a signal is told so") {
  Loop loop;
  CHECK(end_of(loop, shell("kill -TERM $$"))->signal_number == SIGTERM);
}

TEST_CASE("a program that is not there is an error that names it, and nobody is called back") {
  Loop loop;
  const auto started = HookProcess::start(loop, {{"/no/such/shell", "-c", "exit"}, {}, 10s},
                                          [](const HookProcess::Exit&) { FAIL("called back"); });
  REQUIRE_FALSE(started);
  CHECK(started.error().message == "cannot run /no/such/shell: no such file or directory");
  loop.run_ready();
}

TEST_CASE("a command has our environment, and what is added to it or put in its place") {
  Environment environment;
  environment.set("PORTOLAN_TEST_KEPT", "kept");
  environment.set("PORTOLAN_TEST_CHANGED", "old");
  const Folder folder;
  HookProcess::Command command =
      shell("echo \"$PORTOLAN_TEST_KEPT|$PORTOLAN_TEST_CHANGED|$PORTOLAN_TEST_NEW\" > \"$OUT\"");
  command.environment = {{"PORTOLAN_TEST_CHANGED", "new"},
                         {"PORTOLAN_TEST_NEW", "a=b 'c' \"d\" $e"},
                         {"OUT", folder / "out"}};
  Loop loop;
  CHECK(end_of(loop, command)->status == 0);
  CHECK(text_of(folder / "out") == "kept|new|a=b 'c' \"d\" $e\n");
}

TEST_CASE("a command has nothing to read, and says what it says on our standard error") {
  const Fifo fifo;
  const event::Descriptor ours(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10));
  const event::Descriptor instead(open(fifo.path().c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(dup2(instead.get(), STDERR_FILENO) == STDERR_FILENO);
  Loop loop;
  const auto end = end_of(loop, shell("echo out; echo err >&2; read line || echo none"));
  REQUIRE(dup2(ours.get(), STDERR_FILENO) == STDERR_FILENO);
  CHECK(end->status == 0);
  CHECK(fifo.read() == "out\nerr\nnone\n");
}

TEST_CASE("a command whose time is up is killed with all that it has started") {
  const Fifo fifo;
  HookProcess::Command command =
      shell("trap '' TERM; exec 3> " + fifo.path() + "; echo here >&3; sleep 1000 & wait");
  command.timeout = 300ms;
  Loop loop;
  const auto end = end_of(loop, command);
  CHECK(end->was_late);
  CHECK(end->signal_number == SIGKILL);
  CHECK(fifo.read_to_end() == "here\n");
}

TEST_CASE("what a command leaves in the background lives on") {
  const Fifo fifo;
  const Fifo go;
  const event::Descriptor starter(open(go.path().c_str(), O_WRONLY | O_CLOEXEC));
  Loop loop;
  const auto end =
      end_of(loop, shell("exec 3> " + fifo.path() + "; { read line; echo later >&3; } < " +
                         go.path() + " & exit 0"));
  CHECK(end->status == 0);
  CHECK_FALSE(end->was_late);
  REQUIRE(write(starter.get(), "\n", 1) == 1);
  CHECK(fifo.read_to_end() == "later\n");
}

TEST_CASE("a command that nobody waits for any more is killed with all that it has started") {
  const Fifo fifo;
  Loop loop;
  {
    const auto process = HookProcess::start(
        loop, shell("exec 3> " + fifo.path() + "; echo here >&3; sleep 1000 & wait"),
        [](const HookProcess::Exit&) { FAIL("called back"); });
    REQUIRE(process);
    fifo.wait_for_bytes();
  }
  CHECK(fifo.read_to_end() == "here\n");
}
