#include "options/meant.h"

#include <algorithm>
#include <numeric>

namespace options {
namespace {

/// How many letters are to be put in, taken out or changed (Levenshtein).
size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

bool is_option(const std::string& word) { return word.starts_with('-'); }

/// The first option, without its value; else the first word.
std::string first_of(const std::vector<std::string>& unknown) {
  const auto option = std::find_if(unknown.begin(), unknown.end(), is_option);
  return option == unknown.end() ? unknown.front() : option->substr(0, option->find('='));
}

std::vector<std::string> option_names_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* const option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names_of(const CLI::App& portolan) {
  std::vector<std::string> names;
  for (const CLI::App* const each : portolan.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  return names;
}

}  // namespace

std::vector<std::string> with_usual_words(std::vector<std::string> words) {
  if (words.empty()) return words;
  const bool is_help = words[0] == "help";
  while (!words.empty() && words[0] == "help") words.erase(words.begin());
  if (!words.empty() && (words[0] == "version" || words[0] == "-v")) words[0] = "--version";
  if (is_help) words.insert(words.size() > 1 ? words.begin() + 1 : words.end(), "--help");
  return words;
}

/// Its beginning, or it with a letter or two amiss.
std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  if (word.empty()) return best;
  size_t least = std::min(std::max<size_t>(word.size() / 3, 2), word.size() - 1) + 1;
  for (const std::string& each : known) {
    const size_t letters = each.starts_with(word) ? 1 : distance(word, each);
    if (letters >= least) continue;
    least = letters;
    best = each;
  }
  return best;
}

std::string describe_unknown(const CLI::App& command, const std::vector<std::string>& unknown) {
  const std::string name = first_of(unknown);
  const std::string wrong = is_option(name)                   ? "there is no option " + name
                            : command.get_parent() == nullptr ? "there is no command '" + name + "'"
                                                              : "'" + name + "' is a word too many";
  const std::string other = meant(command, unknown);
  return wrong + (other.empty() ? "" : "; " + other);
}

std::string meant(const CLI::App& command, const std::vector<std::string>& unknown) {
  const std::string word = first_of(unknown);
  const std::string& name = word;
  if (name == "--cookie")
    return "a cookie on the command line is for everybody to read: give --cookie-file FILE, or "
           "PORTOLAN_COOKIE";
  if (command.get_name() == "run" && !is_option(word))
    return "the command stands behind `--`: portolan run [OPTIONS] -- " + word;
  const auto known = is_option(word) ? option_names_of(command) : command_names_of(command);
  const std::string other = nearest(name, known);
  return other.empty() ? "" : "did you mean `" + other + "`?";
}

}  // namespace options
