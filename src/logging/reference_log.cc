#include "logging/reference_log.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <utility>

#include "logging/wording.h"

namespace logging {
namespace {

using K = epmd::EventKind;

struct ReferenceWording {
  K kind = K::count_;
  int level = 0;  // the least debug level at which it is said
  std::string_view sentence = {};
  enum class To { anywhere, terminal_only } to = To::anywhere;
};

constexpr auto terminal_only = ReferenceWording::To::terminal_only;

/// What the reference says, word for word: scripts look for it. Kinds that it has no words for
/// stand here where an operator must know of them.
constexpr auto reference_wordings = std::to_array<ReferenceWording>({
    {K::connected_local, 2, "Local peer connected"},
    {K::connected_remote, 2, "Non-local peer connected"},
    {K::connection_opened, 2, "opening connection on file descriptor {connection}", terminal_only},
    {K::connection_closed, 2, "closing connection on file descriptor {connection}", terminal_only},
    {K::bytes_read, 2, "got {number} bytes", terminal_only},
    {K::bytes_written, 2, "got {number} bytes", terminal_only},
    {K::read_failed, 0, "error in read: {error}"},
    {K::write_failed, 0, "error in write, errno={number}: {error}"},
    {K::timed_out, 1, "closing because timed out on receive", terminal_only},
    {K::evicted, 0, "closing the longest idle connection to make room for others"},
    {K::no_room, 0, "failed opening connection on file descriptor {connection}"},
    {K::partial_packet, 0, "got partial packet only on file descriptor {connection} ({number})"},
    {K::data_after_registration, 1,
     "got more than expected on ALIVE socket {connection} ({number})"},
    {K::kept_connection_failed, 1, "error on ALIVE socket {connection} (-1; errno=0x{number:x})"},
    {K::refused_ended, 1, "trying to unregister node with unknown file descriptor {connection}"},
    {K::accept_failed, 0, "error in accept: {error}"},
    {K::descriptors_exhausted, 0, "error in accept: {error}"},
    {K::descriptors_recovered, 1, "file descriptors are free again"},
    {K::memory_exhausted, 0, "out of memory: refusing registrations"},
    {K::memory_recovered, 0, "there is memory again"},
    {K::packet_size_invalid, 0, "invalid packet size ({number})"},
    {K::packet_overrun, 0, "got {number} bytes in packet, expected {number2}"},
    {K::opcode_unknown, 0, "got garbage "},
    {K::alive2_req, 1, "** got ALIVE2_REQ"},
    {K::alive2_from_remote, 0, "ALIVE2_REQ from non local address"},
    {K::alive2_too_short, 0, "packet to small for request ALIVE2_REQ ({number})"},
    {K::alive2_name_size, 0, "Node name size error in ALIVE2_REQ"},
    {K::alive2_extra_size, 0, "Extra info size error in ALIVE2_REQ"},
    {K::alive2_name_has_nul, 0, "node name contains ascii 0 in ALIVE2_REQ"},
    {K::alive2_name_too_long, 0, "node name is too long ({number}) {text}"},
    {K::alive2_name_encoding, 0, "invalid node name encoding"},
    {K::alive2_extra_too_long, 0, "extra data is too long ({number}) {text}"},
    {K::alive2_name_taken, 0, "node name already occupied {text}"},
    {K::alive2_no_room, 0, "no room to register {text}: {number} names are registered"},
    {K::alive2_no_memory, 0, "no memory to register {text}: {number} names hold {number2} bytes"},
    {K::alive2_resp, 1, "** sent ALIVE2_RESP for \"{text}\""},
    {K::port_please2_req, 1, "** got PORT2_REQ"},
    {K::port_please2_too_short, 0, "packet too small for request PORT2_REQ ({number})"},
    {K::port_please2_name_has_nul, 0, "node name contains ascii 0 in PORT2_REQ"},
    {K::port_please2_name_invalid, 0, "invalid node name in PORT2_REQ"},
    {K::port_please2_found, 1, "** sent PORT2_RESP (ok) for \"{text}\""},
    {K::port_please2_unknown, 1, "** sent PORT2_RESP (error) for \"{text}\""},
    {K::names_req, 1, "** got NAMES_REQ"},
    {K::news_told, 1, "** got news of another host"},
    {K::names_resp, 1, "** sent NAMES_RESP"},
    {K::mesh_req, 1, "** got MESH_REQ"},
    {K::mesh_resp, 1, "** sent MESH_RESP"},
    {K::listing_no_memory, 0, "no memory for the list of names"},
    {K::dump_req, 1, "** got DUMP_REQ"},
    {K::dump_from_remote, 0, "DUMP_REQ from non local address"},
    {K::dump_resp, 1, "** sent DUMP_RESP"},
    {K::kill_req, 1, "** got KILL_REQ"},
    {K::kill_from_remote, 0, "KILL_REQ from non local address"},
    {K::kill_refused, 0, "Disallowed KILL_REQ, live nodes"},
    {K::killed, 0, "got KILL_REQ - terminates normal"},
    {K::stop_req, 1, "** got STOP_REQ"},
    {K::stop_from_remote, 0, "STOP_REQ from non local address"},
    {K::stop_refused, 0, "Disallowed STOP_REQ, no relaxed_command_check"},
    {K::stop_too_short, 0, "packet too small for request STOP_REQ ({number})"},
    {K::stop_unknown, 1, "trying to unregister node with unknown name {text}"},
    {K::stopped, 1, "epmd connection stopped"},
    {K::name_reused, 1, "reusing slot with same name '{text}'"},
    {K::registered, 1, "registering '{text}:{number}', port {number2}"},
    {K::unregistered, 1, "unregistering '{text}:{number}', port {number2}"},
});

/// By kind, as each look-up asks several times. Kinds without words are never said.
constexpr auto wordings_by_kind = [] {
  std::array<ReferenceWording, epmd::event_kinds> by_kind = {};
  for (ReferenceWording& each : by_kind) each.level = std::numeric_limits<int>::max();
  for (const ReferenceWording& each : reference_wordings)
    by_kind[static_cast<size_t>(each.kind)] = each;
  return by_kind;
}();

bool is_of_bytes(K kind) { return kind == K::bytes_read || kind == K::bytes_written; }

/// Names go into the system's log without what could forge a line there.
std::string without_line_breaks(std::string_view text) {
  std::string shown(text);
  std::replace_if(
      shown.begin(), shown.end(), [](char byte) { return byte == '\n' || byte == '\r'; }, '?');
  return shown;
}

std::string_view without_reason(std::string_view sentence) {
  return sentence.substr(0, sentence.find(": {error}"));
}

std::string dump_row(size_t offset, std::string_view row) {
  constexpr size_t bytes_per_row = 16;
  std::string hex;
  std::string shown;
  for (size_t i = 0; i < bytes_per_row; ++i) {
    const bool is_there = i < row.size();
    const auto byte = is_there ? static_cast<unsigned char>(row[i]) : 0U;
    if (i == bytes_per_row / 2) hex += ' ';
    hex += is_there ? fmt::format("{:02x} ", byte) : "   ";
    if (is_there) shown += std::isprint(static_cast<int>(byte)) ? static_cast<char>(byte) : '.';
  }
  return fmt::format("***** {:08x}  {} |{}|\r\n", offset, hex, shown);
}

}  // namespace

ReferenceLog::ReferenceLog(event::Loop& loop, int debug_level, Sinks sinks)
    : debug_level_(debug_level),
      sinks_(std::move(sinks)),
      limit_(loop, [this](K kind, uint64_t count) {
        sinks_.line(fmt::format("{}: {} more suppressed", wording_of(kind).name, count));
      }) {}

void ReferenceLog::record(const epmd::Event& event) {
  const ReferenceWording& wording = wordings_by_kind[static_cast<size_t>(event.kind)];
  if (wording.level > debug_level_) return;
  if (is_ended_ || (debug_level_ == 0 && !limit_.passes(event.kind))) return;
  if (event.kind == K::killed && debug_level_ > 0) sinks_.line("epmd killed");
  epmd::Event worded = event;
  if (is_of_bytes(event.kind)) worded.number = static_cast<int64_t>(event.text.size());
  const auto& write = wording.to == terminal_only ? sinks_.terminal_line : sinks_.line;
  const auto sentence = sinks_.shows_reasons ? wording.sentence : without_reason(wording.sentence);
  write(fill_in(sentence, worded, without_line_breaks(event.text)));
  if (debug_level_ > 0) add_details(event);
}

void ReferenceLog::end() {
  limit_.flush();
  is_ended_ = true;
}

void ReferenceLog::add_details(const epmd::Event& event) {
  if (is_of_bytes(event.kind)) sinks_.terminal(dump_bytes(event.text));
  if (event.kind == K::stop_unknown) sinks_.line("** sent STOP_RESP NOEXIST");
  if (event.kind == K::stopped || event.kind == K::stop_unknown)
    sinks_.line("** sent STOP_RESP STOPPED");
  if (event.kind == K::registered && event.node->highest_version > 0)
    sinks_.line(fmt::format("type {} proto {} highvsn {} lowvsn {}", event.node->node_type,
                            event.node->protocol, event.node->highest_version,
                            event.node->lowest_version));
  const bool is_about_names = event.kind == K::registered || event.kind == K::unregistered;
  if (is_about_names && debug_level_ > 2) write_table();
}

void ReferenceLog::write_table() const {
  if (!registry_) return;
  std::string table;
  for (const auto& entry : registry_->alive())
    table +=
        fmt::format("*****     active name     \"{}#{}\" at port {}, fd = {}\r\n",
                    entry.node.alive_name, entry.creation, entry.node.port_no, entry.descriptor);
  table += fmt::format("*****     reg calculated count  : {}\r\n", registry_->alive().size());
  for (const auto& entry : registry_->history())
    table += fmt::format("*****     old/unused name \"{}#{}\"\r\n", entry.node.alive_name,
                         entry.creation);
  const size_t unused = registry_->history().size();
  table += fmt::format("*****     unreg counter         : {}\r\n", unused);
  table += fmt::format("*****     unreg calculated count: {}\r\n", unused);
  sinks_.terminal(table);
}

std::string dump_bytes(std::string_view bytes) {
  constexpr size_t bytes_per_row = 16;
  constexpr size_t bytes_shown_max = 1024;
  std::string dump;
  const std::string_view shown = bytes.substr(0, bytes_shown_max);
  for (size_t offset = 0; offset < shown.size(); offset += bytes_per_row)
    dump += dump_row(offset, shown.substr(offset, bytes_per_row));
  if (shown.size() < bytes.size()) dump += "***** ......and more\r\n";
  return dump;
}

}  // namespace logging
