#include "doctor/own_host.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <sstream>

namespace doctor {
namespace {

/// What the node is told of its name.
struct Told {
  std::string name = {};  // NAME or NAME@HOST
  bool is_long = false;
};

std::string value_of(const NodeSources& sources, const char* variable) {
  const char* const value = sources.variable ? sources.variable(variable) : nullptr;
  return value ? value : "";
}

/// As `erl` and `elixir` spell it.
std::optional<Told> told_by_words(const std::vector<std::string>& words) {
  constexpr std::array options = {"-name", "--name", "-sname", "--sname"};
  const auto option =
      std::find_first_of(words.begin(), words.end(), options.begin(), options.end());
  if (option == words.end() || option + 1 == words.end()) return std::nullopt;
  return Told{*(option + 1), !option->ends_with("-sname")};
}

/// A release script has a node unless it is told `none`; RabbitMQ's always has one.
Told told_by_variables(const NodeSources& sources) {
  const std::string release = value_of(sources, "RELEASE_NODE");
  const std::string kind = value_of(sources, "RELEASE_DISTRIBUTION");
  if (!release.empty() || !kind.empty()) return {release, kind == "name"};
  return {value_of(sources, "RABBITMQ_NODENAME"),
          value_of(sources, "RABBITMQ_USE_LONGNAME") == "true"};
}

/// The first name of the line that has this one, which is where a node gets its domain from.
std::string canonical_name(const std::string& hosts_file, const std::string& host) {
  std::istringstream lines(hosts_file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line.substr(0, line.find('#')));
    const std::vector<std::string> words(std::istream_iterator<std::string>(in), {});
    if (words.size() > 1 && std::find(words.begin() + 1, words.end(), host) != words.end())
      return words[1];
  }
  return {};
}

std::string long_name(const NodeSources& sources) {
  const bool has_domain = sources.host_name.find('.') != std::string::npos;
  std::string name =
      has_domain ? sources.host_name : canonical_name(sources.hosts_file, sources.host_name);
  return name.find('.') == std::string::npos ? "" : name;
}

/// Empty: it has none.
std::string host_part_of(const Told& told) {
  const size_t at = told.name.find('@');
  return at == std::string::npos ? "" : told.name.substr(at + 1);
}

}  // namespace

bool has_dotted_short_name(const NodeSources& sources) {
  const auto told = told_by_words(sources.words);
  return told && !told->is_long && host_part_of(*told).find('.') != std::string::npos;
}

std::string own_host_of(const NodeSources& sources) {
  const auto in_words = told_by_words(sources.words);
  const Told told = in_words ? *in_words : told_by_variables(sources);
  if (std::string host = host_part_of(told); !host.empty()) return host;
  if (told.is_long) return long_name(sources);
  return sources.host_name.substr(0, sources.host_name.find('.'));
}

}  // namespace doctor
