#include "catch.h"
#include "tls/session.h"
#include "tls/world.h"

namespace tls {
namespace {

using world::Issued;
using world::Server;
using State = Session::State;
using Kind = Failure::Kind;

/// An authority, a node that it has signed, and a client that knows it.
struct World {
  Issued authority = world::issue("authority", "", nullptr);
  Issued node = world::issue("node", "DNS:web,IP:10.0.0.7", &authority);
  Issued own = world::issue("own", "DNS:here", &authority);
  world::Folder folder = {};

  Settings settings() const {
    Settings settings;
    settings.authorities_file = folder.write("authority.pem", authority.certificate.get());
    return settings;
  }
  Settings settings_with_own() const {
    Settings with_own = settings();
    with_own.certificate_file = folder.write("own.pem", own.certificate.get());
    with_own.key_file = folder.write("own.key", own.key.get());
    return with_own;
  }
};

Session session(const Settings& settings, const std::string& name = "web") {
  auto context = Context::create(settings);
  REQUIRE(context);
  return Session(*context, name);
}

TEST_CASE("both sides hear what the other says, in whatever pieces it comes") {
  const World world;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
    for (const size_t step : {size_t{1}, size_t{7}, size_t{1} << 16}) {
      Session client = session(world.settings());
      Server server(world.node, {version});
      client.send("hello");
      CHECK(client.state() == State::shaking_hands);
      talk(client, server, step);
      CHECK(client.state() == State::open);
      CHECK(server.heard() == "hello");
      CHECK(client.version() == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
      const std::string answer = server.say("welcome");
      for (const char c : answer) client.receive({&c, 1});
      CHECK(client.take_received() == "welcome");
      CHECK(client.take_received().empty());
    }
}

TEST_CASE("what is long is sent whole") {
  const World world;
  Session client = session(world.settings());
  Server server(world.node, {});
  const std::string text(size_t{1} << 20, 'x');
  client.send(text);
  talk(client, server);
  CHECK(server.heard() == text);
}

TEST_CASE("the end of either side is heard") {
  const World world;
  Session client = session(world.settings());
  Server server(world.node, {});
  talk(client, server);
  client.close();
  server.answer(client.take_outgoing());
  CHECK(server.has_heard_end());
  Session other = session(world.settings());
  Server ending(world.node, {});
  talk(other, ending);
  std::string last = ending.say("bye");
  last += ending.say_end();
  CHECK(other.receive(last) == State::closed);
  CHECK(other.take_received() == "bye");
}

TEST_CASE("a certificate that is not to be trusted ends it, and the other side hears no alert") {
  const World world;
  const Issued stranger = world::issue("authority", "", nullptr);
  const Issued of_stranger = world::issue("node", "DNS:web", &stranger);
  const Issued too_old = world::issue("node", "DNS:web", &world.authority, -world::day);
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const bool wants_certificate = GENERATE(false, true);
  INFO(version << (wants_certificate ? ", wants a certificate" : ""));
  const auto why = [&](const Issued& node) {
    Session client = session(world.settings());
    Server server(node, {version, wants_certificate ? &world.authority : nullptr});
    client.send("a secret");
    talk(client, server);
    CHECK(client.state() == State::failed);
    CHECK(client.failure().kind == Kind::untrusted);
    CHECK_FALSE(server.has_failed());
    CHECK(server.heard().empty());
    return client.failure().text;
  };
  CHECK(why(too_old) == "certificate has expired");
  CHECK_FALSE(why(of_stranger).empty());
  CHECK_FALSE(why(stranger).empty());
}

TEST_CASE("who verifies nothing talks with everybody") {
  const World world;
  const Issued stranger = world::issue("stranger", "DNS:elsewhere", nullptr);
  Settings settings;
  settings.verifies = false;
  Session client = session(settings);
  Server server(stranger, {});
  client.send("hello");
  talk(client, server);
  CHECK(server.heard() == "hello");
  CHECK(client.is_for("web"));
}

TEST_CASE("a certificate is for the hosts that it names in full") {
  const World world;
  const Issued wild = world::issue("wild", "DNS:*.example", &world.authority);
  const auto is_for = [&](const Issued& node, const std::string& host, bool checks_host = true) {
    Settings settings = world.settings();
    settings.checks_host = checks_host;
    Session client = session(settings);
    Server server(node, {});
    talk(client, server);
    REQUIRE(client.state() == State::open);
    return client.is_for(host);
  };
  CHECK(is_for(world.node, "web"));
  CHECK(is_for(world.node, "WEB"));
  CHECK(is_for(world.node, "10.0.0.7"));
  CHECK_FALSE(is_for(world.node, "10.0.0.8"));
  CHECK_FALSE(is_for(world.node, "web2"));
  CHECK_FALSE(is_for(world.node, ""));
  CHECK_FALSE(is_for(wild, "web.example"));
  CHECK(is_for(wild, "web.example", false));
}

TEST_CASE("the server is asked for its name, if it is one that a DNS knows") {
  const World world;
  const auto asked = [&](const std::string& name) {
    Session client = session(world.settings(), name);
    Server server(world.node, {});
    talk(client, server);
    return server.name();
  };
  CHECK(asked("web") == "web");
  CHECK(asked("10.0.0.7").empty());
  CHECK(asked("fd00::7").empty());
  CHECK(asked("").empty());
}

TEST_CASE("a server that wants a certificate gets ours, or says that it wanted one") {
  const World world;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Session client = session(world.settings_with_own());
    Server server(world.node, {version, &world.authority});
    client.send("hello");
    talk(client, server);
    CHECK(server.heard() == "hello");
    CHECK(server.has_certificate());
    CHECK(client.wants_certificate());
    Session without = session(world.settings());
    Server refusing(world.node, {version, &world.authority});
    talk(without, refusing);
    CHECK(without.state() == State::failed);
    CHECK(without.failure().kind == Kind::alert);
    CHECK(without.wants_certificate());
    CHECK_FALSE(without.failure().text.starts_with("tlsv"));
  }
}

TEST_CASE("what does not speak TLS is told from what does") {
  const World world;
  for (const std::string said : {"HTTP/1.1 400 Bad Request\r\n\r\n", "\0\3sok\0\0\0\0\0\0\0\0"}) {
    Session client = session(world.settings());
    CHECK(client.receive(said + std::string(64, 'x')) == State::failed);
    CHECK(client.failure().kind == Kind::no_tls);
  }
}

TEST_CASE("a certificate says who it is for, and nothing that a terminal would obey") {
  const World world;
  const Issued odd =
      world::issue("no\x1b[2Jde", "DNS:a.b,IP:10.0.0.7,IP:fd00::7,email:x@y", &world.authority);
  const auto ssl = openssl();
  REQUIRE(ssl);
  const Certificate read = read_certificate(**ssl, odd.certificate.get());
  CHECK(read.subject == "/CN=no\\x1B[2Jde");
  CHECK(read.issuer == "/CN=authority");
  CHECK(read.hosts == std::vector<std::string>{"a.b", "10.0.0.7", "fd00::7"});
  CHECK(read.ends - read.begins == 3 * world::day);
  CHECK(read_certificate(**ssl, world.authority.certificate.get()).hosts.empty());
}

}  // namespace
}  // namespace tls
