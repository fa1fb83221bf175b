#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dist/term.h"

namespace dist {

/// What passes on a distribution connection once the handshake is done, without the connection:
/// calls through `rex`, the process that answers rpc:call/4 at every node, messages to registered
/// processes, and ticks. "Protocol between Connected Nodes" in the ERTS User's Guide, with neither
/// atom cache nor fragments, which our flags do not offer.
class Rpc {
 public:
  enum class ReadResult {
    read_on,
    nonsense,  // these are no packets, or one is longer than any that we asked for
  };
  struct Call {
    std::string module = {};
    std::string function = {};
    /// Terms, as put_…() write them.
    std::vector<std::string> arguments = {};
  };
  /// A term: what the function returned, or {badrpc, Reason}.
  struct Answer {
    uint32_t call = 0;
    std::string term = {};
  };

  static constexpr size_t packet_bytes_max = size_t{1} << 20;

  /// The name and creation that the node has given us, or knows us by.
  Rpc(std::string node, uint32_t creation) : self_{std::move(node), 1, creation} {}

  /// The packet that calls; what comes back has the same number.
  std::string call(uint32_t number, const Call& call) const;
  /// The packet with a message for a registered process. If there is none, nobody says so.
  std::string send(std::string_view registered_name, std::string_view term) const;
  /// A packet with nothing in it: still here. A node that hears nothing for a minute hangs up.
  static std::string tick();

  ReadResult receive(std::string_view bytes);
  std::optional<Answer> take_answer();
  /// Whether there was a tick since last asked, which wants one in return.
  bool take_tick();

 private:
  Reference reference(uint32_t number) const;
  std::string packet_to(std::string_view registered_name, std::string_view term) const;
  bool take_packet(std::string_view packet);
  void take_message(std::string_view message);

  Pid self_;
  std::string unread_ = {};
  std::vector<Answer> answers_ = {};
  bool was_ticked_ = false;
};

/// Whether a term is this atom.
bool is_atom(std::string_view term, std::string_view name);

}  // namespace dist
