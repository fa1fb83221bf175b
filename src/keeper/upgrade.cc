#include "keeper/upgrade.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace keeper {
namespace {

bool may_ask(int requester) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (getsockopt(requester, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid();
}

}  // namespace

Upgrade::Upgrade() : program_(this_program()), control_(listen_for_askers()) {}

std::vector<int> Upgrade::descriptors() const {
  std::vector<int> open = {control_.get(), requester_.get()};
  if (trial_) open.push_back(trial_->descriptor());
  return open;
}

int Upgrade::time_left() const {
  if (!trial_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(trial_->deadline() -
                                                                 std::chrono::steady_clock::now());
  return static_cast<int>(std::max<int64_t>(0, left.count()));
}

void Upgrade::on_request(Handover handover) {
  event::Descriptor requester(
      accept4(control_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!requester.is_open()) return;
  if (!may_ask(requester.get()))
    return answer(requester.get(), Outcome::refused, "only root and our user may ask");
  if (trial_ || requester_.is_open())
    return answer(requester.get(), Outcome::refused, "an upgrade is under way");
  requester_ = std::move(requester);
  handover.requester = -1;
  auto trial = Trial::start(program_, handover);
  if (trial)
    trial_.emplace(std::move(*trial));
  else
    refuse(trial.error().message);
}

void Upgrade::on_time() const {
  if (trial_ && time_left() == 0) trial_->kill();
}

std::optional<std::string> Upgrade::on_trial_ended(int status) {
  const std::string refusal = trial_->refusal(status);
  trial_.reset();
  if (refusal.empty()) return std::nullopt;
  return program_.path + ": " + refusal;
}

void Upgrade::release() {
  control_.release();
  requester_.release();
  if (trial_) trial_->release();
}

std::string Upgrade::replace(Handover handover) {
  handover.requester = requester_.get();
  setenv(handover_variable, to_text(handover).c_str(), 1);
  keep_open_across_exec({control_.get()});
  const int error_number = replace_us(program_);
  close_at_exec(handover.inherited);
  unsetenv(handover_variable);
  return program_.path + ": " + std::strerror(error_number);
}

void Upgrade::refuse(std::string_view reason) {
  answer(requester_.get(), Outcome::refused, reason);
  requester_ = event::Descriptor();
}

}  // namespace keeper
