#define CARES_NO_DEPRECATED
#include "net/host_lookup.h"

#include <arpa/nameser.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <utility>

#include "net/address.h"

namespace net {
namespace {

/// More than a DNS message of 64 KiB can hold.
constexpr size_t records_max = 4096;

bool is_answer(int status) {
  return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  ares_inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

std::vector<std::string> parse_ipv4(std::string_view bytes) {
  std::vector<ares_addrttl> records(records_max);
  int count = static_cast<int>(records_max);
  const auto* const start = reinterpret_cast<const unsigned char*>(bytes.data());
  if (ares_parse_a_reply(start, static_cast<int>(bytes.size()), nullptr, records.data(), &count))
    return {};
  std::vector<std::string> ips;
  ips.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i)
    ips.push_back(text_of(AF_INET, &records[static_cast<size_t>(i)].ipaddr));
  return ips;
}

std::vector<std::string> parse_ipv6(std::string_view bytes) {
  std::vector<ares_addr6ttl> records(records_max);
  int count = static_cast<int>(records_max);
  const auto* const start = reinterpret_cast<const unsigned char*>(bytes.data());
  if (ares_parse_aaaa_reply(start, static_cast<int>(bytes.size()), nullptr, records.data(), &count))
    return {};
  std::vector<std::string> ips;
  ips.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i)
    ips.push_back(text_of(AF_INET6, &records[static_cast<size_t>(i)].ip6addr));
  return ips;
}

}  // namespace

HostLookup::HostLookup(Loop& loop, std::shared_ptr<AresChannel> channel, const std::string& host,
                       std::chrono::milliseconds patience, OnAnswer on_answer, Enough enough)
    : channel_(std::move(channel)),
      on_answer_(std::move(on_answer)),
      enough_(enough),
      timer_(loop) {
  if (is_known_without_asking(host)) {
    timer_.start(std::chrono::milliseconds(0), [this] { finish(); });
    return;
  }
  candidates_ = channel_->candidates_of(host);
  std::reverse(candidates_.begin(), candidates_.end());
  answer_.hosts_file_only = channel_->addresses_in_hosts_file(host);
  timer_.start(patience, [this] { on_time_up(); });
  ask_next();
}

bool HostLookup::is_known_without_asking(const std::string& host) {
  const std::optional<Address> address = Address::parse(host, 0);
  if (address) answer_.ips = {address->host()};
  if (host == "localhost") answer_.ips = {"127.0.0.1", "::1"};
  if (enough_ == Enough::one_address && answer_.ips.empty())
    answer_.ips = channel_->addresses_in_hosts_file(host);
  return !answer_.ips.empty();
}

void HostLookup::ask_next() {
  const std::string name = std::move(candidates_.back());
  candidates_.pop_back();
  ipv4_ = channel_->ask(name, ns_t_a, [this](int status, std::string_view bytes) {
    on_answered(ns_t_a, status, bytes);
  });
  ipv6_ = channel_->ask(name, ns_t_aaaa, [this](int status, std::string_view bytes) {
    on_answered(ns_t_aaaa, status, bytes);
  });
}

void HostLookup::on_answered(int type, int status, std::string_view bytes) {
  const bool is_ipv4 = type == ns_t_a;
  (is_ipv4 ? ipv4_ : ipv6_).reset();
  if (!is_answer(status)) {
    (is_ipv4 ? answer_.is_ipv4_failed : answer_.is_ipv6_failed) = true;
    answer_.why = channel_->servers() + ": " + ares_strerror(status);
  } else if (status == ARES_SUCCESS) {
    const std::vector<std::string> ips = is_ipv4 ? parse_ipv4(bytes) : parse_ipv6(bytes);
    is_found_ = is_found_ || !ips.empty();
    answer_.ips.insert(answer_.ips.end(), ips.begin(), ips.end());
  }
  if (is_found_ && enough_ == Enough::one_address) return finish();
  // Where there is no such name, nobody need be waited for who never answers for IPv6. The other
  // way round that is not so: some say that of names which have IPv4 addresses.
  if (is_ipv4 && status == ARES_ENOTFOUND && !candidates_.empty()) ipv6_.reset();
  if (ipv4_ || ipv6_) return;
  is_found_ || candidates_.empty() ? finish() : ask_next();
}

/// Names that nobody was asked for yet may have addresses of either family.
void HostLookup::on_time_up() {
  const bool is_cut_short = !is_found_ && !candidates_.empty();
  answer_.is_ipv4_failed = answer_.is_ipv4_failed || ipv4_ || is_cut_short;
  answer_.is_ipv6_failed = answer_.is_ipv6_failed || ipv6_ || is_cut_short;
  answer_.why = "no answer from " + channel_->servers() + " in time";
  finish();
}

/// So far `ips` are what the DNS gave.
void HostLookup::add_hosts_file() {
  std::vector<std::string>& ips = answer_.ips;
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

}  // namespace net
