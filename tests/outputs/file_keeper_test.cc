#include "outputs/file_keeper.h"

#include <utility>
#include <vector>

#include "catch.h"
#include "logging/captured_log.h"

using base::Done;
using base::Error;
using base::Result;
using outputs::FileKeeper;

namespace {

/// A disk that ends a write when the test says so.
struct Disk {
  base::Pending run(std::function<void()> work, std::function<void()> on_done) {
    work_ = std::move(work);
    on_done_ = std::move(on_done);
    return std::make_unique<base::Operation>();
  }
  void end_write() {
    work_();
    const auto on_done = std::exchange(on_done_, nullptr);
    on_done();
  }

  FileKeeper::Write write(const std::string& text) {
    return [this, text]() -> Result<Done> {
      if (is_full) return Error{"cannot write it: full"};
      written.push_back(text);
      return Done{};
    };
  }
  void put(const std::string& text) {
    keeper.put(write(text), [this](bool is_written) { told.push_back(is_written); });
  }

  bool is_full = false;
  std::vector<std::string> written = {};
  std::vector<bool> told = {};
  FileKeeper keeper{"--some-file", [this](auto work, auto on_done) {
                      return run(std::move(work), std::move(on_done));
                    }};

 private:
  std::function<void()> work_ = {};
  std::function<void()> on_done_ = {};
};

}  // namespace

TEST_CASE("while a write takes its time, only the newest that is asked for is kept") {
  Disk disk;
  disk.put("one");
  disk.put("two");
  disk.put("three");
  CHECK(disk.told.empty());
  disk.end_write();
  CHECK(disk.written == std::vector<std::string>{"one"});
  disk.end_write();
  CHECK(disk.written == std::vector<std::string>{"one", "three"});
  CHECK(disk.told == std::vector<bool>{true, true});
  disk.put("four");
  disk.end_write();
  CHECK(disk.written.back() == "four");
}

TEST_CASE("a write that fails is logged once, until it works again") {
  const CapturedLog log;
  Disk disk;
  disk.is_full = true;
  for (int i = 0; i < 2; ++i) {
    disk.put("one");
    disk.end_write();
  }
  CHECK(log.text() ==
        "error --some-file: cannot write it: full; it is tried again after each round\n");
  CHECK(disk.told == std::vector<bool>{false, false});
  disk.is_full = false;
  disk.put("one");
  disk.end_write();
  disk.is_full = true;
  disk.put("two");
  disk.end_write();
  CHECK(log.lines() == 2);
}

TEST_CASE("what writes at once is done at once") {
  FileKeeper keeper("--some-file", outputs::run_at_once);
  int done = 0;
  for (int i = 0; i < 3; ++i)
    keeper.put([]() -> Result<Done> { return Done{}; },
               [&done](bool is_written) { done += is_written; });
  CHECK(done == 3);
}
