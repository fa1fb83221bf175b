#pragma once

#include <optional>
#include <string>
#include <vector>

#include "doctor/compatibility.h"
#include "doctor/diagnosis.h"
#include "doctor/inquiry.h"
#include "doctor/steps.h"
#include "net/client.h"
#include "options/options.h"

namespace doctor {

/// The way that a node of this host would go to another one, a step after the other, up to the
/// first that is broken, or behind which nothing can be seen. What is referred to outlives it.
class DoctorWalk {
 public:
  DoctorWalk(event::Loop& loop, Inquiry& inquiry, const options::Doctor& doctor, Steps& steps)
      : loop_(loop), inquiry_(inquiry), doctor_(doctor), steps_(steps) {}

  void go();

 private:
  bool find_host();
  bool is_peer();
  bool find_port();
  bool meet();
  bool compare();
  Finding ask_epmds();
  Finding connect();
  Finding shake_hands();
  Finding look_for_namesakes();
  std::optional<net::Address> namesake_at(const std::string& ip) const;
  Finding ask_neighbours();
  Finding try_cookie();
  Finding tell_cookie(push::OwnedCookie cookie);
  bool is_identified() const;

  event::Loop& loop_;
  Inquiry& inquiry_;
  const options::Doctor& doctor_;
  Steps& steps_;
  dist::NodeName name_ = {};
  std::vector<std::string> ips_ = {};
  std::string ip_ = {};  // where the EPMD answers
  std::string epmd_ = {};
  std::vector<epmd::ListedName> names_ = {};
  net::Address node_ = {};
  std::optional<net::Client> client_ = {};
  discovery::Identification identification_ = {};
  Neighbours ours_ = {};
};

}  // namespace doctor
