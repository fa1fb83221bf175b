#include "logging/event_log.h"

#include <fmt/core.h>

#include <cstring>

#include "epmd/alive_name.h"
#include "logging/log.h"
#include "net/address.h"

namespace logging {
namespace {

Level least_level() {
  for (const Level each : {Level::trace, Level::debug, Level::info, Level::warning})
    if (is_on(each)) return each;
  return Level::error;
}

/// Where the peer is, for whoever wants to find it, and only as long as it is connected.
std::string peer_of(const epmd::Event& event) {
  const auto peer = event.descriptor < 0 ? std::nullopt : net::Address::of_peer(event.descriptor);
  return peer ? peer->to_string() : std::string();
}

Fields event_fields(const epmd::Event& event, std::string_view sentence, std::string_view peer) {
  Fields fields;
  if (sentence.find("{text}") != std::string_view::npos)
    fields.take(field("name", epmd::escape_name(event.text)));
  if (event.kind == epmd::EventKind::registered) {
    fields.take(field("port", event.number2));
    fields.take(field("creation", event.number));
  }
  if (sentence.find("{error}") != std::string_view::npos)
    fields.take(field("reason", std::strerror(static_cast<int>(event.number))));
  if (!peer.empty()) fields.take(field("peer", peer));
  return fields;
}

}  // namespace

EventLog::EventLog(event::Loop& loop)
    : least_level_(least_level()), limit_(loop, [this](epmd::EventKind kind, uint64_t count) {
        const Wording& wording = wording_of(kind);
        if (wording.level >= least_level_)
          write(wording.level, "not_told", "{}: {} more in the last {} s, not logged one by one",
                field("what", wording.name), field("count", count),
                EventLimit::window_default / std::chrono::seconds(1));
      }) {}

void EventLog::record(const epmd::Event& event) {
  ++counts_[static_cast<size_t>(event.kind)];
  const Level level = wording_of(event.kind).level;
  if (is_ended_ || level < least_level_) return;
  if (!limit_.passes(event.kind)) return;
  const Wording& wording = wording_of(event.kind);
  const std::string peer = peer_of(event);
  const std::string from = peer.empty() ? "" : " (from " + peer + ")";
  write(level, {wording.name, describe(event) + from, event_fields(event, wording.sentence, peer)});
}

void EventLog::end() {
  limit_.flush();
  is_ended_ = true;
}

}  // namespace logging
