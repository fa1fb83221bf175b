#include "dns/service_lookup.h"

#include <arpa/nameser.h>

#include <algorithm>
#include <utility>

#include "dns/answer.h"

namespace dns {
namespace {

using discovery::Resolution;
using Outcome = Resolution::Outcome;

/// What keeps a target from being asked; empty: nothing.
std::string why_unusable(const DnsAnswer::Record& target) {
  if (target.value.empty())
    return "its SRV record has the target '.', which says that there is no such service (RFC 2782)";
  if (target.port_no == 0) return "its SRV record has port 0 for " + target.value;
  return {};
}

}  // namespace

ServiceLookup::ServiceLookup(event::Loop& loop, std::shared_ptr<Channels> channels,
                             const std::string& service, std::chrono::milliseconds timeout,
                             OnResolved on_resolved)
    : loop_(loop),
      channels_(std::move(channels)),
      timeout_(timeout),
      on_resolved_(std::move(on_resolved)),
      candidates_(channels_->candidates_of(service)),
      timer_(loop) {
  resolution_ = {Outcome::empty, {}, false, false, {}};
  std::reverse(candidates_.begin(), candidates_.end());
  timer_.start(timeout, [this] {
    fail("no answer from " + channels_->servers() + " in time");
    finish();
  });
  ask_next();
}

void ServiceLookup::ask_next() {
  const std::string name = std::move(candidates_.back());
  candidates_.pop_back();
  question_ = channels_->ask(
      name, ns_t_srv, [this](int status, std::string_view bytes) { on_answered(status, bytes); });
}

void ServiceLookup::on_answered(int status, std::string_view bytes) {
  question_.reset();
  const DnsAnswer answer = read_dns_answer(ns_t_srv, status, bytes);
  if (!answer.fault.empty()) fail(channels_->servers() + ": " + answer.fault);
  for (const DnsAnswer::Record& target : answer.records) {
    if (targets_.size() + resolution_.unusable.size() >= targets_max) break;
    const std::string why = why_unusable(target);
    if (why.empty())
      look_up(targets_.size(), target);
    else
      resolution_.unusable.push_back(why);
  }
  if (!targets_.empty()) return;
  if (candidates_.empty())
    finish();
  else
    ask_next();
}

void ServiceLookup::look_up(size_t number, const DnsAnswer::Record& target) {
  targets_[number] = std::make_unique<HostLookup>(
      loop_, channels_, target.value + '.', timeout_,
      [this, number, target](const HostLookup::Answer& answer) {
        const bool is_certain = !answer.is_ipv4_failed && !answer.is_ipv6_failed;
        if (answer.ips.empty() && is_certain)
          resolution_.unusable.push_back("its SRV target " + target.value + " has no address");
        on_target(number, target.port_no, answer);
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
  resolution_.outcome = Outcome::failed;
  resolution_.is_ipv4_failed = resolution_.is_ipv6_failed = true;
  resolution_.why = why;
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

}  // namespace dns
