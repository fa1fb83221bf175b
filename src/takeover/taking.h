#pragma once

#include <cstddef>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "epmd/message.h"
#include "event/descriptor.h"
#include "keeper/memory.h"
#include "net/address.h"
#include "takeover/old_process.h"
#include "takeover/sorting.h"

namespace takeover {

/// The EPMD that is to be taken over.
struct OldEpmd {
  /// One process, or a keeper and then its server.
  std::vector<OldProcess> processes = {};
  /// Where it is asked.
  net::Address address = {};
  std::set<uint16_t> ports = {};

  const OldProcess& server() const { return processes.back(); }
};

/// What the next daemon gets. It has all that a server that follows a crashed one has.
struct Estate {
  /// Of a keeper::SharedMemory, with a record for each name.
  event::Descriptor memory = {};
  std::vector<event::Descriptor> listeners = {};
  /// Of the names, of clients that nobody has heard, and what listens for HTTP.
  std::vector<event::Descriptor> others = {};
};

/// One look at the old EPMD, and what it has answered.
struct Findings {
  Look look = {};
  std::vector<DumpedName> dumped = {};
  Sorted sorted = {};
};

/// Asks the old EPMD, and looks at its sockets, as often as it takes until both fit together.
class Taking {
 public:
  /// By descriptor.
  using Cookies = std::unordered_map<int, uint64_t>;

  explicit Taking(const OldEpmd& old) : old_(old) {}

  /// Without stopping it. What is found may have changed already.
  base::Result<Findings> look();
  /// Stops it. If that succeeds it stays stopped, and the duplicates are in the findings. If not it
  /// goes on, and the error says why.
  base::Result<Findings> stop_and_take();
  /// Of what stop_and_take() has returned. An error: there is no memory.
  base::Result<Estate> estate_of(Findings findings) const;

 private:
  base::Result<Findings> ask();
  base::Result<size_t> ask_of_new(const Cookies& cookies, const std::vector<DumpedName>& dumped);
  Sorted sort(const Findings& findings, const Look& after) const;
  base::Result<bool> fits(Findings& findings, bool is_to_keep, bool may_wait) const;
  base::Result<bool> fits_when_stopped(Findings& findings, bool may_wait) const;
  base::Result<Findings> find_moment(bool is_to_stop);
  bool write_down(keeper::Memory& memory, const Findings& findings) const;

  const OldEpmd& old_;
  /// By the cookie of the socket that it was registered on.
  std::unordered_map<uint64_t, epmd::Node> nodes_ = {};
};

}  // namespace takeover
