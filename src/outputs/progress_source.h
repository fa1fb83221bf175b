#pragma once

#include <functional>
#include <utility>

namespace outputs {

/// Whoever tells somebody something, and says when that was done.
class ProgressSource {
 public:
  ProgressSource() = default;
  ProgressSource(const ProgressSource&) = delete;
  ProgressSource& operator=(const ProgressSource&) = delete;
  virtual ~ProgressSource() = default;

  /// Calls back whenever its progress is another.
  void on_progress(std::function<void()> call) { on_progress_ = std::move(call); }

 protected:
  void note_progress() const {
    if (on_progress_) on_progress_();
  }

 private:
  std::function<void()> on_progress_ = {};
};

}  // namespace outputs
