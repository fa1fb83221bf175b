#include "net/address.h"

#include <arpa/inet.h>

#include <cstring>

#include "catch.h"
#include "net/sockets.h"

using net::Address;
using net::is_local_peer;
using net::ListenAddress;
using net::Network;
using net::plan_listening;

namespace {

Address at(std::string_view host, uint16_t port = 0) {
  const auto address = Address::parse(host, port);
  REQUIRE(address);
  return *address;
}

/// "127.0.0.1? ::1?" with a question mark behind what nobody asked for.
std::string planned(std::string_view list) {
  const auto plan = plan_listening(list, 4369);
  if (!plan) return plan.error().message;
  std::string text;
  for (const ListenAddress& each : *plan) {
    CHECK(each.address.port() == 4369);
    text += (text.empty() ? "" : " ") + each.address.host() + (each.is_implicit ? "?" : "");
  }
  return text;
}

}  // namespace

TEST_CASE("addresses are read and shown") {
  const auto [text, shown] = GENERATE(table<std::string, std::string>({
      {"192.0.2.1", "192.0.2.1:4369"},
      {"0.0.0.0", "0.0.0.0:4369"},
      {"2001:DB8::1", "[2001:db8::1]:4369"},
      {"::", "[::]:4369"},
      {"::ffff:192.0.2.1", "[::ffff:192.0.2.1]:4369"},
  }));
  CHECK(at(text, 4369).to_string() == shown);
  CHECK(at(text, 4369).port() == 4369);
}

TEST_CASE("what inet_pton does not read is no address") {
  const std::string text = GENERATE("", "localhost", "127.1", "1.2.3.4.5", "1.2.3.256", "[::1]",
                                    "::1%lo", " 127.0.0.1", "127.0.0.1 ", ":::");
  CHECK_FALSE(Address::parse(text, 1));
}

TEST_CASE("a text with a NUL in it is read up to there only if that is an address") {
  CHECK_FALSE(Address::parse(std::string_view("127.0.0\0.1", 10), 1));
}

TEST_CASE("ports can be changed, in both families") {
  for (const char* const host : {"127.0.0.1", "::1"}) {
    Address address = at(host, 1);
    address.set_port(65535);
    CHECK(address.port() == 65535);
    CHECK(address.host() == host);
  }
}

TEST_CASE("an address without a family is shown as a question") {
  CHECK(Address().host() == "?");
  CHECK(Address().host_bytes().empty());
}

TEST_CASE("the same host is the same family and address, whatever the port") {
  CHECK(at("127.0.0.1", 1).same_host(at("127.0.0.1", 2)));
  CHECK_FALSE(at("127.0.0.1").same_host(at("127.0.0.2")));
  CHECK_FALSE(at("127.0.0.1").same_host(at("::ffff:127.0.0.1")));
  CHECK(at("::1", 1).same_host(at("0:0:0:0:0:0:0:1", 2)));
}

TEST_CASE("IPv6 scopes do not make another host") {
  sockaddr_storage storage = {};
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(storage);
  ipv6.sin6_family = AF_INET6;
  inet_pton(AF_INET6, "fe80::1", &ipv6.sin6_addr);
  ipv6.sin6_scope_id = 1;
  const Address first = Address::from(storage);
  ipv6.sin6_scope_id = 2;
  CHECK(first.same_host(Address::from(storage)));
}

TEST_CASE("wildcards are told from other addresses") {
  CHECK(at("0.0.0.0").is_wildcard());
  CHECK(at("::").is_wildcard());
  CHECK_FALSE(at("0.0.0.1").is_wildcard());
  CHECK_FALSE(at("::1").is_wildcard());
  CHECK_FALSE(at("128.0.0.0").is_wildcard());
}

TEST_CASE("a socket tells its own address") {
  const net::ListeningSocket listening = listen_on_loopback();
  const auto own = Address::of_socket(listening.descriptor.get());
  REQUIRE(own);
  CHECK(own->host() == "127.0.0.1");
  CHECK(own->port() != 0);
  CHECK_FALSE(Address::of_socket(-1));
}

// Who is local

TEST_CASE("peers in 127.0.0.0/8, and ::1, are local wherever they connect to") {
  CHECK(is_local_peer(at("127.0.0.1"), -1));
  CHECK(is_local_peer(at("127.8.9.10"), -1));
  CHECK(is_local_peer(at("127.255.255.255"), -1));
  CHECK(is_local_peer(at("::1"), -1));
}

TEST_CASE("other peers are not local if the socket has another address, or none any more") {
  const Pair pair;
  for (const char* const host : {"126.255.255.255", "128.0.0.0", "10.0.0.1", "::2", "fe80::1",
                                 "::ffff:127.8.9.10", "::ffff:127.0.0.1", "::127.0.0.1"}) {
    INFO(host);
    CHECK_FALSE(is_local_peer(at(host), -1));
    CHECK_FALSE(is_local_peer(at(host), pair.near.get()));
  }
}

TEST_CASE("a peer with the very address that it connected to is local") {
  // A dual-stack socket shows IPv4 peers as mapped addresses, which are no loopback.
  const event::Descriptor dual(socket(AF_INET6, SOCK_STREAM, 0));
  const int off = 0;
  REQUIRE(setsockopt(dual.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0);
  const Address wildcard = at("::");
  REQUIRE(bind(dual.get(), wildcard.get(), wildcard.size()) == 0);
  REQUIRE(listen(dual.get(), 8) == 0);
  FakePeer peer(at("127.0.0.1", Address::of_socket(dual.get())->port()));
  const event::Descriptor accepted(accept(dual.get(), nullptr, nullptr));
  CHECK(is_local_peer(at("::ffff:127.0.0.1"), accepted.get()));
  CHECK_FALSE(is_local_peer(at("::ffff:127.8.9.10"), accepted.get()));
}

// Networks

TEST_CASE("a network contains the addresses with its prefix") {
  const auto [network, inside, outside] = GENERATE(table<std::string, std::string, std::string>({
      {"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
      {"172.16.0.0/12", "172.31.255.255", "172.32.0.0"},
      {"192.0.2.128/25", "192.0.2.255", "192.0.2.127"},
      {"192.0.2.1", "192.0.2.1", "192.0.2.2"},
      {"192.0.2.1/32", "192.0.2.1", "192.0.2.0"},
      {"192.0.2.1/31", "192.0.2.0", "192.0.2.2"},
      {"10.1.2.3/8", "10.9.9.9", "9.9.9.9"},  // bits beyond the prefix do not count
      {"fd00::/8", "fdff::1", "fe00::"},
      {"2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"},
      {"::1", "::1", "::2"},
      {"10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.0.0.0"},  // of a dual-stack socket
      {"0.0.0.0/0", "255.255.255.255", "::1"},
      {"::/0", "ffff::", "127.0.0.1"},
      {"::ffff:10.0.0.0/104", "::ffff:10.1.2.3", "::ffff:11.0.0.0"},
  }));
  INFO(network);
  const auto parsed = Network::parse(network);
  REQUIRE(parsed);
  CHECK(parsed->contains(at(inside)));
  CHECK_FALSE(parsed->contains(at(outside)));
}

TEST_CASE("what is no network is refused with a line that says what one looks like") {
  const std::string text =
      GENERATE("", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129",
               "10.0.0.0/8/8", "10.0.0/8", "host/8", "10.0.0.0 /8", "10.0.0.0/+8");
  const auto parsed = Network::parse(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message.find("'" + text + "'") == 0);
  CHECK(parsed.error().message.find("10.0.0.0/8") != std::string::npos);
}

// What to listen on

TEST_CASE("without a list both wildcards are listened on") {
  CHECK(planned("") == "0.0.0.0 ::");
  CHECK(planned(" , ,,") == "0.0.0.0 ::");
}

TEST_CASE("loopback is listened on first, though nobody asked") {
  CHECK(planned("192.0.2.1") == "127.0.0.1? ::1? 192.0.2.1");
  CHECK(planned("192.0.2.1,2001:db8::1 192.0.2.2") ==
        "127.0.0.1? ::1? 192.0.2.1 2001:db8::1 192.0.2.2");
  CHECK(planned("127.0.0.2") == "127.0.0.1? ::1? 127.0.0.2");
}

TEST_CASE("loopback that is listed is asked for") {
  CHECK(planned("127.0.0.1") == "127.0.0.1 ::1?");
  CHECK(planned("::1") == "127.0.0.1? ::1");
  CHECK(planned("127.0.0.1,::1") == "127.0.0.1 ::1");
}

TEST_CASE("a wildcard covers all other addresses of its family") {
  CHECK(planned("0.0.0.0") == "::1? 0.0.0.0");
  CHECK(planned("::") == "127.0.0.1? ::");
  CHECK(planned("192.0.2.1,0.0.0.0") == "::1? 0.0.0.0");
  CHECK(planned("127.0.0.1,::,2001:db8::1,0.0.0.0") == ":: 0.0.0.0");
}

TEST_CASE("an address that is listed twice is listened on once") {
  CHECK(planned("192.0.2.1,192.0.2.1") == "127.0.0.1? ::1? 192.0.2.1");
  CHECK(planned("::1,0:0:0:0:0:0:0:1") == "127.0.0.1? ::1");
}

TEST_CASE("what is not a numeric address is refused by name") {
  CHECK(planned("localhost") == "cannot parse IP address \"localhost\"");
  CHECK(planned("192.0.2.1\t192.0.2.2") == "cannot parse IP address \"192.0.2.1\t192.0.2.2\"");
  CHECK(planned("127.1") == "cannot parse IP address \"127.1\"");
}

TEST_CASE("thirteen addresses besides loopback are the most") {
  std::string list;
  for (int i = 1; i <= 13; ++i) list += "192.0.2." + std::to_string(i) + ",";
  CHECK(planned(list + "127.0.0.1,::1").starts_with("127.0.0.1 ::1 192.0.2.1 "));
  CHECK(planned(list + "127.0.0.1,::1").ends_with(" 192.0.2.13"));
  CHECK(planned(list + "192.0.2.14") == "cannot listen on more than 16 IP addresses");
}

TEST_CASE("an address is looked for in each of several networks") {
  const std::vector<Network> networks = {*Network::parse("10.1.0.0/16"),
                                         *Network::parse("fd00::/8")};
  for (const char* const inside : {"10.1.2.3", "fd00::1", "::ffff:10.1.2.3"})
    CHECK(net::is_in_any(networks, inside));
  for (const char* const outside : {"10.2.0.1", "fe80::1", "192.0.2.1", "web", ""})
    CHECK_FALSE(net::is_in_any(networks, outside));
  CHECK_FALSE(net::is_in_any({}, "10.1.2.3"));
}
