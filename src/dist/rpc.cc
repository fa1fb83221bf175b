#include "dist/rpc.h"

#include <utility>

#include "base/wire.h"

namespace dist {
namespace {

constexpr size_t packet_length_bytes = 4;
constexpr char pass_through = 'p';
/// Control messages, by their first element.
enum Control : uint32_t { send_op = 2, reg_send_op = 6, send_sender_op = 22 };

void put_version(std::string& out) { base::put_u8(out, term_version); }

}  // namespace

std::string Rpc::packet_to(std::string_view registered_name, std::string_view term) const {
  std::string body(1, pass_through);
  put_version(body);
  put_tuple(body, 4);
  put_integer(body, reg_send_op);
  put_pid(body, self_);
  put_atom(body, "");  // was a cookie once
  put_atom(body, registered_name);
  put_version(body);
  body += term;
  std::string packet;
  base::put_u32(packet, static_cast<uint32_t>(body.size()));
  return packet + body;
}

/// As unlike those of others as any: only we wait for it, and only on this connection.
Reference Rpc::reference(uint32_t number) const {
  return {self_.node, self_.creation, {number, 0, 0}};
}

/// What gen_server:call/2 would send; `user` is the group leader, which every node has.
std::string Rpc::call(uint32_t number, const Call& call) const {
  std::string term;
  put_tuple(term, 3);
  put_atom(term, "$gen_call");
  put_tuple(term, 2);
  put_pid(term, self_);
  put_reference(term, reference(number));
  put_tuple(term, 5);
  put_atom(term, "call");
  put_atom(term, call.module);
  put_atom(term, call.function);
  put_list(term, call.arguments.size());
  for (const std::string& argument : call.arguments) term += argument;
  put_nil(term);
  put_atom(term, "user");
  return packet_to("rex", term);
}

std::string Rpc::send(std::string_view registered_name, std::string_view term) const {
  return packet_to(registered_name, term);
}

std::string Rpc::tick() { return std::string(packet_length_bytes, '\0'); }

Rpc::ReadResult Rpc::receive(std::string_view bytes) {
  unread_ += bytes;
  size_t at = 0;
  while (unread_.size() - at >= packet_length_bytes) {
    const std::string_view rest = std::string_view(unread_).substr(at);
    const size_t size = base::WireReader(rest).u32();
    if (size > packet_bytes_max) return ReadResult::nonsense;
    if (rest.size() < packet_length_bytes + size) break;
    if (!take_packet(rest.substr(packet_length_bytes, size))) return ReadResult::nonsense;
    at += packet_length_bytes + size;
  }
  unread_.erase(0, at);
  return ReadResult::read_on;
}

/// A control message, with a message behind it if it is one that sends.
bool Rpc::take_packet(std::string_view packet) {
  if (packet.empty()) {
    was_ticked_ = true;
    return true;
  }
  base::WireReader reader(packet);
  if (reader.u8() != pass_through || reader.u8() != term_version) return false;
  TermReader control(reader.rest());
  if (control.tuple() == 0) return false;
  const uint32_t operation = control.integer();
  TermReader whole(reader.rest());
  whole.term();
  if (control.failed() || whole.failed()) return false;
  const bool is_message = operation == send_op || operation == send_sender_op;
  if (is_message) take_message(whole.rest());
  return true;
}

/// {Reference, Result} is the answer to a call; anything else is not for us.
void Rpc::take_message(std::string_view message) {
  base::WireReader reader(message);
  if (reader.u8() != term_version) return;
  TermReader terms(reader.rest());
  if (terms.tuple() != 2) return;
  const Reference to = terms.reference();
  const std::string_view result = terms.term();
  if (terms.failed() || to.ids.empty() || to != reference(to.ids.front())) return;
  answers_.push_back({to.ids.front(), std::string(result)});
}

std::optional<Rpc::Answer> Rpc::take_answer() {
  if (answers_.empty()) return std::nullopt;
  Answer answer = std::move(answers_.front());
  answers_.erase(answers_.begin());
  return answer;
}

bool Rpc::take_tick() { return std::exchange(was_ticked_, false); }

bool is_atom(std::string_view term, std::string_view name) {
  TermReader reader(term);
  return reader.is_at_atom() && reader.atom() == name;
}

}  // namespace dist
