#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace epmd {

struct Node;

/// Everything that can happen to a connection, a request or a name. The code that makes it happen
/// records it as an Event; how it is worded, counted or left unsaid is the EventSink's business.
enum class EventKind : uint8_t {
  // connections; `descriptor` is the connection's
  connected_local,
  connected_remote,
  connection_opened,
  connection_closed,
  bytes_read,     // `text`: the bytes
  bytes_written,  // `text`: the bytes
  read_failed,    // `number`: errno
  write_failed,   // `number`: errno
  timed_out,
  evicted,                  // closed to make room for others
  no_room,                  // closed on arrival: nobody could be evicted
  partial_packet,           // the peer ended before its request was whole; `number`: bytes had
  data_after_registration,  // a kept connection sent bytes; `number`: how many
  kept_connection_failed,   // `number`: errno
  refused_ended,            // the connection of a refused ALIVE2_REQ, kept until now, ends
  accept_failed,            // `number`: errno
  descriptors_exhausted,    // `number`: errno
  descriptors_recovered,
  memory_exhausted,  // an allocation failed, and the memory kept aside is in use
  memory_recovered,

  // requests
  packet_size_invalid,  // `number`: the length that was sent
  packet_overrun,       // `number`: bytes had, `number2`: bytes the length promised
  opcode_unknown,
  peer_not_allowed,  // outside --allow
  alive2_req,
  alive2_from_remote,
  alive2_too_short,  // `number`: bytes in the body
  alive2_name_size,
  alive2_extra_size,
  alive2_name_has_nul,
  alive2_name_too_long,  // `number`: bytes, `text`: the name
  alive2_name_encoding,
  alive2_extra_too_long,  // `number`: bytes, `text`: extra
  alive2_name_taken,      // `text`: the name
  alive2_no_room,         // `text`: the name, `number`: names registered
  alive2_no_memory,       // as alive2_no_room; `number2`: bytes of all names and extra fields
  alive2_resp,            // `text`: the name
  port_please2_req,
  port_please2_too_short,  // `number`: bytes in the body, less the NUL that may end it
  port_please2_name_has_nul,
  port_please2_name_invalid,
  port_please2_found,    // `text`: the name
  port_please2_unknown,  // `text`: the name
  names_req,
  news_told,  // a NAMES_REQ from elsewhere says that a node has come or gone there
  names_resp,
  mesh_req,
  mesh_resp,
  listing_no_memory,  // a NAMES_REQ, DUMP_REQ or MESH_REQ is closed: no memory for its reply
  dump_req,
  dump_from_remote,
  dump_resp,
  kill_req,
  kill_from_remote,
  kill_refused,
  killed,
  stop_req,
  stop_from_remote,
  stop_refused,
  stop_too_short,  // `number`: bytes in the body
  stop_unknown,    // `text`: the name
  stopped,         // `text`: the name

  // names; `text`: the name, `number`: creation, `number2`: port
  name_reused,  // comes back out of the history; registered follows
  registered,   // `node` is what was registered
  unregistered,
  owner_had_ended,  // the name was free, only nobody had noticed yet

  count_  // not an event: how many kinds there are
};

inline constexpr size_t event_kinds = static_cast<size_t>(EventKind::count_);

/// What happened, with what each kind's comment promises. The views are valid during record() only.
struct Event {
  EventKind kind = EventKind::count_;
  int descriptor = -1;
  int64_t number = 0;
  int64_t number2 = 0;
  std::string_view text = {};
  const Node* node = nullptr;
};

/// Is told everything, at once and in order. It must not call back into what tells it.
class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  virtual ~EventSink() = default;
  virtual void record(const Event& event) = 0;
};

}  // namespace epmd
