// What requests are read, and with which status the last is refused, must not depend on where their
// bytes were cut, and none is longer than may be. When it is seen that something is none may depend
// on it: Beast looks at a header that comes in pieces when it is whole.

#include "fuzz/demand.h"
#include "fuzz/input.h"
#include "http/message.h"

namespace {

using http::Reader;

/// All requests that were read, in one text.
struct Reading {
  void receive(std::string_view bytes) {
    auto state = reader.receive(bytes);
    while (state == Reader::State::whole) {
      const http::Request request = reader.take();
      DEMAND(request.path.size() + request.query.size() <= Reader::header_bytes_max);
      text += request.method + ' ' + request.path + '?' + request.query + ' ' +
              request.last_event_id + (request.may_stay ? " stays\n" : " goes\n");
      state = reader.receive({});
    }
    if (state == Reader::State::wrong) status = reader.fault().status;
    DEMAND(status == 0 || status >= 400);
  }

  Reader reader = {};
  std::string text = {};
  unsigned status = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const size_t step = 1 + input.byte();
  const std::string_view bytes = input.rest();
  Reading whole;
  whole.receive(bytes);
  Reading pieces;
  for (size_t at = 0; at < bytes.size(); at += step) pieces.receive(bytes.substr(at, step));
  DEMAND(pieces.text == whole.text);
  DEMAND(pieces.status == whole.status);
  return 0;
}
