#include "logging/wording.h"

#include <fmt/core.h>

#include <array>
#include <cstring>

#include "epmd/alive_name.h"

namespace logging {
namespace {

using K = epmd::EventKind;
using S = Level;

// One row for each kind, in the order of EventKind. A line that says that something is wrong also
// says what to do about it.
constexpr std::array<Wording, epmd::event_kinds> wordings{{
    {K::connected_local, "connected_local", S::trace, "connection {connection}: from this host"},
    {K::connected_remote, "connected_remote", S::trace, "connection {connection}: from elsewhere"},
    {K::connection_opened, "connection_opened", S::trace, "connection {connection}: opened"},
    {K::connection_closed, "connection_closed", S::trace, "connection {connection}: closed"},
    {K::bytes_read, "bytes_read", S::trace, "connection {connection}: read bytes"},
    {K::bytes_written, "bytes_written", S::trace, "connection {connection}: wrote bytes"},
    {K::read_failed, "read_failed", S::debug,
     "connection {connection}: closed, its peer broke off: {error}"},
    {K::write_failed, "write_failed", S::debug,
     "connection {connection}: closed, its peer did not take the reply: {error}"},
    {K::timed_out, "timed_out", S::debug,
     "connection {connection}: closed, it was too slow for --packet-timeout"},
    {K::evicted, "evicted", S::warning,
     "connection {connection}: closed, the longest idle, to make room for others; if this goes "
     "on, look who connects and sends nothing, or raise --max-connections and `ulimit -n`"},
    {K::no_room, "no_room", S::warning,
     "connection {connection}: closed on arrival, registered nodes hold every connection; raise "
     "--max-connections and `ulimit -n`"},
    {K::partial_packet, "partial_packet", S::debug,
     "connection {connection}: closed by its peer after {number} bytes, before its request was "
     "whole (a bare connect, such as a port check, does this)"},
    {K::data_after_registration, "data_after_registration", S::warning,
     "connection {connection}: closed, it sent {number} bytes after its registration, which "
     "unregisters its name; EPMD clients send nothing more"},
    {K::kept_connection_failed, "kept_connection_failed", S::debug,
     "connection {connection}: lost: {error}"},
    {K::refused_ended, "refused_ended", S::debug,
     "connection {connection}: ended, after its registration was refused"},
    {K::accept_failed, "accept_failed", S::error,
     "cannot accept connections: {error}; trying again each second"},
    {K::descriptors_exhausted, "descriptors_exhausted", S::error,
     "out of file descriptors: {error}; serving on, and closing the longest idle connections to "
     "make room; raise `ulimit -n`"},
    {K::descriptors_recovered, "descriptors_recovered", S::info, "file descriptors are free again"},
    {K::memory_exhausted, "memory_exhausted", S::error,
     "out of memory: serving on with what was kept aside, and refusing registrations until there "
     "is "
     "memory again; raise the memory limit"},
    {K::memory_recovered, "memory_recovered", S::info, "there is memory again"},
    {K::packet_size_invalid, "packet_size_invalid", S::warning,
     "connection {connection}: closed, it announced a request of {number} bytes; that is not an "
     "EPMD client"},
    {K::packet_overrun, "packet_overrun", S::warning,
     "connection {connection}: closed, it sent {number} bytes for a request of {number2}; EPMD "
     "takes one request per connection"},
    {K::opcode_unknown, "opcode_unknown", S::warning,
     "connection {connection}: closed, no request has the opcode {number}; that is not an EPMD "
     "client"},
    {K::peer_not_allowed, "peer_not_allowed", S::warning,
     "connection {connection}: closed, its address is outside --allow"},
    {K::alive2_req, "alive2_req", S::trace, "connection {connection}: ALIVE2_REQ"},
    {K::alive2_from_remote, "alive2_from_remote", S::warning,
     "connection {connection}: refused a registration from another host; nodes register with the "
     "EPMD of their own host or container"},
    {K::alive2_too_short, "alive2_too_short", S::warning,
     "connection {connection}: closed, an ALIVE2_REQ of {number} bytes is too short"},
    {K::alive2_name_size, "alive2_name_size", S::warning,
     "connection {connection}: closed, the name in its ALIVE2_REQ is longer than the request"},
    {K::alive2_extra_size, "alive2_extra_size", S::warning,
     "connection {connection}: closed, the extra field in its ALIVE2_REQ is longer than the "
     "request"},
    {K::alive2_name_has_nul, "alive2_name_has_nul", S::warning,
     "connection {connection}: closed, the name in its ALIVE2_REQ has a NUL in it"},
    {K::alive2_name_too_long, "alive2_name_too_long", S::warning,
     "refused to register a name of {number} bytes: 255 characters are the most"},
    {K::alive2_name_encoding, "alive2_name_encoding", S::warning,
     "refused to register '{text}': not UTF-8"},
    {K::alive2_extra_too_long, "alive2_extra_too_long", S::warning,
     "refused to register a node with {number} bytes of extra: 1020 are the most"},
    {K::alive2_name_taken, "alive2_name_taken", S::warning,
     "refused to register '{text}': a node of that name is running here; stop it, or give the new "
     "one another name"},
    {K::alive2_no_room, "alive2_no_room", S::error,
     "refused to register '{text}': {number} names are registered, and the connections that are "
     "left are kept for look-ups; raise `ulimit -n` or --max-connections; erl says that the name "
     "seems to be in use"},
    {K::alive2_no_memory, "alive2_no_memory", S::error,
     "refused to register '{text}': {number} names hold {number2} bytes already, which is all "
     "that the daemon may use for names; see which program registers so much, or raise the "
     "memory limit; erl says that the name seems to be in use"},
    {K::alive2_resp, "alive2_resp", S::trace, "answered ALIVE2_REQ of '{text}'"},
    {K::port_please2_req, "port_please2_req", S::trace,
     "connection {connection}: PORT_PLEASE2_REQ"},
    {K::port_please2_too_short, "port_please2_too_short", S::warning,
     "connection {connection}: closed, its PORT_PLEASE2_REQ names nobody"},
    {K::port_please2_name_has_nul, "port_please2_name_has_nul", S::warning,
     "connection {connection}: closed, the name in its PORT_PLEASE2_REQ has a NUL in it"},
    {K::port_please2_name_invalid, "port_please2_name_invalid", S::warning,
     "connection {connection}: closed, the name in its PORT_PLEASE2_REQ is not UTF-8 or longer "
     "than 254 characters"},
    {K::port_please2_found, "port_please2_found", S::debug, "looked up '{text}'"},
    {K::port_please2_unknown, "port_please2_unknown", S::debug, "looked up '{text}': no such name"},
    {K::names_req, "names_req", S::trace, "connection {connection}: NAMES_REQ"},
    {K::news_told, "news_told", S::trace,
     "connection {connection}: a node has come or gone at its host"},
    {K::names_resp, "names_resp", S::debug, "listed the names"},
    {K::mesh_req, "mesh_req", S::trace, "connection {connection}: MESH_REQ"},
    {K::mesh_resp, "mesh_resp", S::debug, "told of the connections of the nodes here"},
    {K::listing_no_memory, "listing_no_memory", S::error,
     "connection {connection}: closed, the daemon has no memory for the list of names; raise the "
     "memory limit"},
    {K::dump_req, "dump_req", S::trace, "connection {connection}: DUMP_REQ"},
    {K::dump_from_remote, "dump_from_remote", S::warning,
     "connection {connection}: refused a DUMP_REQ from another host"},
    {K::dump_resp, "dump_resp", S::debug, "dumped the names"},
    {K::kill_req, "kill_req", S::trace, "connection {connection}: KILL_REQ"},
    {K::kill_from_remote, "kill_from_remote", S::warning,
     "connection {connection}: refused a KILL_REQ from another host"},
    {K::kill_refused, "kill_refused", S::warning,
     "refused a KILL_REQ while nodes are registered; stop them first, or start with "
     "--relaxed-command-check"},
    {K::killed, "killed", S::info, "ending, as a KILL_REQ asked"},
    {K::stop_req, "stop_req", S::trace, "connection {connection}: STOP_REQ"},
    {K::stop_from_remote, "stop_from_remote", S::warning,
     "connection {connection}: refused a STOP_REQ from another host"},
    {K::stop_refused, "stop_refused", S::warning,
     "refused a STOP_REQ; it needs --relaxed-command-check"},
    {K::stop_too_short, "stop_too_short", S::warning,
     "connection {connection}: closed, its STOP_REQ names nobody"},
    {K::stop_unknown, "stop_unknown", S::warning,
     "STOP_REQ for '{text}': no such name is registered"},
    {K::stopped, "stopped", S::info, "unregistered '{text}', as a STOP_REQ asked"},
    {K::name_reused, "name_reused", S::debug, "'{text}' comes back"},
    {K::registered, "registered", S::info,
     "registered '{text}' at port {number2}, creation {number}"},
    {K::unregistered, "unregistered", S::info, "unregistered '{text}', its connection ended"},
    {K::owner_had_ended, "owner_had_ended", S::debug,
     "'{text}' had already ended, and makes room for its successor"},
}};

}  // namespace

const Wording& wording_of(K kind) { return wordings[static_cast<size_t>(kind)]; }

std::string fill_in(std::string_view sentence, const epmd::Event& event, std::string_view text) {
  const char* const error = std::strerror(static_cast<int>(event.number));
  return fmt::format(fmt::runtime(sentence), fmt::arg("text", text),
                     fmt::arg("number", event.number), fmt::arg("number2", event.number2),
                     fmt::arg("connection", event.descriptor), fmt::arg("error", error));
}

std::string describe(const epmd::Event& event) {
  return fill_in(wording_of(event.kind).sentence, event, epmd::escape_name(event.text));
}

}  // namespace logging
