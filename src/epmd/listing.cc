#include "epmd/listing.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/wire.h"

namespace epmd {
namespace {

using namespace std::string_view_literals;

void append_number(std::string& out, int64_t number) {
  std::array<char, 20> digits = {};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// "NodeInfo" in the protocol's description.
void append_node_info(std::string& out, const Node& node) {
  out += "name "sv;
  out += node.alive_name;
  out += " at port "sv;
  append_number(out, node.port_no);
  out += '\n';
}

void append_active(std::string& out, const Registry::Entry& entry) {
  out += "active name     <"sv;
  out += entry.node.alive_name;
  out += "> at port "sv;
  append_number(out, entry.node.port_no);
  out += ", fd = "sv;
  append_number(out, entry.descriptor);
  out += "\n\0"sv;
}

void append_unused(std::string& out, const Registry::Entry& entry) {
  out += "old/unused name <"sv;
  out += entry.node.alive_name;
  out += ">, port = "sv;
  append_number(out, entry.node.port_no);
  out += ", fd = "sv;
  append_number(out, entry.descriptor);
  out += " \n\0"sv;
}

/// The longest line is that of a DUMP_RESP's history: its words, and numbers of up to ten digits.
constexpr size_t line_bytes_max = 64;
constexpr size_t port_bytes = 4;

/// malloc, because operator new would end the process if it fails. Nothing else allocates before
/// the text is, so the answer holds.
bool is_allocatable(size_t bytes) {
  void* const probe = std::malloc(bytes + 1);  // NOLINT
  std::free(probe);                            // NOLINT
  return probe != nullptr;
}

}  // namespace

bool Listing::has_room(size_t bytes) const {
  const auto fits = [this, bytes] { return *bytes_held_ + bytes <= bytes_max_; };
  if (!fits() && make_room_) make_room_(fits);
  return fits();
}

SharedText Listing::hold(std::string text) {
  return has_room(text.capacity()) ? share(std::move(text)) : nullptr;
}

/// Makes the text one allocation that is large enough for all of it. False: there is no memory.
bool Listing::begin(std::string& text, size_t lines, size_t name_bytes) const {
  const size_t bytes = port_bytes + lines * line_bytes_max + name_bytes;
  if (!has_room(bytes) || !is_allocatable(bytes)) return false;
  text.reserve(bytes);
  base::put_u32(text, epmd_port_no_);
  return true;
}

SharedText Listing::share(std::string text) const {
  const size_t bytes = text.capacity();
  *bytes_held_ += bytes;
  const auto let_go = [held = bytes_held_, bytes](const std::string* shared) {
    *held -= bytes;
    delete shared;  // NOLINT: the deleter of a shared_ptr
  };
  return {new std::string(std::move(text)), let_go};
}

SharedText Listing::names_resp() {
  if (names_resp_ && names_revision_ == registry_.revision()) return names_resp_;
  names_resp_.reset();
  std::string text;
  if (!begin(text, registry_.alive().size(), registry_.name_bytes())) return nullptr;
  for (const Registry::Entry& entry : registry_.alive()) append_node_info(text, entry.node);
  names_revision_ = registry_.revision();
  names_resp_ = share(std::move(text));
  return names_resp_;
}

SharedText Listing::dump_resp() {
  size_t name_bytes = registry_.name_bytes();
  for (const Registry::Entry& entry : registry_.history())
    name_bytes += entry.node.alive_name.size();
  std::string text;
  if (!begin(text, registry_.alive().size() + registry_.history().size(), name_bytes))
    return nullptr;
  for (const Registry::Entry& entry : registry_.alive()) append_active(text, entry);
  for (const Registry::Entry& entry : registry_.history()) append_unused(text, entry);
  return share(std::move(text));
}

}  // namespace epmd
