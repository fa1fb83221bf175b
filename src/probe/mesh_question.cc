#include "probe/mesh_question.h"

#include <memory>
#include <utility>

#include "epmd/message.h"
#include "net/tcp_exchange.h"

namespace probe {
namespace {

using End = net::TcpExchange::End;
using Outcome = MeshAnswer::Outcome;

Outcome outcome_of(const std::string& text, End end) {
  if (end == End::heard_enough) return Outcome::too_long;
  if (end != End::closed) return Outcome::no_answer;
  return text.empty() ? Outcome::not_told : Outcome::told;
}

}  // namespace

discovery::Pending ask_mesh(event::Loop& loop, const discovery::Endpoint& epmd,
                            std::chrono::milliseconds timeout, size_t bytes_max,
                            std::function<void(MeshAnswer)> on_answer) {
  const auto address = net::Address::parse(epmd.ip, epmd.port_no);
  auto text = std::make_shared<std::string>();
  return std::make_unique<net::TcpExchange>(
      loop, address.value_or(net::Address{}), epmd::encode_request(epmd::Opcode::mesh_req), timeout,
      [text, bytes_max](std::string_view bytes) {
        *text += bytes;
        return text->size() <= bytes_max;
      },
      [text, on_answer = std::move(on_answer)](End end) {
        on_answer({outcome_of(*text, end), std::move(*text)});
      });
}

}  // namespace probe
