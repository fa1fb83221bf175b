#include "epmd/alive_name.h"

#include <vector>

#include "catch.h"
#include "seeds.h"

using namespace std::string_literals;
using namespace std::string_view_literals;
using epmd::count_characters;
using epmd::escape_name;
using epmd::is_printable_name;

namespace {

std::string encode_utf8(uint32_t code_point) {
  const auto byte = [](uint32_t value) { return std::string(1, static_cast<char>(value)); };
  const auto tail = [&](unsigned shift) { return byte(0x80 | (code_point >> shift & 0x3f)); };
  if (code_point < 0x80) return byte(code_point);
  if (code_point < 0x800) return byte(0xc0 | code_point >> 6) + tail(0);
  if (code_point < 0x10000) return byte(0xe0 | code_point >> 12) + tail(6) + tail(0);
  return byte(0xf0 | code_point >> 18) + tail(12) + tail(6) + tail(0);
}

/// The grammar in section 4 of RFC 3629: lead bytes, the second byte's range, how many more follow.
struct Form {
  unsigned lead_first, lead_last, second_first, second_last;
  size_t more;
};
const std::vector<Form> grammar = {{0xc2, 0xdf, 0x80, 0xbf, 0}, {0xe0, 0xe0, 0xa0, 0xbf, 1},
                                   {0xe1, 0xec, 0x80, 0xbf, 1}, {0xed, 0xed, 0x80, 0x9f, 1},
                                   {0xee, 0xef, 0x80, 0xbf, 1}, {0xf0, 0xf0, 0x90, 0xbf, 2},
                                   {0xf1, 0xf3, 0x80, 0xbf, 2}, {0xf4, 0xf4, 0x80, 0x8f, 2}};

/// The length of the character that the text starts with; 0 if it starts with none.
size_t first_character(std::string_view text) {
  const auto in = [&](size_t i, unsigned first, unsigned last) {
    const unsigned byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 256U;
    return byte >= first && byte <= last;
  };
  if (in(0, 0, 0x7f)) return 1;
  for (const Form& form : grammar) {
    if (!in(0, form.lead_first, form.lead_last)) continue;
    if (!in(1, form.second_first, form.second_last)) return 0;
    for (size_t i = 2; i < 2 + form.more; ++i)
      if (!in(i, 0x80, 0xbf)) return 0;
    return 2 + form.more;
  }
  return 0;
}

std::optional<size_t> count_by_grammar(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) {
    const size_t length = first_character(text);
    if (length == 0) return std::nullopt;
    text.remove_prefix(length);
  }
  return count;
}

}  // namespace

TEST_CASE("characters are counted, not bytes") {
  CHECK(count_characters("") == 0);
  CHECK(count_characters("node") == 4);
  CHECK(count_characters("n\0de"sv) == 4);
  CHECK(count_characters("n\xc3\xb6"
                         "de") == 4);
  CHECK(count_characters("\xe2\x82\xac") == 1);
  CHECK(count_characters("\xf0\x9f\x90\x98\xf0\x9f\x90\x98") == 2);
}

TEST_CASE("every scalar value is one character and no surrogate is") {
  size_t faults = 0;
  for (uint32_t code_point = 0; code_point < 0x110000; ++code_point) {
    const bool is_surrogate = code_point >= 0xd800 && code_point < 0xe000;
    const auto expected = is_surrogate ? std::nullopt : std::optional<size_t>(1);
    if (count_characters(encode_utf8(code_point)) != expected) ++faults;
  }
  CHECK(faults == 0);
}

TEST_CASE("what is not UTF-8 has no characters") {
  const std::string_view bad =
      GENERATE("\x80"sv, "\xbf"sv, "\xc3"sv, "\xe2\x82"sv, "\xf0\x9f\x90"sv,  // lone, or cut short
               "\xc3("sv, "\xe2(\x82"sv, "\xe2\x82("sv,                       // not continued
               "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xf0\x8f\xbf\xbf"sv,    // overlong
               "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv,                                    // surrogates
               "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xf8\x88\x80\x80\x80"sv,  // too high
               "\xfe"sv, "\xff"sv);
  INFO(escape_name(bad));
  CHECK_FALSE(count_characters(bad));
  CHECK_FALSE(count_characters("before " + std::string(bad)));
  CHECK_FALSE(count_characters(std::string(bad) + " after"));
}

TEST_CASE("two bytes are UTF-8 exactly when the grammar says so") {
  size_t faults = 0;
  for (unsigned bytes = 0; bytes < 0x10000; ++bytes) {
    const std::string text = {static_cast<char>(bytes >> 8), static_cast<char>(bytes & 0xff)};
    if (count_characters(text) != count_by_grammar(text)) ++faults;
  }
  CHECK(faults == 0);
}

TEST_CASE("random bytes are UTF-8 exactly when the grammar says so") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    for (int i = 0; i < 20000; ++i) {
      // Mostly characters, so that long texts are valid now and then.
      std::string text;
      for (uint32_t left = random.below(5); left > 0; --left)
        text += random.one_in(4) ? random.bytes(1 + random.below(3))
                                 : encode_utf8(random.below(0x118000));
      INFO(escape_name(text));
      REQUIRE(count_characters(text) == count_by_grammar(text));
    }
  }
}

TEST_CASE("printable names are shown as they are") {
  const std::string_view name = GENERATE("node"sv, "a b"sv, "x@y"sv,
                                         "n\xc3\xb6"
                                         "de"sv,
                                         "\xf0\x9f\x90\x98"sv, "back\\slash"sv, "\xc2\xa0"sv,
                                         "\xe7\xaf\x80\xe9\xbb\x9e"sv,              // CJK
                                         "\xd7\xa6\xd7\x95\xd7\x9e\xd7\xaa"sv,      // Hebrew
                                         "\xd8\xb9\xd9\x82\xd8\xaf\xd8\xa9"sv,      // Arabic
                                         "\xf0\x9f\x91\xa9\xf0\x9f\x92\xbb"sv,      // emoji
                                         "\xe0\xa4\xa8\xe0\xa5\x8b\xe0\xa4\xa1"sv,  // Hindi
                                         "e\xcc\x81"sv, "\xef\xbf\xbd"sv);  // a combining accent
  CHECK(is_printable_name(name));
  CHECK(escape_name(name) == name);
}

TEST_CASE("what could forge a line, or is no character, is shown escaped") {
  const auto [name, shown] = GENERATE(table<std::string_view, std::string_view>({
      {"a\nb"sv, "a\\x0ab"sv},
      {"\0"sv, "\\x00"sv},
      {"\x1b[31m"sv, "\\x1b[31m"sv},
      {"\x7f"sv, "\\x7f"sv},
      {"\xc2\x85"sv, "\\xc2\\x85"sv},           // a C1 control that breaks lines
      {"\xe2\x80\xa8"sv, "\\xe2\\x80\\xa8"sv},  // line separator
      {"\xe2\x80\xa9"sv, "\\xe2\\x80\\xa9"sv},  // paragraph separator
      {"\xc3"sv, "\\xc3"sv},
      {"a\xff\xc3\xb6"sv, "a\\xff\xc3\xb6"sv},  // what follows is read anew
      {"\xe2\x82z"sv, "\\xe2\\x82z"sv},
  }));
  CHECK(escape_name(name) == shown);
  CHECK_FALSE(is_printable_name(name));
}

TEST_CASE("what cannot be seen, or turns the text around it, is shown escaped") {
  const auto [first, last] = GENERATE(table<uint32_t, uint32_t>({
      {0x00ad, 0x00ad},    // soft hyphen
      {0x034f, 0x034f},    // combining grapheme joiner
      {0x061c, 0x061c},    // Arabic letter mark
      {0x115f, 0x1160},    // Hangul fillers
      {0x17b4, 0x17b5},    // Khmer inherent vowels
      {0x180b, 0x180f},    // Mongolian selectors, and the vowel separator
      {0x200b, 0x200f},    // zero width space and joiners, direction marks
      {0x202a, 0x202e},    // embeddings and overrides
      {0x2060, 0x206f},    // word joiner, isolates, and what is deprecated
      {0x3164, 0x3164},    // Hangul filler
      {0xfdd0, 0xfdef},    // no characters
      {0xfe00, 0xfe0f},    // variation selectors
      {0xfeff, 0xfeff},    // byte order mark
      {0xffa0, 0xffa0},    // halfwidth Hangul filler
      {0xfff0, 0xfffb},    // unassigned, and annotations
      {0xfffe, 0xffff},    // no characters
      {0x1bca0, 0x1bca3},  // shorthand format controls
      {0x1d173, 0x1d17a},  // musical ones
      {0x1fffe, 0x1ffff},  // no characters
      {0xe0000, 0xe0fff},  // tags, and more variation selectors
      {0x10fffe, 0x10ffff},
  }));
  for (uint32_t code_point = first; code_point <= last; ++code_point) {
    INFO("U+" << std::hex << code_point);
    const std::string character = encode_utf8(code_point);
    REQUIRE_FALSE(is_printable_name("a" + character + "b"));
    REQUIRE(escape_name(character).size() == 4 * character.size());
  }
  // What stands before a range is shown, unless it is a paragraph separator or no character.
  CHECK(is_printable_name(encode_utf8(first - 1)) == (first != 0x202a && first != 0xe0000));
}

TEST_CASE("a direction override is shown escaped, and what stands behind it as it is") {
  CHECK(escape_name("web\xe2\x80\xae"
                    "nimda") == "web\\xe2\\x80\\xaenimda");
}

TEST_CASE("the empty name is not printable") {
  CHECK_FALSE(is_printable_name(""));
  CHECK(escape_name("").empty());
}

TEST_CASE("what was escaped is printable, and stays as it is") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    for (int i = 0; i < 5000; ++i) {
      const std::string shown = escape_name(random.bytes(1 + random.below(12)));
      REQUIRE(is_printable_name(shown));
      REQUIRE(escape_name(shown) == shown);
    }
  }
}
