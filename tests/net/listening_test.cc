#include "net/listening.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "catch.h"
#include "environment.h"
#include "net/sockets.h"

using namespace std::string_literals;
using net::Address;
using net::listen_on;
using net::ListenAddress;
using net::Listening;
using Step = net::ListenFault::Step;

namespace {

Address at(std::string_view host, uint16_t port = 0) { return *Address::parse(host, port); }

int option_of(const net::ListeningSocket& socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(socket.descriptor.get(), level, name, &value, &size);
  return value;
}

/// Of a child that does this, with listening sockets as its descriptors 3 and 4.
template <typename Act>
int status_of_child_with_sockets(Act act) {
  const net::ListeningSocket one = listen_on_loopback();
  const net::ListeningSocket two = listen_on_loopback();
  const pid_t child = fork();
  if (child == 0) {
    const int first = dup(one.descriptor.get());
    const int second = dup(two.descriptor.get());
    dup2(first, 3);
    dup2(second, 4);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "2", 1);
    _exit(act(one.address, two.address));
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// How many sockets there are with a variable set so, or why there are none.
std::string inherited_with(const std::string& name, const std::string& value) {
  Environment environment;
  environment.set(name, value);
  auto sockets = net::inherited_sockets();
  if (!sockets) return sockets.error().message;
  const std::string count = std::to_string(sockets->size());
  for (net::ListeningSocket& socket : *sockets) socket.descriptor.release();
  return count;
}

}  // namespace

TEST_CASE("sockets that share port 0 share the port that the first gets") {
  const Listening listening = listen_on({{at("127.0.0.1"), false}, {at("127.0.0.2"), false}});
  REQUIRE(listening.sockets.size() == 2);
  CHECK_FALSE(listening.fault);
  CHECK(listening.sockets[0].address.port() != 0);
  CHECK(listening.sockets[1].address.port() == listening.sockets[0].address.port());
  CHECK(listening.sockets[1].address.host() == "127.0.0.2");
}

TEST_CASE("a socket that listens accepts, does not block, and is not inherited") {
  const Listening listening = listen_on({{at("127.0.0.1"), false}});
  REQUIRE(listening.sockets.size() == 1);
  const net::ListeningSocket& socket = listening.sockets.front();
  CHECK(option_of(socket, SOL_SOCKET, SO_ACCEPTCONN) == 1);
  CHECK(option_of(socket, SOL_SOCKET, SO_REUSEADDR) == 1);
  CHECK((fcntl(socket.descriptor.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((fcntl(socket.descriptor.get(), F_GETFD) & FD_CLOEXEC) != 0);
  const FakePeer peer(socket.address);
}

TEST_CASE("an IPv6 socket leaves IPv4 to others") {
  const Listening listening = listen_on({{at("::1"), true}, {at("127.0.0.1"), false}});
  REQUIRE_FALSE(listening.fault);
  if (listening.sockets.size() == 1) {
    WARN("NOT TESTED: this host has no IPv6 loopback");
    REQUIRE(std::getenv("CI") == nullptr);
    return;
  }
  CHECK(option_of(listening.sockets[0], IPPROTO_IPV6, IPV6_V6ONLY) == 1);
  CHECK(listening.sockets[0].address.port() == listening.sockets[1].address.port());
}

TEST_CASE("an address in use is a fault, whoever asked for it, and leaves no sockets") {
  const bool is_implicit = GENERATE(false, true);
  const net::ListeningSocket holder = listen_on_loopback();
  const uint16_t port = holder.address.port();
  const Listening listening =
      listen_on({{at("127.0.0.2", port), false}, {at("127.0.0.1", port), is_implicit}});
  REQUIRE(listening.fault);
  CHECK(listening.fault->is_in_use());
  CHECK(listening.fault->address.to_string() == holder.address.to_string());
  CHECK(listening.sockets.empty());
  CHECK(listening.skipped.empty());
}

TEST_CASE("an address that is not this host's is a fault if it was asked for") {
  const Listening listening =
      listen_on({{at("127.0.0.1"), false}, {at("192.0.2.1"), false}});  // TEST-NET-1: nobody's
  REQUIRE(listening.fault);
  CHECK(listening.fault->step == Step::bind);
  CHECK(listening.fault->error_number == EADDRNOTAVAIL);
  CHECK_FALSE(listening.fault->is_in_use());
  CHECK(listening.sockets.empty());
}

TEST_CASE("an address that nobody asked for is skipped if it is not this host's") {
  const Listening listening = listen_on({{at("192.0.2.1"), true}, {at("127.0.0.1"), false}});
  CHECK_FALSE(listening.fault);
  REQUIRE(listening.sockets.size() == 1);
  CHECK(listening.sockets.front().address.host() == "127.0.0.1");
  REQUIRE(listening.skipped.size() == 1);
  CHECK(listening.skipped.front().address.host() == "192.0.2.1");
}

TEST_CASE("an empty plan listens on nothing") {
  const Listening listening = listen_on({});
  CHECK(listening.sockets.empty());
  CHECK_FALSE(listening.fault);
}

TEST_CASE("a port that was left can be listened on again at once") {
  uint16_t port = 0;
  {
    const net::ListeningSocket first = listen_on_loopback();
    port = first.address.port();
    FakePeer peer(first.address);
    const event::Descriptor accepted(accept(first.descriptor.get(), nullptr, nullptr));
  }
  CHECK(listen_on({{at("127.0.0.1", port), false}}).sockets.size() == 1);
}

TEST_CASE("sockets that systemd hands over are taken as they are") {
  const int status = status_of_child_with_sockets([](const Address& one, const Address& two) {
    const auto sockets = net::inherited_sockets();
    if (!sockets || sockets->size() != 2) return 1;
    const net::ListeningSocket& third = sockets->front();
    const net::ListeningSocket& fourth = sockets->back();
    if (third.descriptor.get() != 3 || fourth.descriptor.get() != 4) return 2;
    if (third.address.port() != one.port() || fourth.address.port() != two.port()) return 3;
    return (fcntl(3, F_GETFD) & FD_CLOEXEC) != 0 ? 0 : 4;
  });
  CHECK(status == 0);
}

TEST_CASE("sockets that are meant for another process are not taken") {
  const int status = status_of_child_with_sockets([](const Address&, const Address&) {
    const std::string parent = std::to_string(getppid());
    if (inherited_with("LISTEN_PID", parent) != "0") return 1;
    return inherited_with("LISTEN_PID", std::to_string(getpid())) == "2" ? 0 : 2;
  });
  CHECK(status == 0);
}

TEST_CASE("what systemd would never say of its sockets is an error that names the variable") {
  const int status = status_of_child_with_sockets([](const Address&, const Address&) {
    const std::string own_and_more = std::to_string(getpid()) + " ";
    for (const auto& value : {""s, own_and_more, "-1"s, "0"s})
      if (inherited_with("LISTEN_PID", value).find("LISTEN_PID") == std::string::npos) return 1;
    for (const auto& value : {""s, "0"s, "-1"s, "two"s, "99999999999"s})
      if (inherited_with("LISTEN_FDS", value).find("LISTEN_FDS") == std::string::npos) return 2;
    if (inherited_with("LISTEN_FDS", "2") != "2") return 3;
    // More than there are; those that there are go with the error, so this comes last.
    return inherited_with("LISTEN_FDS", "2000").find("LISTEN_FDS") == std::string::npos ? 4 : 0;
  });
  CHECK(status == 0);
}

TEST_CASE("without systemd nothing is inherited") {
  Environment environment;
  environment.remove("LISTEN_PID");
  CHECK(inherited_with("LISTEN_FDS", "2") == "0");
}

TEST_CASE("a socket that was handed over and listens there is taken") {
  const net::ListeningSocket there = listen_on_loopback();
  const int number = dup(there.descriptor.get());
  std::vector<net::ListeningSocket> handed = net::listening_among({number});
  REQUIRE(handed.size() == 1);
  CHECK(handed.front().address.port() == there.address.port());
  const Listening listening = listen_on({{at("127.0.0.1", there.address.port())}}, handed);
  REQUIRE(listening.sockets.size() == 1);
  CHECK(listening.sockets.front().descriptor.get() == number);
  CHECK(handed.empty());
}

TEST_CASE("what was handed over and listens elsewhere is left") {
  std::vector<net::ListeningSocket> handed;
  handed.push_back(listen_on_loopback());
  const uint16_t port = handed.front().address.port();
  for (const Address& address : {at("127.0.0.2", port), at("::1", port)}) {
    const Listening listening = listen_on({{address, true}}, handed);
    for (const net::ListeningSocket& socket : listening.sockets)
      CHECK(socket.descriptor.get() != handed.front().descriptor.get());
    CHECK(handed.size() == 1);
  }
}

TEST_CASE("only what listens on TCP is found among descriptors") {
  const net::ListeningSocket there = listen_on_loopback();
  const event::Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const event::Descriptor local(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr unnamed = {AF_UNIX, {}};
  REQUIRE(bind(local.get(), &unnamed, sizeof unnamed.sa_family) == 0);
  REQUIRE(listen(local.get(), 1) == 0);
  CHECK(net::listening_among({client.get(), local.get(), 9999}).empty());
}
