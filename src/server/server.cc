#include "server/server.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

#include "process/memory.h"

namespace server {
namespace {

using epmd::EventKind;

/// After so many connections at most everything else that is ready gets its turn.
constexpr int accepts_per_turn_max = 64;
/// An accept that finds nobody costs as much as a wake-up, since the kernel makes the socket before
/// it looks, and who has only just connected has not asked yet. So a turn accepts one, and all it
/// may once in this time: neither long turns nor many who wait keep newcomers out.
constexpr std::chrono::milliseconds full_turn_interval(1);

/// What accept(2) reports of a connection that failed before it was accepted: the next may not.
bool is_of_one_connection(int error_number) {
  return error_number == ECONNABORTED || error_number == EINTR || error_number == EPROTO ||
         error_number == EPERM;
}

/// Standard streams, listening sockets and the like: counted among those kept for ourselves.
constexpr size_t opened_usually = 16;

/// Descriptors beyond these, which whoever started us has left open.
size_t descriptors_left_open() {
  std::error_code error;
  const std::filesystem::directory_iterator listed("/proc/self/fd", error);
  const auto opened = error ? 0 : static_cast<size_t>(std::distance(begin(listed), end(listed)));
  return opened - std::min(opened, opened_usually);
}

}  // namespace

Server::Server(event::Loop& loop, epmd::Service& service, Policy policy,
               std::vector<net::ListeningSocket> sockets, std::function<void()> on_shut_down)
    : loop_(loop),
      service_(service),
      policy_(std::move(policy)),
      on_shut_down_(std::move(on_shut_down)),
      connections_(loop, policy_.limits, on_shut_down_, [this] { acceptor_.resume(); }),
      acceptor_(loop, std::move(sockets), [this](int listening) { accept_some(listening); }) {
  service_.listing.on_full([this](const auto& fits) { connections_.drop_slowest_readers(fits); });
}

Server::~Server() { service_.listing.on_full(nullptr); }

void Server::accept_some(int listening) {
  event::Loop::Time& last_full_turn = last_full_turns_[listening];
  const bool is_full_turn = loop_.now() - last_full_turn >= full_turn_interval;
  if (is_full_turn) last_full_turn = loop_.now();
  const int count_max = is_full_turn ? accepts_per_turn_max : 1;
  if (policy_.delay_accept.count() > 0) std::this_thread::sleep_for(policy_.delay_accept);
  for (int i = 0; i < count_max && !acceptor_.is_paused(); ++i)
    if (accept_one(listening) == Accepted::none) return;
}

Server::Accepted Server::accept_one(int listening) {
  sockaddr_storage storage;  // NOLINT: filled by accept4
  socklen_t size = sizeof storage;
  event::Descriptor socket(accept4(listening, reinterpret_cast<sockaddr*>(&storage), &size,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.is_open()) return on_accept_failed(listening, errno);
  if (is_exhausted_) tell_recovered();
  serve(std::move(socket), net::Address::from(storage));
  return Accepted::one;
}

Server::Accepted Server::on_accept_failed(int listening, int error_number) {
  if (error_number == EAGAIN || error_number == EWOULDBLOCK) return Accepted::none;
  if (is_of_one_connection(error_number)) return Accepted::failed;
  const bool is_exhausted = net::is_out_of_descriptors(error_number);
  // accept(2) wants a descriptor before it looks whether anybody is there.
  if (is_exhausted && !net::is_waited_for(listening)) return Accepted::none;
  if (is_exhausted)
    tell_exhausted(error_number);
  else
    record(EventKind::accept_failed, -1, error_number);
  // The reference ends here, and forgets every name. We make room, or wait until there is some.
  if (!connections_.evict_longest_idle()) acceptor_.pause();
  return Accepted::failed;
}

/// Once, however long it lasts: making room for one connection does not end the shortage.
void Server::tell_exhausted(int error_number) {
  if (!std::exchange(is_exhausted_, true))
    record(EventKind::descriptors_exhausted, -1, error_number);
  last_exhausted_ = loop_.now();
}

void Server::tell_recovered() {
  if (loop_.now() - last_exhausted_ < policy_.recovered_after) return;
  is_exhausted_ = false;
  record(EventKind::descriptors_recovered, -1);
}

void Server::serve(event::Descriptor socket, const net::Address& peer) {
  if (is_short_of_memory_ || process::MemoryReserve::is_used()) watch_memory();
  const int descriptor = socket.get();
  const epmd::Peer judged = judge_peer(peer, descriptor);
  record(judged.is_local ? EventKind::connected_local : EventKind::connected_remote, descriptor);
  record(EventKind::connection_opened, descriptor);
  Exchange exchange(std::move(socket), service_, judged);
  const Exchange::Progress progress = exchange.advance();
  settle(std::move(exchange), progress);
}

void Server::settle(Exchange&& exchange, Exchange::Progress progress) {
  if (progress == Exchange::Progress::shut_down)
    on_shut_down_();
  else if (progress != Exchange::Progress::finished)
    connections_.keep(std::move(exchange), progress);
}

/// The names first: what is asked then gets the answer that it would have got.
void Server::recover(const keeper::Survivors& survivors, std::string_view request) {
  for (const keeper::Survivors::Name& name : survivors.names) restore(name);
  if (event::Descriptor socket(survivors.repeated); socket.is_open()) {
    const net::Address peer = net::Address::of_peer(socket.get()).value_or(net::Address{});
    const epmd::Peer judged = judge_peer(peer, socket.get());
    Exchange exchange(std::move(socket), service_, judged);
    const Exchange::Progress progress = exchange.repeat(request);
    settle(std::move(exchange), progress);
  }
  for (const int descriptor : survivors.served) {
    event::Descriptor socket(descriptor);
    if (const auto peer = net::Address::of_peer(descriptor)) serve(std::move(socket), *peer);
  }
}

void Server::restore(const keeper::Survivors::Name& name) {
  const keeper::Record& record = name.record.record;
  event::Descriptor socket(name.descriptor);
  auto registration = service_.registry.restore(record.node, name.descriptor, record.creation);
  if (!registration) return;
  epmd::Session session(service_, {.descriptor = name.descriptor}, std::move(registration));
  settle(Exchange(std::move(socket), service_, std::move(session)), Exchange::Progress::kept);
}

/// An allocation has failed, or had: nothing may grow until there is memory to keep aside again.
void Server::watch_memory() {
  connections_.drop_slowest_readers([] { return process::MemoryReserve::fill(); });
  if (!process::MemoryReserve::fill()) connections_.evict_longest_idle();
  const bool is_short = process::MemoryReserve::is_used();
  service_.registry.set_short_of_memory(is_short);
  if (is_short == is_short_of_memory_) return;
  is_short_of_memory_ = is_short;
  record(is_short ? EventKind::memory_exhausted : EventKind::memory_recovered, -1);
}

epmd::Peer Server::judge_peer(const net::Address& peer, int descriptor) const {
  const bool is_local = net::is_local_peer(peer, descriptor);
  const auto contains_peer = [&](const net::Network& network) { return network.contains(peer); };
  const bool may_query = is_local || policy_.allowed.empty() ||
                         std::any_of(policy_.allowed.begin(), policy_.allowed.end(), contains_peer);
  return {is_local, may_query, descriptor};
}

void Server::record(EventKind kind, int descriptor, int64_t number) const {
  service_.event_sink.record({.kind = kind, .descriptor = descriptor, .number = number});
}

size_t raise_descriptor_limit() {
  constexpr rlim_t kept_for_ourselves = 32;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return Connections::Limits{}.connections_max;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto free = limit.rlim_cur - std::min<rlim_t>(limit.rlim_cur, descriptors_left_open());
  return static_cast<size_t>(free - std::min(free / 2, kept_for_ourselves));
}

size_t registrations_of(size_t connections_max) {
  constexpr size_t reserve_max = 64;
  if (connections_max < 2) return connections_max;
  return connections_max - std::clamp<size_t>(connections_max / 8, 1, reserve_max);
}

}  // namespace server
