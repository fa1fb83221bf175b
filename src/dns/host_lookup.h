#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/operation.h"
#include "dns/channels.h"
#include "event/timer.h"

namespace dns {

/// The addresses of one host: A and AAAA together, for each name that it may mean. An operation.
class HostLookup final : public base::Operation {
 public:
  struct Answer {
    std::vector<std::string> ips = {};
    /// Of these, those that only the hosts file of this host has.
    std::vector<std::string> hosts_file_only = {};
    /// All that it has.
    std::vector<std::string> in_hosts_file = {};
    bool is_ipv4_failed = false;
    bool is_ipv6_failed = false;
    std::string why = {};  // it failed
  };
  using OnAnswer = std::function<void(Answer)>;
  /// Some nameservers never answer for one of the families.
  enum class Enough { both_families, one_address };

  /// An address, and `localhost`, need nobody to be asked.
  HostLookup(event::Loop& loop, std::shared_ptr<Channels> channels, const std::string& host,
             std::chrono::milliseconds timeout, OnAnswer on_answer,
             Enough enough = Enough::both_families);

 private:
  bool is_known_without_asking(const std::string& host);
  void ask_next();
  void on_answered(int type, int status, std::string_view bytes);
  void on_time_up();
  void add_hosts_file();
  void finish();

  std::shared_ptr<Channels> channels_;
  std::vector<std::string> candidates_ = {};  // the last is next
  Answer answer_ = {};
  OnAnswer on_answer_;
  Enough enough_;
  bool is_found_ = false;
  base::Pending ipv4_ = {};
  base::Pending ipv6_ = {};
  event::Timer timer_;
};

}  // namespace dns
