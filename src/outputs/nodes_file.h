#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "outputs/file_keeper.h"
#include "outputs/output.h"

namespace outputs {

/// Keeps the members in a file, and the nodes of this host, in the order of their names:
/// {"members":[{"node":…},…],"local":[{"node":…},…]}.
class NodesFile final : public Output {
 public:
  explicit NodesFile(std::string path, FileKeeper::Runner runner = run_at_once)
      : path_(std::move(path)), keeper_("--nodes-file", std::move(runner)) {}

  void tell(const discovery::Report& report) override;

 private:
  std::string path_;
  /// What stands in the file, or is being written. Nothing: that is not known.
  std::optional<std::string> asked_ = {};
  bool has_written_ = false;
  FileKeeper keeper_;
};

/// The file's text.
std::string render_nodes(const discovery::Members& members,
                         const std::vector<discovery::LocalNode>& locals);

/// The nodes of this host, as an earlier life of this daemon has left them in the file. None if
/// there is no such file, or it is not ours.
std::vector<discovery::LocalNode> read_locals(const std::string& path);

}  // namespace outputs
