#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "discovery/interfaces.h"
#include "event/loop.h"

namespace probe {

/// What came of asking an EPMD for the connections of its nodes (MESH_REQ).
struct MeshAnswer {
  enum class Outcome {
    told,
    not_told,  // it closed without a word, as OTP's epmd does, and a Portolan that does not know
    no_answer,
    too_long,
  };
  Outcome outcome = Outcome::no_answer;
  /// As it came, from whoever it is.
  std::string text = {};
};

/// A longer answer is not read.
inline constexpr size_t mesh_answer_bytes_max = size_t{4} << 20;

/// The loop outlives what is returned; to drop that is to want no answer.
discovery::Pending ask_mesh(event::Loop& loop, const discovery::Endpoint& epmd,
                            std::chrono::milliseconds timeout, size_t bytes_max,
                            std::function<void(MeshAnswer)> on_answer);

}  // namespace probe
