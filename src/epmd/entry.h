#pragma once

#include <cstdint>
#include <list>
#include <memory_resource>

#include "epmd/message.h"

namespace epmd {

class Owner;

/// A name in the registry, alive or remembered. What a look-up reads comes first, close together.
struct Entry {
  bool is_alive = false;
  int descriptor = -1;  // of its connection; only DUMP shows it
  Node node = {};
  uint32_t creation = 0;
  Owner* owner = nullptr;
};

using Entries = std::pmr::list<Entry>;

}  // namespace epmd
