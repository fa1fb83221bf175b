#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "epmd/event_sink.h"

/// The EPMD protocol's messages: "EPMD Protocol" in the ERTS User's Guide, and where the guide is
/// silent, docs/PROTOCOL.md. All numbers are unsigned and big-endian.
namespace epmd {

/// A request is two bytes of length, then as many bytes of body, whose first is the opcode.
inline constexpr size_t length_prefix_bytes = 2;
inline constexpr size_t body_bytes_max = 3057;
/// As much as is read while the length is not known.
inline constexpr size_t request_bytes_max = length_prefix_bytes + body_bytes_max;
/// As much as is read of a connection that should send nothing more. The reference's buffer has
/// this size, and whether a peer's bytes were all read decides whether it sees a FIN or a RST.
inline constexpr size_t read_bytes_max = request_bytes_max + 1;
inline constexpr size_t extra_bytes_max = 1020;

enum class Opcode : char {
  alive2_req = 'x',
  port_please2_req = 'z',
  names_req = 'n',
  dump_req = 'd',
  kill_req = 'k',
  stop_req = 's',
  mesh_req = 'M',  // Portolan's own
  alive2_x_resp = 'v',
  alive2_resp = 'y',
  port2_resp = 'w',
};

/// Behind the opcode of a NAMES_REQ, where OTP's epmd ignores it: a node has come or gone at who
/// asks.
inline constexpr std::string_view news_sign = "+";

/// A registration as ALIVE2_REQ carries it and PORT2_RESP gives it back, untouched.
struct Node {
  std::string alive_name = {};
  uint16_t port_no = 0;
  uint8_t node_type = 0;
  uint8_t protocol = 0;
  uint16_t highest_version = 0;
  uint16_t lowest_version = 0;
  std::string extra = {};
  bool operator==(const Node&) const = default;
};

/// What a node says that it is: normal, hidden, or a number that nobody has given a meaning.
std::string type_name(const Node& node);

/// The protocol version from which a node understands creations of 32 bits.
inline constexpr uint16_t version_wide_creation = 6;
/// What a refused ALIVE2_REQ gets in place of a creation.
inline constexpr uint32_t creation_refused = 99;

/// What is wrong with a request.
struct Fault {
  EventKind kind = EventKind::count_;  // count_: nothing is
  int64_t number = 0;
  std::string_view text = {};
  explicit operator bool() const { return kind != EventKind::count_; }
};

/// Reads the body of an ALIVE2_REQ. On a fault of form `node` is left alone and the connection is
/// to be closed without a reply.
Fault parse_alive2_req(std::string_view body, Node& node);
/// What keeps a well-formed node from being registered; it is told so, and stays connected.
Fault check_registrable(const Node& node);
/// Reads the body of a PORT_PLEASE2_REQ: the name, without the NUL that may end it.
Fault parse_port_please2_req(std::string_view body, std::string_view& alive_name);
/// Reads the body of a STOP_REQ: the name, up to the first NUL.
Fault parse_stop_req(std::string_view body, std::string_view& alive_name);

/// ALIVE2_X_RESP or ALIVE2_RESP, as the asking node's highest version wants it.
std::string encode_alive2_resp(uint16_t highest_version, uint32_t creation);
std::string encode_alive2_refusal(uint16_t highest_version);
/// What the narrow ALIVE2_RESP makes of a creation: 1, 2 or 3.
uint16_t narrow_creation(uint32_t creation);
std::string encode_port2_resp(const Node& node);
std::string encode_port2_not_found();

/// Requests, as a client sends them; the body is at most 65,535 bytes.
std::string encode_request(Opcode opcode, std::string_view rest = {});
std::string encode_alive2_req(const Node& node);

/// Reads a PORT2_RESP. `known` tells whether the name is registered; false is returned when these
/// bytes are not a whole PORT2_RESP.
bool parse_port2_resp(std::string_view bytes, bool& known, Node& node);

}  // namespace epmd
