#include "doctor/diagnosis.h"

#include <cerrno>
#include <string>
#include <vector>

#include "doctor/findings.h"

using namespace doctor;
using Identified = discovery::Identification::Outcome;
using Mark = CheckResult::Mark;

namespace {

constexpr const char* place = "192.0.2.1:4369";

EpmdAnswer epmd_answer(EpmdAnswer::Outcome outcome, int error_number = 0) {
  return {outcome, connect_result_of(error_number), {}};
}

}  // namespace

TEST_CASE(
    "the system's number says whether nobody listens, nothing leads there, or all is silent") {
  CHECK(connect_result_of(0).outcome == ConnectResult::Outcome::made);
  CHECK(connect_result_of(ECONNREFUSED).outcome == ConnectResult::Outcome::refused);
  CHECK(connect_result_of(ETIMEDOUT).outcome == ConnectResult::Outcome::silent);
  CHECK(connect_result_of(EHOSTUNREACH).outcome == ConnectResult::Outcome::unreachable);
  CHECK(connect_result_of(EHOSTUNREACH).system == "No route to host");
}

TEST_CASE("each fault of an EPMD has its own remedy, here and there") {
  for (const Side side : {Side::local, Side::remote}) {
    const auto judge = [&](const EpmdAnswer& answer) {
      const CheckResult result = whole(judge_epmd(place, answer, side));
      CHECK(has(result.found, place));
      return result.remedy;
    };
    using Outcome = EpmdAnswer::Outcome;
    CHECK(has(judge(epmd_answer(Outcome::not_reached, ECONNREFUSED)), "start one"));
    CHECK(has(judge(epmd_answer(Outcome::not_reached, ENETUNREACH)), "into one network"));
    CHECK(judge(epmd_answer(Outcome::not_reached, ETIMEDOUT)) ==
          judge(epmd_answer(Outcome::silent)));
    CHECK(has(judge(epmd_answer(Outcome::closed)), "--allow"));
    CHECK(has(judge(epmd_answer(Outcome::nonsense)), "--port"));
    CHECK(judge(epmd_answer(Outcome::listed)).empty());
  }
}

TEST_CASE("a name that is not listed is told together with those that are") {
  const auto found = [](const std::vector<epmd::ListedName>& names) {
    const CheckResult result = whole(judge_listing(place, "web", names));
    return result.found;
  };
  CHECK(found({{"web", 5}}) == "'web' is at port 5");
  CHECK(has(found({}), "nobody is"));
  CHECK(has(found({{"db", 5}, {"cache\n", 6}}), "there are db, cache\\x0a"));
  CHECK(has(found({{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}, {"g", 1}}),
            "a, b, c, d, e and 2 more"));
}

TEST_CASE("each way in which a port takes no connection has its own remedy") {
  const auto remedy = [](int error_number) {
    const CheckResult result = whole(judge_port(place, connect_result_of(error_number)));
    CHECK(has(result.found, place));
    return result.remedy;
  };
  CHECK(remedy(0).empty());
  CHECK(has(remedy(ECONNREFUSED), "listen on that address"));
  CHECK(has(remedy(EHOSTUNREACH), "into one network"));
  CHECK(has(remedy(ETIMEDOUT), "inet_dist_listen_min"));
}

TEST_CASE("what answers is a node, something else, or a node of which nothing more is seen") {
  const auto judge = [](Identified outcome) {
    const CheckResult result =
        whole(judge_handshake(place, discovery::Identification{outcome, {}, {}}));
    return result;
  };
  CHECK(judge(Identified::identified).mark == Mark::ok);
  CHECK(judge(Identified::speaks_tls).mark == Mark::ok);
  for (const Identified outcome : {Identified::busy, Identified::not_allowed, Identified::closed})
    CHECK(judge(outcome).mark == Mark::unknown);
  CHECK(has(judge(Identified::silent).remedy, "docker unpause"));
  CHECK(has(judge(Identified::nonsense).remedy, "who listens there"));
  CHECK(judge(Identified::refused).has_failed());
}

TEST_CASE("a node is known by its whole name, or by its alive name") {
  const auto judge = [](const std::string& asked, const std::string& told) {
    const CheckResult result = whole(judge_true_name(asked, told));
    return result;
  };
  CHECK(judge("web", "web@a").found == "it calls itself web@a");
  CHECK(judge("web@a", "web@a").mark == Mark::ok);
  CHECK(has(judge("web", "webs@a").found, "another node is at that port"));
  CHECK(has(judge("web@a", "db@a").found, "another node is at that port"));
  CHECK(judge("web@a", "web@b").found == "it calls itself web@b, not web@a");
  CHECK(has(judge("web@a", "web@b").remedy, "connect to web@b, or start the node as web@a"));
  CHECK(has(judge("web@a", "web@\n").found, "web@\\x0a"));
}

TEST_CASE("a visit is judged by the first thing that is wrong with it") {
  NodeProbe node_probe = {place, connect_result_of(ECONNREFUSED), {}};
  CHECK(has(whole(judge_visit("web", node_probe)).found, "nobody listens"));
  node_probe.connected = {};
  CHECK(has(whole(judge_visit("web", node_probe)).found, "says nothing"));
  node_probe.identification.outcome = Identified::not_allowed;
  CHECK(judge_visit("web", node_probe).mark == Mark::unknown);
  node_probe.identification = {Identified::identified, {.node_name = "db@a"}};
  CHECK(has(whole(judge_visit("web", node_probe)).found, "another node"));
  CHECK(whole(judge_visit("db", node_probe)).found == "db@a shakes hands at 192.0.2.1:4369");
}
