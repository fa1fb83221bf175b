// What a node sends on a connection must be read in the same way wherever its bytes were cut, and
// a term that was passed over is whole.

#include "dist/rpc.h"

#include "fuzz/demand.h"
#include "fuzz/input.h"

namespace {

using dist::Rpc;
using ReadResult = Rpc::ReadResult;

std::vector<std::string> answers_of(Rpc& rpc) {
  std::vector<std::string> all;
  while (const auto answer = rpc.take_answer()) {
    dist::TermReader reader(answer->term);
    DEMAND(reader.term() == answer->term);
    all.push_back(std::to_string(answer->call) + answer->term);
  }
  return all;
}

void check_term(std::string_view bytes) {
  dist::TermReader reader(bytes);
  const std::string_view term = reader.term();
  DEMAND(reader.failed() ? term.empty() : term.size() + reader.rest().size() == bytes.size());
  static_cast<void>(dist::TermReader(bytes).atoms());
  static_cast<void>(dist::TermReader(bytes).reference());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const size_t step = 1 + input.byte();
  const std::string_view bytes = input.rest();
  check_term(bytes);
  Rpc whole("x@epmd", 5);
  const ReadResult read_result = whole.receive(bytes);
  Rpc pieces("x@epmd", 5);
  ReadResult of_pieces = ReadResult::read_on;
  for (size_t at = 0; at < bytes.size() && of_pieces == ReadResult::read_on; at += step)
    of_pieces = pieces.receive(bytes.substr(at, step));
  DEMAND(of_pieces == read_result);
  DEMAND(answers_of(pieces) == answers_of(whole));
  return 0;
}
