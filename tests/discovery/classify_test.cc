#include "discovery/classify.h"

#include "catch.h"

using namespace std::chrono_literals;
using discovery::candidates;
using discovery::Classification;
using discovery::classify;
using discovery::Found;
using discovery::NonMember;
using discovery::Resolution;
using discovery::RoundCache;
using discovery::Sighting;
using Outcome = discovery::Identification::Outcome;
using Texts = std::vector<std::string>;

namespace {

const std::string ip = "10.0.0.2";

struct Fixture {
  Found found = {{{ip, 4369}, "app", 41000}, {"web", "db"}};
  RoundCache memory = {};

  void tell(const std::string& name, uint64_t flags = dist::flags::published) {
    memory.identities.learn(found.place, {Outcome::identified, {name, flags, 5, 77}}, 0s);
  }
  /// So often that it is believed.
  void refuse(Outcome outcome, const Texts& reverse_names) {
    for (int i = 0; i < 3; ++i) memory.identities.learn(found.place, {outcome, {}}, 0s);
    memory.reversed[ip] = {reverse_names, 0s};
  }
  void resolve(const std::string& host, const std::string& to) {
    memory.hosts.learn(host, {ip}, {Resolution::Outcome::answered, {{to, 0}}}, {}, 0s);
  }
  Texts candidate_names() const {
    Texts names;
    for (const auto& name : candidates(found, memory, 0s)) names.push_back(name.to_string());
    return names;
  }
  Classification judged() const { return classify(found, memory, 0s); }
  std::string non_member_name() const {
    const Classification judgement = judged();
    const auto* const non_member = std::get_if<NonMember>(&judgement);
    return non_member ? non_member->name : "(no non-member)";
  }
  std::string seen_name() const {
    const Classification judgement = judged();
    const auto* const seen = std::get_if<Sighting>(&judgement);
    return seen ? seen->name.to_string() : "(not seen)";
  }
  bool is_nobody() const { return std::holds_alternative<std::monostate>(judged()); }
};

}  // namespace

TEST_CASE("a node that told its name, and whose host part leads there, is seen with all we know") {
  Fixture it;
  it.tell("app@a", 0xd07df7fbd);
  it.resolve("a", ip);
  const Classification judgement = it.judged();
  const auto& seen = std::get<Sighting>(judgement);
  CHECK(seen.name.to_string() == "app@a");
  CHECK(seen.node == discovery::Endpoint{ip, 41000});
  CHECK(seen.epmd == discovery::Endpoint{ip, 4369});
  CHECK(seen.queries == Texts{"web", "db"});
  CHECK(seen.is_verified);
  CHECK(seen.creation == 77);
  CHECK(seen.flags == 0xd07df7fbd);
}

TEST_CASE("a place that nobody has asked yet is nobody") {
  const Fixture it;
  CHECK(it.is_nobody());
  CHECK(it.candidate_names().empty());
}

TEST_CASE("hidden nodes are nobody, and their host parts are not looked up") {
  Fixture it;
  it.tell("app@a", 0xd07df7fbc);
  it.resolve("a", ip);
  CHECK(it.is_nobody());
  CHECK(it.candidate_names().empty());
}

TEST_CASE("a name that is another than its EPMD lists, or none, is a non-member") {
  Fixture it;
  it.tell(GENERATE("other@a", "app", "app@", "app@a@a", "app@a b", "", "\xff@a"));
  it.resolve("a", ip);
  CHECK(it.non_member_name() == "app");
}

TEST_CASE("whose host part does not lead there is a non-member by its full name") {
  Fixture it;
  it.tell("app@a");
  CHECK(it.candidate_names() == Texts{"app@a"});
  CHECK(it.non_member_name() == "app@a");
  CHECK(std::get<NonMember>(it.judged()).is_uncertain);
  it.resolve("a", "10.0.0.3");
  CHECK(it.non_member_name() == "app@a");
  CHECK_FALSE(std::get<NonMember>(it.judged()).is_uncertain);
  CHECK(std::get<NonMember>(it.judged()).query == "web");
  CHECK(std::get<NonMember>(it.judged()).node == discovery::Endpoint{ip, 41000});
}

TEST_CASE("guesses are the reverse names, cut off at each of their dots, each once") {
  Fixture it;
  it.refuse(GENERATE(Outcome::speaks_tls, Outcome::not_allowed, Outcome::closed),
            {"a.b.net", "a", "c.net", "bad name", ""});
  CHECK(it.candidate_names() == Texts{"app@a", "app@a.b", "app@a.b.net", "app@c", "app@c.net"});
}

TEST_CASE("who may only be late is not guessed") {
  Fixture it;
  it.refuse(GENERATE(Outcome::silent, Outcome::refused, Outcome::nonsense), {"a.net"});
  it.resolve("a", ip);
  CHECK(it.candidate_names().empty());
  CHECK(it.non_member_name() == "app");
  CHECK_FALSE(std::get<NonMember>(it.judged()).is_uncertain);
}

TEST_CASE(
    "who was not asked, as we have no certificate, is not guessed, and nothing is sure of it") {
  Fixture it;
  it.refuse(Outcome::not_asked, {"a.net"});
  it.resolve("a", ip);
  CHECK(it.candidate_names().empty());
  CHECK(std::get<NonMember>(it.judged()).is_uncertain);
}

TEST_CASE("the first guess that leads there is taken, unverified") {
  Fixture it;
  it.refuse(Outcome::speaks_tls, {"a.b.net"});
  CHECK(std::get<NonMember>(it.judged()).is_uncertain);
  it.resolve("a", "10.0.0.3");
  CHECK(std::get<NonMember>(it.judged()).is_uncertain);
  it.resolve("a.b.net", ip);
  CHECK(it.seen_name() == "app@a.b.net");
  it.resolve("a.b", ip);
  CHECK(it.seen_name() == "app@a.b");
  CHECK_FALSE(std::get<Sighting>(it.judged()).is_verified);
  it.resolve("a.b", "10.0.0.3");
  it.resolve("a.b.net", "10.0.0.3");
  CHECK(it.non_member_name() == "app");
  CHECK_FALSE(std::get<NonMember>(it.judged()).is_uncertain);
}

TEST_CASE("the kind of the local nodes holds for names and for guesses") {
  Fixture it;
  it.memory.kind.add({"x", "long.example.com"});
  SECTION("told") {
    it.tell("app@a");
    it.resolve("a", ip);
    CHECK(it.non_member_name() == "app@a");
    it.memory.kind.add({"x", "short"});
    CHECK(it.seen_name() == "app@a");
  }
  SECTION("guessed") {
    it.refuse(Outcome::speaks_tls, {"a.net"});
    it.resolve("a", ip);
    it.resolve("a.net", ip);
    CHECK(it.seen_name() == "app@a.net");
    it.memory.kind.add({"x", "short"});
    CHECK(it.seen_name() == "app@a");
  }
}

TEST_CASE("a refusal that has to be asked anew is nobody until it is") {
  Fixture it;
  it.refuse(Outcome::speaks_tls, {"a.net"});
  it.resolve("a", ip);
  CHECK(std::holds_alternative<Sighting>(classify(it.found, it.memory, 59min)));
  CHECK(std::holds_alternative<std::monostate>(classify(it.found, it.memory, 1h)));
}

TEST_CASE("a host part of digits is no name, and why is told") {
  Fixture it;
  it.tell("app@104857600123");
  it.resolve("104857600123", ip);
  CHECK(std::get<NonMember>(it.judged()).why ==
        "its host part '104857600123' is a number to Erlang, which takes it for no address and "
        "never asks the DNS; start it under a host name with a letter (docker run --hostname)");
}

TEST_CASE("a node that is named by its IPv6 address goes with long names") {
  Fixture it;
  it.memory.kind.add({"a", "h.example.org"});
  it.found.place.epmd.ip = "fd00::2";
  it.tell("app@fd00::2");
  CHECK(it.seen_name() == "app@fd00::2");
}
