// The kernel's limit: what a single-threaded epoll server for EPMD's exchanges costs at the very
// least. It has no registry: a look-up is answered from the digits of the name, a registration
// always succeeds.
//
//   bench_limit PORT [--batch N] [--lines N]
//
// --batch  connections accepted per wake-up at most (1)
// --lines  lines in the reply to NAMES (0)
//
// The batch is the one choice there is. An accept that finds nobody costs more than an epoll_wait
// that finds somebody, because the kernel makes the socket before it looks: one per wake-up is best
// by 6 % in look-ups of one or 32 clients. 64 is best by 6 % when hundreds wait. Measured and of no
// use: TCP_DEFER_ACCEPT, an edge-triggered listener, read for recv, asking the kernel how many
// wait.
//
// A request has to arrive in one piece, as the load sends it. This is a yardstick, not a server.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "names.h"

namespace {

struct Options {
  std::uint16_t port = 0;
  int batch = 1;
  unsigned lines = 0;
};

// What epoll tells about a connection: its descriptor and, above it, whether it is a registered
// node's.
constexpr std::uint64_t kept = std::uint64_t{1} << 32;

class Limit {
 public:
  explicit Limit(const Options& options) : batch_(options.batch) {
    names_reply_ = {0, 0, static_cast<char>(options.port >> 8),
                    static_cast<char>(options.port & 0xff)};
    names_reply_ += bench::names_lines(options.lines);
    listen_on(options);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) ready(events[static_cast<std::size_t>(i)].data.u64);
    }
  }

 private:
  static int need(int result, const char* what) {
    if (result >= 0) return result;
    std::perror(what);
    std::exit(1);
  }

  void listen_on(const Options& options) {
    listener_ = need(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    need(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
    need(listen(listener_, SOMAXCONN), "listen");
    epoll_ = need(epoll_create1(0), "epoll_create1");
    watch(listener_, static_cast<std::uint64_t>(listener_));
  }

  void watch(int fd, std::uint64_t what) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = what;
    need(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }

  void ready(std::uint64_t what) {
    const int fd = static_cast<int>(what & 0xffffffff);
    if (fd == listener_) return accept_batch();
    // Whatever a registered node's connection reports, a byte, an end or an error, it is over.
    if ((what & kept) != 0) return finish(fd);
    if (!answer(fd)) finish(fd);
  }

  void accept_batch() {
    for (int i = 0; i < batch_; ++i) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) return;
      // The request is usually there already; only otherwise epoll has to hear of the connection.
      if (!answer(fd)) watch(fd, static_cast<std::uint64_t>(fd));
    }
  }

  // False: nothing has arrived yet.
  bool answer(int fd) {
    std::array<char, 3060> buffer;
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EAGAIN) return false;
    if (got < 3) return finish(fd), true;
    const std::string_view body(buffer.data() + 2, static_cast<std::size_t>(got) - 2);
    if (body[0] == 'z')
      look_up(fd, body.substr(1));
    else if (body[0] == 'x')
      keep(fd);
    else if (body[0] == 'n')
      say_last(fd, names_reply_);
    else
      finish(fd);
    return true;
  }

  void look_up(int fd, std::string_view name) {
    using namespace std::string_view_literals;
    if (!name.starts_with(bench::name_prefix)) return say_last(fd, "w\1"sv);
    reply_.clear();
    bench::put_port2_resp(reply_, name);
    say_last(fd, reply_);
  }

  // A connection that was waiting is in epoll already, with the wrong mark: only ever load sends
  // late.
  void keep(int fd) {
    static constexpr std::string_view reply("v\0\0\0\1\0", 6);
    if (send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) return finish(fd);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint64_t>(fd) | kept;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) < 0 && errno == EEXIST)
      need(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event), "epoll_ctl");
  }

  // MSG_MORE holds the reply back until close, so that it leaves together with the FIN.
  void say_last(int fd, std::string_view reply) {
    if (send(fd, reply.data(), reply.size(), MSG_MORE | MSG_NOSIGNAL) !=
        static_cast<ssize_t>(reply.size()))
      std::fputs("limit: a reply did not fit into the send buffer\n", stderr);
    finish(fd);
  }

  void finish(int fd) { close(fd); }

  int batch_;
  int listener_ = -1;
  int epoll_ = -1;
  std::string names_reply_;
  std::string reply_;
};

Options parse(int argc, char** argv) {
  Options options;
  if (argc > 1) options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  for (int i = 2; i < argc; i += 2) {
    const std::string_view word = argv[i];
    const int number = i + 1 < argc ? std::atoi(argv[i + 1]) : 0;
    if (word == "--batch")
      options.batch = number;
    else if (word == "--lines")
      options.lines = static_cast<unsigned>(number);
    else
      options.port = 0;
  }
  if (options.port != 0 && options.batch > 0) return options;
  std::fputs("usage: bench_limit PORT [--batch N] [--lines N]\n", stderr);
  std::exit(2);
}

}  // namespace

int main(int argc, char** argv) { Limit(parse(argc, argv)).run(); }
