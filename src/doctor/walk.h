#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "doctor/blocking_dns.h"
#include "doctor/command_line.h"
#include "doctor/compatibility.h"
#include "doctor/diagnosis.h"
#include "doctor/steps.h"
#include "net/blocking_client.h"
#include "options/options.h"
#include "tls/client.h"

namespace doctor {

/// The way that a node of this host would go to another one, a step after the other, up to the
/// first that is broken, or behind which nothing can be seen. What is referred to outlives it.
class DoctorWalk {
 public:
  /// `tls` may be null: nodes are asked without TLS.
  DoctorWalk(event::Loop& loop, BlockingDns& inquiry, const options::Doctor& doctor,
             tls::Client* tls, Steps& steps)
      : loop_(loop), inquiry_(inquiry), doctor_(doctor), tls_(tls), steps_(steps) {}

  void go();

 private:
  bool find_host();
  bool is_peer();
  bool find_port();
  bool meet();
  bool secure();
  CheckResult begin_tls();
  bool compare();
  CheckResult compare_families() const;
  std::vector<std::string> listening_ips() const;
  bool is_found_as_written(const HostAnswer& answer);
  CheckResult ask_epmds();
  CheckResult connect_as_listed();
  CheckResult connect_to_any();
  ConnectResult connect(const std::string& ip, uint16_t port_no);
  CheckResult shake_hands();
  CheckResult look_for_namesakes();
  std::optional<net::Address> namesake_at(const std::string& ip) const;
  std::vector<epmd::ListedName> names_at(const std::string& ip) const;
  std::vector<epmd::ListedName> names_here() const;
  CheckResult ask_neighbours();
  void tell_how_started();
  bool is_identified() const;

  event::Loop& loop_;
  BlockingDns& inquiry_;
  const options::Doctor& doctor_;
  tls::Client* tls_;
  Steps& steps_;
  dist::NodeName name_ = {};
  std::vector<std::string> ips_ = {};
  std::string ip_ = {};  // where the EPMD answers
  std::string epmd_ = {};
  std::vector<epmd::ListedName> names_ = {};
  net::Address node_ = {};
  std::optional<net::BlockingClient> client_ = {};
  std::shared_ptr<tls::Session> session_ = {};
  discovery::Identification identification_ = {};
  Neighbours ours_ = {};
  /// Those, and the node itself if it is one of this host's.
  StartedNodes started_ = {};
};

}  // namespace doctor
