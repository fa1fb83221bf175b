#include "discovery/own_names.h"

#include <set>
#include <utility>

namespace discovery {

void OwnNames::watch(const std::vector<LocalNode>& locals) {
  std::set<std::string> watched;
  for (const LocalNode& local : locals)
    if (!local.held_back.empty()) watched.insert(local.name.host_part);
  std::erase_if(look_ups_, [&](const auto& each) { return !watched.contains(each.first); });
  for (const std::string& host_part : watched) look_ups_.try_emplace(host_part);
  if (watched.empty()) waiting_.reset();
  if (!watched.empty() && !waiting_)
    waiting_ = environment_.scheduler.after(interval, [this] { look_up_all(); });
}

void OwnNames::look_up_all() {
  for (const auto& [host_part, pending] : look_ups_)
    if (!pending) look_up(host_part);
  waiting_ = environment_.scheduler.after(interval, [this] { look_up_all(); });
}

void OwnNames::look_up(const std::string& host_part) {
  const Query query = {Query::Kind::host, host_part, 0, host_part};
  look_ups_[host_part] = environment_.resolver.resolve(
      query, [this, host_part](const Resolution& resolution) { learn(host_part, resolution); });
}

/// A DNS that has learned this name has perhaps learned those of others too.
void OwnNames::learn(const std::string& host_part, const Resolution& resolution) {
  look_ups_[host_part].reset();
  const std::set<std::string> before = hosts_.dns_ips_of(host_part);
  hosts_.learn(host_part, {}, resolution, environment_.local.addresses(),
               environment_.scheduler.now());
  if (hosts_.dns_ips_of(host_part) == before) return;
  hosts_.retry_misses();
  on_news_();
}

}  // namespace discovery
