#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/back_off.h"
#include "event/loop.h"
#include "logging/log.h"
#include "probe/dist_connection.h"
#include "push/cookie_checks.h"
#include "push/metrics.h"
#include "push/task.h"
#include "tls/client.h"

namespace push {

/// Sees to it that one life of one node of this host is told what its task is to tell: makes the
/// connection, closes it as soon as nothing is under way, and tries again after what has failed. A
/// node that does not take the cookie is left alone from then on (CookieChecks).
class Pusher {
 public:
  /// Why its node could not be told.
  using OnFailed = std::function<void(const std::string& why)>;

  /// The loop, the checks, the metrics and the TLS client outlive it; null: without TLS.
  Pusher(event::Loop& loop, CookieChecks& checks, const discovery::LocalNode& local,
         tls::Client* tls, std::unique_ptr<PushTask> task, PushMetrics& metrics,
         OnFailed on_failed);
  Pusher(const Pusher&) = delete;
  Pusher& operator=(const Pusher&) = delete;

  void tell(const discovery::Report& report);
  /// Its node is held back: what is under way is dropped, and nothing is told until the next
  /// tell().
  void hold();
  /// Of its task.
  outputs::Json progress() const { return task_->progress(); }

 private:
  void connect();
  void on_ended(probe::DistConnection::End end);
  void note_refusal(probe::DistConnection::End end);
  void log_refusal(logging::Level level, const std::string& why) const;
  std::string why(probe::DistConnection::End end) const;

  event::Loop& loop_;
  CookieChecks& checks_;
  probe::DistConnection::Node node_;
  tls::Client* tls_;
  std::unique_ptr<PushTask> task_;
  PushMetrics& metrics_;
  OnFailed on_failed_;
  base::BackOff back_off_ = {};
  std::string last_error_ = {};
  probe::DistConnection::End last_end_ = probe::DistConnection::End::finished;
  unsigned same_ends_ = 0;
  /// That it has another cookie, until the next report: a node that ends closes on our proof, too,
  /// and is not there any more then.
  std::string untold_ = {};
  bool is_connected_ = false;
  std::unique_ptr<probe::DistConnection> connection_ = {};
};

}  // namespace push
