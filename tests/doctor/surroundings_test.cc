#include "doctor/surroundings.h"

#include <string>

#include "doctor/findings.h"

using namespace doctor;
using Mark = CheckResult::Mark;
using Outcome = discovery::Resolution::Outcome;

namespace {

const Ips own = {"127.0.0.1", "::1", "192.0.2.1"};

HostAnswer answer(const Ips& ips) { return {ips, "192.0.2.53", false, {}}; }
HostAnswer no_answer() { return {{}, "192.0.2.53", true, "192.0.2.53: no answer"}; }

}  // namespace

TEST_CASE("who holds the port of the EPMD is told if it can be seen") {
  CHECK(with_holder(ok("it answers"), 4369, "").found == "it answers");
  CHECK(with_holder(ok("it answers"), 4369, "epmd (process 7)").found ==
        "it answers; port 4369 is held by epmd (process 7)");
}

TEST_CASE("an EPMD is to be found at each loopback address") {
  CHECK(whole(judge_loopback({{"127.0.0.1", true}, {"::1", true}})).mark == Mark::ok);
  CHECK(has(whole(judge_loopback({{"127.0.0.1", true}, {"::1", false}})).found, "but not at ::1"));
  CHECK(judge_loopback({{"127.0.0.1", true}, {"::1", false}}).mark == Mark::unknown);
  CHECK(has(whole(judge_loopback({{"127.0.0.1", false}})).remedy, "start one"));
  CHECK(has(whole(judge_loopback({})).remedy, "ip link set lo up"));
}

TEST_CASE("the host part of nodes here is to lead here") {
  const auto judge = [](const HostAnswer& given) {
    return whole(judge_own_host("node1", given, own));
  };
  CHECK(judge(answer({"192.0.2.1"})).mark == Mark::ok);
  CHECK(judge(answer({"127.0.1.1"})).mark == Mark::ok);
  CHECK(has(judge(answer({"192.0.2.2"})).found, "but this host is 127.0.0.1, ::1, 192.0.2.1"));
  CHECK(has(judge(answer({"192.0.2.2"})).remedy, "a name of its own"));
  CHECK(has(judge(answer({})).remedy, "let it resolve"));
  CHECK(has(judge(no_answer()).found, "no answer"));
}

TEST_CASE("others are to be led here as well, and only here") {
  const auto judge = [](const HostAnswer& given) {
    return whole(judge_for_others("node1", given, own));
  };
  CHECK(judge(answer({"192.0.2.1"})).found == "others find node1 at 192.0.2.1, says 192.0.2.53");
  CHECK(judge(answer({"192.0.2.1", "192.0.2.2"})).has_failed());
  CHECK(has(judge(answer({"192.0.2.2"})).remedy, "that no other has"));
  CHECK(judge(answer({})).mark == Mark::unknown);
  CHECK(has(judge(answer({})).found, "NAME@node1"));
  CHECK(judge(no_answer()).mark == Mark::unknown);
}

TEST_CASE("what others call an address is told") {
  CHECK(whole(judge_reverse("192.0.2.1", {true, {"a.net", "b"}}, "192.0.2.53")).found ==
        "192.0.2.1 is a.net, b for others, says 192.0.2.53");
  CHECK(has(whole(judge_reverse("192.0.2.1", {true, {}}, "192.0.2.53")).found, "has no name for"));
  CHECK(has(whole(judge_reverse("192.0.2.1", {}, "192.0.2.53")).found, "does not say"));
}

namespace {

const discovery::Query web = *discovery::parse_query("web");

}  // namespace

TEST_CASE("a query is well when all EPMDs behind it answer") {
  discovery::Resolution two = {Outcome::answered, {{"192.0.2.1", 1}, {"192.0.2.2", 1}}};
  CHECK(whole(judge_query(web, two, 2, {})).found ==
        "web is 192.0.2.1, 192.0.2.2: 2 of 2 EPMDs answer");
  CHECK(whole(judge_query(web, two, 1, {"192.0.2.2:4369"})).mark == Mark::unknown);
  CHECK(has(whole(judge_query(web, two, 0, {"192.0.2.1:4369", "192.0.2.2:4369"})).remedy,
            "start one on each"));
  CHECK(has(whole(judge_query(web, {Outcome::empty}, 0, {})).remedy, "--network-alias"));
  CHECK(has(whole(judge_query(web, {Outcome::failed}, 0, {})).remedy, "/etc/resolv.conf"));
  two.outcome = Outcome::failed;  // for one family of addresses
  two.is_ipv4_failed = false;
  CHECK(judge_query(web, two, 2, {}).mark == Mark::ok);
}

TEST_CASE("a query that leads to other hosts only is told, as others then do not find this one") {
  const discovery::Resolution two = {Outcome::answered, {{"192.0.2.1", 1}, {"192.0.2.2", 1}}};
  CHECK(leads_here(two, {"127.0.0.1", "192.0.2.2"}));
  CHECK(leads_here({Outcome::answered, {{"127.0.1.1", 1}}}, {"192.0.2.7"}));
  const Ips others = {"127.0.0.1", "192.0.2.7"};
  CHECK(!leads_here(two, others));
  const CheckResult absent = whole(judge_absence(judge_query(web, two, 2, {}), web, others));
  CHECK(absent.mark == Mark::unknown);
  CHECK(
      absent.found ==
      "web is 192.0.2.1, 192.0.2.2: 2 of 2 EPMDs answer; this host (192.0.2.7) is not among them: "
      "other hosts that look for web do not find its nodes");
  const CheckResult nobody = judge_query(web, {Outcome::empty}, 0, {});
  CHECK(judge_absence(nobody, web, others).found == nobody.found);
}

TEST_CASE("what is at loopback only may be wanted, unless other hosts are looked for") {
  CHECK(whole(judge_loopback_name("localhost", false)).mark == Mark::unknown);
  CHECK(has(whole(judge_loopback_name("127.0.0.1", true)).remedy, "-sname"));
  CHECK(whole(judge_loopback_only("127.0.0.1:40001", false)).mark == Mark::unknown);
  CHECK(has(whole(judge_loopback_only("127.0.0.1:40001", true)).remedy, "inet_dist_use_interface"));
}

TEST_CASE("behind a query for nodes without an EPMD, nodes answer") {
  const discovery::Query query = *discovery::parse_query("dist:web:9100");
  const discovery::Resolution one = {Outcome::answered, {{"192.0.2.1", 9100}}};
  CHECK(judge_query(query, one, 1, {}).found == "dist:web:9100 is 192.0.2.1: 1 of 1 nodes answer");
  CHECK(has(whole(judge_query(query, one, 0, {"192.0.2.1:9100"})).remedy, "-erl_epmd_port"));
}

TEST_CASE("where no EPMD answers is told, for the first five") {
  const discovery::Resolution one = {Outcome::answered, {{"192.0.2.1", 5984}}};
  CHECK(judge_query(web, one, 0, {"192.0.2.1:5984"}).found ==
        "web is 192.0.2.1: 0 of 1 EPMDs answer, and none at 192.0.2.1:5984");
  CHECK(has(judge_query(web, one, 0, Ips(7, "a:1")).found, "a:1, a:1 and 2 more"));
}

TEST_CASE("what a query leads to may be only a part, and why is told") {
  discovery::Resolution resolution = {Outcome::failed, {{"192.0.2.7", 4369}}};
  resolution.why = "192.0.2.53: its answer is too long for UDP, and over TCP it gives none";
  const CheckResult all_answer = whole(judge_query(web, resolution, 1, {}));
  CHECK(all_answer.mark == Mark::unknown);
  CHECK(has(all_answer.found, "1 of 1 EPMDs answer; there may be more: 192.0.2.53: its answer is"));
  CHECK(whole(judge_query(web, resolution, 0, {"192.0.2.7:4369"})).mark == Mark::failed);
}
