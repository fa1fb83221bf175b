#include <algorithm>

#include "options/words.h"

namespace options {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* list_blanks = " \t";

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(list_blanks);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(list_blanks) + 1 - begin);
}

void add_items(const std::string& word, Texts& items) {
  for (size_t begin = 0; begin <= word.size();) {
    const size_t end = std::min(word.find(',', begin), word.size());
    if (std::string item = trimmed(word.substr(begin, end - begin)); !item.empty())
      items.push_back(std::move(item));
    begin = end + 1;
  }
}

bool is_in_brackets(const std::string& word) {
  return word.starts_with('[') && word.ends_with(']');
}

/// An option that takes the word behind it.
bool takes_next(const CLI::App& command, const std::string& word) {
  const CLI::Option* const option =
      word.starts_with("--") ? command.get_option_no_throw(word) : nullptr;
  return option && !is_flag(*option);
}

bool has_many_arguments(const CLI::App& command) {
  const auto options = command.get_options();
  return std::any_of(options.begin(), options.end(), [](const CLI::Option* option) {
    return option->get_positional() && option->get_expected_max() > 1;
  });
}

}  // namespace

Texts list_items(const Texts& words) {
  Texts items;
  for (const std::string& word : words) add_items(word, items);
  return items;
}

CLI::Option* add_list(CLI::App& app, const std::string& name, const std::string& type,
                      const std::function<void(const Texts&)>& set, const std::string& help) {
  const auto set_items = [set, name, type](const Texts& words) {
    const Texts items = list_items(words);
    if (items.empty()) refuse(name, "a value is missing; write " + name + ' ' + type);
    set(items);
    return true;
  };
  return app.add_option(name, CLI::callback_t(set_items), help)
      ->type_name(type)
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(false);
}

CLI::Option* add_arguments(CLI::App& app, const std::string& name, const std::string& type,
                           Texts& values, const std::string& help) {
  const auto set = [&values](const Texts& words) {
    for (const std::string& word : words)
      values.push_back(
          word.starts_with('[') && word.ends_with("] ") ? word.substr(0, word.size() - 1) : word);
    return true;
  };
  return app.add_option(name, CLI::callback_t(set), help)
      ->type_name(type)
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(true);
}

Texts keep_brackets(const CLI::App& command, Texts words) {
  if (!has_many_arguments(command)) return words;
  for (size_t at = 0; at < words.size(); ++at) {
    if (takes_next(command, words[at]))
      ++at;
    else if (is_in_brackets(words[at]))
      words[at] += ' ';
  }
  return words;
}

}  // namespace options
