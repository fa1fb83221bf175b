#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "outputs/file_keeper.h"
#include "outputs/output.h"

namespace outputs {

/// Keeps the members' hosts in a `.hosts.erlang`, which net_adm:world() reads each time it is
/// called. Lines that are not ours are kept as they are; ours stand between two marks.
class HostsFile final : public Output {
 public:
  explicit HostsFile(std::string path, FileKeeper::Runner runner = run_at_once)
      : path_(std::move(path)), keeper_("--hosts-file", std::move(runner)) {}

  void tell(const discovery::Report& report) override;

 private:
  std::string path_;
  /// What stands in the file, or is being written. Nothing: that is not known.
  std::optional<std::set<std::string>> asked_ = {};
  FileKeeper keeper_;
};

/// The old text with our part made anew: appended if there is none.
std::string render_hosts(std::string_view old_text, const std::set<std::string>& hosts);

}  // namespace outputs
