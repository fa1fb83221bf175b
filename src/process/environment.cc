#include "process/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace process {
namespace {

constexpr std::array<std::string_view, 5> ours = {"PORTOLAN_COOKIE", "NOTIFY_SOCKET", "LISTEN_FDS",
                                                  "LISTEN_PID", "LISTEN_FDNAMES"};

}  // namespace

std::vector<std::string> environment_for_others(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** each = environ; *each; ++each) {
    const std::string_view entry(*each);
    const std::string_view name = entry.substr(0, entry.find('='));
    const bool is_ours = std::find(ours.begin(), ours.end(), name) != ours.end();
    if (!is_ours && !added.contains(std::string(name))) all.emplace_back(entry);
  }
  for (const auto& [name, value] : added) all.emplace_back(name).append(1, '=').append(value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace process
