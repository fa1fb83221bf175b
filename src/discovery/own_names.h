#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "discovery/round_cache.h"

namespace discovery {

/// Asks the DNS for the host parts of those nodes of this host that are held back, each second, so
/// that they are pushed as soon as the DNS leads other hosts here. It is no part of a round: where
/// no nameserver answers for a name that nobody has, that takes seconds, which no round waits for.
class OwnNames {
 public:
  static constexpr Time interval = std::chrono::seconds(1);

  /// `on_news` is called when the DNS leads one of them to other addresses than before. What is
  /// referred to outlives it.
  OwnNames(const Environment& world, HostCache& hosts, std::function<void()> on_news)
      : environment_(world), hosts_(hosts), on_news_(std::move(on_news)) {}
  OwnNames(const OwnNames&) = delete;
  OwnNames& operator=(const OwnNames&) = delete;

  /// After each round: the nodes of this host.
  void watch(const std::vector<LocalNode>& locals);

 private:
  void look_up_all();
  void look_up(const std::string& host_part);
  void learn(const std::string& host_part, const Resolution& resolution);

  const Environment& environment_;
  HostCache& hosts_;
  std::function<void()> on_news_;
  /// The host parts that are watched, and their look-ups, where one is under way.
  std::map<std::string, Pending> look_ups_ = {};
  Pending waiting_ = {};
};

}  // namespace discovery
