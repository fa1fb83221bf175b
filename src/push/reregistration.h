#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event/loop.h"
#include "outputs/output.h"
#include "probe/dist_connection.h"
#include "push/cookie_checks.h"

namespace push {

/// The nodes of this host that an earlier life of this daemon knew. From OTP 24 on a node registers
/// again by itself when its EPMD is back; one before never does. So each that has not come back
/// when it has had its time is told to: erl_epmd:register_node/2, once.
class Reregistration final : public outputs::Output {
 public:
  /// The others are back within 2 seconds, or little more.
  static constexpr std::chrono::milliseconds timeout = std::chrono::seconds(8);

  /// The loop, the checks and the TLS client outlive it; null: without TLS.
  Reregistration(event::Loop& loop, CookieChecks& checks, tls::Client* tls,
                 std::vector<discovery::LocalNode> known);

  void tell(const discovery::Report& report) override;

 private:
  void call(const discovery::LocalNode& node);
  static void on_answer(const std::string& name, const std::string& term);
  void on_ended(const std::string& name, probe::DistConnection::End end);
  void note_other_user(const std::string& name, const base::Result<uid_t>& user);

  event::Loop& loop_;
  CookieChecks& checks_;
  tls::Client* tls_;
  event::Loop::Time due_;
  std::map<std::string, discovery::LocalNode> missing_ = {};
  std::map<std::string, std::unique_ptr<probe::DistConnection>> links_ = {};
};

}  // namespace push
