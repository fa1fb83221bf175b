#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace base {

/// A decimal number that fits, with nothing around it; nothing for anything else.
template <typename Number>
std::optional<Number> parse_number(std::string_view digits) {
  Number number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, fault] = std::from_chars(digits.data(), end, number);
  if (fault != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

}  // namespace base
