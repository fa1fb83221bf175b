#include "commands/own_name_wait.h"

#include <utility>

#include "doctor/own_name.h"
#include "logging/log.h"
#include "net/interfaces.h"

namespace commands {

using std::chrono::steady_clock;

OwnNameWait::OwnNameWait(event::Loop& loop, std::unique_ptr<probe::Resolver> resolver,
                         std::string host, std::chrono::milliseconds timeout, OnDone on_done)
    : resolver_(std::move(resolver)),
      host_(std::move(host)),
      on_done_(std::move(on_done)),
      next_(loop),
      timeout_(loop) {
  last_ = doctor::failed("no nameserver has answered for '" + host_ + "' yet",
                         "it is not known where it leads",
                         "see /etc/resolv.conf, and whether that nameserver runs");
  timeout_.start(timeout, [this] { finish(); });
  next_.start({}, [this] { ask(); });
}

void OwnNameWait::ask() {
  if (doctor::is_hopeless(host_)) return learn({});
  look_up_ =
      resolver_->resolve({.name = host_, .text = host_},
                         [this](const discovery::Resolution& resolution) { learn(resolution); });
}

/// The addresses of this host are read each time: a network may be connected while we wait.
void OwnNameWait::learn(const discovery::Resolution& resolution) {
  last_ =
      doctor::judge_own_name(host_, resolution, net::interface_addresses(), resolver_->servers());
  if (!last_.has_failed() || doctor::is_hopeless(host_)) return finish();
  log(last_.found);
  next_.start(ask_interval, [this] { ask(); });
}

void OwnNameWait::log(const std::string& found) {
  const auto now = steady_clock::now();
  if (found == logged_ || now < log_again_) return;
  logging::warn("command_waits", "the command waits for --wait-for-own-name: {}",
                logging::field("reason", found));
  logged_ = found;
  log_again_ = now + log_interval;
}

void OwnNameWait::finish() {
  look_up_.reset();
  next_.stop();
  timeout_.stop();
  const doctor::CheckResult result = last_;
  const OnDone on_done = std::move(on_done_);
  on_done(result);
}

}  // namespace commands
