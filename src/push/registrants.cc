#include "push/registrants.h"

#include <fmt/core.h>

#include "logging/log.h"

namespace push {
namespace {

using discovery::LocalNode;

}  // namespace

std::optional<discovery::Sightings> Registrants::without_others(
    const discovery::Sightings& sightings) {
  find_others(sightings.locals);
  if (noted_.empty()) return std::nullopt;
  discovery::Sightings rest = sightings;
  std::erase_if(rest.locals,
                [this](const LocalNode& local) { return noted_.contains(local.incarnation()); });
  return rest;
}

std::string Registrants::why_left_alone(const LocalNode& local) const {
  const auto noted = noted_.find(local.incarnation());
  return noted == noted_.end() ? std::string() : noted->second;
}

void Registrants::find_others(const std::vector<LocalNode>& locals) {
  const auto cookie = checks_.cookie();
  const auto before = std::exchange(noted_, {});
  if (!cookie || locals.empty()) return;
  const net::Listeners listeners;
  for (const LocalNode& local : locals) {
    if (dist::flags::is_hidden(local.flags)) continue;  // which nobody is told of
    const std::string why = why_other(local, listeners, cookie->owner);
    if (why.empty()) continue;
    const auto known = before.find(local.incarnation());
    if (known == before.end() || known->second != why) note(local, why);
    noted_[local.incarnation()] = why;
  }
}

std::string Registrants::why_other(const LocalNode& local, const net::Listeners& listeners,
                                   uid_t owner) const {
  if (local.is_registered) {
    const auto registrant = user_of_(local);
    if (!registrant || *registrant != owner)
      return describe_other_user("has registered it", registrant, owner);
  }
  const auto listener = listeners.user_of(local.node.port_no, owner);
  if (!listener || *listener != owner)
    return describe_other_user("listens at its port", listener, owner);
  return {};
}

void Registrants::note(const LocalNode& local, const std::string& why) {
  metrics_.ends.count(probe::DistConnection::End::foreign_user);
  logging::warn("not_pushed", "nothing is pushed to {}: {}",
                logging::field("node", local.name.to_string()), logging::field("reason", why));
}

std::string describe_other_user(std::string_view what, const base::Result<uid_t>& user,
                                uid_t owner) {
  if (!user)
    return fmt::format("it is not known whose process {}, and the cookie is user {}'s: {}", what,
                       owner, user.error().message);
  return fmt::format(
      "a process of user {} {}, and the cookie is user {}'s; if the node is yours, run it as user "
      "{}, or name a cookie file that belongs to user {} with --cookie-file",
      *user, what, owner, owner, *user);
}

}  // namespace push
