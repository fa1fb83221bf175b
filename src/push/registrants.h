#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "discovery/sightings.h"
#include "net/peer_user.h"
#include "push/cookie_checks.h"
#include "push/metrics.h"

namespace push {

/// Which nodes of this host belong to the user that the cookie belongs to: a process of that user
/// has registered the name, if anybody has, and no other user's listens at its port. Any process of
/// this host can register a name, and a node or a daemon that connects to it proves the cookie
/// first. So a name of another user gets no connection: not from the daemon, and not from the nodes
/// here, which are not told of it.
class Registrants {
 public:
  /// The user whose process has registered a node.
  using UserOf = std::function<base::Result<uid_t>(const discovery::LocalNode&)>;

  /// The checks and the metrics outlive it.
  Registrants(CookieChecks& checks, UserOf user_of, PushMetrics& metrics)
      : checks_(checks), user_of_(std::move(user_of)), metrics_(metrics) {}

  /// What was seen, without the nodes of other users; nothing if there are none. Each of these is
  /// logged and counted once in its life. While there is no cookie, nobody is left out.
  std::optional<discovery::Sightings> without_others(const discovery::Sightings& sightings);
  /// Why a node was left out of these; empty: it was not.
  std::string why_left_alone(const discovery::LocalNode& local) const;

 private:
  /// Empty: it is the owner's.
  std::string why_other(const discovery::LocalNode& local, const net::Listeners& listeners,
                        uid_t owner) const;
  void find_others(const std::vector<discovery::LocalNode>& locals);
  void note(const discovery::LocalNode& local, const std::string& why);

  CookieChecks& checks_;
  UserOf user_of_;
  PushMetrics& metrics_;
  /// What was logged.
  std::map<discovery::Incarnation, std::string> noted_ = {};
};

/// Why a node is not told anything. `what` is what a process does that is not the owner's, such as
/// "has registered it".
std::string describe_other_user(std::string_view what, const base::Result<uid_t>& user,
                                uid_t owner);

}  // namespace push
