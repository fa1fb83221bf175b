// The load: asks an EPMD at 127.0.0.1 and checks every reply, phase after phase.
//
//   bench_load PORT PID PHASE...
//
//   hold:TOTAL[:CLIENTS]      register until TOTAL names are held; they stay to the end
//   lookup:COUNT[:CLIENTS]    look up names that are held, all over the range
//   absent:COUNT[:CLIENTS]    look up names that nobody registered
//   burst:COUNT:SIZE          look-ups (absent, if none is held), SIZE waiting at once, because the
//                             server is paused meanwhile
//   names:COUNT[:CLIENTS]     ask for all names
//   leave:COUNT[:CLIENTS]     register a further name, and leave as soon as that was answered
//
// PID is the server's; each phase prints a line of JSON with what it cost there. The clients take
// turns through source addresses, and those who only ask close by reset: no port is lost to
// TIME_WAIT. A wrong reply, a broken connection or five seconds of silence are errors, and with one
// the exit status is 1.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "requests.h"
#include "server_cost.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int silence_ms_max = 5000;
constexpr unsigned count_max = 1'000'000;
constexpr unsigned clients_max = 2000;
constexpr unsigned errors_max = 100;
constexpr unsigned sources = 64;
// Held names are asked in steps of this prime, so that neighbours in time are none in the registry.
constexpr unsigned stride = 7919;

[[noreturn]] void die(const char* what, int error = 0) {
  std::fprintf(stderr, "load: %s%s%s\n", what, error != 0 ? ": " : "",
               error != 0 ? std::strerror(error) : "");
  std::exit(1);
}

enum class Kind { hold, lookup, absent, burst, names, leave };

struct Phase {
  Kind kind = Kind::lookup;
  unsigned count = 0;
  unsigned clients = 1;
};

// One client's connection and how far it has come.
struct Exchange {
  int fd = -1;
  std::string request = {};
  std::string expected = {};
  std::string reply = {};
};

class Load {
 public:
  Load(unsigned port, pid_t server) : port_(port), server_(server), buffer_(1 << 20, '\0') {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(static_cast<std::uint16_t>(port));
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }

  void run(const Phase& phase, const char* words) {
    phase_ = phase;
    total_ = phase.kind == Kind::hold ? phase.count - std::min(phase.count, held()) : phase.count;
    first_ = held();
    started_ = finished_ = 0;
    if (phase.kind == Kind::names) await_names();
    if (phase.kind == Kind::lookup && held() == 0) die("lookup: nothing is held, use absent");
    exchanges_.assign(phase.clients, Exchange{});
    const bench::Cost before = bench::cost(server_);
    if (phase.kind == Kind::burst)
      run_bursts();
    else
      run_closed_loop();
    bench::report(words, total_, server_, before);
  }

  unsigned errors() const { return errors_; }

 private:
  unsigned held() const { return static_cast<unsigned>(held_fds_.size()); }

  // Who has just left may still stand in the list: it goes when the server hears of its end.
  void await_names() {
    names_ = bench::names_resp(port_, held());
    const auto deadline = Clock::now() + std::chrono::milliseconds(silence_ms_max);
    while (!bench::same_names(ask_names(), names_) && Clock::now() < deadline) {
    }
  }

  std::string ask_names() {
    Exchange exchange;
    exchange.fd = connect_from_next_source();
    fcntl(exchange.fd, F_SETFL, 0);  // from here on it waits
    exchange.request = bench::framed("n");
    send_request(exchange);
    ssize_t got = 0;
    while ((got = recv(exchange.fd, buffer_.data(), buffer_.size(), 0)) > 0)
      exchange.reply.append(buffer_, 0, static_cast<std::size_t>(got));
    reset_on_close(exchange.fd);
    close(exchange.fd);
    return exchange.reply;
  }

  // ---- the two ways to press

  void run_closed_loop() {
    for (Exchange& exchange : exchanges_) start(exchange);
    while (finished_ < total_) wait_and_serve();
  }

  // Paused, the server finds a whole burst waiting when it wakes: the kernel has completed the
  // connections and holds the requests.
  void run_bursts() {
    while (finished_ < total_) {
      kill(server_, SIGSTOP);
      for (Exchange& exchange : exchanges_) start(exchange);
      kill(server_, SIGCONT);
      while (finished_ < started_) wait_and_serve();
    }
  }

  void wait_and_serve() {
    std::array<epoll_event, 128> events;
    const int count =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), silence_ms_max);
    if (count == 0) die("the server was silent for five seconds");
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      Exchange& exchange = exchanges_[event.data.u32];
      if ((event.events & EPOLLOUT) != 0)
        send_late(exchange);
      else
        receive(exchange);
    }
  }

  // ---- one exchange

  void start(Exchange& exchange) {
    if (started_ == total_) return;
    prepare(exchange, started_++);
    exchange.fd = connect_from_next_source();
    // On loopback the connection stands when connect returns: this is nearly always sent at once.
    watch(exchange, EPOLL_CTL_ADD, send_request(exchange) ? EPOLLIN : EPOLLOUT);
  }

  void prepare(Exchange& exchange, unsigned index) {
    exchange.reply.clear();
    exchange.expected.clear();
    if (phase_.kind == Kind::names)
      exchange.request = bench::framed("n");
    else if (is_registration())
      exchange.request = bench::alive2_req(first_ + index);
    else if (phase_.kind == Kind::absent || held() == 0)
      prepare_absent(exchange, index);
    else
      prepare_lookup(exchange);
  }

  void prepare_lookup(Exchange& exchange) {
    asked_ = (asked_ + stride) % held();
    const std::string name = bench::name_of(asked_);
    exchange.request = bench::framed("z" + name);
    bench::put_port2_resp(exchange.expected, name);
  }

  static void prepare_absent(Exchange& exchange, unsigned index) {
    exchange.request = bench::framed("zabsent" + std::to_string(index));
    exchange.expected = "w\1";
  }

  int connect_from_next_source() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket", errno);
    const int on = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(0x7f000101U + next_source_++ % sources);
    if (bind(fd, reinterpret_cast<sockaddr*>(&source), sizeof source) < 0) die("bind", errno);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) < 0 &&
        errno != EINPROGRESS)
      die("connect", errno);
    return fd;
  }

  // False: not connected yet. A connection that is broken shows itself at reading.
  static bool send_request(const Exchange& exchange) {
    const std::string& bytes = exchange.request;
    return send(exchange.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0 || errno != EAGAIN;
  }

  void send_late(const Exchange& exchange) {
    if (send_request(exchange)) watch(exchange, EPOLL_CTL_MOD, EPOLLIN);
  }

  void watch(const Exchange& exchange, int operation, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.u32 = static_cast<std::uint32_t>(&exchange - exchanges_.data());
    if (epoll_ctl(epoll_, operation, exchange.fd, &event) < 0) die("epoll_ctl", errno);
  }

  void receive(Exchange& exchange) {
    for (;;) {
      const ssize_t got = recv(exchange.fd, buffer_.data(), buffer_.size(), 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got < 0) return end(exchange, std::strerror(errno));
      if (got == 0) return end(exchange, what_is_wrong(exchange));
      exchange.reply.append(buffer_, 0, static_cast<std::size_t>(got));
      if (is_registration() && exchange.reply.size() >= bench::alive2_resp_bytes)
        return registered(exchange);
    }
  }

  // Asked when the server has closed. Null: the reply was right.
  const char* what_is_wrong(const Exchange& exchange) {
    if (is_registration()) return "the server closed instead of keeping a registration";
    if (phase_.kind != Kind::names)
      return exchange.reply == exchange.expected ? nullptr : "a wrong reply";
    if (exchange.reply == names_) return nullptr;
    if (!bench::same_names(exchange.reply, names_)) return "wrong names";
    names_ = exchange.reply;
    return nullptr;
  }

  void registered(Exchange& exchange) {
    if (!bench::is_registered(exchange.reply)) return end(exchange, "a registration was refused");
    if (phase_.kind == Kind::leave) return end(exchange, nullptr);
    if (epoll_ctl(epoll_, EPOLL_CTL_DEL, exchange.fd, nullptr) < 0) die("epoll_ctl", errno);
    reset_on_close(exchange.fd);
    held_fds_.push_back(exchange.fd);
    next(exchange);
  }

  // A node leaves with a FIN, as real ones do; who only asked resets.
  void end(Exchange& exchange, const char* error) {
    if (error != nullptr) complain(exchange, error);
    if (phase_.kind != Kind::leave) reset_on_close(exchange.fd);
    close(exchange.fd);
    next(exchange);
  }

  void next(Exchange& exchange) {
    ++finished_;
    if (phase_.kind != Kind::burst) start(exchange);
  }

  void complain(const Exchange& exchange, const char* error) {
    if (errors_++ < 3)
      std::fprintf(stderr, "load: %s (request '%s', reply '%.60s')\n", error,
                   bench::printable(exchange.request).c_str(),
                   bench::printable(exchange.reply).c_str());
    if (errors_ == errors_max) die("too many errors");
  }

  static void reset_on_close(int fd) {
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  bool is_registration() const { return phase_.kind == Kind::hold || phase_.kind == Kind::leave; }

  unsigned port_;
  pid_t server_;
  std::string buffer_;
  sockaddr_in address_{};
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  Phase phase_;
  unsigned total_ = 0, started_ = 0, finished_ = 0;
  unsigned first_ = 0;  // the node a registering phase begins with
  unsigned asked_ = 0, next_source_ = 0, errors_ = 0;
  std::string names_;  // the reply to NAMES, in the server's order as soon as that is known
  std::vector<Exchange> exchanges_;
  std::vector<int> held_fds_;
};

// ---- the command line

std::optional<Kind> kind_of(std::string_view word) {
  constexpr std::array<std::string_view, 6> words = {"hold",  "lookup", "absent",
                                                     "burst", "names",  "leave"};
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Kind>(found - words.begin());
}

[[noreturn]] void usage() {
  std::fputs(
      "usage: bench_load PORT PID {hold|lookup|absent|burst|names|leave}:COUNT[:CLIENTS]...\n",
      stderr);
  std::exit(2);
}

Phase parse_phase(const char* words) {
  std::array<char, 16> word{};
  Phase phase;
  if (std::sscanf(words, "%15[a-z]:%u:%u", word.data(), &phase.count, &phase.clients) < 2) usage();
  const std::optional<Kind> kind = kind_of(word.data());
  if (!kind || phase.clients == 0 || phase.clients > clients_max || phase.count > count_max)
    usage();
  phase.kind = *kind;
  return phase;
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) usage();
  std::vector<Phase> phases;
  for (int i = 3; i < argc; ++i) phases.push_back(parse_phase(argv[i]));
  const pid_t server = std::atoi(argv[2]);
  if (server <= 1) usage();
  raise_descriptor_limit();
  Load load(static_cast<unsigned>(std::atoi(argv[1])), server);
  for (std::size_t i = 0; i < phases.size(); ++i) load.run(phases[i], argv[i + 3]);
  if (load.errors() > 0) std::fprintf(stderr, "load: %u errors\n", load.errors());
  return load.errors() == 0 ? 0 : 1;
}
