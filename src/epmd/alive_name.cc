#include "epmd/alive_name.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace epmd {
namespace {

struct LeadByte {
  size_t following = 0;  // bytes that continue the character
  uint32_t bits = 0;     // what the lead byte gives to the code point
  uint32_t least = 0;    // a smaller code point would be an overlong form
};

std::optional<LeadByte> read_lead(unsigned char byte) {
  if (byte < 0x80) return LeadByte{0, byte, 0};
  if ((byte & 0xe0) == 0xc0) return LeadByte{1, byte & 0x1fU, 0x80};
  if ((byte & 0xf0) == 0xe0) return LeadByte{2, byte & 0x0fU, 0x800};
  if ((byte & 0xf8) == 0xf0) return LeadByte{3, byte & 0x07U, 0x10000};
  return std::nullopt;
}

bool is_scalar_value(uint32_t code_point) {
  const bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  return code_point <= 0x10ffff && !is_surrogate;
}

/// Takes one character from the front; nothing if what stands there is not one.
std::optional<uint32_t> take_character(std::string_view& text) {
  const std::optional<LeadByte> lead = read_lead(static_cast<unsigned char>(text.front()));
  if (!lead || lead->following >= text.size()) return std::nullopt;
  uint32_t code_point = lead->bits;
  for (size_t i = 1; i <= lead->following; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    code_point = code_point << 6 | (byte & 0x3fU);
  }
  if (code_point < lead->least || !is_scalar_value(code_point)) return std::nullopt;
  text.remove_prefix(lead->following + 1);
  return code_point;
}

struct Range {
  uint32_t first = 0;
  uint32_t last = 0;
};

/// Characters that break lines, show nothing, or turn the direction of what stands around them:
/// - C0 and C1 controls, DEL (U+007F), and the line and paragraph separators (U+2028, U+2029)
/// - Default_Ignorable_Code_Point of Unicode 15 (DerivedCoreProperties.txt), which holds all of
///   Bidi_Control (PropList.txt)
/// - the interlinear annotation controls (U+FFF9 to U+FFFB)
constexpr std::array unseen = {
    Range{0x0000, 0x001f},   Range{0x007f, 0x009f},   Range{0x00ad, 0x00ad},
    Range{0x034f, 0x034f},   Range{0x061c, 0x061c},   Range{0x115f, 0x1160},
    Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f},   Range{0x200b, 0x200f},
    Range{0x2028, 0x202e},   Range{0x2060, 0x206f},   Range{0x3164, 0x3164},
    Range{0xfe00, 0xfe0f},   Range{0xfeff, 0xfeff},   Range{0xffa0, 0xffa0},
    Range{0xfff0, 0xfffb},   Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a},
    Range{0xe0000, 0xe0fff},
};

/// U+FDD0 to U+FDEF, and the last two of each plane: never characters (Unicode 15, 23.7).
bool is_noncharacter(uint32_t code_point) {
  return (code_point >= 0xfdd0 && code_point <= 0xfdef) || (code_point & 0xfffe) == 0xfffe;
}

bool is_seen(uint32_t code_point) {
  if (code_point >= 0x20 && code_point < 0x7f) return true;  // nearly all
  const auto* const range =
      std::find_if(unseen.begin(), unseen.end(),
                   [code_point](const Range& each) { return code_point <= each.last; });
  const bool is_in_range = range != unseen.end() && code_point >= range->first;
  return !is_in_range && !is_noncharacter(code_point);
}

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out += "\\x";
    out += digits[value >> 4];
    out += digits[value & 15];
  }
}

}  // namespace

std::optional<size_t> count_characters(std::string_view text) {
  // Nearly every name is ASCII, and this runs for each look-up.
  if (std::none_of(text.begin(), text.end(), [](char byte) { return (byte & 0x80) != 0; }))
    return text.size();
  size_t count = 0;
  for (; !text.empty(); ++count)
    if (!take_character(text)) return std::nullopt;
  return count;
}

bool is_printable_name(std::string_view alive_name) {
  return !alive_name.empty() && escape_name(alive_name) == alive_name;
}

std::string escape_name(std::string_view alive_name) {
  std::string out;
  while (!alive_name.empty()) {
    const std::string_view before = alive_name;
    const std::optional<uint32_t> character = take_character(alive_name);
    if (!character) alive_name.remove_prefix(1);
    const std::string_view taken = before.substr(0, before.size() - alive_name.size());
    if (character && is_seen(*character))
      out += taken;
    else
      append_escaped(out, taken);
  }
  return out;
}

}  // namespace epmd
