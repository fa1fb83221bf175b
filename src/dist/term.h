#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/wire.h"

/// The few terms of the "External Term Format" (ERTS User's Guide) that Portolan writes to nodes
/// and reads from them.
namespace dist {

/// What every term begins with that stands by itself.
inline constexpr uint8_t term_version = 131;

/// At most 255 characters; the caller sees to that (parse_node_name(), is_alive_name()).
void put_atom(std::string& out, std::string_view utf8);
void put_binary(std::string& out, std::string_view bytes);
/// As a list of characters; at most 65,535 bytes, each of which is one.
void put_string(std::string& out, std::string_view latin1);
void put_integer(std::string& out, uint32_t value);
/// The elements follow. At most 255.
void put_tuple(std::string& out, size_t arity);
/// The elements follow, then put_nil().
void put_list(std::string& out, size_t length);
void put_nil(std::string& out);
/// The keys and values follow, in turn.
void put_map(std::string& out, size_t pairs);

/// Who a message comes from: a process that there is not, at a node that connected as `node`.
struct Pid {
  std::string node = {};
  uint32_t id = 0;
  uint32_t creation = 0;
};
void put_pid(std::string& out, const Pid& pid);

struct Reference {
  std::string node = {};
  uint32_t creation = 0;
  std::vector<uint32_t> ids = {};
  bool operator==(const Reference&) const = default;
};
void put_reference(std::string& out, const Reference& reference);

/// Reads terms from the front of bytes that it does not own and does not trust: it reads no
/// further than they go and no deeper than `depth_max`. After what is not as asked for, everything
/// reads as empty, so that a parser reads straight through and asks failed() once.
class TermReader : private base::WireReader {
 public:
  static constexpr unsigned depth_max = 64;

  explicit TermReader(std::string_view bytes) : WireReader(bytes) {}

  /// Whether the next term is an atom.
  bool is_at_atom() const;
  bool is_at_tuple() const;
  bool is_at_pid() const;
  std::string_view atom();
  uint32_t integer();
  size_t tuple();
  Reference reference();
  /// The atoms of a proper list that has nothing else in it.
  std::vector<std::string> atoms();
  /// Passes over the next term, whatever it is, and gives its bytes.
  std::string_view term();

  using WireReader::failed;
  using WireReader::rest;

 private:
  uint8_t next_tag() const;
  void skip(unsigned depth);
  void skip_terms(uint64_t count, unsigned depth);
  void skip_sized(uint8_t tag, unsigned depth);
  void skip_bytes(uint64_t count) { bytes(count); }
};

}  // namespace dist
