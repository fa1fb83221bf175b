#include "discovery/answer_cache.h"

#include <algorithm>
#include <iterator>

namespace discovery {

const NamesAnswer* AnswerCache::find(const Endpoint& epmd) const {
  const auto known = answers_.find(epmd);
  return known == answers_.end() ? nullptr : &known->second;
}

bool AnswerCache::learn(const Endpoint& epmd, const NamesAnswer& answer) {
  const NamesAnswer* const before = find(epmd);
  if (before && *before == answer) return false;
  ++changes_;
  forget(epmd);
  if (names_ + answer.names.size() > names_max) return true;
  names_ += answer.names.size();
  answers_.emplace(epmd, answer);
  return true;
}

void AnswerCache::forget(const Endpoint& epmd) {
  const auto known = answers_.find(epmd);
  if (known == answers_.end()) return;
  names_ -= known->second.names.size();
  answers_.erase(known);
}

void AnswerCache::keep(const std::function<bool(const Endpoint& epmd)>& is_there) {
  for (auto known = answers_.begin(); known != answers_.end();) {
    const auto each = known++;
    if (!is_there(each->first)) forget(Endpoint(each->first));
  }
}

void AnswerCache::clear() {
  answers_.clear();
  names_ = 0;
}

std::vector<Endpoint> AnswerCache::at(const std::string& ip) const {
  std::vector<Endpoint> found;
  for (auto each = answers_.lower_bound({ip, 0}); each != answers_.end(); ++each) {
    if (each->first.ip != ip) break;
    found.push_back(each->first);
  }
  return found;
}

std::vector<Endpoint> AnswerCache::next(size_t count) {
  std::vector<Endpoint> chosen;
  auto at = answers_.upper_bound(last_);
  for (size_t left = std::min(count, answers_.size()); left > 0; --left, ++at) {
    if (at == answers_.end()) at = answers_.begin();
    chosen.push_back(at->first);
  }
  if (!chosen.empty()) last_ = chosen.back();
  return chosen;
}

}  // namespace discovery
