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

/// C0 and C1 controls, DEL, and the line and paragraph separators.
bool is_control(uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7f && code_point <= 0x9f) || code_point == 0x2028 ||
         code_point == 0x2029;
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
    const bool shows = character && !is_control(*character);
    shows ? void(out += taken) : append_escaped(out, taken);
  }
  return out;
}

}  // namespace epmd
