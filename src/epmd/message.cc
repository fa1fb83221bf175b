#include "epmd/message.h"

#include <optional>

#include "base/wire.h"
#include "epmd/alive_name.h"

namespace epmd {
namespace {

using base::put_u16;
using base::put_u32;
using base::put_u8;
using base::WireReader;

constexpr size_t alive2_body_bytes_min = 14;
constexpr uint16_t creations_narrow = 3;

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

/// The fields before the name, which ALIVE2_REQ and PORT2_RESP share.
void read_fixed_fields(WireReader& reader, Node& node) {
  node.port_no = reader.u16();
  node.node_type = reader.u8();
  node.protocol = reader.u8();
  node.highest_version = reader.u16();
  node.lowest_version = reader.u16();
}

void put_node(std::string& out, const Node& node) {
  put_u16(out, node.port_no);
  put_u8(out, node.node_type);
  put_u8(out, node.protocol);
  put_u16(out, node.highest_version);
  put_u16(out, node.lowest_version);
  put_u16(out, static_cast<unsigned>(node.alive_name.size()));
  out += node.alive_name;
  put_u16(out, static_cast<unsigned>(node.extra.size()));
  out += node.extra;
}

std::string encode_alive2(uint16_t highest_version, uint8_t result, uint32_t creation) {
  std::string out;
  const bool is_wide = highest_version >= version_wide_creation;
  put_u8(out, static_cast<unsigned>(is_wide ? Opcode::alive2_x_resp : Opcode::alive2_resp));
  put_u8(out, result);
  if (is_wide)
    put_u32(out, creation);
  else
    put_u16(out, static_cast<uint16_t>(creation));
  return out;
}

}  // namespace

std::string type_name(const Node& node) {
  if (node.node_type == 'M') return "normal";
  if (node.node_type == 'H' || node.node_type == 'h') return "hidden";
  return std::to_string(node.node_type);
}

Fault parse_alive2_req(std::string_view body, Node& node) {
  if (body.size() < alive2_body_bytes_min)
    return {EventKind::alive2_too_short, static_cast<int64_t>(body.size())};
  Node read;
  WireReader reader(body.substr(1));
  read_fixed_fields(reader, read);
  const uint16_t name_size = reader.u16();
  const std::string_view name = reader.bytes(name_size);
  const uint16_t extra_size = reader.u16();
  if (reader.failed()) return {EventKind::alive2_name_size};
  const std::string_view extra = reader.bytes(extra_size);
  if (reader.failed()) return {EventKind::alive2_extra_size};
  if (has_nul(name)) return {EventKind::alive2_name_has_nul};
  read.alive_name = name;
  read.extra = extra;
  node = std::move(read);
  return {};
}

Fault check_registrable(const Node& node) {
  const std::string_view name = node.alive_name;
  if (name.size() > alive_name_bytes_max)
    return {EventKind::alive2_name_too_long, static_cast<int64_t>(name.size()), name};
  const std::optional<size_t> characters = count_characters(name);
  if (!characters) return {EventKind::alive2_name_encoding, 0, name};
  if (*characters > alive_name_characters_max)
    return {EventKind::alive2_name_too_long, static_cast<int64_t>(name.size()), name};
  if (node.extra.size() > extra_bytes_max)
    return {EventKind::alive2_extra_too_long, static_cast<int64_t>(node.extra.size()), node.extra};
  return {};
}

Fault parse_port_please2_req(std::string_view body, std::string_view& alive_name) {
  std::string_view name = body.substr(1);
  if (name.ends_with('\0')) name.remove_suffix(1);
  if (name.empty()) return {EventKind::port_please2_too_short, 1};
  if (has_nul(name)) return {EventKind::port_please2_name_has_nul};
  const std::optional<size_t> characters = count_characters(name);
  if (!characters || *characters > alive_name_characters_lookup_max)
    return {EventKind::port_please2_name_invalid};
  alive_name = name;
  return {};
}

Fault parse_stop_req(std::string_view body, std::string_view& alive_name) {
  if (body.size() < 2) return {EventKind::stop_too_short, static_cast<int64_t>(body.size())};
  const std::string_view name = body.substr(1);
  alive_name = name.substr(0, name.find('\0'));
  return {};
}

uint16_t narrow_creation(uint32_t creation) {
  return static_cast<uint16_t>(creation % creations_narrow + 1);
}

std::string encode_alive2_resp(uint16_t highest_version, uint32_t creation) {
  const bool is_wide = highest_version >= version_wide_creation;
  return encode_alive2(highest_version, 0, is_wide ? creation : narrow_creation(creation));
}

std::string encode_alive2_refusal(uint16_t highest_version) {
  return encode_alive2(highest_version, 1, creation_refused);
}

std::string encode_port2_resp(const Node& node) {
  std::string out;
  out.reserve(14 + node.alive_name.size() + node.extra.size());
  put_u8(out, static_cast<unsigned>(Opcode::port2_resp));
  put_u8(out, 0);
  put_node(out, node);
  return out;
}

std::string encode_port2_not_found() {
  std::string out;
  put_u8(out, static_cast<unsigned>(Opcode::port2_resp));
  put_u8(out, 1);
  return out;
}

std::string encode_request(Opcode opcode, std::string_view rest) {
  std::string out;
  put_u16(out, static_cast<unsigned>(1 + rest.size()));
  put_u8(out, static_cast<unsigned>(opcode));
  out += rest;
  return out;
}

std::string encode_alive2_req(const Node& node) {
  std::string body;
  put_node(body, node);
  return encode_request(Opcode::alive2_req, body);
}

bool parse_port2_resp(std::string_view bytes, bool& known, Node& node) {
  WireReader reader(bytes);
  if (reader.u8() != static_cast<uint8_t>(Opcode::port2_resp)) return false;
  known = reader.u8() == 0;
  if (!known) return !reader.failed();
  read_fixed_fields(reader, node);
  node.alive_name = reader.bytes(reader.u16());
  node.extra = reader.bytes(reader.u16());
  return !reader.failed();
}

}  // namespace epmd
