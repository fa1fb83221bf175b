#define CARES_NO_DEPRECATED
#include "net/service_lookup.h"

#include <arpa/nameser.h>

#include <algorithm>
#include <utility>

namespace net {
namespace {

using discovery::Resolution;
using Outcome = Resolution::Outcome;

}  // namespace

ServiceLookup::ServiceLookup(Loop& loop, std::shared_ptr<AresChannel> channel,
                             const std::string& service, std::chrono::milliseconds patience,
                             OnResolved on_resolved)
    : loop_(loop),
      channel_(std::move(channel)),
      patience_(patience),
      on_resolved_(std::move(on_resolved)),
      candidates_(channel_->candidates_of(service)),
      timer_(loop) {
  resolution_ = {Outcome::empty, {}, false, false, {}};
  std::reverse(candidates_.begin(), candidates_.end());
  timer_.start(patience, [this] {
    fail("no answer from " + channel_->servers() + " in time");
    finish();
  });
  ask_next();
}

void ServiceLookup::ask_next() {
  const std::string name = std::move(candidates_.back());
  candidates_.pop_back();
  question_ = channel_->ask(
      name, ns_t_srv, [this](int status, std::string_view bytes) { on_answered(status, bytes); });
}

void ServiceLookup::on_answered(int status, std::string_view bytes) {
  question_.reset();
  const bool is_answer =
      status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
  if (!is_answer) fail(channel_->servers() + ": " + ares_strerror(status));
  const std::vector<Target> targets = status == ARES_SUCCESS ? parse(bytes) : std::vector<Target>();
  for (size_t i = 0; i < targets.size(); ++i) look_up(i, targets[i]);
  if (!targets_.empty()) return;
  candidates_.empty() ? finish() : ask_next();
}

std::vector<ServiceLookup::Target> ServiceLookup::parse(std::string_view bytes) {
  ares_srv_reply* records = nullptr;
  const auto* const start = reinterpret_cast<const unsigned char*>(bytes.data());
  if (ares_parse_srv_reply(start, static_cast<int>(bytes.size()), &records) != ARES_SUCCESS)
    return {};
  const std::unique_ptr<ares_srv_reply, decltype(&ares_free_data)> owner(records, ares_free_data);
  std::vector<Target> targets;
  for (const ares_srv_reply* each = records; each && targets.size() < targets_max;
       each = each->next)
    if (each->port != 0) targets.push_back({std::string(each->host) + '.', each->port});
  return targets;
}

void ServiceLookup::look_up(size_t number, const Target& target) {
  targets_[number] = std::make_unique<HostLookup>(
      loop_, channel_, target.host, patience_,
      [this, number, port_no = target.port_no](const HostLookup::Answer& answer) {
        on_target(number, port_no, answer);
      });
}

void ServiceLookup::on_target(size_t number, uint16_t port_no, const HostLookup::Answer& answer) {
  targets_.erase(number);
  for (const std::string& ip : answer.ips) resolution_.endpoints.push_back({ip, port_no});
  if (answer.is_ipv4_failed || answer.is_ipv6_failed) {
    const bool is_second_failed = resolution_.outcome == Outcome::failed;
    resolution_.is_ipv4_failed =
        (is_second_failed && resolution_.is_ipv4_failed) || answer.is_ipv4_failed;
    resolution_.is_ipv6_failed =
        (is_second_failed && resolution_.is_ipv6_failed) || answer.is_ipv6_failed;
    resolution_.outcome = Outcome::failed;
    resolution_.why = answer.why;
  }
  if (targets_.empty()) finish();
}

void ServiceLookup::fail(const std::string& why) {
  resolution_ = {Outcome::failed, std::move(resolution_.endpoints), true, true, why};
}

/// The callback may destroy the lookup.
void ServiceLookup::finish() {
  timer_.stop();
  question_.reset();
  targets_.clear();
  if (resolution_.outcome != Outcome::failed && !resolution_.endpoints.empty())
    resolution_.outcome = Outcome::answered;
  const OnResolved on_resolved = std::move(on_resolved_);
  on_resolved(std::move(resolution_));
}

}  // namespace net
