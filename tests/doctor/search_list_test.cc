#include "doctor/search_list.h"

#include "doctor/findings.h"

using namespace doctor;
using Mark = CheckResult::Mark;

namespace {

const std::vector<std::string> ours = {"172.18.0.2", "172.18.0.3"};
const std::vector<std::string> theirs = {"192.0.2.80"};

Candidate found(const std::string& name, const std::vector<std::string>& ips,
                bool is_in_wildcard = false) {
  return {name, {ips, "127.0.0.11", false, {}}, is_in_wildcard};
}
Candidate failing(const std::string& name) {
  return {name, {{}, "127.0.0.11", true, "127.0.0.11: no answer in time"}, false};
}
CheckResult judge(const std::vector<Candidate>& candidates,
                  LookedUpBy who = LookedUpBy::discovery) {
  return whole(judge_search_list("web", candidates, who));
}

}  // namespace

TEST_CASE("a search domain without the name leads nobody elsewhere") {
  const CheckResult result = judge({found("web", ours), found("web.corp.test", {})});
  CHECK(result.mark == Mark::ok);
  CHECK(result.found == "no search domain has another address for web");
  CHECK(judge({found("web.corp.test", {}), found("web", {})}).mark == Mark::ok);
}

TEST_CASE("a name that is found in a search domain alone may be meant so") {
  const CheckResult result =
      judge({found("web.ns.svc.cluster.local", ours), found("web", {}), found("web.test", theirs)});
  CHECK(result.mark == Mark::ok);
  CHECK(result.found == "web leads to web.ns.svc.cluster.local (172.18.0.2, 172.18.0.3)");
}

TEST_CASE("one host that has both names is one host") {
  CHECK(judge({found("web", ours), found("web.dns.podman", {"172.18.0.3"})}).mark == Mark::ok);
  const CheckResult result = judge({found("web.dns.podman", {"172.18.0.3"}), found("web", ours)});
  CHECK(result.mark == Mark::ok);
  CHECK(has(result.found, "the same hosts"));
}

TEST_CASE("a search domain that comes first and leads elsewhere is broken") {
  const CheckResult result = judge({found("web.corp.test", theirs, true), found("web", ours)});
  CHECK(result.mark == Mark::failed);
  CHECK(result.found ==
        "web leads to web.corp.test (192.0.2.80), as its domain has an address for every name, but "
        "web. to 172.18.0.2, 172.18.0.3");
  CHECK(has(result.remedy, "write 'web.'"));
  const CheckResult of_node =
      judge({found("web.corp.test", theirs), found("web", ours)}, LookedUpBy::node);
  CHECK(of_node.mark == Mark::failed);
  CHECK_FALSE(has(of_node.remedy, "write"));
  CHECK(has(of_node.remedy, "docker run --dns-search ."));
}

TEST_CASE("a wildcard in the place of a name that has no address is broken") {
  const CheckResult result = judge({found("web", {}), found("web.corp.test", theirs, true)});
  CHECK(result.mark == Mark::failed);
  CHECK(has(result.found, "its domain has an address for every name"));
  CHECK(has(result.meaning, "web itself has no address"));
}

TEST_CASE("a search domain that takes over when the name has no address is told of") {
  const CheckResult result = judge({found("web", ours), found("web.corp.test", theirs, true)});
  CHECK(result.mark == Mark::unknown);
  CHECK(has(result.found, "while web has no address, discovery goes there"));
  CHECK(has(result.found, "write 'web.'"));
}

TEST_CASE("where a name leads that nobody answers for cannot be told") {
  const CheckResult result = judge({found("web", ours), failing("web.corp.test")});
  CHECK(result.mark == Mark::unknown);
  CHECK(has(result.found, "where web.corp.test leads cannot be told: 127.0.0.11: no answer"));
}
