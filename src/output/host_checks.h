#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "discovery/ports.h"

namespace output {

/// Whether host parts of node names resolve just now, for all nodes of this host: asked once for
/// all who want to know at the same time, and of so few at once that the nameserver's buffers hold
/// them. Nothing is remembered.
class HostChecks {
 public:
  using OnChecked = std::function<void(bool resolves)>;
  /// A node may lack 10,000 peers. Each takes two questions, beside those of discovery.
  static constexpr size_t lookups_at_once_max = 32;

  /// `finder` outlives it, and it what it begins.
  explicit HostChecks(discovery::HostFinder& finder) : finder_(finder) {}
  HostChecks(const HostChecks&) = delete;
  HostChecks& operator=(const HostChecks&) = delete;

  base::Pending check(const std::string& host, OnChecked on_checked);

 private:
  class Wish;

  void look_up_next();
  bool is_wanted(const std::string& host) const;
  void on_found(const std::string& host, bool resolves);

  discovery::HostFinder& finder_;
  std::map<std::string, std::vector<std::weak_ptr<OnChecked>>> wishes_ = {};
  std::deque<std::string> waiting_ = {};
  std::map<std::string, base::Pending> lookups_ = {};
};

}  // namespace output
