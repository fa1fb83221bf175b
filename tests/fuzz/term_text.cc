// A configuration file of Erlang's is read or refused, however it looks, and a name is found only
// in what was read.

#include "dist/term_text.h"

#include "fuzz/demand.h"
#include "fuzz/input.h"

namespace {

size_t depth_of(const dist::WrittenTerm& term) {
  size_t depth = 0;
  for (const dist::WrittenTerm& item : term.items) depth = std::max(depth, 1 + depth_of(item));
  return depth;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const auto term = dist::parse_written_term(input.rest());
  if (!term) {
    DEMAND(term.error().message.starts_with("line "));
    return 0;
  }
  DEMAND(depth_of(*term) <= dist::written_depth_max);
  const dist::WrittenTerm* const client = term->find("client");
  DEMAND(!client || !term->items.empty());
  return 0;
}
