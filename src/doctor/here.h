#pragma once

#include <set>
#include <string>
#include <vector>

#include "doctor/blocking_dns.h"
#include "doctor/node_probe.h"
#include "doctor/steps.h"
#include "doctor/surroundings.h"
#include "options/options.h"
#include "tls/client.h"

namespace doctor {

/// How this host is: its EPMD, its nodes, its name, and what discovery finds. Everything is looked
/// at, whatever is broken. What is referred to outlives it.
class DoctorHere {
 public:
  /// `tls` may be null: nodes are asked without TLS.
  DoctorHere(BlockingDns& inquiry, const options::Doctor& doctor, tls::Client* tls, Steps& steps);

  void go();

 private:
  void look_at_epmd();
  void look_at_nodes();
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

  BlockingDns& inquiry_;
  const options::Doctor& doctor_;
  tls::Client* tls_;
  Steps& steps_;
  std::vector<std::string> own_;
  LocalEpmd epmd_ = {};
  /// The host parts that nodes here have, and would get.
  std::set<std::string> hosts_ = {};
  /// A node of this host, and where nodes were found that tell its name; it is the first.
  struct LocalNode {
    dist::Challenge challenge = {};
    std::set<std::string> places = {};
  };
  std::vector<LocalNode> nodes_ = {};
};

}  // namespace doctor
