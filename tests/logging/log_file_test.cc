#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "logging/log.h"
#include "outputs/folder.h"

namespace {

/// The log is the program's: other tests have it at standard error.
struct Log {
  Log() { logging::set_up({}); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log() { logging::set_up({}); }
};

bool has(const std::string& path, const std::string& text) {
  return text_of(path).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("the log goes to the end of a file") {
  const Log log;
  const Folder folder;
  put_text(folder / "log", "before\n");
  REQUIRE(logging::write_to(folder / "log"));
  logging::info("test", "first");
  CHECK(text_of(folder / "log").starts_with("before\n"));
  CHECK(text_of(folder / "log").ends_with(" info first\n"));
}

TEST_CASE("a file that cannot be opened is named, with why and what to do") {
  const Log log;
  const Folder folder;
  const auto opened = logging::write_to(folder / "none" + "/log");
  REQUIRE_FALSE(opened);
  const std::string& why = opened.error().message;
  CHECK(why.find("cannot write the log to " + folder / "none" + "/log: No such file") !=
        std::string::npos);
  CHECK(why.find("--log-file") != std::string::npos);
  CHECK(logging::write_to(folder / ".").error().message.find("; name a file in it") !=
        std::string::npos);
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(logging::write_to(folder / "pipe").error().message.find("; nobody reads this pipe") !=
        std::string::npos);
}

TEST_CASE("a log that was rotated goes on in a new file") {
  const Log log;
  const Folder folder;
  REQUIRE(logging::write_to(folder / "log"));
  logging::info("test", "first");
  REQUIRE(std::rename((folder / "log").c_str(), (folder / "log.1").c_str()) == 0);
  logging::info("test", "second");
  logging::reopen();
  logging::info("test", "third");
  CHECK(has(folder / "log.1", "first"));
  CHECK(has(folder / "log.1", "second"));
  CHECK_FALSE(has(folder / "log.1", "third"));
  CHECK(has(folder / "log", "third"));
  CHECK_FALSE(has(folder / "log", "second"));
}

TEST_CASE("a log that cannot be opened again stays where it is and says so") {
  const Log log;
  const Folder folder;
  REQUIRE(logging::write_to(folder / "log"));
  REQUIRE(std::rename((folder / "log").c_str(), (folder / "log.1").c_str()) == 0);
  REQUIRE(symlink("/no/such/file", (folder / "log").c_str()) == 0);
  logging::reopen();
  logging::info("test", "still here");
  CHECK(has(folder / "log.1", "it stays in the file that is open"));
  CHECK(has(folder / "log.1", "still here"));
}

TEST_CASE("a disk that is full loses lines, which are counted in the next file") {
  const Log log;
  const Folder folder;
  REQUIRE(symlink("/dev/full", (folder / "log").c_str()) == 0);
  REQUIRE(logging::write_to(folder / "log"));
  logging::info("test", "lost");
  logging::info("test", "lost too");
  REQUIRE(unlink((folder / "log").c_str()) == 0);
  logging::reopen();
  logging::info("test", "after");
  CHECK(has(folder / "log", "2 log lines were lost, as " + folder / "log" +
                                " did not take them: No space left on device"));
  CHECK(has(folder / "log", "info after"));
}

TEST_CASE("without a file there is nothing to open again") {
  const Log log;
  logging::reopen();
  CHECK(logging::is_on(logging::Level::info));
}
