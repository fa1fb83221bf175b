#include <algorithm>
#include <list>
#include <optional>

#include "base/wire.h"
#include "catch.h"
#include "event/turn.h"
#include "net/sockets.h"
#include "probe/dist_connection.h"
#include "probe/fake_service.h"
#include "probe/prober.h"
#include "tls/world.h"

using discovery::Identification;
using tls::world::Issued;
using Identity = Identification::Outcome;

namespace {

std::string framed(const std::string& message) {
  std::string out;
  base::put_u32(out, static_cast<uint32_t>(message.size()));
  return out + message;
}

/// The status and the challenge of a node.
std::string who_it_is(const std::string& name) {
  std::string challenge = "N";
  base::put_u64(challenge, 0xd07df7fbd);
  base::put_u32(challenge, 1234);
  base::put_u32(challenge, 7);
  base::put_u16(challenge, static_cast<unsigned>(name.size()));
  return framed("sok") + framed(challenge + name);
}

/// Listens on the loop of the test, and says who it is through TLS.
class TlsNode {
 public:
  struct Ways {
    /// After so many bytes it says nothing any more, or closes.
    size_t most = SIZE_MAX;
    bool closes = false;
  };

  TlsNode(event::Loop& loop, const Issued& own, const Issued& authority, const Ways& ways)
      : loop_(loop), own_(own), authority_(authority), ways_(ways), listener_(*this) {}

  discovery::Endpoint endpoint() const {
    return {listener_.socket.address.host(), listener_.socket.address.port()};
  }
  size_t accepted() const { return clients_.size(); }
  size_t said() const { return clients_.empty() ? 0 : clients_.front().said; }
  bool has_heard_end() const { return clients_.front().server.has_heard_end(); }

 private:
  struct Client final : event::Poll::Waiter {
    Client(TlsNode& owner, event::Descriptor taken)
        : node(owner),
          socket(std::move(taken)),
          server(owner.own_, {TLS1_3_VERSION, &owner.authority_}),
          poll(std::make_unique<event::Poll>(owner.loop_, socket.get(), *this)) {
      poll->wait(event::Poll::For::reading);
    }
    void on_ready() override {
      std::array<char, 4096> buffer = {};
      const ssize_t count = recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count <= 0) return poll.reset();
      std::string answer = server.answer({buffer.data(), static_cast<size_t>(count)});
      if (!server.heard().empty() && !std::exchange(has_told, true))
        answer += server.say(who_it_is("node@web"));
      say(answer);
    }
    void say(const std::string& bytes) {
      const size_t count = std::min(bytes.size(), node.ways_.most - said);
      said += count;
      ::send(socket.get(), bytes.data(), count, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (node.ways_.closes && said == node.ways_.most) {
        poll.reset();
        socket = event::Descriptor();
      }
    }
    TlsNode& node;
    event::Descriptor socket;
    tls::world::Server server;
    bool has_told = false;
    size_t said = 0;
    std::unique_ptr<event::Poll> poll;
  };
  struct Listener final : event::Poll::Waiter {
    explicit Listener(TlsNode& owner)
        : node(owner), poll(owner.loop_, socket.descriptor.get(), *this) {
      poll.wait(event::Poll::For::reading);
    }
    void on_ready() override {
      event::Descriptor client(accept4(socket.descriptor.get(), nullptr, nullptr, SOCK_NONBLOCK));
      if (client.is_open()) node.clients_.emplace_back(node, std::move(client));
    }
    TlsNode& node;
    net::ListeningSocket socket = listen_on_loopback();
    event::Poll poll;
  };

  event::Loop& loop_;
  const Issued& own_;
  const Issued& authority_;
  Ways ways_;
  std::list<Client> clients_ = {};
  Listener listener_;
};

struct World {
  Issued authority = tls::world::issue("authority", "", nullptr);
  Issued own = tls::world::issue("own", "DNS:here", &authority);
  Issued of_web = tls::world::issue("node", "DNS:web", &authority);
  Issued of_db = tls::world::issue("node", "DNS:db", &authority);
  tls::world::Folder folder = {};
  tls::Client client{settings()};
  event::Loop loop;
  probe::Prober prober{loop, "epmd_probe7@epmd", &client};

  tls::Settings settings() const {
    return {folder.write("own.pem", own.certificate.get()), folder.write("own.key", own.key.get()),
            "", folder.write("authority.pem", authority.certificate.get())};
  }
  /// What the node is taken for by whoever asks it.
  Identification identify(const TlsNode& node) {
    std::optional<Identification> told;
    const auto pending =
        prober.identify(node.endpoint(), [&](Identification given) { told = std::move(given); });
    CHECK_FALSE(told);
    turn_until(loop, [&] { return told.has_value(); });
    return *told;
  }
};

}  // namespace

TEST_CASE("a node that speaks TLS is identified, and hears the end of it") {
  World world;
  TlsNode node(world.loop, world.of_web, world.authority, {});
  const Identification told = world.identify(node);
  CHECK(told.outcome == Identity::identified);
  CHECK(told.challenge.node_name == "node@web");
  CHECK(told.challenge.creation == 7);
  CHECK(told.why.empty());
  turn_until(world.loop, [&] { return node.has_heard_end(); });
}

TEST_CASE("a node whose certificate is for another host is not believed") {
  World world;
  TlsNode node(world.loop, world.of_db, world.authority, {});
  const Identification told = world.identify(node);
  CHECK(told.outcome == Identity::tls_failed);
  CHECK(told.why == "its certificate is for 'db', and not for 'web'");
}

TEST_CASE("a node whose certificate nobody has signed is not believed") {
  World world;
  const Issued self_made = tls::world::issue("node", "DNS:web", nullptr);
  TlsNode node(world.loop, self_made, world.authority, {});
  const Identification told = world.identify(node);
  CHECK(told.outcome == Identity::tls_failed);
  CHECK(told.why.starts_with("its certificate is not to be trusted: "));
}

TEST_CASE(
    "one that stalls anywhere in the handshake is given up in time, and so are many at once") {
  World world;
  TlsNode whole(world.loop, world.of_web, world.authority, {});
  REQUIRE(world.identify(whole).outcome == Identity::identified);
  std::list<TlsNode> nodes;
  std::vector<Identity> outcomes;
  std::vector<discovery::Pending> pending;
  const auto begun = world.loop.now();
  for (size_t most = 0; most < whole.said(); most += 1 + whole.said() / 40) {
    nodes.emplace_back(world.loop, world.of_web, world.authority, TlsNode::Ways{most});
    pending.push_back(world.prober.identify(
        nodes.back().endpoint(), [&](const auto& told) { outcomes.push_back(told.outcome); }));
  }
  turn_until(world.loop, [&] { return outcomes.size() == nodes.size(); });
  CHECK(std::all_of(outcomes.begin(), outcomes.end(),
                    [](Identity outcome) { return outcome == Identity::silent; }));
  CHECK(world.loop.now() - begun < 2 * probe::Prober::tls_timeout);
}

TEST_CASE("one that closes in the middle of the handshake has closed without a word") {
  World world;
  for (const size_t most : {size_t{1}, size_t{100}, size_t{700}}) {
    TlsNode node(world.loop, world.of_web, world.authority, {most, true});
    CHECK(world.identify(node).outcome == Identity::closed);
  }
}

TEST_CASE("nobody is asked as long as there is no certificate to ask with") {
  World world;
  std::filesystem::remove(world.folder.path("own.pem"));
  TlsNode node(world.loop, world.of_web, world.authority, {});
  const Identification told = world.identify(node);
  CHECK(told.outcome == Identity::not_asked);
  CHECK(told.why.starts_with("cannot use the certificate of TLS in "));
  CHECK(node.accepted() == 0);
}

TEST_CASE("no cookie is proved to a node whose certificate is for another host") {
  World world;
  TlsNode node(world.loop, world.of_db, world.authority, {});
  using probe::DistConnection;
  const auto address = net::Address::parse(node.endpoint().ip, node.endpoint().port_no);
  std::optional<DistConnection::End> end;
  DistConnection connection(world.loop, {*address, "node@web", 7, {}}, dist::Cookie("secret"),
                            {[] { FAIL("connected"); }, [](uint32_t, const std::string&) {},
                             [&](DistConnection::End how) { end = how; }},
                            &world.client);
  turn_until(world.loop, [&] { return end.has_value(); });
  CHECK(*end == DistConnection::End::tls_failed);
  CHECK(connection.why() == "its certificate is for 'db', and not for 'web'");
}
