#include "http/server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "catch.h"
#include "event/turn.h"
#include "net/sockets.h"

using http::Server;
using namespace std::chrono_literals;

namespace {

const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

std::vector<net::ListeningSocket> listening() {
  return std::move(net::listen_on({{*net::Address::parse("127.0.0.1", 0), false}}).sockets);
}

/// A server whose every answer has a body of so many bytes.
struct Served {
  Served(Server::Limits limits, size_t body_bytes)
      : sockets(listening()),
        address(*net::Address::of_socket(sockets.front().descriptor.get())),
        http(loop, limits, std::move(sockets), [body_bytes](const http::Request&) {
          http::Response response;
          response.body = std::string(body_bytes, 'a');
          return response;
        }) {}

  event::Loop loop = {};
  std::vector<net::ListeningSocket> sockets;
  net::Address address;
  Server http;
};

/// Leaves this process one descriptor to be had.
class OneDescriptor {
 public:
  OneDescriptor() {
    const int lowest_free = dup(STDIN_FILENO);
    REQUIRE(lowest_free >= 0);
    close(lowest_free);
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(lowest_free) + 1;
    setrlimit(RLIMIT_NOFILE, &now);
  }
  OneDescriptor(const OneDescriptor&) = delete;
  OneDescriptor& operator=(const OneDescriptor&) = delete;
  ~OneDescriptor() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_ = {};
};

}  // namespace

TEST_CASE("answers that are not taken are bounded together: the slowest reader goes") {
  Server::Limits limits;
  limits.unsent_bytes_all_max = size_t{24} << 20;
  Served served(limits, size_t{16} << 20);
  FakePeer first;
  FakePeer second;
  for (FakePeer* const each : {&first, &second}) {
    each->receive_at_most(4096);
    each->connect(served.address);
  }
  first.send(request);
  turn_until(served.loop, [&] { return served.http.connections() == 2; });
  served.loop.run_ready();
  CHECK(served.http.counts().evicted == 0);
  second.send(request);
  turn_until(served.loop, [&] { return served.http.connections() == 1; });
  CHECK(served.http.counts().evicted == 1);
  const auto has_ended = [](FakePeer& peer) {
    peer.read();
    return peer.has_ended();
  };
  turn_until(served.loop, [&] { return has_ended(first); });
  CHECK_FALSE(has_ended(second));
}

TEST_CASE("an answer that takes longer to make than a request may take to come is given") {
  event::Loop loop;
  auto sockets = listening();
  const net::Address address = *net::Address::of_socket(sockets.front().descriptor.get());
  Server::Limits limits;
  limits.request_timeout = 300ms;
  const auto made = std::chrono::steady_clock::now() + 700ms;
  Server http(loop, limits, std::move(sockets), [&made](const http::Request& /*request*/) {
    http::Response response;
    response.is_later = std::chrono::steady_clock::now() < made;
    response.body = "made";
    return response;
  });
  FakePeer peer(address);
  peer.send(request);
  turn_until(loop, [&] {
    peer.read();
    return peer.received.ends_with("made") || peer.has_ended();
  });
  CHECK(peer.received.ends_with("made"));
}

TEST_CASE("an answer that is made in steps is asked for once a turn, and comes whole") {
  event::Loop loop;
  auto sockets = listening();
  const net::Address address = *net::Address::of_socket(sockets.front().descriptor.get());
  int asked = 0;
  Server http(loop, {}, std::move(sockets), [&asked](const http::Request& /*request*/) {
    http::Response response;
    response.is_later = ++asked % 5 != 0;
    response.body = "head ";
    response.shared = {std::make_shared<const std::string>("shared ")};
    response.tail = "tail";
    return response;
  });
  FakePeer peer(address);
  peer.send(request + request);
  int turns = 0;
  turn_until(loop, [&] {
    ++turns;
    peer.read();
    return asked == 10;
  });
  CHECK(turns >= 10);
  turn_until(loop, [&] {
    peer.read();
    return peer.received.ends_with("head shared tail") && peer.received.size() > 200;
  });
  CHECK(peer.received.find("Content-Length: 16\r\n") != std::string::npos);
  CHECK(asked == 10);
}

TEST_CASE("readers of one text hold it once") {
  Server::Limits limits;
  limits.unsent_bytes_all_max = size_t{24} << 20;
  event::Loop loop;
  auto sockets = listening();
  const net::Address address = *net::Address::of_socket(sockets.front().descriptor.get());
  const auto text = std::make_shared<const std::string>(size_t{16} << 20, 'a');
  Server http(loop, limits, std::move(sockets), [&text](const http::Request& /*request*/) {
    http::Response response;
    response.shared = {text};
    return response;
  });
  std::vector<FakePeer> peers(4);
  for (FakePeer& each : peers) {
    each.receive_at_most(4096);
    each.connect(address);
    each.send(request);
  }
  turn_until(loop, [&] { return http.counts().accepted == 4 && text.use_count() >= 5; });
  CHECK(http.counts().evicted == 0);
  CHECK(http.connections() == 4);
}

TEST_CASE("the last descriptor is for who comes, and nobody goes for nobody") {
  Served served({}, 1);
  FakePeer idle(served.address);
  turn_until(served.loop, [&] { return served.http.connections() == 1; });
  FakePeer newcomer;
  const OneDescriptor one;
  newcomer.connect(served.address);
  turn_until(served.loop, [&] { return served.http.counts().accepted == 2; });
  CHECK(served.http.connections() == 2);
  CHECK(served.http.counts().evicted == 0);
}

TEST_CASE("where there is no descriptor, whoever has not asked for longest makes room") {
  Served served({}, 1);
  FakePeer idle(served.address);
  turn_until(served.loop, [&] { return served.http.connections() == 1; });
  FakePeer second;
  FakePeer third;
  const OneDescriptor one;
  second.connect(served.address);
  third.connect(served.address);
  turn_until(served.loop, [&] { return served.http.counts().accepted == 3; });
  CHECK(served.http.connections() == 2);
  CHECK(served.http.counts().evicted == 1);
}
