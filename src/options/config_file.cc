#include "options/config_file.h"

#include <string_view>

namespace options {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t";

/// Thrown and caught in this file: a fault ends the reading, however deep it is.
struct Fault {
  std::string what = {};
};

class SettingsReader {
 public:
  explicit SettingsReader(std::istream& file) : file_(file) {}

  std::vector<Setting> read() {
    std::vector<Setting> settings;
    while (next_line())
      if (skip_blanks(); !is_over()) settings.push_back(read_setting());
    return settings;
  }
  size_t line() const { return line_; }

 private:
  bool next_line();
  void skip_blanks();
  bool is_over() const { return rest_.empty() || rest_.front() == '#'; }
  char take();
  Setting read_setting();
  std::string read_name();
  void read_value(Setting& setting);
  void read_list(Setting& setting);
  std::string read_item(std::string_view ends);
  std::string read_quoted(char quote);
  char read_escaped();
  void expect_end(std::string_view behind_what) const;

  std::istream& file_;
  std::string text_ = {};
  std::string_view rest_ = {};
  size_t line_ = 0;
};

bool SettingsReader::next_line() {
  if (!std::getline(file_, text_)) return false;
  if (!text_.empty() && text_.back() == '\r') text_.pop_back();
  rest_ = text_;
  if (++line_ == 1 && rest_.starts_with(byte_order_mark)) rest_.remove_prefix(3);
  // As in files of systemd; elsewhere in a line it is part of a value.
  if (rest_.substr(std::min(rest_.find_first_not_of(blanks), rest_.size())).starts_with(';'))
    rest_ = {};
  return true;
}

void SettingsReader::skip_blanks() {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
}

char SettingsReader::take() {
  const char first = rest_.front();
  rest_.remove_prefix(1);
  return first;
}

Setting SettingsReader::read_setting() {
  if (rest_.front() == '[')
    throw Fault{"'" + std::string(rest_) +
                "' begins a section, and there are none here; remove this line"};
  Setting setting{.line = line_};
  setting.name = read_name();
  skip_blanks();
  if (is_over()) return setting;
  if (take() != '=') throw Fault{"'" + text_ + "' is not a setting; write name = value"};
  setting.has_value = true;
  read_value(setting);
  return setting;
}

std::string SettingsReader::read_name() {
  const size_t end = std::min(rest_.find_first_of(" \t=#"), rest_.size());
  std::string name(rest_.substr(0, end));
  rest_.remove_prefix(end);
  if (name.empty()) throw Fault{"a name is missing; write name = value"};
  return name;
}

void SettingsReader::read_value(Setting& setting) {
  skip_blanks();
  if (is_over()) throw Fault{"'" + setting.name + "' has no value; write one, or remove the line"};
  if (rest_.front() == '[') return read_list(setting);
  setting.values.push_back(read_item("#"));
  expect_end("the value");
}

void SettingsReader::read_list(Setting& setting) {
  take();
  while (true) {
    skip_blanks();
    if (is_over()) {
      if (next_line()) continue;
      line_ = setting.line;
      throw Fault{"the list '" + setting.name + "' is not closed; write a ] at its end"};
    }
    if (rest_.front() == ']') break;
    setting.values.push_back(read_item("#,]"));
    skip_blanks();
    if (!is_over() && rest_.front() == ',') take();
  }
  take();
  expect_end("the list");
}

/// In quotes, or up to one of `ends`.
std::string SettingsReader::read_item(std::string_view ends) {
  if (rest_.front() == '"' || rest_.front() == '\'') return read_quoted(take());
  const std::string_view plain = rest_.substr(0, rest_.find_first_of(ends));
  rest_.remove_prefix(plain.size());
  const std::string_view item = plain.substr(0, plain.find_last_not_of(blanks) + 1);
  if (item.empty()) throw Fault{"an item of the list is empty; remove a comma"};
  return std::string(item);
}

std::string SettingsReader::read_quoted(char quote) {
  std::string value;
  while (!rest_.empty()) {
    const char c = take();
    if (c == quote) return value;
    if (c == '\\' && quote == '"' && !rest_.empty() && rest_.find_first_of("\"\\ntrbf/") == 0)
      value += read_escaped();
    else
      value += c;
  }
  throw Fault{std::string("a quote is not closed; write a ") + quote + " at the value's end"};
}

char SettingsReader::read_escaped() {
  switch (const char c = take()) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'b': return '\b';
    case 'f': return '\f';
    default: return c;
  }
}

void SettingsReader::expect_end(std::string_view behind_what) const {
  const std::string_view rest =
      rest_.substr(std::min(rest_.find_first_not_of(blanks), rest_.size()));
  if (!rest.empty() && rest.front() != '#')
    throw Fault{"'" + std::string(rest) + "' stands behind " + std::string(behind_what) +
                "; write one setting a line, and text with spaces in quotes"};
}

}  // namespace

base::Result<std::vector<Setting>> read_settings(std::istream& file) {
  SettingsReader reader(file);
  try {
    return reader.read();
  } catch (const Fault& fault) {
    return base::Error{std::to_string(reader.line()) + ": " + fault.what};
  }
}

}  // namespace options
