#include "epmd/session.h"

#include <utility>

#include "base/wire.h"

namespace epmd {
namespace {

size_t body_size(std::string_view request) { return base::WireReader(request).u16(); }

}  // namespace

size_t Session::bytes_wanted() const {
  if (is_kept_) return read_bytes_max;
  if (received_.size() < length_prefix_bytes) return request_bytes_max - received_.size();
  return length_prefix_bytes + body_size(received_) - received_.size();
}

Verdict Session::receive(std::string_view bytes, Reply& reply) {
  if (is_kept_) return receive_kept(bytes);
  if (received_.empty()) {
    const Verdict verdict = judge(bytes, reply);
    if (verdict == Verdict::read_on) received_ = bytes;
    return verdict;
  }
  received_ += bytes;
  const Verdict verdict = judge(received_, reply);
  if (is_kept_) std::string().swap(received_);  // a registration may last for years
  return verdict;
}

void Session::peer_ended(int error_number) {
  const auto had = static_cast<int64_t>(received_.size());
  if (is_kept_ && error_number != 0)
    record(EventKind::kept_connection_failed, error_number);
  else if (error_number != 0)
    record(EventKind::read_failed, error_number);
  else if (!is_kept_)
    record(EventKind::partial_packet, had);
  if (is_kept_ && !registration_) record(EventKind::refused_ended);
}

/// Nothing is ever answered on a kept connection: any byte on it ends it.
Verdict Session::receive_kept(std::string_view bytes) {
  record(EventKind::data_after_registration, static_cast<int64_t>(bytes.size()));
  if (!registration_) record(EventKind::refused_ended);
  return Verdict::close;
}

/// `request` is all that has come so far.
Verdict Session::judge(std::string_view request, Reply& reply) {
  if (request.size() < length_prefix_bytes) return Verdict::read_on;
  const size_t body_bytes = body_size(request);
  const size_t whole = length_prefix_bytes + body_bytes;
  if (body_bytes == 0 || body_bytes > body_bytes_max)
    return reject({EventKind::packet_size_invalid, static_cast<int64_t>(body_bytes)});
  if (request.size() < whole) return Verdict::read_on;
  if (request.size() > whole) {
    service_->event_sink.record({.kind = EventKind::packet_overrun,
                                 .descriptor = peer_.descriptor,
                                 .number = static_cast<int64_t>(request.size()) - 2,
                                 .number2 = static_cast<int64_t>(body_bytes)});
    return Verdict::close;
  }
  return perform(request.substr(length_prefix_bytes), reply);
}

Verdict Session::perform(std::string_view body, Reply& reply) {
  switch (static_cast<Opcode>(body.front())) {
    case Opcode::alive2_req: return alive2(body, reply);
    case Opcode::port_please2_req: return port_please2(body, reply);
    case Opcode::names_req: return names(body, reply);
    case Opcode::mesh_req: return mesh(body, reply);
    case Opcode::dump_req: return dump(reply);
    case Opcode::kill_req: return kill(reply);
    case Opcode::stop_req: return stop(body, reply);
    default: return reject({EventKind::opcode_unknown, static_cast<unsigned char>(body.front())});
  }
}

Verdict Session::alive2(std::string_view body, Reply& reply) {
  record(EventKind::alive2_req);
  if (remote_is_refused(EventKind::alive2_from_remote)) return Verdict::close;
  Node node;
  if (const Fault fault = parse_alive2_req(body, node)) return reject(fault);
  const std::string name = node.alive_name;
  const uint16_t highest_version = node.highest_version;
  if (const Fault fault = check_registrable(node)) {
    reject(fault);
  } else {
    registration_ = service_->registry.add(std::move(node), peer_.descriptor);
    const bool is_taken = !registration_ && service_->registry.find(name);
    if (is_taken) record(EventKind::alive2_name_taken, 0, name);
  }
  reply.text = registration_ ? encode_alive2_resp(highest_version, registration_->creation)
                             : encode_alive2_refusal(highest_version);
  record(EventKind::alive2_resp, registration_ ? 0 : 1, name);
  is_kept_ = true;
  return Verdict::keep_while_alive;
}

Verdict Session::port_please2(std::string_view body, Reply& reply) {
  record(EventKind::port_please2_req);
  if (query_is_refused()) return Verdict::close;
  std::string_view name;
  if (const Fault fault = parse_port_please2_req(body, name)) return reject(fault);
  const Registry::Entry* entry = service_->registry.find(name);
  reply.text = entry ? encode_port2_resp(entry->node) : encode_port2_not_found();
  record(entry ? EventKind::port_please2_found : EventKind::port_please2_unknown, 0, name);
  return Verdict::close;
}

Verdict Session::names(std::string_view body, Reply& reply) {
  record(EventKind::names_req);
  if (query_is_refused()) return Verdict::close;
  if (body.substr(1) == news_sign && !peer_.is_local) take_news();
  reply.shared = service_->listing.names_resp();
  if (!reply.shared) return reject({EventKind::listing_no_memory});
  record(EventKind::names_resp);
  return Verdict::close;
}

void Session::take_news() const {
  record(EventKind::news_told);
  if (service_->on_news) service_->on_news(peer_.descriptor);
}

Verdict Session::mesh(std::string_view body, Reply& reply) {
  if (!service_->mesh)
    return reject({EventKind::opcode_unknown, static_cast<unsigned char>(body.front())});
  record(EventKind::mesh_req);
  if (query_is_refused()) return Verdict::close;
  reply.shared = service_->listing.hold(service_->mesh());
  if (!reply.shared) return reject({EventKind::listing_no_memory});
  record(EventKind::mesh_resp);
  return Verdict::close;
}

Verdict Session::dump(Reply& reply) {
  record(EventKind::dump_req);
  if (remote_is_refused(EventKind::dump_from_remote)) return Verdict::close;
  reply.shared = service_->listing.dump_resp();
  if (!reply.shared) return reject({EventKind::listing_no_memory});
  record(EventKind::dump_resp);
  return Verdict::close;
}

Verdict Session::kill(Reply& reply) {
  if (remote_is_refused(EventKind::kill_from_remote)) return Verdict::close;
  record(EventKind::kill_req);
  if (!service_->registry.alive().empty() && !service_->relaxed_command_check) {
    reply.text = "NO";
    return reject({EventKind::kill_refused});
  }
  reply.text = "OK";
  record(EventKind::killed);
  return Verdict::shut_down;
}

Verdict Session::stop(std::string_view body, Reply& reply) {
  record(EventKind::stop_req);
  if (remote_is_refused(EventKind::stop_from_remote)) return Verdict::close;
  if (!service_->relaxed_command_check) return reject({EventKind::stop_refused});
  std::string_view name;
  if (const Fault fault = parse_stop_req(body, name)) return reject(fault);
  const bool was_known = service_->registry.remove(name);
  record(was_known ? EventKind::stopped : EventKind::stop_unknown, 0, name);
  // The reference says both when it does not know the name; clients read the first seven bytes.
  reply.text = was_known ? "STOPPED" : "NOEXISTSTOPPED";
  return Verdict::close;
}

bool Session::remote_is_refused(EventKind kind) {
  if (!peer_.is_local) record(kind);
  return !peer_.is_local;
}

bool Session::query_is_refused() {
  if (!peer_.may_query) record(EventKind::peer_not_allowed);
  return !peer_.may_query;
}

void Session::record(EventKind kind, int64_t number, std::string_view text) const {
  service_->event_sink.record(
      {.kind = kind, .descriptor = peer_.descriptor, .number = number, .text = text});
}

Verdict Session::reject(const Fault& fault) const {
  record(fault.kind, fault.number, fault.text);
  return Verdict::close;
}

}  // namespace epmd
