#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dist/handshake.h"
#include "doctor/blocking_dns.h"
#include "doctor/node_probe.h"
#include "doctor/steps.h"
#include "doctor/surroundings.h"
#include "event/loop.h"
#include "net/address.h"
#include "options/options.h"
#include "tls/client.h"

namespace doctor {

/// How this host is: its EPMD, its nodes, its name, and what discovery finds. Everything is looked
/// at, whatever is broken. What is referred to outlives it.
class DoctorHere {
 public:
  /// `tls` may be null: nodes are asked without TLS.
  DoctorHere(event::Loop& loop, BlockingDns& inquiry, const options::Doctor& doctor,
             tls::Client* tls, Steps& steps);

  void go();

 private:
  /// A node of this host, and where nodes were found that tell its name; it is the first.
  struct LocalNode {
    dist::Challenge challenge = {};
    std::set<std::string> places = {};
    net::Address address = {};
    std::optional<uid_t> user = {};
  };

  void look_at_epmd();
  void look_at_nodes();
  void look_at_cookies();
  bool may_be_proved_to(const LocalNode& node) const;
  void look_at_names();
  void look_at_queries();
  void look_at_search_list(const discovery::Query& query);
  bool answers_at(const std::string& ip, uint16_t port_no) const;
  CheckResult probe_node(const epmd::ListedName& listed);
  bool is_at_loopback_only(uint16_t port_no) const;
  CheckResult judge_elsewhere(const std::string& host);
  CheckResult ask(const discovery::Query& query);
  bool is_there(const discovery::Query& query, const discovery::Endpoint& endpoint);
  void find_namesakes(const std::string& ip, const std::vector<epmd::ListedName>& names);
  void look_at_namesakes();
  std::vector<std::string> leave_out_strangers(std::vector<discovery::Endpoint>& endpoints) const;
  net::BlockingClient::Deadline soon() const;

  event::Loop& loop_;
  BlockingDns& inquiry_;
  const options::Doctor& doctor_;
  tls::Client* tls_;
  Steps& steps_;
  std::vector<std::string> own_;
  LocalEpmd epmd_ = {};
  /// The host parts that nodes here have, and would get.
  std::set<std::string> hosts_ = {};
  std::vector<LocalNode> nodes_ = {};
};

}  // namespace doctor
