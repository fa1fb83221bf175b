#include "output/host_checks.h"

#include <algorithm>
#include <utility>

namespace output {

/// Held by who wants to know; the checks know it only for as long.
class HostChecks::Wish final : public base::Operation {
 public:
  explicit Wish(OnChecked on_checked)
      : on_checked_(std::make_shared<OnChecked>(std::move(on_checked))) {}
  std::weak_ptr<OnChecked> callback() const { return on_checked_; }

 private:
  std::shared_ptr<OnChecked> on_checked_;
};

base::Pending HostChecks::check(const std::string& host, OnChecked on_checked) {
  auto wish = std::make_unique<Wish>(std::move(on_checked));
  const bool is_first = !wishes_.contains(host);
  wishes_[host].push_back(wish->callback());
  if (is_first) waiting_.push_back(host);
  look_up_next();
  return wish;
}

void HostChecks::look_up_next() {
  while (!waiting_.empty() && lookups_.size() < lookups_at_once_max) {
    const std::string host = std::move(waiting_.front());
    waiting_.pop_front();
    if (is_wanted(host))
      lookups_[host] = finder_.find(host, [this, host](bool found) { on_found(host, found); });
    else
      wishes_.erase(host);
  }
}

bool HostChecks::is_wanted(const std::string& host) const {
  const auto& wishes = wishes_.at(host);
  return std::any_of(wishes.begin(), wishes.end(),
                     [](const auto& wish) { return !wish.expired(); });
}

/// Who is told may ask again, and then asks anew.
void HostChecks::on_found(const std::string& host, bool resolves) {
  const auto wishes = wishes_.extract(host);
  lookups_.erase(host);
  for (const std::weak_ptr<OnChecked>& wish : wishes.mapped())
    if (const std::shared_ptr<OnChecked> on_checked = wish.lock()) (*on_checked)(resolves);
  look_up_next();
}

}  // namespace output
