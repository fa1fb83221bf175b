#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/descriptor.h"
#include "keeper/control.h"
#include "keeper/program.h"
#include "keeper/trial.h"

namespace keeper {

/// Puts the program that is at our path by now in our place, when somebody asks for it who may:
/// root, or our user. It is tried first, while the server serves on.
class Upgrade {
 public:
  /// For this program, as it was started.
  Upgrade();

  /// To be waited for; -1: nobody can ask.
  int control() const { return control_.get(); }
  /// Of the trial that runs; 0: none does.
  pid_t trial() const { return trial_ ? trial_->process() : 0; }
  /// All that it has open now.
  std::vector<int> descriptors() const;
  /// Milliseconds, for poll(2).
  int time_left() const;

  /// Somebody asks: begins a trial. The descriptors that the program goes on with are in
  /// `handover`.
  void on_request(Handover handover);
  /// Ends a trial that takes too long.
  void on_time() const;
  /// The trial has ended. Nothing: the new program can go on. Else why not, as refuse() tells it.
  std::optional<std::string> on_trial_ended(int status);

  /// In a server: what the keeper has open stays so.
  void release();

  /// Returns only if it fails, with the reason.
  std::string replace(Handover handover);
  void refuse(std::string_view reason);

 private:
  Program program_;
  event::Descriptor control_;
  event::Descriptor requester_ = {};
  std::optional<Trial> trial_ = {};
};

}  // namespace keeper
