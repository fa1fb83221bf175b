#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "dns/search_list.h"
#include "event/loop.h"

namespace dns {

/// What look-ups need of this system's files. A round begins hundreds of them at once, and reading
/// for each was a sixth of what the round cost; so what was read a moment ago counts.
class SystemFiles {
 public:
  struct Contents {
    SearchList search_list = {};
    /// As c-ares reads them, "ADDRESS[:PORT],…".
    std::string nameservers = {};
    /// In lower case; nothing: it cannot be read.
    std::optional<std::string> hosts = {};
  };
  static constexpr event::Loop::Time retention = std::chrono::milliseconds(50);

  explicit SystemFiles(event::Loop& loop) : loop_(loop) {}

  const base::Result<Contents>& contents();
  /// Without doubt the hosts file has no such name, if this is false.
  bool may_be_in_hosts_file(const std::string& name);

 private:
  event::Loop& loop_;
  base::Result<Contents> contents_ = base::Error{};
  std::optional<event::Loop::Time> read_at_ = {};
};

}  // namespace dns
