#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace dist {

inline constexpr size_t digest_bytes = 16;
using Digest = std::array<char, digest_bytes>;

/// The secret that the nodes of a cluster share. It is never printed, is moved and not copied, and
/// leaves nothing in memory behind.
class Cookie {
 public:
  /// An atom's worth, which is what a cookie is in Erlang.
  static constexpr size_t bytes_max = 255;

  explicit Cookie(std::string_view text) : text_(text.begin(), text.end()) {}
  Cookie(Cookie&&) = default;
  Cookie& operator=(Cookie&&) = delete;
  ~Cookie();

  /// What proves to know the cookie to who asked with this challenge: the MD5 of the cookie and the
  /// challenge's decimal digits, as the "Distribution Protocol" has it.
  Digest answer(uint32_t challenge) const;

 private:
  std::vector<char> text_;
};

}  // namespace dist
