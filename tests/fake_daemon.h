#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "epmd/session.h"
#include "fake_event_sink.h"

/// What all sessions share, without sockets and without time.
struct FakeDaemon {
  explicit FakeDaemon(size_t history_length = epmd::Registry::history_length)
      : registry(
            event_sink, [this] { return next_fresh += 100; }, history_length) {}

  FakeEventSink event_sink = {};
  uint32_t next_fresh = 900;  // the first fresh creation is 1000
  epmd::Registry registry;
  epmd::Listing listing{registry, 4369};
  epmd::Service service{registry, listing, event_sink};
};

/// What a session made of some bytes.
struct Answer {
  epmd::Verdict verdict = epmd::Verdict::read_on;
  std::string reply = {};
  bool operator==(const Answer&) const = default;
};

/// A session with the duties of a connection: it owns the name, and reads no more than it may.
class FakeConnection final : public epmd::Owner {
 public:
  static constexpr epmd::Peer local = {true, true, 7};
  static constexpr epmd::Peer remote = {false, true, 8};

  explicit FakeConnection(FakeDaemon& daemon, epmd::Peer peer = local)
      : session(daemon.service, peer) {}

  /// One read that brings these bytes, or as many of them as are wanted.
  Answer receive(std::string_view bytes) {
    epmd::Reply reply;
    const size_t wanted = session.is_kept() ? bytes.size() : session.bytes_wanted();
    const epmd::Verdict verdict = session.receive(bytes.substr(0, wanted), reply);
    if (session.registration()) session.registration()->owner = this;
    return {verdict, std::string(reply.view())};
  }

  /// Reads that end where `cuts` say, until the session has come to a verdict.
  Answer receive_cut(std::string_view bytes, const std::vector<size_t>& cuts) {
    Answer answer;
    size_t begin = 0;
    for (size_t i = 0; i <= cuts.size() && answer.verdict == epmd::Verdict::read_on; ++i) {
      const size_t end = i < cuts.size() ? cuts[i] : bytes.size();
      if (end > begin) answer = receive(bytes.substr(begin, end - begin));
      begin = end;
    }
    return answer;
  }

  bool has_ended() override { return ended; }
  void on_unregistered() override {
    was_told = true;
    session.registration().reset();
  }

  epmd::Session session;
  bool ended = false;
  bool was_told = false;
};
