// What is read from a node that is not to be trusted must not depend on where its bytes were cut,
// and a name is legal only if it reads back as itself.

#include "dist/handshake.h"

#include "dist/node_name.h"
#include "fuzz/demand.h"
#include "fuzz/input.h"

namespace {

using dist::Handshake;
using ReadResult = Handshake::ReadResult;

void check_name(const std::string& text) {
  DEMAND(text.size() <= Handshake::message_bytes_max);
  const auto name = dist::parse_node_name(text);
  if (!name) return;
  DEMAND(name->to_string() == text);
  DEMAND(text.size() <= dist::node_name_bytes_max);
  DEMAND(text.find_first_of(" '\"\n") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const auto framing = (input.byte() & 1) == 0 ? dist::Framing::tcp : dist::Framing::tls;
  const size_t step = 1 + input.byte();
  const std::string_view bytes = input.rest();
  Handshake whole(framing);
  const ReadResult read_result = whole.receive(bytes);
  Handshake pieces(framing);
  ReadResult of_pieces = ReadResult::read_on;
  for (size_t at = 0; at < bytes.size() && of_pieces == ReadResult::read_on; at += step)
    of_pieces = pieces.receive(bytes.substr(at, step));
  DEMAND(of_pieces == read_result);
  if (read_result != ReadResult::identified) return 0;
  DEMAND(pieces.challenge() == whole.challenge());
  check_name(whole.challenge().node_name);
  return 0;
}
