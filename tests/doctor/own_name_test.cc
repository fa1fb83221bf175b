#include "doctor/own_name.h"

#include "doctor/findings.h"

using doctor::Ips;
using doctor::judge_own_name;
using Outcome = discovery::Resolution::Outcome;

namespace {

const Ips own = {"127.0.0.1", "::1", "192.0.2.1"};

discovery::Resolution answer(const Ips& in_dns, const Ips& in_hosts_file = {}) {
  discovery::Resolution resolution;
  resolution.outcome = in_dns.empty() && in_hosts_file.empty() ? Outcome::empty : Outcome::answered;
  for (const auto* const each : {&in_dns, &in_hosts_file})
    for (const std::string& ip : *each) resolution.endpoints.push_back({ip, 4369});
  resolution.in_hosts_file = in_hosts_file;
  for (const std::string& ip : in_hosts_file)
    if (std::find(in_dns.begin(), in_dns.end(), ip) == in_dns.end())
      resolution.hosts_file_only.push_back(ip);
  return resolution;
}

discovery::Resolution no_answer() {
  discovery::Resolution resolution;
  resolution.why = "192.0.2.53: no answer";
  return resolution;
}

doctor::CheckResult judge(const discovery::Resolution& resolution,
                          const std::string& host = "node1") {
  const auto result = whole(judge_own_name(host, resolution, own, "192.0.2.53"));
  CHECK(result.mark != doctor::CheckResult::Mark::unknown);
  return result;
}

}  // namespace

TEST_CASE("a name that the DNS leads here and nowhere else is well") {
  CHECK_FALSE(judge(answer({"192.0.2.1"})).has_failed());
  CHECK_FALSE(judge(answer({"192.0.2.1"}, {"192.0.2.1"})).has_failed());
  CHECK_FALSE(judge(answer({"192.0.2.1"}, {"127.0.1.1"})).has_failed());
}

TEST_CASE("a name that only the own hosts file has is not known to others") {
  CHECK(has(judge(answer({}, {"192.0.2.1"})).found, "'node1' is unknown to 192.0.2.53"));
}

TEST_CASE("a name that nobody knows has a remedy for Docker or for Kubernetes") {
  CHECK(has(judge(answer({})).remedy, "docker run --name or --network-alias"));
  const auto of_pod = judge(answer({}), "mq-0.mq.default.svc.cluster.imp");
  CHECK(has(of_pod.found, "'mq-0.mq.default.svc.cluster.imp' is unknown"));
  CHECK(has(of_pod.remedy, "that the domain is the cluster's"));
  CHECK(has(of_pod.remedy, "publishNotReadyAddresses"));
}

TEST_CASE("a DNS that does not answer is not one that does not know") {
  CHECK(has(judge(no_answer()).found, "no nameserver says where 'node1' is: 192.0.2.53: no"));
  CHECK(has(judge(no_answer()).remedy, "port 53"));
}

TEST_CASE("a name that leads to another host is not this node's") {
  CHECK(has(judge(answer({"192.0.2.9"})).found, "but this host is"));
  CHECK(has(judge(answer({"192.0.2.1", "192.0.2.9"})).found, "192.0.2.9"));
  CHECK(judge(answer({"192.0.2.1", "192.0.2.9"})).has_failed());
}

TEST_CASE("a hosts file that leads to another host hides what the DNS knows") {
  const auto result = judge(answer({"192.0.2.1"}, {"192.0.2.9"}));
  CHECK(has(result.found, "node1 is 192.0.2.9, says the hosts file"));
  CHECK(has(result.remedy, "the hosts file"));
}

TEST_CASE("a DNS that leads to loopback leads each host to itself") {
  const std::string ip = GENERATE("127.0.0.1", "127.0.1.1", "::1");
  CHECK(has(judge(answer({ip})).found, "which leads every host to itself"));
}

TEST_CASE("an address needs no DNS, but has to be this host's") {
  CHECK_FALSE(judge({}, "192.0.2.1").has_failed());
  CHECK(has(judge({}, "192.0.2.9").found, "no address of this host"));
}

TEST_CASE("a name that no other host can use is not waited for") {
  for (const std::string host : {"localhost", "127.0.0.1", "::1", "104857600123", ""}) {
    INFO(host);
    CHECK(doctor::is_hopeless(host));
    CHECK(judge({}, host).has_failed());
  }
  for (const std::string host : {"node1", "node1.example.com", "192.0.2.1", "fd00::1"})
    CHECK_FALSE(doctor::is_hopeless(host));
}

TEST_CASE("a short name with a dot is said to be one, with what to write") {
  const auto result = whole(doctor::refused_short_name("node1.lan"));
  CHECK(has(result.found, "'node1.lan' has a dot, and the command has -sname"));
  CHECK(has(result.remedy, "-name"));
}
