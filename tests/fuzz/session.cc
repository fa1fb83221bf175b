// Two daemons hear the same requests: one whole, the other cut into pieces. What they answer and
// what they remember must be the same. One exception: bytes after a request are told from the next
// only by the read that brings them, so here each session gets one request and nothing after it.

#include <list>
#include <string>
#include <vector>

#include "base/wire.h"
#include "fake_daemon.h"
#include "fuzz/demand.h"
#include "fuzz/input.h"

namespace {

constexpr size_t sessions_max = 24;

struct Twin {
  explicit Twin(bool is_relaxed) : daemon(5) {
    daemon.service.relaxed_command_check = is_relaxed;
    daemon.event_sink.is_listening = false;
  }
  /// As the connections of a daemon do, each closes when its session says so.
  Answer hear(epmd::Peer peer, std::string_view request, const std::vector<size_t>& cuts) {
    sessions.emplace_back(daemon, peer);
    const Answer answer = sessions.back().receive_cut(request, cuts);
    if (answer.verdict != epmd::Verdict::keep_while_alive) sessions.pop_back();
    sessions.remove_if([](const FakeConnection& each) { return each.was_told; });
    return answer;
  }
  std::string state() { return *daemon.listing.dump_resp() + *daemon.listing.names_resp(); }

  FakeDaemon daemon;
  std::list<FakeConnection> sessions = {};
};

std::string_view without_overrun(std::string_view bytes) {
  const size_t body = base::WireReader(bytes).u16();
  return bytes.substr(0, std::max(epmd::length_prefix_bytes, epmd::length_prefix_bytes + body));
}

std::vector<size_t> draw_cuts(Input& input, size_t size) {
  std::vector<size_t> cuts;
  const uint8_t step = input.byte();
  for (size_t at = step % 7; at < size && step > 0; at += 1 + step / 7) cuts.push_back(at);
  return cuts;
}

void check_answer(const Answer& answer, const Twin& twin) {
  using epmd::Verdict;
  if (answer.verdict == Verdict::read_on) DEMAND(answer.reply.empty());
  if (answer.verdict == Verdict::keep_while_alive)
    DEMAND(answer.reply.size() == 6 || answer.reply.size() == 4);
  if (answer.verdict == Verdict::shut_down) DEMAND(answer.reply == "OK");
  DEMAND(twin.daemon.registry.history().size() <= 6);
  DEMAND(twin.daemon.registry.alive().size() <= twin.sessions.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const bool is_relaxed = input.byte() % 2 != 0;
  Twin whole(is_relaxed);
  Twin pieces(is_relaxed);
  for (size_t i = 0; i < sessions_max && !input.is_empty(); ++i) {
    const uint8_t who = input.byte();
    const epmd::Peer peer = {who % 4 != 3, who % 8 < 6, static_cast<int>(i)};
    if (who >= 0xf0 && !whole.sessions.empty()) {  // the longest registered goes
      whole.sessions.pop_front();
      pieces.sessions.pop_front();
      continue;
    }
    const size_t length = static_cast<size_t>(input.byte()) << 8 | input.byte();
    const std::string_view request = without_overrun(input.text(length));
    const Answer answer = whole.hear(peer, request, {});
    DEMAND(pieces.hear(peer, request, draw_cuts(input, request.size())) == answer);
    DEMAND(whole.state() == pieces.state());
    check_answer(answer, whole);
  }
  return 0;
}
