#include "dns/host_lookup.h"

#include <arpa/nameser.h>

#include <algorithm>
#include <utility>

#include "dns/answer.h"
#include "net/address.h"

namespace dns {

HostLookup::HostLookup(event::Loop& loop, std::shared_ptr<Channels> channels,
                       const std::string& host, std::chrono::milliseconds timeout,
                       OnAnswer on_answer, Enough enough)
    : channels_(std::move(channels)),
      on_answer_(std::move(on_answer)),
      enough_(enough),
      timer_(loop) {
  if (is_known_without_asking(host)) {
    timer_.start(std::chrono::milliseconds(0), [this] { finish(); });
    return;
  }
  candidates_ = channels_->candidates_of(host);
  std::reverse(candidates_.begin(), candidates_.end());
  answer_.in_hosts_file = channels_->addresses_in_hosts_file(host);
  timer_.start(timeout, [this] { on_time_up(); });
  ask_next();
}

bool HostLookup::is_known_without_asking(const std::string& host) {
  const std::optional<net::Address> address = net::Address::parse(host, 0);
  if (address) answer_.ips = {address->host()};
  if (host == "localhost") answer_.ips = {"127.0.0.1", "::1"};
  if (enough_ == Enough::one_address && answer_.ips.empty())
    answer_.ips = channels_->addresses_in_hosts_file(host);
  return !answer_.ips.empty();
}

void HostLookup::ask_next() {
  const std::string name = std::move(candidates_.back());
  candidates_.pop_back();
  ipv4_ = channels_->ask(name, ns_t_a, [this](int status, std::string_view bytes) {
    on_answered(ns_t_a, status, bytes);
  });
  ipv6_ = channels_->ask(name, ns_t_aaaa, [this](int status, std::string_view bytes) {
    on_answered(ns_t_aaaa, status, bytes);
  });
}

void HostLookup::on_answered(int type, int status, std::string_view bytes) {
  const bool is_ipv4 = type == ns_t_a;
  (is_ipv4 ? ipv4_ : ipv6_).reset();
  const DnsAnswer answer = read_dns_answer(type, status, bytes);
  if (!answer.fault.empty()) {
    (is_ipv4 ? answer_.is_ipv4_failed : answer_.is_ipv6_failed) = true;
    answer_.why = channels_->servers() + ": " + answer.fault;
  }
  is_found_ = is_found_ || !answer.records.empty();
  for (const DnsAnswer::Record& record : answer.records) answer_.ips.push_back(record.value);
  if (is_found_ && enough_ == Enough::one_address) return finish();
  // Where there is no such name, nobody need be waited for who never answers for IPv6. The other
  // way round that is not so: some say that of names which have IPv4 addresses.
  if (is_ipv4 && status == ARES_ENOTFOUND && !candidates_.empty()) ipv6_.reset();
  if (ipv4_ || ipv6_) return;
  if (is_found_ || candidates_.empty())
    finish();
  else
    ask_next();
}

/// Names that nobody was asked for yet may have addresses of either family.
void HostLookup::on_time_up() {
  const bool is_cut_short = !is_found_ && !candidates_.empty();
  answer_.is_ipv4_failed = answer_.is_ipv4_failed || ipv4_ || is_cut_short;
  answer_.is_ipv6_failed = answer_.is_ipv6_failed || ipv6_ || is_cut_short;
  answer_.why = "no answer from " + channels_->servers() + " in time";
  finish();
}

/// So far `ips` are what the DNS gave.
void HostLookup::add_hosts_file() {
  std::vector<std::string>& ips = answer_.ips;
  answer_.hosts_file_only = answer_.in_hosts_file;
  std::erase_if(answer_.hosts_file_only, [&ips](const std::string& ip) {
    return std::find(ips.begin(), ips.end(), ip) != ips.end();
  });
  ips.insert(ips.end(), answer_.hosts_file_only.begin(), answer_.hosts_file_only.end());
}

/// The callback may destroy the lookup.
void HostLookup::finish() {
  timer_.stop();
  ipv4_.reset();
  ipv6_.reset();
  add_hosts_file();
  std::sort(answer_.ips.begin(), answer_.ips.end());
  answer_.ips.erase(std::unique(answer_.ips.begin(), answer_.ips.end()), answer_.ips.end());
  const OnAnswer on_answer = std::move(on_answer_);
  on_answer(std::move(answer_));
}

}  // namespace dns
