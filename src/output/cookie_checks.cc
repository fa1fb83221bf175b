#include "output/cookie_checks.h"

#include <spdlog/spdlog.h>

namespace output {

base::Result<OwnedCookie> CookieChecks::cookie() {
  base::Result<OwnedCookie> cookie = source_.read();
  if (!cookie) return cookie;
  const dist::Digest mark = cookie->cookie.answer(0);
  if (std::exchange(mark_, mark) != mark) {
    refused_.clear();
    checked_.clear();
  }
  return cookie;
}

/// Not while another trial is under way: one that fails costs the node an error in its log.
bool CookieChecks::begin(const Who& who) {
  if (is_refused(who) || links_.contains(who)) return false;
  checked_.insert(who);
  return true;
}

void CookieChecks::check(const discovery::Sighting& node) {
  const Who who = {node.name.to_string(), node.creation};
  const auto address = net::Address::parse(node.node.ip, node.node.port_no);
  if (!address || checked_.contains(who) || links_.size() >= checks_at_once_max) return;
  auto known = cookie();
  if (!known) return;
  checked_.insert(who);
  auto& link = links_[who];
  link = std::make_unique<net::Link>(
      loop_, net::Link::Node{*address, who.first, who.second}, std::move(known->cookie),
      net::Link::Listener{[&link] { link->finish(); }, [](uint32_t, const std::string&) {},
                          [this, who](net::Link::End end) { on_checked(who, end); }});
}

void CookieChecks::on_checked(const Who& who, net::Link::End end) {
  links_.erase(who);
  // What has come to no end says nothing, and is done again when next there is a reason to.
  if (end != net::Link::End::finished) checked_.erase(who);
  if (end != net::Link::End::wrong_cookie) return;
  refuse(who);
  spdlog::error(
      "{} has another cookie than that of {}, and no node here is told to connect to it before one "
      "of "
      "them changes; is it of this cluster?",
      who.first, source_.describe());
}

void CookieChecks::keep(const std::set<Who>& present) {
  const auto is_gone = [&](const Who& who) { return !present.contains(who); };
  std::erase_if(refused_, is_gone);
  std::erase_if(checked_, is_gone);
  std::erase_if(links_, [&](const auto& each) { return is_gone(each.first); });
}

}  // namespace output
