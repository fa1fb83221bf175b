#pragma once

#include <chrono>
#include <cstddef>

namespace http {

/// What a server gives those who ask: see Server.
struct Limits {
  size_t connections_max = 256;
  /// Of these, answers that go on: they make no room for others.
  size_t streams_max = 64;
  /// For a whole request, from its first byte on.
  std::chrono::milliseconds request_timeout = std::chrono::seconds(5);
  /// For an answer to be taken.
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(30);
  /// Between requests.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  /// Memory of answers that are not taken, all together: beyond, the slowest readers go.
  size_t unsent_bytes_all_max = size_t{32} << 20;
  /// A reader of a stream may be behind by so much.
  size_t unsent_bytes_max = size_t{1} << 20;
};

}  // namespace http
