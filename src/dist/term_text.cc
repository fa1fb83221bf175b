#include "dist/term_text.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace dist {
namespace {

using Kind = WrittenTerm::Kind;

bool is_word_part(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '@' || c == '#';
}

char unescaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 's': return ' ';
    default: return c;
  }
}

/// Each function takes its part from the front of what is left; nothing: it is not well formed.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : all_(text), left_(text) {}

  std::optional<WrittenTerm> term(size_t depth) {
    skip_blanks();
    if (left_.empty() || depth > written_depth_max) return std::nullopt;
    if (take("<<")) return binary();
    if (take("#{")) return other('}', depth);
    if (take("[")) return sequence(Kind::list, ']', depth);
    if (take("{")) return sequence(Kind::tuple, '}', depth);
    if (left_.front() == '"') return strings();
    if (take("'")) return quoted(Kind::atom, '\'');
    return word(depth);
  }
  bool full_stop() {
    skip_blanks();
    return take(".");
  }
  size_t line() const {
    return 1 + static_cast<size_t>(
                   std::count(all_.begin(), all_.end() - ptrdiff_t(left_.size()), '\n'));
  }

 private:
  bool take(std::string_view token) {
    if (!left_.starts_with(token)) return false;
    left_.remove_prefix(token.size());
    return true;
  }

  void skip_blanks() {
    while (!left_.empty()) {
      if (left_.front() == '%')
        left_.remove_prefix(std::min(left_.find('\n'), left_.size()));
      else if (std::isspace(static_cast<unsigned char>(left_.front())) != 0)
        left_.remove_prefix(1);
      else
        return;
    }
  }

  bool takes(char c) {
    skip_blanks();
    return take({&c, 1});
  }

  std::optional<WrittenTerm> sequence(Kind kind, char end, size_t depth) {
    WrittenTerm sequence = {kind, {}, {}};
    if (takes(end)) return sequence;
    do {
      auto item = term(depth + 1);
      if (!item) return std::nullopt;
      sequence.items.push_back(std::move(*item));
    } while (takes(','));
    if (!takes(end)) return std::nullopt;
    return sequence;
  }

  std::optional<WrittenTerm> quoted(Kind kind, char end) {
    WrittenTerm term = {kind, {}, {}};
    while (!left_.empty() && left_.front() != end) {
      const bool is_escape = take("\\");
      if (left_.empty()) return std::nullopt;
      term.text += is_escape ? unescaped(left_.front()) : left_.front();
      left_.remove_prefix(1);
    }
    if (!take({&end, 1})) return std::nullopt;
    return term;
  }

  /// Strings behind each other are one.
  std::optional<WrittenTerm> strings() {
    WrittenTerm all = {Kind::text, {}, {}};
    while (takes('"')) {
      const auto part = quoted(Kind::text, '"');
      if (!part) return std::nullopt;
      all.text += part->text;
    }
    return all;
  }

  std::optional<WrittenTerm> binary() {
    skip_blanks();
    if (take(">>")) return WrittenTerm{Kind::text, {}, {}};
    auto text = strings();
    if (text && text->text.empty()) return std::nullopt;  // numbers: no file's name
    take("/utf8");
    skip_blanks();
    return text && take(">>") ? text : std::nullopt;
  }

  /// Up to `end`, whatever terms are in it.
  std::optional<WrittenTerm> other(char end, size_t depth) {
    while (!takes(end)) {
      if (!take("=>") && !take(":=") && !take(",") && !term(depth + 1)) return std::nullopt;
    }
    return WrittenTerm{};
  }

  std::optional<WrittenTerm> word(size_t depth) {
    const bool is_negative = take("-");
    const auto end = std::find_if_not(left_.begin(), left_.end(), is_word_part);
    const std::string text(left_.begin(), end);
    if (text.empty()) return std::nullopt;
    left_.remove_prefix(text.size());
    if (text == "fun" && !is_negative) return fun(depth);
    const bool is_number = std::isdigit(static_cast<unsigned char>(text.front())) != 0;
    if (is_number) return WrittenTerm{Kind::number, (is_negative ? "-" : "") + text, {}};
    const bool is_atom = std::islower(static_cast<unsigned char>(text.front())) != 0;
    if (!is_atom || is_negative) return std::nullopt;
    return WrittenTerm{Kind::atom, text, {}};
  }

  /// fun module:name/3
  std::optional<WrittenTerm> fun(size_t depth) {
    if (!term(depth + 1) || !takes(':') || !term(depth + 1) || !takes('/') || !term(depth + 1))
      return std::nullopt;
    return WrittenTerm{};
  }

  std::string_view all_;
  std::string_view left_;
};

}  // namespace

const WrittenTerm* WrittenTerm::find(std::string_view name) const {
  for (const WrittenTerm& item : items)
    if (item.kind == Kind::tuple && item.items.size() == 2 && item.items[0].is_atom(name))
      return &item.items[1];
  return nullptr;
}

base::Result<WrittenTerm> parse_written_term(std::string_view text) {
  TextReader reader(text);
  auto term = reader.term(0);
  if (!term || !reader.full_stop())
    return base::Error{"line " + std::to_string(reader.line()) + " is no Erlang term"};
  return std::move(*term);
}

}  // namespace dist
