#include "dist/term.h"

namespace dist {
namespace {

using base::put_u16;
using base::put_u32;
using base::put_u8;

/// The tags of the External Term Format, in its own words.
enum Tag : uint8_t {
  new_float_ext = 70,
  bit_binary_ext = 77,
  new_pid_ext = 88,
  new_port_ext = 89,
  newer_reference_ext = 90,
  small_integer_ext = 97,
  integer_ext = 98,
  small_tuple_ext = 104,
  large_tuple_ext = 105,
  nil_ext = 106,
  string_ext = 107,
  list_ext = 108,
  binary_ext = 109,
  small_big_ext = 110,
  large_big_ext = 111,
  new_fun_ext = 112,
  export_ext = 113,
  map_ext = 116,
  atom_utf8_ext = 118,
  small_atom_utf8_ext = 119,
  v4_port_ext = 120,
};

constexpr size_t small_atom_bytes_max = 255;
constexpr uint32_t small_integer_max = 255;
/// INTEGER_EXT has a sign.
constexpr uint32_t integer_max = 0x7fffffff;

}  // namespace

void put_atom(std::string& out, std::string_view utf8) {
  if (utf8.size() <= small_atom_bytes_max) {
    put_u8(out, small_atom_utf8_ext);
    put_u8(out, static_cast<unsigned>(utf8.size()));
  } else {
    put_u8(out, atom_utf8_ext);
    put_u16(out, static_cast<unsigned>(utf8.size()));
  }
  out += utf8;
}

void put_binary(std::string& out, std::string_view bytes) {
  put_u8(out, binary_ext);
  put_u32(out, static_cast<uint32_t>(bytes.size()));
  out += bytes;
}

void put_string(std::string& out, std::string_view latin1) {
  if (latin1.empty()) return put_nil(out);
  put_u8(out, string_ext);
  put_u16(out, static_cast<unsigned>(latin1.size()));
  out += latin1;
}

void put_integer(std::string& out, uint32_t value) {
  if (value <= small_integer_max) {
    put_u8(out, small_integer_ext);
    put_u8(out, value);
  } else if (value <= integer_max) {
    put_u8(out, integer_ext);
    put_u32(out, value);
  } else {
    put_u8(out, small_big_ext);
    put_u8(out, sizeof value);
    put_u8(out, 0);  // not negative
    for (unsigned shift = 0; shift < 32; shift += 8) put_u8(out, value >> shift & 0xff);
  }
}

void put_tuple(std::string& out, size_t arity) {
  put_u8(out, small_tuple_ext);
  put_u8(out, static_cast<unsigned>(arity));
}

void put_list(std::string& out, size_t length) {
  if (length == 0) return;  // the empty list is its own end
  put_u8(out, list_ext);
  put_u32(out, static_cast<uint32_t>(length));
}

void put_nil(std::string& out) { put_u8(out, nil_ext); }

void put_map(std::string& out, size_t pairs) {
  put_u8(out, map_ext);
  put_u32(out, static_cast<uint32_t>(pairs));
}

void put_pid(std::string& out, const Pid& pid) {
  constexpr uint32_t serial = 0;
  put_u8(out, new_pid_ext);
  put_atom(out, pid.node);
  put_u32(out, pid.id);
  put_u32(out, serial);
  put_u32(out, pid.creation);
}

void put_reference(std::string& out, const Reference& reference) {
  put_u8(out, newer_reference_ext);
  put_u16(out, static_cast<unsigned>(reference.ids.size()));
  put_atom(out, reference.node);
  put_u32(out, reference.creation);
  for (const uint32_t id : reference.ids) put_u32(out, id);
}

uint8_t TermReader::next_tag() const {
  return rest().empty() ? 0 : static_cast<uint8_t>(rest().front());
}

bool TermReader::is_at_atom() const {
  return next_tag() == small_atom_utf8_ext || next_tag() == atom_utf8_ext;
}

bool TermReader::is_at_tuple() const {
  return next_tag() == small_tuple_ext || next_tag() == large_tuple_ext;
}

bool TermReader::is_at_pid() const { return next_tag() == new_pid_ext; }

std::string_view TermReader::atom() {
  if (!is_at_atom()) fail();
  const bool is_small = u8() == small_atom_utf8_ext;
  return bytes(is_small ? u8() : u16());
}

/// Of those that fit: the others, and negative ones, are none that we ask for.
uint32_t TermReader::integer() {
  const uint8_t tag = u8();
  if (tag != small_integer_ext && tag != integer_ext) fail();
  const uint32_t value = tag == small_integer_ext ? u8() : u32();
  if (value > integer_max) fail();
  return failed() ? 0 : value;
}

size_t TermReader::tuple() {
  if (!is_at_tuple()) fail();
  const bool is_small = u8() == small_tuple_ext;
  return is_small ? u8() : u32();
}

Reference TermReader::reference() {
  constexpr size_t ids_max = 5;  // as OTP has it from 24 on; 3 before
  if (u8() != newer_reference_ext) fail();
  const size_t ids = u16();
  if (ids > ids_max) fail();
  Reference reference;
  reference.node = atom();
  reference.creation = u32();
  for (size_t i = 0; i < ids && !failed(); ++i) reference.ids.push_back(u32());
  return failed() ? Reference{} : reference;
}

std::vector<std::string> TermReader::atoms() {
  std::vector<std::string> all;
  const uint8_t tag = u8();
  if (tag == nil_ext) return all;
  if (tag != list_ext) fail();
  const uint32_t count = u32();
  for (uint32_t i = 0; i < count && !failed(); ++i) all.emplace_back(atom());
  if (u8() != nil_ext) fail();
  return failed() ? std::vector<std::string>{} : all;
}

std::string_view TermReader::term() {
  const std::string_view before = rest();
  skip(0);
  return failed() ? std::string_view{} : before.substr(0, before.size() - rest().size());
}

void TermReader::skip_terms(uint64_t count, unsigned depth) {
  for (uint64_t i = 0; i < count && !failed(); ++i) skip(depth);
}

void TermReader::skip(unsigned depth) {
  if (depth > depth_max) return fail();
  const uint8_t tag = u8();
  switch (tag) {
    case small_integer_ext: return skip_bytes(1);
    case integer_ext: return skip_bytes(4);
    case new_float_ext: return skip_bytes(8);
    case nil_ext: return;
    case small_tuple_ext: return skip_terms(u8(), depth + 1);
    case large_tuple_ext: return skip_terms(u32(), depth + 1);
    case list_ext: return skip_terms(uint64_t{u32()} + 1, depth + 1);
    case map_ext: return skip_terms(2 * uint64_t{u32()}, depth + 1);
    case export_ext: return skip_terms(3, depth + 1);
    default: return skip_sized(tag, depth);
  }
}

/// Those that begin with their size, and those whose node's name is followed by numbers.
void TermReader::skip_sized(uint8_t tag, unsigned depth) {
  constexpr size_t new_fun_size_bytes = 4;  // which count themselves
  size_t after_node = 0;
  switch (tag) {
    case small_atom_utf8_ext: return skip_bytes(u8());
    case atom_utf8_ext:
    case string_ext: return skip_bytes(u16());
    case binary_ext: return skip_bytes(u32());
    case bit_binary_ext:
    case large_big_ext: return skip_bytes(uint64_t{u32()} + 1);
    case small_big_ext: return skip_bytes(u8() + 1);
    case new_fun_ext: {
      const uint32_t size = u32();
      if (size < new_fun_size_bytes) return fail();
      return skip_bytes(size - new_fun_size_bytes);
    }
    case new_pid_ext:
    case v4_port_ext: after_node = 12; break;
    case new_port_ext: after_node = 8; break;
    case newer_reference_ext: after_node = 4 + 4 * size_t{u16()}; break;
    default: return fail();
  }
  skip(depth + 1);
  skip_bytes(after_node);
}

}  // namespace dist
