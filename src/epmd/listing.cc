#include "epmd/listing.h"

#include <array>
#include <charconv>
#include <string_view>

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

}  // namespace

SharedText Listing::names_resp() {
  if (names_revision_ == registry_.revision()) return names_resp_;
  auto text = std::make_shared<std::string>();
  if (names_resp_) text->reserve(names_resp_->size() + names_resp_->size() / 8);
  base::put_u32(*text, epmd_port_no_);
  for (const Registry::Entry& entry : registry_.alive()) append_node_info(*text, entry.node);
  names_revision_ = registry_.revision();
  names_resp_ = std::move(text);
  return names_resp_;
}

SharedText Listing::dump_resp() const {
  auto text = std::make_shared<std::string>();
  base::put_u32(*text, epmd_port_no_);
  for (const Registry::Entry& entry : registry_.alive()) append_active(*text, entry);
  for (const Registry::Entry& entry : registry_.history()) append_unused(*text, entry);
  return text;
}

}  // namespace epmd
