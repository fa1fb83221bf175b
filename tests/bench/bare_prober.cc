#include "bench/bare_prober.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/wire.h"
#include "bench/bare_messages.h"

namespace {

/// As many as discovery has under way.
constexpr size_t at_once = 100;
constexpr int timeout_ms = 5000;

void demand(bool is_so, const char* what) {
  if (is_so) return;
  std::fprintf(stderr, "bare prober: %s (%s)\n", what, std::strerror(errno));
  std::exit(1);
}

sockaddr_in endpoint(uint32_t address, uint16_t port_no) {
  sockaddr_in out = {};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(address);
  out.sin_port = htons(port_no);
  return out;
}

void send_all(int descriptor, const std::string& text) {
  const ssize_t sent = send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
  demand(sent == static_cast<ssize_t>(text.size()), "cannot send");
}

}  // namespace

BareProber::BareProber(const DiscoveryWorld& world)
    : dns_(endpoint(INADDR_LOOPBACK, world.dns_port())),
      epmd_port_(world.epmd_port()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      visits_(at_once),
      aliases_(world.aliases()) {
  for (Visit& visit : visits_) idle_.push_back(&visit);
}

BareProber::~BareProber() { close(epoll_); }

size_t BareProber::run() {
  begin_waiting();
  std::array<epoll_event, at_once> events = {};
  while (idle_.size() < visits_.size()) {
    const int count = epoll_wait(epoll_, events.data(), at_once, timeout_ms);
    demand(count > 0, "no answer");
    for (size_t i = 0; i < static_cast<size_t>(count); ++i)
      go_on(*static_cast<Visit*>(events.at(i).data.ptr));
  }
  return found_;
}

void BareProber::begin_waiting() {
  while (!idle_.empty() && !(aliases_.empty() && addresses_.empty())) {
    Visit& visit = *idle_.back();
    idle_.pop_back();
    if (!aliases_.empty()) {
      look_up(visit, Step::alias, aliases_.back());
      aliases_.pop_back();
    } else {
      visit.address = addresses_.back();
      addresses_.pop_back();
      connect(visit, Step::names, epmd_port_);
    }
  }
}

/// Events come once for each change: epoll need be told nothing more.
void BareProber::open(Visit& visit, Step step, int type, const sockaddr_in& to) {
  if (visit.descriptor >= 0) close(visit.descriptor);
  visit.step = step;
  visit.has_asked = false;
  visit.heard.clear();
  visit.descriptor = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const auto* const raw = reinterpret_cast<const sockaddr*>(&to);
  const bool works = ::connect(visit.descriptor, raw, sizeof to) == 0 || errno == EINPROGRESS;
  demand(works, "cannot connect");
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLET | (type == SOCK_STREAM ? EPOLLOUT : 0U);
  event.data.ptr = &visit;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, visit.descriptor, &event);
}

void BareProber::look_up(Visit& visit, Step step, const std::string& name) {
  open(visit, step, SOCK_DGRAM, dns_);
  visit.name = name;
  visit.answers_left = 2;
  ++asked_.of(Question::a);
  ++asked_.of(Question::aaaa);
  send_all(visit.descriptor, bare::dns_question(name, bare::type_a));
  send_all(visit.descriptor, bare::dns_question(name, bare::type_aaaa));
}

void BareProber::connect(Visit& visit, Step step, uint16_t port_no) {
  open(visit, step, SOCK_STREAM, endpoint(visit.address, port_no));
}

void BareProber::go_on(Visit& visit) {
  if (visit.step == Step::alias || visit.step == Step::host) return read_datagrams(visit);
  if (!std::exchange(visit.has_asked, true)) return ask(visit);
  read_stream(visit);
}

void BareProber::ask(const Visit& visit) {
  if (visit.step == Step::names) {
    ++asked_.of(Question::names);
    send_all(visit.descriptor, bare::names_request());
  } else if (visit.step == Step::handshake) {
    ++asked_.of(Question::handshake);
    send_all(visit.descriptor, bare::hello());
  } else {
    ++asked_.of(Question::by_tcp);
    send_all(visit.descriptor, bare::framed(bare::dns_question(visit.name, bare::type_a)));
  }
}

void BareProber::read_datagrams(Visit& visit) {
  std::array<char, 4096> buffer;  // NOLINT: filled by recv
  while (visit.answers_left > 0) {
    const ssize_t count = recv(visit.descriptor, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    demand(count > 0, "the DNS does not answer");
    --visit.answers_left;
    take_dns(visit, {buffer.data(), static_cast<size_t>(count)});
  }
  after_look_up(visit);
}

void BareProber::after_look_up(Visit& visit) {
  if (visit.is_truncated) {
    visit.is_truncated = false;
    return open(visit, Step::alias_by_tcp, SOCK_STREAM, dns_);
  }
  if (visit.step == Step::host) ++found_;
  end(visit);
}

void BareProber::read_stream(Visit& visit) {
  std::array<char, 4096> buffer;  // NOLINT: filled by recv
  for (bool is_whole = false; !is_whole;) {
    const ssize_t count = recv(visit.descriptor, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    demand(count >= 0, "no answer");
    visit.heard.append(buffer.data(), static_cast<size_t>(count));
    is_whole = take_stream(visit, count == 0);
    demand(is_whole || count > 0, "half an answer");
  }
}

/// Whether the answer is whole: that of an EPMD is when it closes, others say how long they are.
bool BareProber::take_stream(Visit& visit, bool is_closed) {
  if (visit.step == Step::alias_by_tcp) return take_alias(visit);
  if (visit.step == Step::handshake) return take_challenge(visit);
  if (!is_closed) return false;
  const auto port_no = bare::read_port(visit.heard);
  demand(port_no.has_value(), "not an EPMD's answer");
  connect(visit, Step::handshake, *port_no);
  return true;
}

bool BareProber::take_alias(Visit& visit) {
  base::WireReader reader(visit.heard);
  const std::string_view message = reader.bytes(reader.u16());
  if (reader.failed()) return false;
  take_dns(visit, message);
  end(visit);
  return true;
}

bool BareProber::take_challenge(Visit& visit) {
  const auto host_part = bare::read_host_part(visit.heard);
  if (host_part) look_up(visit, Step::host, *host_part);
  return host_part.has_value();
}

void BareProber::take_dns(Visit& visit, std::string_view message) {
  const auto answer = bare::read_dns_answer(message);
  demand(answer.has_value(), "not a DNS answer");
  visit.is_truncated = visit.is_truncated || answer->is_truncated;
  if (visit.step != Step::host)
    addresses_.insert(addresses_.end(), answer->addresses.begin(), answer->addresses.end());
  else if (answer->type == bare::type_a)
    demand(answer->addresses == std::vector{visit.address}, "a host part that leads elsewhere");
}

void BareProber::end(Visit& visit) {
  close(std::exchange(visit.descriptor, -1));
  idle_.push_back(&visit);
  begin_waiting();
}
