#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "epmd/message.h"
#include "keeper/memory.h"
#include "keeper/records.h"
#include "keeper/state.h"

namespace keeper {

/// What a server writes down for the server that follows it, should it crash.
class Journal {
 public:
  /// Goes on with what is in `memory`, which outlives it. What another program has written there is
  /// dropped.
  explicit Journal(Memory& memory);

  /// In the memory.
  State& state() const;
  const Records& records() const { return records_; }

  /// To be called before the node is answered. False: there is no memory, and a crash will end this
  /// name.
  bool registered(int descriptor, uint64_t cookie, uint32_t creation, const epmd::Node& node);
  /// To be called before the socket is closed. A name that has no record is passed over.
  void unregistered(int descriptor);

  /// The descriptors of all names.
  std::vector<int> descriptors() const;
  /// The names stay from now on, whatever becomes of their sockets here: others have them.
  void close() { is_closed_ = true; }

  /// The name of this record is the one on `descriptor`.
  void keep(const Records::Numbered& record, int descriptor);
  void drop(Records::Number number) { records_.free(number); }
  /// Drops all, the request too. How many names that were is returned.
  size_t clear();

 private:
  void note(int descriptor, Records::Number number);

  Memory& memory_;
  Records records_;
  uint64_t sequence_ = 0;
  bool is_closed_ = false;
  /// One more than the record's number; 0: none.
  std::vector<Records::Number> by_descriptor_ = {};
};

}  // namespace keeper
