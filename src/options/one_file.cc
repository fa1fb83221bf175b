#include <filesystem>
#include <utility>

#include "options/words.h"

namespace options {
namespace {

namespace fs = std::filesystem;

/// Links are followed as far as there is something.
fs::path where(const std::string& path) {
  std::error_code error;
  fs::path whole = fs::absolute(path, error);
  fs::path canonical = fs::weakly_canonical(whole, error);
  return error ? whole.lexically_normal() : canonical;
}

/// A device or a pipe may well take the lines of several.
bool are_one_file(const std::string& one, const std::string& other) {
  std::error_code error;
  if (fs::exists(one, error) && !fs::is_regular_file(one, error)) return false;
  return fs::equivalent(one, other, error) || where(one) == where(other);
}

}  // namespace

void refuse_shared_files(const NamedFiles& files) {
  for (size_t i = 0; i < files.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (files[i].is_written && are_one_file(files[i].path, files[j].path))
        refuse(files[i].option, "'" + files[i].path + "' is the file of " + files[j].option +
                                    " too; name another one");
}

}  // namespace options
