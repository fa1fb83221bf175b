#include "epmd/session.h"

#include <memory>
#include <vector>

#include "base/wire.h"
#include "catch.h"
#include "epmd/alive_name.h"
#include "fake_daemon.h"
#include "requests.h"
#include "seeds.h"

using namespace std::string_literals;
using namespace std::string_view_literals;
using epmd::EventKind;
using epmd::Verdict;

namespace {

const Answer silence = {Verdict::close, ""};
const Answer nothing_yet = {Verdict::read_on, ""};
const Answer refused = {Verdict::keep_while_alive, "v\x01\0\0\0\x63"s};

std::string with_length(const std::string& body) {
  std::string request;
  base::put_u16(request, static_cast<unsigned>(body.size()));
  return request + body;
}

/// What a peer that says nothing else gets for a request.
Answer ask(FakeDaemon& daemon, const std::string& request,
           epmd::Peer peer = FakeConnection::local) {
  return FakeConnection(daemon, peer).receive(request);
}

/// An ALIVE2_REQ whose lengths say what they are told to.
std::string alive2_body(unsigned name_size, const std::string& name, unsigned extra_size,
                        const std::string& rest) {
  std::string body = "x\x12\x34M\0\0\x06\0\x05"s;
  base::put_u16(body, name_size);
  body += name;
  base::put_u16(body, extra_size);
  return body + rest;
}

}  // namespace

TEST_CASE("a NAMES_REQ from elsewhere may tell that there are news there") {
  FakeDaemon daemon;
  const epmd::Peer elsewhere = {.is_local = false};
  for (const char* const body : {"n", "n-", "n+x"})
    CHECK(ask(daemon, with_length(body), elsewhere).reply == "\0\0\x11\x11"s);
  CHECK(ask(daemon, with_length("n+")).reply == "\0\0\x11\x11"s);
  CHECK(ask(daemon, with_length("n+"), {.is_local = false, .may_query = false}) == silence);
  CHECK(daemon.event_sink.count(EventKind::news_told) == 0);
  CHECK(ask(daemon, with_length("n+"), elsewhere).reply == "\0\0\x11\x11"s);
  CHECK(daemon.event_sink.count(EventKind::news_told) == 1);
}

TEST_CASE("connections are told to whom names are, if there is anything to tell") {
  FakeDaemon daemon;
  const std::string request = with_length("M");
  CHECK(ask(daemon, request) == silence);
  CHECK(daemon.event_sink.last(EventKind::opcode_unknown).number == 'M');
  daemon.service.mesh = [] { return "{}"s; };
  CHECK(ask(daemon, request).reply == "{}");
  CHECK(ask(daemon, request, {.is_local = false}).reply == "{}");
  CHECK(ask(daemon, request, {.is_local = false, .may_query = false}) == silence);
  CHECK(daemon.event_sink.count(EventKind::peer_not_allowed) == 1);
  daemon.service.mesh = [] { return std::string(epmd::Listing::bytes_max_default + 1, 'x'); };
  CHECK(ask(daemon, request) == silence);
  CHECK(daemon.event_sink.count(EventKind::listing_no_memory) == 1);
}

// Framing

TEST_CASE("a request of no bytes is closed as soon as its length is there") {
  FakeDaemon daemon;
  CHECK(ask(daemon, "\0\0"s) == silence);
  CHECK(daemon.event_sink.last(EventKind::packet_size_invalid).number == 0);
}

TEST_CASE("a request may have 3057 bytes, and one more closes as soon as the length is there") {
  FakeDaemon daemon;
  daemon.service.relaxed_command_check = true;
  CHECK(ask(daemon, "\x0b\xf2"s) == silence);  // 3058
  CHECK(daemon.event_sink.last(EventKind::packet_size_invalid).number == 3058);
  CHECK(ask(daemon, "\xff\xff"s) == silence);
  CHECK(ask(daemon, with_length("n" + characters(3056))).reply == "\0\0\x11\x11"s);
  CHECK(ask(daemon, with_length("s" + characters(3056))).reply == "NOEXISTSTOPPED");
  CHECK(daemon.event_sink.count(EventKind::packet_size_invalid) == 2);
}

TEST_CASE("the body is waited for, however long its pieces take") {
  FakeDaemon daemon;
  FakeConnection connection(daemon);
  CHECK(connection.session.bytes_wanted() == 3059);
  CHECK(connection.receive("\0"s) == nothing_yet);
  CHECK(connection.session.bytes_wanted() == 3058);
  CHECK(connection.receive("\x04"s) == nothing_yet);
  CHECK(connection.session.bytes_wanted() == 4);
  CHECK(connection.receive("zab"s) == nothing_yet);
  CHECK(connection.session.bytes_wanted() == 1);
  CHECK(connection.receive("c"s) == Answer{Verdict::close, "w\x01"s});
}

TEST_CASE("bytes beyond the request in the read that completes its length close it unheard") {
  FakeDaemon daemon;
  daemon.service.relaxed_command_check = true;
  CHECK(ask(daemon, names_req() + "\0"s) == silence);
  CHECK(daemon.event_sink.last(EventKind::packet_overrun).number == 2);
  CHECK(daemon.event_sink.last(EventKind::packet_overrun).number2 == 1);
  CHECK(ask(daemon, names_req() + names_req()) == silence);
  CHECK(ask(daemon, kill_req() + "?") == silence);
  CHECK(ask(daemon, alive2_req("web") + "?") == silence);
  CHECK(daemon.registry.alive().empty());
  CHECK(daemon.registry.history().empty());
}

TEST_CASE("a byte, and then the rest with bytes beyond it, closes unheard too") {
  FakeDaemon daemon;
  FakeConnection connection(daemon);
  CHECK(connection.receive("\0"s) == nothing_yet);
  CHECK(connection.receive("\x01n?"s) == silence);
}

TEST_CASE("bytes beyond the request that come once its length is known are left unread") {
  FakeDaemon daemon;
  FakeConnection connection(daemon);
  CHECK(connection.receive("\0\x01"s) == nothing_yet);
  CHECK(connection.receive("n and more") == Answer{Verdict::close, "\0\0\x11\x11"s});
}

TEST_CASE("a request with an opcode that no request has is closed unheard") {
  FakeDaemon daemon;
  for (int byte = 0; byte < 256; ++byte) {
    const char opcode = static_cast<char>(byte);
    if ("xzndks"sv.find(opcode) != std::string_view::npos) continue;
    INFO("opcode " << byte);
    REQUIRE(ask(daemon, "\0\x01"s + opcode) == silence);
    REQUIRE(daemon.event_sink.last(EventKind::opcode_unknown).number == byte);
  }
}

TEST_CASE("a peer that ends before its request is whole is told of with what it had sent") {
  FakeDaemon daemon;
  FakeConnection connection(daemon);
  connection.receive("\0\x05zab"s);
  connection.session.peer_ended(0);
  CHECK(daemon.event_sink.last(EventKind::partial_packet).number == 5);
  FakeConnection broken(daemon);
  broken.session.peer_ended(ECONNRESET);
  CHECK(daemon.event_sink.last(EventKind::read_failed).number == ECONNRESET);
  CHECK(daemon.event_sink.count(EventKind::partial_packet) == 1);
}

// Who is local

TEST_CASE("only local peers may register, dump, kill and stop, also with relaxed checks") {
  const bool is_relaxed = GENERATE(false, true);
  FakeDaemon daemon;
  daemon.service.relaxed_command_check = is_relaxed;
  FakeConnection owner(daemon);
  owner.receive(alive2_req("web"));
  const auto [request, kind] = GENERATE(table<std::string, EventKind>({
      {alive2_req("other"), EventKind::alive2_from_remote},
      {dump_req(), EventKind::dump_from_remote},
      {kill_req(), EventKind::kill_from_remote},
      {stop_req("web"), EventKind::stop_from_remote},
  }));
  CHECK(ask(daemon, request, FakeConnection::remote) == silence);
  CHECK(daemon.event_sink.count(kind) == 1);
  CHECK(daemon.event_sink.last(kind).descriptor == 8);
  CHECK(daemon.registry.alive().size() == 1);
  CHECK_FALSE(owner.was_told);
}

TEST_CASE("remote peers may look up and list") {
  FakeDaemon daemon;
  FakeConnection owner(daemon);
  owner.receive(alive2_req("web"));
  CHECK(ask(daemon, port_please2_req("web"), FakeConnection::remote).reply.starts_with("w\0"s));
  CHECK(ask(daemon, names_req(), FakeConnection::remote).reply ==
        "\0\0\x11\x11name web at port 4711\n"s);
}

TEST_CASE("remote peers that may not ask are closed unheard") {
  FakeDaemon daemon;
  FakeConnection owner(daemon);
  owner.receive(alive2_req("web"));
  const epmd::Peer outsider = {false, false, 5};
  CHECK(ask(daemon, port_please2_req("web"), outsider) == silence);
  CHECK(ask(daemon, names_req(), outsider) == silence);
  CHECK(daemon.event_sink.count(EventKind::peer_not_allowed) == 2);
}

// ALIVE2_REQ

TEST_CASE("a registration is answered with its creation, and is kept") {
  FakeDaemon daemon;
  FakeConnection connection(daemon);
  CHECK(connection.receive(alive2_req("web", 5)) ==
        Answer{Verdict::keep_while_alive, "v\0\0\0\x03\xe8"s});
  CHECK(connection.session.is_kept());
  REQUIRE(daemon.registry.find("web"));
  CHECK(daemon.registry.find("web")->node == node_named("web", 5));
  CHECK(daemon.registry.find("web")->descriptor == 7);
}

TEST_CASE("a name dies with its session") {
  FakeDaemon daemon;
  {
    FakeConnection connection(daemon);
    connection.receive(alive2_req("web"));
    CHECK(daemon.registry.find("web"));
  }
  CHECK_FALSE(daemon.registry.find("web"));
}

TEST_CASE("creations of one name count on, in the form that each request's version wants") {
  FakeDaemon daemon;
  const auto visit = [&](uint16_t highest_version) {
    epmd::Node node = node_named("web");
    node.highest_version = highest_version;
    return ask(daemon, epmd::encode_alive2_req(node)).reply;
  };
  CHECK(visit(6) == "v\0\0\0\x03\xe8"s);  // 1000
  CHECK(visit(6) == "v\0\0\0\x03\xe9"s);
  CHECK(visit(5) == "y\0\0\x01"s);  // 1002 % 3 + 1
  CHECK(visit(5) == "y\0\0\x02"s);
  CHECK(visit(5) == "y\0\0\x03"s);
  CHECK(visit(7) == "v\0\0\0\x03\xed"s);
}

TEST_CASE("an ill-formed ALIVE2_REQ is closed unheard") {
  const auto [body, kind] = GENERATE(table<std::string, EventKind>({
      {"x"s, EventKind::alive2_too_short},
      {alive2_body(0, "", 0, ""), EventKind::alive2_too_short},
      {alive2_body(2, "n", 0, ""), EventKind::alive2_name_size},
      {alive2_body(1, "n", 1, ""), EventKind::alive2_extra_size},
      {alive2_body(3, "n\0n"s, 0, ""), EventKind::alive2_name_has_nul},
  }));
  FakeDaemon daemon;
  FakeConnection connection(daemon);
  CHECK(connection.receive(with_length(body)) == silence);
  CHECK_FALSE(connection.session.is_kept());
  CHECK(daemon.event_sink.count(kind) == 1);
  CHECK(daemon.registry.alive().empty());
}

TEST_CASE("a remote peer's ALIVE2_REQ is closed unheard before anything else is looked at") {
  FakeDaemon daemon;
  CHECK(ask(daemon, with_length("x"), FakeConnection::remote) == silence);
  CHECK(daemon.event_sink.count(EventKind::alive2_from_remote) == 1);
  CHECK_FALSE(daemon.event_sink.has(EventKind::alive2_too_short));
}

TEST_CASE("an empty name registers if a byte follows") {
  FakeDaemon daemon;
  CHECK(ask(daemon, with_length(alive2_body(0, "", 0, "?"))).reply.starts_with("v\0"s));
  CHECK(ask(daemon, with_length(alive2_body(0, "", 1, "e"))).reply.starts_with("v\0"s));
}

TEST_CASE("what may not be registered is refused, and the connection kept") {
  epmd::Node fat = node_named("fat");
  fat.extra = characters(1021);
  const auto [request, kind] = GENERATE_COPY(table<std::string, EventKind>({
      {alive2_req(characters(1021)), EventKind::alive2_name_too_long},
      {alive2_req(characters(256)), EventKind::alive2_name_too_long},
      {alive2_req(characters(256, "\xc3\xb6")), EventKind::alive2_name_too_long},
      {alive2_req("\xff"), EventKind::alive2_name_encoding},
      {epmd::encode_alive2_req(fat), EventKind::alive2_extra_too_long},
      {alive2_req("web", 9), EventKind::alive2_name_taken},
  }));
  FakeDaemon daemon;
  FakeConnection owner(daemon);
  owner.receive(alive2_req("web"));
  FakeConnection connection(daemon);
  CHECK(connection.receive(request) == refused);
  CHECK(daemon.event_sink.count(kind) == 1);
  CHECK(connection.session.is_kept());
  CHECK_FALSE(connection.session.registration());
  CHECK(daemon.registry.alive().size() == 1);
  CHECK(daemon.registry.find("web")->node.port_no == 4711);
}

TEST_CASE("a refusal has the form of the request's version") {
  FakeDaemon daemon;
  epmd::Node node = node_named("\xff");
  node.highest_version = 5;
  CHECK(ask(daemon, epmd::encode_alive2_req(node)) ==
        Answer{Verdict::keep_while_alive, "y\x01\0\x63"s});
}

TEST_CASE("the longest names and extra register: 255 characters, 1020 bytes of each") {
  FakeDaemon daemon;
  epmd::Node node = node_named(characters(255, "\xf0\x9f\x90\x98"));
  node.extra = characters(1020, "\xff");
  FakeConnection connection(daemon);
  CHECK(connection.receive(epmd::encode_alive2_req(node)).reply.starts_with("v\0"s));
  CHECK(daemon.registry.find(node.alive_name)->node == node);
}

TEST_CASE("a refused registration is not the owner's end, nor is the end of the refused") {
  FakeDaemon daemon;
  FakeConnection owner(daemon);
  owner.receive(alive2_req("web", 1));
  {
    FakeConnection duplicate(daemon);
    CHECK(duplicate.receive(alive2_req("web", 2)) == refused);
    duplicate.session.peer_ended(ECONNRESET);
  }
  REQUIRE(daemon.registry.find("web"));
  CHECK(daemon.registry.find("web")->node.port_no == 1);
  CHECK(owner.session.registration());
  CHECK(daemon.event_sink.last(EventKind::kept_connection_failed).number == ECONNRESET);
}

TEST_CASE("any byte on a kept connection ends it without an answer") {
  FakeDaemon daemon;
  auto connection = std::make_unique<FakeConnection>(daemon);
  connection->receive(alive2_req("web"));
  CHECK(connection->receive(names_req()) == silence);
  CHECK(daemon.event_sink.last(EventKind::data_after_registration).number == 3);
  connection.reset();
  CHECK(daemon.registry.alive().empty());
  FakeConnection other(daemon);
  other.receive(alive2_req("\xff"));
  CHECK(other.receive("?") == silence);
}

TEST_CASE("the end of a kept connection is nothing to tell of, its failure is") {
  FakeDaemon daemon;
  FakeConnection connection(daemon);
  connection.receive(alive2_req("web"));
  const size_t before = daemon.event_sink.events.size();
  connection.session.peer_ended(0);
  CHECK(daemon.event_sink.events.size() == before);
  connection.session.peer_ended(ETIMEDOUT);
  CHECK(daemon.event_sink.last(EventKind::kept_connection_failed).number == ETIMEDOUT);
}

TEST_CASE("a registration whose owner has ended is taken over") {
  FakeDaemon daemon;
  FakeConnection before(daemon);
  before.receive(alive2_req("web", 1));
  before.ended = true;
  FakeConnection after(daemon);
  CHECK(after.receive(alive2_req("web", 2)).reply == "v\0\0\0\x03\xe9"s);
  CHECK(before.was_told);
  CHECK(daemon.registry.find("web")->node.port_no == 2);
}

TEST_CASE("what is registered is recorded once, with what was answered") {
  FakeDaemon daemon;
  FakeConnection connection(daemon);
  connection.receive(alive2_req("web"));
  FakeConnection duplicate(daemon);
  duplicate.receive(alive2_req("web"));
  CHECK(daemon.event_sink.count(EventKind::alive2_req) == 2);
  CHECK(daemon.event_sink.count(EventKind::registered) == 1);
  CHECK(daemon.event_sink.count(EventKind::alive2_resp) == 2);
  CHECK(daemon.event_sink.last(EventKind::alive2_name_taken).text == "web");
  CHECK(daemon.event_sink.last(EventKind::alive2_resp).text == "web");
}

// History

TEST_CASE("a name is remembered while 1000 others come and go, and no longer") {
  FakeDaemon daemon;
  daemon.event_sink.is_listening = false;
  CHECK(ask(daemon, alive2_req("web")).reply == "v\0\0\0\x03\xe8"s);
  for (int i = 0; i < 1000; ++i) ask(daemon, alive2_req("n" + std::to_string(i)));
  CHECK(ask(daemon, alive2_req("web")).reply == "v\0\0\0\x03\xe9"s);
  for (int i = 0; i < 1001; ++i) ask(daemon, alive2_req("m" + std::to_string(i)));
  CHECK(ask(daemon, alive2_req("web")).reply != "v\0\0\0\x03\xea"s);
  CHECK(daemon.registry.history().size() == 1001);
}

TEST_CASE("with a short history a forgotten name is fresh, and inherits no creation") {
  FakeDaemon daemon(5);
  for (int i = 0; i < 7; ++i) ask(daemon, alive2_req("n" + std::to_string(i)));
  CHECK(daemon.registry.history().size() == 6);
  // The seventh took n0's place; its creation is its own, as is n0's new one.
  CHECK(daemon.registry.history().back().creation == 1600);
  CHECK(ask(daemon, alive2_req("n0")).reply == "v\0\0\0\x06\xa4"s);  // 1700
}

// Queries

TEST_CASE("a look-up gives back what was registered") {
  FakeDaemon daemon;
  epmd::Node node = node_named("web", 41031);
  node.protocol = 3;
  node.extra = "e\0"s;
  FakeConnection connection(daemon);
  connection.receive(epmd::encode_alive2_req(node));
  CHECK(ask(daemon, port_please2_req("web")) ==
        Answer{Verdict::close, epmd::encode_port2_resp(node)});
  CHECK(ask(daemon, port_please2_req("web\0"s)).reply == epmd::encode_port2_resp(node));
  CHECK(ask(daemon, port_please2_req("we")) == Answer{Verdict::close, "w\x01"s});
}

TEST_CASE("a name of 254 characters is found, of 255 cannot be asked for, of 256 cannot be") {
  FakeDaemon daemon;
  const std::string character = GENERATE("n", "\xc3\xb6", "\xf0\x9f\x90\x98");
  FakeConnection with_254(daemon);
  FakeConnection with_255(daemon);
  FakeConnection with_256(daemon);
  CHECK(with_254.receive(alive2_req(characters(254, character))).reply.starts_with("v\0"s));
  CHECK(with_255.receive(alive2_req(characters(255, character))).reply.starts_with("v\0"s));
  CHECK(with_256.receive(alive2_req(characters(256, character))) == refused);
  CHECK(ask(daemon, port_please2_req(characters(254, character))).reply.starts_with("w\0"s));
  CHECK(
      ask(daemon, port_please2_req(characters(254, character) + "\0"s)).reply.starts_with("w\0"s));
  CHECK(ask(daemon, port_please2_req(characters(255, character))) == silence);
}

TEST_CASE("a look-up without a possible name is closed unheard") {
  FakeDaemon daemon;
  const std::string name = GENERATE(""s, "\0"s, "n\0n"s, "n\0\0"s, "\xff"s);
  CHECK(ask(daemon, port_please2_req(name)) == silence);
}

TEST_CASE("the list of names is closed after, and what follows the opcode ignored") {
  FakeDaemon daemon;
  FakeConnection a(daemon);
  FakeConnection b(daemon);
  a.receive(alive2_req("a", 1));
  b.receive(alive2_req("b", 2));
  const Answer expected = {Verdict::close, "\0\0\x11\x11name b at port 2\nname a at port 1\n"s};
  CHECK(ask(daemon, names_req()) == expected);
  CHECK(ask(daemon, with_length("nonsense")) == expected);
}

TEST_CASE("a dump shows live and old names with their descriptors") {
  FakeDaemon daemon;
  FakeConnection a(daemon);
  a.receive(alive2_req("a", 1));
  ask(daemon, alive2_req("b", 2), {true, true, 12});
  const Answer expected = {Verdict::close,
                           "\0\0\x11\x11"
                           "active name     <a> at port 1, fd = 7\n\0"
                           "old/unused name <b>, port = 2, fd = 12 \n\0"s};
  CHECK(ask(daemon, dump_req()) == expected);
  CHECK(ask(daemon, with_length("dump")) == expected);
}

TEST_CASE("KILL ends a daemon without names") {
  FakeDaemon daemon;
  CHECK(ask(daemon, kill_req()) == Answer{Verdict::shut_down, "OK"});
  CHECK(ask(daemon, with_length("kill")) == Answer{Verdict::shut_down, "OK"});
  CHECK(daemon.event_sink.count(EventKind::killed) == 2);
}

TEST_CASE("KILL is refused while a name is registered, unless checks are relaxed") {
  FakeDaemon daemon;
  FakeConnection web(daemon);
  web.receive(alive2_req("web"));
  CHECK(ask(daemon, kill_req()) == Answer{Verdict::close, "NO"});
  CHECK(daemon.event_sink.count(EventKind::kill_refused) == 1);
  CHECK_FALSE(daemon.event_sink.has(EventKind::killed));
  daemon.service.relaxed_command_check = true;
  CHECK(ask(daemon, kill_req()) == Answer{Verdict::shut_down, "OK"});
}

TEST_CASE("KILL after the last name has gone ends the daemon") {
  FakeDaemon daemon;
  ask(daemon, alive2_req("web"));
  CHECK(ask(daemon, kill_req()).verdict == Verdict::shut_down);
}

TEST_CASE("STOP is closed unheard unless checks are relaxed") {
  FakeDaemon daemon;
  FakeConnection web(daemon);
  web.receive(alive2_req("web"));
  CHECK(ask(daemon, stop_req("web")) == silence);
  CHECK(daemon.registry.find("web"));
  CHECK(daemon.event_sink.count(EventKind::stop_refused) == 1);
}

TEST_CASE("STOP unregisters a name and tells its owner") {
  FakeDaemon daemon;
  daemon.service.relaxed_command_check = true;
  FakeConnection web(daemon);
  web.receive(alive2_req("web"));
  CHECK(ask(daemon, stop_req("web\0ignored"s)) == Answer{Verdict::close, "STOPPED"});
  CHECK(web.was_told);
  CHECK_FALSE(daemon.registry.find("web"));
  CHECK(daemon.registry.history().size() == 1);
  CHECK(daemon.event_sink.count(EventKind::stopped) == 1);
  CHECK(ask(daemon, stop_req("web")) == Answer{Verdict::close, "NOEXISTSTOPPED"});
  CHECK(daemon.event_sink.last(EventKind::stop_unknown).text == "web");
}

TEST_CASE("STOP takes any name, the empty one if a NUL says so, but not none") {
  FakeDaemon daemon;
  daemon.service.relaxed_command_check = true;
  CHECK(ask(daemon, stop_req("\xff")).reply == "NOEXISTSTOPPED");
  CHECK(ask(daemon, stop_req(characters(1000))).reply == "NOEXISTSTOPPED");
  CHECK(ask(daemon, stop_req("")) == silence);
  CHECK(daemon.event_sink.count(EventKind::stop_too_short) == 1);
  FakeConnection nobody(daemon);
  nobody.receive(with_length(alive2_body(0, "", 0, "?")));
  CHECK(ask(daemon, stop_req("\0"s)).reply == "STOPPED");
}

// Cuts

namespace {

/// A daemon with two names, as each of the comparisons below finds it.
struct Populated {
  Populated() {
    daemon.service.relaxed_command_check = true;
    a.receive(alive2_req("a"));
    b.receive(alive2_req("b"));
  }

  /// Everything that can be told about it from outside.
  std::string state() { return *daemon.listing.dump_resp(); }

  FakeDaemon daemon{};
  FakeConnection a{daemon};
  FakeConnection b{daemon};
};

struct Outcome {
  Answer answer = {};
  std::string state = {};
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const std::string& bytes, const std::vector<size_t>& cuts) {
  Populated it;
  FakeConnection connection(it.daemon);
  const Answer answer = connection.receive_cut(bytes, cuts);
  return {answer, it.state()};
}

const std::vector<std::string>& whole_requests() {
  static const std::vector<std::string> requests = {
      alive2_req("new"),
      alive2_req("a"),
      alive2_req("\xff"),
      alive2_req(characters(255, "\xc3\xb6")),
      with_length("x"),
      with_length(alive2_body(9, "n", 0, "")),
      with_length(alive2_body(1, "n", 0, "and more")),
      port_please2_req("a"),
      port_please2_req("nobody"),
      port_please2_req("a\0"s),
      port_please2_req("\xff"),
      names_req(),
      with_length("nonsense"),
      dump_req(),
      kill_req(),
      stop_req("a"),
      stop_req("nobody"),
      stop_req(""),
      with_length("?"),
      "\0\0"s,
      "\xff\xff"s,
      "\0\x09"
      "cut"s,
  };
  return requests;
}

}  // namespace

TEST_CASE("what comes of a request does not depend on where it was cut in two") {
  for (const std::string& request : whole_requests()) {
    INFO(epmd::escape_name(request));
    const Outcome whole = outcome_of(request, {});
    for (size_t cut = 1; cut < request.size(); ++cut) {
      INFO("cut at " << cut);
      REQUIRE(outcome_of(request, {cut}) == whole);
    }
  }
}

TEST_CASE("what comes of a request is the same when it arrives byte by byte") {
  for (const std::string& request : whole_requests()) {
    INFO(epmd::escape_name(request));
    std::vector<size_t> cuts;
    for (size_t cut = 1; cut < request.size(); ++cut) cuts.push_back(cut);
    CHECK(outcome_of(request, cuts) == outcome_of(request, {}));
  }
}

TEST_CASE("bytes beyond a request matter only in the read that completes its length") {
  const std::string request = GENERATE(alive2_req("new"), names_req(), port_please2_req("a"),
                                       kill_req(), stop_req("a"), with_length("?"));
  const Outcome alone = outcome_of(request, {});
  const Outcome unheard = outcome_of("", {});
  const std::string bytes = request + "and more";
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    INFO("cut at " << cut);
    const bool completes_length = cut < 2;
    const bool overruns = cut > request.size() || completes_length;
    const Outcome outcome = outcome_of(bytes, {cut});
    CHECK(outcome == (overruns ? Outcome{silence, unheard.state} : alone));
  }
}

TEST_CASE("random bytes with random cuts come to what they come to whole") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    Random random(seed);
    for (int i = 0; i < 400; ++i) {
      std::string request = whole_requests()[random.below(whole_requests().size())];
      if (request.size() > 3) request[2 + random.below(request.size() - 2)] ^= 1;
      std::vector<size_t> cuts;
      for (size_t cut = random.below(9); cut < request.size(); cut += 1 + random.below(9))
        cuts.push_back(cut);
      INFO(epmd::escape_name(request));
      REQUIRE(outcome_of(request, cuts) == outcome_of(request, {}));
    }
  }
}
