#include "net/blocking_client.h"

#include <sys/socket.h>

#include <string>
#include <thread>

#include "catch.h"
#include "net/sockets.h"

using namespace std::chrono_literals;
using net::Address;
using net::BlockingClient;

namespace {

BlockingClient::Deadline in(std::chrono::milliseconds delay) {
  return std::chrono::steady_clock::now() + delay;
}

/// A client and the server's end of its connection, in the hands of a test.
struct Connected {
  explicit Connected(std::chrono::milliseconds timeout = 20s)
      : client(*BlockingClient::connect(listening.address, in(timeout))),
        accepted(accept(listening.descriptor.get(), nullptr, nullptr)) {
    REQUIRE(accepted.is_open());
  }
  void reply(const std::string& bytes) const {
    REQUIRE(send(accepted.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }

  net::ListeningSocket listening = listen_on_loopback();
  BlockingClient client;
  event::Descriptor accepted;
};

}  // namespace

TEST_CASE("a client sends its request and receives what comes, to the end") {
  Connected it;
  REQUIRE(it.client.send("request"));
  std::string request(7, '\0');
  CHECK(recv(it.accepted.get(), request.data(), request.size(), MSG_WAITALL) == 7);
  CHECK(request == "request");
  it.reply("one");
  CHECK(*it.client.receive() == "one");
  it.reply("two");
  it.accepted = event::Descriptor();
  CHECK(*it.client.receive() == "two");
  CHECK(it.client.receive()->empty());
  CHECK(it.client.receive()->empty());
}

TEST_CASE("a client receives no more than it asks for") {
  Connected it;
  it.reply("STOPPED and more");
  CHECK(*it.client.receive_at_most(7) == "STOPPED");
}

TEST_CASE("a client receives what there is when the other side closes early") {
  Connected it;
  it.reply("STOP");
  it.accepted = event::Descriptor();
  CHECK(*it.client.receive_at_most(7) == "STOP");
}

TEST_CASE("a client puts an answer together that comes in pieces") {
  Connected it;
  std::thread server([&] {
    for (const char* const piece : {"ST", "OP", "PED"}) it.reply(piece);
  });
  const auto answer = it.client.receive_at_most(7);
  server.join();
  REQUIRE(answer);
  CHECK(*answer == "STOPPED");
}

TEST_CASE("a client whose server says nothing gives up at its deadline") {
  Connected it(50ms);
  const auto begun = std::chrono::steady_clock::now();
  const auto answer = it.client.receive();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message ==
        "cannot read from " + it.client.address().to_string() + ": Connection timed out");
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
}

TEST_CASE("a client whose server says a little now and then gives up at its deadline") {
  Connected it(100ms);
  const auto begun = std::chrono::steady_clock::now();
  std::string received;
  while (received.size() < 1'000'000) {
    it.reply(".");
    const auto some = it.client.receive();
    if (!some) break;
    received += *some;
    if (std::chrono::steady_clock::now() - begun < 90ms) continue;
    CHECK_FALSE(it.client.receive());  // nothing more comes
    break;
  }
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
}

TEST_CASE("a client whose server reads nothing gives up at its deadline") {
  Connected it(50ms);
  const auto sent = it.client.send(std::string(50'000'000, 'x'));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().message ==
        "cannot write to " + it.client.address().to_string() + ": Connection timed out");
}

TEST_CASE("a client whose server breaks off says so") {
  Connected it;
  const linger at_once = {1, 0};
  setsockopt(it.accepted.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  it.accepted = event::Descriptor();
  const auto answer = it.client.receive();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message.ends_with("Connection reset by peer"));
  CHECK_FALSE(it.client.send("x"));
}

TEST_CASE("a client that finds nobody says where it looked") {
  const uint16_t port = listen_on_loopback().address.port();  // nobody listens there any more
  const Address address = *Address::parse("127.0.0.1", port);
  const auto client = BlockingClient::connect(address, in(20s));
  REQUIRE_FALSE(client);
  CHECK(client.error().message ==
        "cannot connect to " + address.to_string() + ": Connection refused");
}

TEST_CASE("numeric hosts are resolved to themselves, with the port") {
  for (const char* const host : {"127.0.0.1", "::1"}) {
    const auto addresses = net::resolve(host, 4369);
    REQUIRE(addresses);
    REQUIRE(addresses->size() == 1);
    CHECK(addresses->front().host() == host);
    CHECK(addresses->front().port() == 4369);
  }
}

TEST_CASE("a host that cannot exist is not resolved, and the error names it") {
  const std::string host(300, 'x');
  const auto addresses = net::resolve(host, 4369);
  REQUIRE_FALSE(addresses);
  CHECK(addresses.error().message.starts_with("cannot resolve '" + host + "': "));
}
