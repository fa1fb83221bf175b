#include "outputs/ledger.h"

#include <utility>

namespace outputs {

using discovery::Change;
using discovery::Sighting;

void Ledger::add(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    const std::string name = change.member.name.to_string();
    if (change.kind == Change::Kind::joined) {
      members_.insert_or_assign(name, change.member);
    } else {
      members_.erase(name);
      reasons_[name] = change.reason;
    }
    if (is_open_.insert(name).second) open_.push_back(name);
  }
  close_what_came_and_went();
}

/// Or the names of all who ever did would pile up where nobody listens.
void Ledger::close_what_came_and_went() {
  std::erase_if(open_, [this](const std::string& name) {
    if (name == being_told_ || difference(name)) return false;
    reasons_.erase(name);
    is_open_.erase(name);
    return true;
  });
}

std::optional<Change> Ledger::next() {
  for (const std::string& name : open_)
    if (std::optional<Change> change = difference(name)) {
      being_told_ = name;
      return change;
    }
  return std::nullopt;
}

/// A node that was started anew is first one that left.
std::optional<Change> Ledger::difference(const std::string& name) const {
  const auto member = members_.find(name);
  const auto told = told_.find(name);
  const bool is_member = member != members_.end();
  if (told == told_.end())
    return is_member ? std::optional<Change>({Change::Kind::joined, member->second, {}})
                     : std::nullopt;
  if (is_member && member->second.creation == told->second.creation) return std::nullopt;
  const auto reason = reasons_.find(name);
  return Change{Change::Kind::left, told->second,
                reason == reasons_.end() ? std::string() : reason->second};
}

Ledger::AllUntold Ledger::untold() const {
  AllUntold untold;
  for (const std::string& name : open_) {
    if (!difference(name)) continue;
    const auto told = told_.find(name);
    const auto reason = reasons_.find(name);
    untold[name] = {told == told_.end() ? std::nullopt : std::optional(told->second),
                    reason == reasons_.end() ? std::string() : reason->second};
  }
  return untold;
}

void Ledger::resume(std::map<std::string, Sighting> members, const AllUntold& untold) {
  members_ = std::move(members);
  told_ = members_;
  for (const auto& [name, each] : untold) {
    told_.erase(name);
    if (each.told) told_.emplace(name, *each.told);
    if (!each.reason.empty()) reasons_[name] = each.reason;
    if (is_open_.insert(name).second) open_.push_back(name);
  }
}

void Ledger::strike_all() {
  told_ = members_;
  being_told_.clear();
  close_what_came_and_went();
}

void Ledger::acknowledge(const Change& told) {
  being_told_.clear();
  if (told.kind == Change::Kind::joined)
    told_.insert_or_assign(told.member.name.to_string(), told.member);
  else
    told_.erase(told.member.name.to_string());
  while (!open_.empty() && !difference(open_.front())) {
    reasons_.erase(open_.front());
    is_open_.erase(open_.front());
    open_.pop_front();
  }
}

}  // namespace outputs
