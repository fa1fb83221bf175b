#include "net/prober.h"

#include <memory>
#include <utility>

#include "epmd/message.h"
#include "epmd/names.h"

namespace net {
namespace {

using discovery::Endpoint;
using discovery::Identification;
using discovery::NamesAnswer;
using discovery::Pending;
using dist::Handshake;
using End = Dialogue::End;

/// What the resolver or the interface list gave is always an address.
Address address_of(const Endpoint& endpoint) {
  return Address::parse(endpoint.ip, endpoint.port_no).value_or(Address{});
}

NamesAnswer names_answer(const epmd::NamesReader& reader, bool is_well_formed, End end) {
  if (!is_well_formed) return {NamesAnswer::Outcome::nonsense};
  if (end == End::refused) return {NamesAnswer::Outcome::refused};
  if (end != End::closed) return {NamesAnswer::Outcome::silent};
  // Closed before it said a word: so does an EPMD that is about to end, or a proxy before one.
  if (!reader.epmd_port_no()) return {NamesAnswer::Outcome::silent};
  if (!reader.is_whole()) return {NamesAnswer::Outcome::nonsense};
  return {NamesAnswer::Outcome::listed, reader.names()};
}

}  // namespace

Identification::Outcome outcome_of(const Handshake& handshake, Handshake::Verdict verdict,
                                   End end) {
  switch (verdict) {
    case Handshake::Verdict::identified:
      return Identification::Outcome::identified;
    case Handshake::Verdict::busy:
      return Identification::Outcome::busy;
    case Handshake::Verdict::not_allowed:
      return Identification::Outcome::not_allowed;
    case Handshake::Verdict::speaks_tls:
      return Identification::Outcome::speaks_tls;
    case Handshake::Verdict::connected:
    case Handshake::Verdict::impostor:  // both only after a proof, which no probe sends
    case Handshake::Verdict::nonsense:
      return Identification::Outcome::nonsense;
    case Handshake::Verdict::read_on:
      break;
  }
  if (end == End::refused) return Identification::Outcome::refused;
  if (end != End::closed) return Identification::Outcome::silent;
  // It shuts the door on the first of two probers of one name, whom it may have let in already.
  return handshake.is_let_in() ? Identification::Outcome::busy : Identification::Outcome::closed;
}

Prober::Prober(Loop& loop, std::string own_name) : loop_(loop), own_name_(std::move(own_name)) {}

Pending Prober::ask_names(const Endpoint& epmd, discovery::Time patience, OnNames on_names) {
  struct State {
    epmd::NamesReader reader{names_max};
    bool is_well_formed = true;
  };
  auto state = std::make_shared<State>();
  return std::make_unique<Dialogue>(
      loop_, address_of(epmd), epmd::encode_request(epmd::Opcode::names_req), patience,
      [state](std::string_view bytes) {
        state->is_well_formed = state->reader.receive(bytes);
        return state->is_well_formed;
      },
      [state, on_names = std::move(on_names)](End end) {
        on_names(names_answer(state->reader, state->is_well_formed, end));
      });
}

Pending Prober::identify(const Endpoint& node, OnIdentified on_identified) {
  struct State {
    Handshake handshake = {};
    Handshake::Verdict verdict = Handshake::Verdict::read_on;
  };
  auto state = std::make_shared<State>();
  return std::make_unique<Dialogue>(
      loop_, address_of(node), dist::Handshake::hello(own_name_, dist::flags::prober),
      node_patience,
      [state](std::string_view bytes) {
        state->verdict = state->handshake.receive(bytes);
        return state->verdict == Handshake::Verdict::read_on;
      },
      [state, on_identified = std::move(on_identified)](End end) {
        on_identified(
            {outcome_of(state->handshake, state->verdict, end), state->handshake.challenge()});
      });
}

}  // namespace net
