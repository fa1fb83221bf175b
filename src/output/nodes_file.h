#pragma once

#include <string>
#include <vector>

#include "output/output.h"

namespace output {

/// Keeps the members in a file, and the nodes of this host, in the order of their names:
/// {"members":[{"node":…},…],"local":[{"node":…},…]}.
class NodesFile final : public Output {
 public:
  explicit NodesFile(std::string path) : path_(std::move(path)) {}

  void tell(const discovery::Report& report) override;

 private:
  std::string path_;
  std::string written_ = {};
  bool has_said_ = false;
};

/// The file's text.
std::string render_nodes(const discovery::Members& members,
                         const std::vector<discovery::LocalNode>& locals);

/// The nodes of this host, as an earlier life of this daemon has left them in the file. None if
/// there is no such file, or it is not ours.
std::vector<discovery::LocalNode> read_locals(const std::string& path);

}  // namespace output
