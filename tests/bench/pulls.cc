// What readers of /v1/names cost those who look names up: holds long names at an EPMD at 127.0.0.1,
// and times look-ups while nobody reads, while some read all the time, and while moreover a name
// comes and goes.
//
//   bench_pulls PORT HTTP_PORT NAMES READERS MILLISECONDS
//
// Prints a line of JSON for each of the three: look-ups, their median, p99 and maximum in µs, and
// how many answers were read. A wrong reply, or an answer without all names, ends it with status 1.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "requests.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t name_bytes = 250;
constexpr milliseconds between_lookups(1);
constexpr milliseconds between_changes(100);

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "pulls: %s%s%s\n", what, errno != 0 ? ": " : "",
               errno != 0 ? std::strerror(errno) : "");
  std::exit(1);
}

int connected_to(unsigned port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    die("cannot connect");
  return fd;
}

void send_all(int fd, const std::string& bytes) {
  if (send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
    die("cannot send");
}

std::string long_name(unsigned number) {
  std::string name = std::to_string(number) + '-';
  return name + std::string(name_bytes - name.size(), 'n');
}

int registered(unsigned port, const std::string& name) {
  std::string body = "x";
  bench::put_u16(body, bench::port_of(1));
  body.append("M\0\0\6\0\5", 6);
  bench::put_u16(body, name.size());
  body += name;
  bench::put_u16(body, 0);
  const int fd = connected_to(port);
  send_all(fd, bench::framed(body));
  std::array<char, bench::alive2_resp_bytes> reply{};
  if (recv(fd, reply.data(), reply.size(), MSG_WAITALL) != ssize_t{bench::alive2_resp_bytes})
    die("not registered");
  if (!bench::is_registered({reply.data(), reply.size()})) die("a registration was refused");
  return fd;
}

double look_up(unsigned port, const std::string& name) {
  const auto began = Clock::now();
  const int fd = connected_to(port);
  send_all(fd, bench::framed("z" + name));
  std::array<char, 512> reply;
  const ssize_t got = recv(fd, reply.data(), reply.size(), 0);
  const double took = std::chrono::duration<double, std::micro>(Clock::now() - began).count();
  if (got < 12 || reply[0] != 'w' || reply[1] != 0) die("a wrong reply");
  const linger at_once{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
  return took;
}

const std::string request = "GET /v1/names HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The header's end and the length that it tells, once it is there.
struct Header {
  std::size_t size = 0;
  std::size_t length = 0;
};

Header header_of(const std::string& text) {
  const std::size_t end = text.find("\r\n\r\n");
  const std::size_t length = text.find("Content-Length: ");
  if (end == std::string::npos) return {};
  if (!text.starts_with("HTTP/1.1 200 OK") || length > end) die("a wrong answer");
  return {end + 4, std::strtoul(text.c_str() + length + 16, nullptr, 10)};
}

/// Reads one answer whole and sees that all names are in it.
void check_answer(unsigned http_port, unsigned names) {
  const int fd = connected_to(http_port);
  send_all(fd, request);
  std::string text;
  std::vector<char> bytes(1 << 20);
  Header header;
  while (header.size == 0 || text.size() < header.size + header.length) {
    const ssize_t got = recv(fd, bytes.data(), bytes.size(), 0);
    if (got <= 0) die("an answer is cut");
    text.append(bytes.data(), static_cast<std::size_t>(got));
    if (header.size == 0) header = header_of(text);
  }
  close(fd);
  unsigned found = 0;
  for (std::size_t at = text.find("{\"name\":"); at != std::string::npos;
       at = text.find("{\"name\":", at + 1))
    ++found;
  errno = 0;
  if (found != names) die("not all names are in the answer");
}

/// Readers that ask again as soon as they have an answer, in a thread that gives way to the
/// look-ups.
class Readers {
 public:
  Readers(unsigned http_port, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      readers_.push_back({connected_to(http_port), {}, 0});
      send_all(readers_.back().fd, request);
    }
    thread_ = std::thread([this] { run(); });
  }
  ~Readers() {
    done_ = true;
    thread_.join();
    for (const Reader& reader : readers_) close(reader.fd);
  }
  unsigned answers() const { return answers_; }

 private:
  struct Reader {
    int fd = -1;
    std::string head = {};
    std::size_t left = 0;  // of the body
  };

  void run() {
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 19);
    std::vector<pollfd> polled;
    for (const Reader& reader : readers_) polled.push_back({reader.fd, POLLIN, 0});
    while (!done_) {
      if (poll(polled.data(), polled.size(), 10) < 0) die("poll");
      for (std::size_t i = 0; i < polled.size(); ++i)
        if (polled[i].revents != 0) read(readers_[i]);
    }
  }

  /// The body is not copied: what a reader does with it is not what is measured.
  void read(Reader& reader) {
    if (reader.left == 0) return read_head(reader);
    const ssize_t got = recv(reader.fd, nullptr, std::min<std::size_t>(reader.left, 1 << 20),
                             MSG_TRUNC | MSG_DONTWAIT);
    if (got <= 0) die("an answer is cut");
    finish(reader, static_cast<std::size_t>(got));
  }

  void read_head(Reader& reader) {
    std::array<char, 4096> bytes;
    const ssize_t got = recv(reader.fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got <= 0) die("an answer is cut");
    reader.head.append(bytes.data(), static_cast<std::size_t>(got));
    const Header header = header_of(reader.head);
    if (header.size == 0) return;
    reader.left = header.length;
    const std::size_t had = reader.head.size() - header.size;
    reader.head.clear();
    finish(reader, had);
  }

  void finish(Reader& reader, std::size_t bytes) {
    reader.left -= bytes;
    if (reader.left > 0) return;
    ++answers_;
    send_all(reader.fd, request);
  }

  std::vector<Reader> readers_;
  std::atomic<bool> done_ = false;
  std::atomic<unsigned> answers_ = 0;
  std::thread thread_;
};

struct Setting {
  unsigned port = 0;
  unsigned http_port = 0;
  unsigned names = 0;
  unsigned readers = 0;
  milliseconds time = {};
};

void measure(const char* what, const Setting& setting, unsigned readers, bool changes) {
  const Readers reading(setting.http_port, readers);
  std::vector<double> took;
  const auto end = Clock::now() + setting.time;
  auto next_change = Clock::now();
  int changing = -1;
  for (unsigned asked = 0; Clock::now() < end; ++asked) {
    took.push_back(look_up(setting.port, long_name(asked * 7919 % setting.names)));
    std::this_thread::sleep_for(between_lookups);
    if (!changes || Clock::now() < next_change) continue;
    if (changing >= 0)
      changing = (close(changing), -1);
    else
      changing = registered(setting.port, "comes-and-goes");
    next_change = Clock::now() + between_changes;
  }
  if (changing >= 0) close(changing);
  std::sort(took.begin(), took.end());
  std::printf(
      "{\"what\":\"%s\",\"lookups\":%zu,\"median\":%.1f,\"p99\":%.1f,\"max\":%.1f,"
      "\"answers\":%u}\n",
      what, took.size(), took[took.size() / 2], took[took.size() * 99 / 100], took.back(),
      reading.answers());
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) die("usage: bench_pulls PORT HTTP_PORT NAMES READERS MILLISECONDS");
  const auto number = [argv](int i) { return static_cast<unsigned>(std::atoi(argv[i])); };
  const Setting setting = {number(1), number(2), number(3), number(4), milliseconds(number(5))};
  raise_descriptor_limit();
  for (unsigned i = 0; i < setting.names; ++i) registered(setting.port, long_name(i));
  check_answer(setting.http_port, setting.names);
  measure("quiet", setting, 0, false);
  measure("nothing changes", setting, setting.readers, false);
  measure("a name comes and goes", setting, setting.readers, true);
  return 0;
}
