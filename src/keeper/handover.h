#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keeper/store.h"

namespace keeper {

/// What a program finds among its descriptors if it goes on with another one's names. All others
/// that are open are sockets: those that listen, and those of nodes and clients.
struct Handover {
  int memory = -1;
  /// Who asked for it, and waits for what comes of it; -1: nobody.
  int requester = -1;
  /// What outlives a restart, if there is a service manager.
  StoredPair pair = {};
  /// What the first program was started with: standard streams and the like.
  std::vector<int> inherited = {};
  bool operator==(const Handover&) const = default;
};

/// How it is told: in the environment.
inline constexpr const char* handover_variable = "PORTOLAN_HANDOVER";

std::string to_text(const Handover& handover);
/// Nothing: it is not what to_text() makes.
std::optional<Handover> parse_handover(std::string_view text);

/// What the environment tells, if it does, and no command shall inherit it: the variable is gone
/// then, and an exec closes all but what the first program was started with.
std::optional<Handover> take_handover();

/// Has an exec leave all descriptors open but `closed`.
void keep_open_across_exec(const std::vector<int>& closed);
/// Has an exec close all descriptors but `open`.
void close_at_exec(const std::vector<int>& open);

}  // namespace keeper
