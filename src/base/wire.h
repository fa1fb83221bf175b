#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace base {

/// Reads big-endian numbers and runs of bytes from the front of a text it does not own.
/// Failure is sticky: after reading past the end everything reads as zero or empty, so a parser
/// reads straight through and asks failed() once.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return number(4); }
  uint64_t u64() {
    const uint64_t high = u32();
    return high << 32 | u32();
  }

  /// The next `count` bytes; a view into the text this reader was given.
  std::string_view bytes(size_t count) {
    if (count > rest_.size()) fail();
    if (failed_) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest() const { return failed_ ? std::string_view{} : rest_; }
  bool failed() const { return failed_; }
  /// What came is not what was to come.
  void fail() { failed_ = true; }

 private:
  uint32_t number(size_t count) {
    uint32_t value = 0;
    for (const char byte : bytes(count)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }

  std::string_view rest_;
  bool failed_ = false;
};

inline void put_u8(std::string& out, unsigned value) { out.push_back(static_cast<char>(value)); }

inline void put_u16(std::string& out, unsigned value) {
  put_u8(out, value >> 8 & 0xff);
  put_u8(out, value & 0xff);
}

inline void put_u32(std::string& out, uint32_t value) {
  put_u16(out, value >> 16);
  put_u16(out, value & 0xffff);
}

inline void put_u64(std::string& out, uint64_t value) {
  put_u32(out, static_cast<uint32_t>(value >> 32));
  put_u32(out, static_cast<uint32_t>(value));
}

}  // namespace base
