#include "logging/system_log.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <regex>

#include "outputs/folder.h"

using event::Descriptor;
using logging::SystemLog;

namespace {

/// What listens for the system's log: a daemon of it that the test plays.
class Listener {
 public:
  Listener(const std::string& path, int type) : socket_(::socket(AF_UNIX, type, 0)), type_(type) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    unlink(path.c_str());
    REQUIRE(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    if (type == SOCK_STREAM) REQUIRE(listen(socket_.get(), 1) == 0);
  }
  /// The next line; for a stream all that there is.
  std::string read() {
    if (type_ == SOCK_STREAM && !client_.is_open())
      client_ = Descriptor(accept(socket_.get(), nullptr, nullptr));
    std::string text(1 << 20, ' ');
    const int from = type_ == SOCK_STREAM ? client_.get() : socket_.get();
    const ssize_t count = recv(from, text.data(), text.size(), MSG_DONTWAIT);
    return text.substr(0, count < 0 ? 0 : static_cast<size_t>(count));
  }
  std::string read_all() {
    std::string all;
    for (std::string each = read(); !each.empty(); each = read()) all += each + '|';
    return all;
  }

 private:
  Descriptor socket_;
  int type_;
  Descriptor client_ = {};
};

bool matches(const std::string& text, const std::string& pattern) {
  return std::regex_match(text, std::regex(pattern));
}

const std::string stamp = "<11>[A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8} epmd: ";

}  // namespace

TEST_CASE("the system's log gets lines as syslog(3) writes them") {
  const Folder folder;
  SystemLog log("epmd", LOG_USER | LOG_ERR, folder / "log");
  SECTION("by datagrams") {
    Listener listener(folder / "log", SOCK_DGRAM);
    log.write("epmd: one");
    log.write("epmd: two");
    CHECK(matches(listener.read(), stamp + "epmd: one"));
    CHECK(matches(listener.read(), stamp + "epmd: two"));
  }
  SECTION("by a stream") {
    Listener listener(folder / "log", SOCK_STREAM);
    log.write("one");
    const std::string text = listener.read();
    CHECK(text.back() == '\0');
    CHECK(matches(text.substr(0, text.size() - 1), stamp + "one"));
  }
}

TEST_CASE("a log that is not read is not waited for, and what was lost is told later") {
  const Folder folder;
  const int type = GENERATE(SOCK_DGRAM, SOCK_STREAM);
  Listener listener(folder / "log", type);
  SystemLog log("epmd", LOG_USER | LOG_ERR, folder / "log");
  const std::string line(1000, 'x');
  for (int i = 0; i < 5000; ++i) log.write(line);
  const std::string first = listener.read_all();
  CHECK(first.find("lost") == std::string::npos);
  log.write("at last");
  const std::string all = first + listener.read_all();
  CHECK(all.find("log lines were lost: the system's log did not take them") != std::string::npos);
  CHECK(all.find("epmd: at last") != std::string::npos);
}

TEST_CASE("a log that comes later, or that is another one now, is written to") {
  const Folder folder;
  SystemLog log("epmd", LOG_USER | LOG_ERR, folder / "log");
  log.write("lost");
  {
    Listener first(folder / "log", SOCK_DGRAM);
    log.write("one");
    CHECK(first.read_all().find("1 log lines were lost") != std::string::npos);
  }
  Listener second(folder / "log", SOCK_DGRAM);
  log.write("two");
  CHECK(matches(second.read(), stamp + "two"));
}
