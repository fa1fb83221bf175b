#include "outputs/file_keeper.h"

#include <utility>

#include "logging/log.h"

namespace outputs {

void FileKeeper::put(Write write, OnDone on_done) {
  Job job = {std::move(write), std::move(on_done)};
  if (is_busy_)
    next_ = std::make_unique<Job>(std::move(job));
  else
    begin(std::move(job));
}

/// The result is shared with the thread, which may outlive this.
void FileKeeper::begin(Job job) {
  is_busy_ = true;
  auto result = std::make_shared<base::Result<base::Done>>(base::Done{});
  base::Pending running =
      runner_([result, write = std::move(job.write)] { *result = write(); },
              [this, result, on_done = std::move(job.on_done)] { finish(*result, on_done); });
  if (is_busy_) running_ = std::move(running);
}

void FileKeeper::finish(const base::Result<base::Done>& result, const OnDone& on_done) {
  const base::Pending done = std::move(running_);  // destroyed last: it is calling this
  is_busy_ = false;
  if (!result && !std::exchange(has_said_, true))
    logging::error("file_failed", "{}: {}; it is tried again after each round",
                   logging::field("option", option_),
                   logging::field("reason", result.error().message));
  if (result) has_said_ = false;
  on_done(static_cast<bool>(result));
  if (const std::unique_ptr<Job> next = std::move(next_)) begin(std::move(*next));
}

base::Pending run_at_once(const std::function<void()>& work, const std::function<void()>& on_done) {
  work();
  on_done();
  return nullptr;
}

}  // namespace outputs
