#include "takeover/process_facts.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/number.h"

namespace takeover {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(pid_t process) { return fs::path("/proc") / std::to_string(process); }

/// What stands behind `label` at the beginning of a line of its status.
std::string status_of(pid_t process, std::string_view label) {
  std::ifstream file(folder_of(process) / "status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(label)) return line.substr(label.size());
  return {};
}

template <typename Number>
Number status_number(pid_t process, std::string_view label) {
  const std::string text = status_of(process, label);
  return base::parse_number<Number>(std::string_view(text).substr(0, text.find('\t'))).value_or(0);
}

std::string program_path_of(pid_t process) {
  constexpr std::string_view replaced = " (deleted)";  // by an upgrade of its package
  std::error_code error;
  std::string path = fs::read_symlink(folder_of(process) / "exe", error).string();
  if (path.ends_with(replaced)) path.resize(path.size() - replaced.size());
  return path;
}

/// The last part of its control group, if that is a service.
std::string unit_of(pid_t process) {
  std::ifstream file(folder_of(process) / "cgroup");
  for (std::string line; std::getline(file, line);)
    if (line.ends_with(".service")) return line.substr(line.rfind('/') + 1);
  return {};
}

/// Empty: it may not be seen.
fs::path namespace_of(pid_t process, const char* kind) {
  std::error_code error;
  return fs::read_symlink(folder_of(process) / "ns" / kind, error);
}

bool has_variable(pid_t process, std::string_view name) {
  const std::vector<std::string> all = texts_of(process, "environ");
  return std::any_of(all.begin(), all.end(),
                     [name](const std::string& each) { return each.starts_with(name); });
}

/// It has ended, and its parent has not been told.
bool is_zombie(pid_t process) { return status_of(process, "State:\t").starts_with('Z'); }

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> children;
  std::error_code error;
  for (fs::directory_iterator each("/proc", error), end; !error && each != end;
       each.increment(error)) {
    const auto number = base::parse_number<pid_t>(each->path().filename().string());
    if (number && status_number<pid_t>(*number, "PPid:\t") == process && !is_zombie(*number))
      children.push_back(*number);
  }
  return children;
}

}  // namespace

std::vector<std::string> texts_of(pid_t process, const char* name) {
  std::ifstream file(folder_of(process) / name, std::ios::binary);
  std::vector<std::string> texts;
  for (std::string text; std::getline(file, text, '\0');) texts.push_back(text);
  return texts;
}

ProcessFacts facts_of(pid_t process) {
  ProcessFacts facts;
  facts.number = process;
  facts.parent = status_number<pid_t>(process, "PPid:\t");
  facts.parent_name = status_of(facts.parent, "Name:\t");
  facts.user = status_number<uid_t>(process, "Uid:\t");
  facts.name = status_of(process, "Name:\t");
  facts.program_path = program_path_of(process);
  facts.program = facts.program_path.substr(facts.program_path.rfind('/') + 1);
  facts.unit = unit_of(process);
  const fs::path network = namespace_of(process, "net");
  facts.is_hidden = network.empty();
  facts.shares_network = network == namespace_of(getpid(), "net");
  facts.shares_processes = namespace_of(process, "pid") == namespace_of(getpid(), "pid");
  facts.has_given_sockets = has_variable(process, "LISTEN_FDS=");
  facts.children = children_of(process);
  return facts;
}

}  // namespace takeover
