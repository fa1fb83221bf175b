#pragma once

#include <string>

#include "output/output.h"

namespace output {

/// Keeps the members in a file: {"members":[{"node":…},…]}, in the order of their names.
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
std::string render_nodes(const discovery::Members& members);

}  // namespace output
