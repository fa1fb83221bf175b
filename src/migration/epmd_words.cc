#include "migration/epmd_words.h"

#include <array>
#include <optional>
#include <string_view>

namespace migration {
namespace {

struct Option {
  std::string_view epmds;
  std::string_view ours;
  bool has_value;
};

/// The reference's erts/epmd/src/epmd.c, main().
constexpr std::array known = {
    Option{"-port", "--port", true},
    Option{"-address", "--address", true},
    Option{"-packet_timeout", "--packet-timeout", true},
    Option{"-relaxed_command_check", "--relaxed-command-check", false},
};

std::optional<Option> find(const std::string& word) {
  for (const Option& option : known)
    if (option.epmds == word) return option;
  return std::nullopt;
}

class Options {
 public:
  void add(const Option& option, const std::string& value) {
    if (has(option.ours)) return;
    words_.emplace_back(option.ours);
    if (option.has_value) words_.push_back(value);
  }
  std::vector<std::string> take() { return std::move(words_); }

 private:
  bool has(std::string_view word) const {
    for (const std::string& each : words_)
      if (each == word) return true;
    return false;
  }

  std::vector<std::string> words_ = {};
};

}  // namespace

/// A word counts more than a variable.
std::vector<std::string> options_of_serve(const std::vector<std::string>& words,
                                          const std::string& port_variable,
                                          const std::string& address_variable) {
  Options options;
  for (size_t i = 1; i < words.size(); ++i) {
    const auto option = find(words[i]);
    if (!option || (option->has_value && i + 1 == words.size())) continue;
    options.add(*option, option->has_value ? words[++i] : "");
  }
  if (!port_variable.empty()) options.add(known[0], port_variable);
  if (!address_variable.empty()) options.add(known[1], address_variable);
  return options.take();
}

}  // namespace migration
