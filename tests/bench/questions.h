#pragma once

#include <array>
#include <cstdint>
#include <string>

/// What discovery asks, by kind.
enum class Question : uint8_t { a, aaaa, other_dns, by_tcp, names, handshake };

/// How many of each.
struct Questions {
  static constexpr std::array kinds = {
      "A", "AAAA", "other DNS", "DNS over TCP", "EPMD's names", "handshakes"};

  uint64_t& of(Question kind) { return counts.at(static_cast<size_t>(kind)); }

  std::string json() const {
    std::string all;
    for (size_t i = 0; i < kinds.size(); ++i)
      all +=
          (i > 0 ? ",\"" : "\"") + std::string(kinds.at(i)) + "\":" + std::to_string(counts.at(i));
    return "{" + all + "}";
  }

  std::array<uint64_t, kinds.size()> counts = {};
};
