#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/operation.h"
#include "base/result.h"

namespace outputs {

/// Writes a file, again and again, by a write that may take long: one at a time, and when it is
/// done the newest that was asked for meanwhile. An error is logged once, until it works again.
class FileKeeper {
 public:
  using Write = std::function<base::Result<base::Done>()>;
  using OnDone = std::function<void(bool is_written)>;
  /// Does some work, perhaps elsewhere, and then calls back. Nothing, if it has done so at once.
  using Runner =
      std::function<base::Pending(std::function<void()> work, std::function<void()> on_done)>;

  /// `option` is what an error in the log begins with.
  FileKeeper(std::string option, Runner runner)
      : option_(std::move(option)), runner_(std::move(runner)) {}

  /// `write` owns all that it uses.
  void put(Write write, OnDone on_done);

 private:
  struct Job {
    Write write = {};
    OnDone on_done = {};
  };

  void begin(Job job);
  void finish(const base::Result<base::Done>& result, const OnDone& on_done);

  std::string option_;
  Runner runner_;
  bool is_busy_ = false;
  bool has_said_ = false;
  std::unique_ptr<Job> next_ = {};
  base::Pending running_ = {};
};

/// A runner that does the work at once, where it may keep the caller waiting.
base::Pending run_at_once(const std::function<void()>& work, const std::function<void()>& on_done);

}  // namespace outputs
