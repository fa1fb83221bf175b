// What is read from an EPMD that is not to be trusted must not depend on where its bytes were cut,
// and stays within bounds.

#include "epmd/alive_name.h"
#include "epmd/names.h"
#include "fuzz/demand.h"
#include "fuzz/input.h"

namespace {

using epmd::NamesReader;

void check_bounds(const NamesReader& reader, size_t bytes_read) {
  constexpr size_t line_bytes_min = sizeof "name  at port 0\n" - 1;
  DEMAND(reader.names().size() * line_bytes_min + reader.unreadable() <= bytes_read);
  for (const epmd::ListedName& listed : reader.names()) {
    DEMAND(listed.alive_name.size() < NamesReader::line_bytes_max);
    DEMAND(listed.alive_name.find('\n') == std::string::npos);
    DEMAND(listed.alive_name.empty() ||
           epmd::is_printable_name(epmd::escape_name(listed.alive_name)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const size_t step = 1 + input.byte();
  const std::string_view bytes = input.rest();
  NamesReader whole;
  const bool is_read = whole.receive(bytes);
  NamesReader pieces;
  bool pieces_are_read = true;
  for (size_t at = 0; at < bytes.size(); at += step)
    pieces_are_read = pieces.receive(bytes.substr(at, step));
  DEMAND(pieces_are_read == is_read);
  DEMAND(pieces.is_whole() == whole.is_whole());
  DEMAND(pieces.names() == whole.names());
  DEMAND(pieces.unreadable() == whole.unreadable());
  DEMAND(pieces.epmd_port_no() == whole.epmd_port_no());
  DEMAND(is_read || !whole.is_whole());
  check_bounds(whole, bytes.size());
  return 0;
}
