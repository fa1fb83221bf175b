#pragma once

#include <string>

#include "base/result.h"
#include "event/descriptor.h"

namespace logging {

/// A file that the log is written to, and its path, under which it can be opened again. Commands
/// that are started do not inherit it.
class LogFile {
 public:
  /// Makes the file if there is none; what it holds stays.
  static base::Result<LogFile> open(const std::string& path);

  const std::string& path() const { return path_; }
  /// Stays this object's.
  int descriptor() const { return descriptor_.get(); }

 private:
  LogFile(std::string path, event::Descriptor descriptor);

  std::string path_;
  event::Descriptor descriptor_;
};

}  // namespace logging
