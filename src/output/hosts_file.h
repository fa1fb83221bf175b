#pragma once

#include <set>
#include <string>
#include <string_view>

#include "output/output.h"

namespace output {

/// Keeps the members' hosts in a `.hosts.erlang`, which net_adm:world() reads each time it is
/// called. Lines that are not ours are kept as they are; ours stand between two marks.
class HostsFile final : public Output {
 public:
  explicit HostsFile(std::string path) : path_(std::move(path)) {}

  void tell(const discovery::Report& report) override;

 private:
  std::string path_;
  std::set<std::string> written_ = {};
  bool is_written_ = false;
  bool has_said_ = false;
};

/// The old text with our part made anew: appended if there is none.
std::string render_hosts(std::string_view old_text, const std::set<std::string>& hosts);

}  // namespace output
