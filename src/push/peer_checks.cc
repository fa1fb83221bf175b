#include "push/peer_checks.h"

#include <algorithm>
#include <utility>

namespace push {

/// Held by who wants to know; the checks know it only for as long.
class PeerChecks::Waiter final : public base::Operation {
 public:
  explicit Waiter(OnChecked on_checked)
      : on_checked_(std::make_shared<OnChecked>(std::move(on_checked))) {}
  std::weak_ptr<OnChecked> callback() const { return on_checked_; }

 private:
  std::shared_ptr<OnChecked> on_checked_;
};

base::Pending PeerChecks::check(const discovery::Sighting& seen, OnChecked on_checked) {
  const Peer peer = {seen.epmd, seen.node, seen.name};
  auto wish = std::make_unique<Waiter>(std::move(on_checked));
  const bool is_first = !wishes_.contains(peer);
  wishes_[peer].push_back(wish->callback());
  if (is_first) waiting_.push_back(peer);
  check_next();
  return wish;
}

void PeerChecks::check_next() {
  while (!waiting_.empty() && checks_.size() < checks_at_once_max) {
    const Peer peer = std::move(waiting_.front());
    waiting_.pop_front();
    if (is_wanted(peer))
      ask(peer);
    else
      wishes_.erase(peer);
  }
}

bool PeerChecks::is_wanted(const Peer& peer) const {
  const auto& wishes = wishes_.at(peer);
  return std::any_of(wishes.begin(), wishes.end(),
                     [](const auto& wish) { return !wish.expired(); });
}

void PeerChecks::ask(const Peer& peer) {
  if (peer.epmd == peer.node)
    ask_node(peer);
  else
    ask_epmd(peer);
}

void PeerChecks::ask_node(const Peer& peer) {
  const auto on_identified = [this, peer](const discovery::Identification& who) {
    if (who.challenge.node_name == peer.name.to_string())
      look_up(peer);
    else
      on_checked(peer, false);
  };
  checks_[peer] = prober_.identify(peer.node, on_identified);
}

void PeerChecks::ask_epmd(const Peer& peer) {
  using discovery::Interest;
  const auto is_it = [peer](const epmd::ListedName& listed) {
    return listed.alive_name == peer.name.alive_name && listed.port_no == peer.node.port_no;
  };
  const auto in = [is_it](const epmd::ListedName& listed) {
    return is_it(listed) ? Interest::In::known_names : Interest::In::none;
  };
  const auto on_names = [this, peer, is_it](const discovery::NamesAnswer& answer) {
    if (std::any_of(answer.names.begin(), answer.names.end(), is_it))
      look_up(peer);
    else
      on_checked(peer, false);
  };
  checks_[peer] = prober_.ask_some_names(peer.epmd, discovery::epmd_timeout, {in, 1}, on_names);
}

void PeerChecks::look_up(const Peer& peer) {
  const auto on_found = [this, peer](bool is_found) { on_checked(peer, is_found); };
  checks_[peer] = host_checker_.is_resolvable(peer.name.host_part, on_found);
}

/// Who is told may ask again, and then asks anew.
void PeerChecks::on_checked(const Peer& peer, bool is_there) {
  const auto wishes = wishes_.extract(peer);
  checks_.erase(peer);
  for (const std::weak_ptr<OnChecked>& wish : wishes.mapped())
    if (const std::shared_ptr<OnChecked> on_checked = wish.lock()) (*on_checked)(is_there);
  check_next();
}

}  // namespace push
