#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// Takes decisions and texts from the front of what the fuzzer has made up. Zeros when it is empty.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool is_empty() const { return rest_.empty(); }
  uint8_t byte() {
    const std::string_view taken = text(1);
    return taken.empty() ? uint8_t{0} : static_cast<uint8_t>(taken.front());
  }
  std::string_view text(size_t size) {
    const std::string_view taken = rest_.substr(0, std::min(size, rest_.size()));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() { return text(rest_.size()); }

 private:
  std::string_view rest_;
};
