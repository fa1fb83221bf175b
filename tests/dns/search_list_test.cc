#include "dns/search_list.h"

#include "catch.h"
#include "environment.h"

using dns::SearchList;
using Names = std::vector<std::string>;

namespace {

SearchList read(std::string_view resolv_conf) {
  SearchList list = {{"of.host"}, 1};
  list.read(resolv_conf);
  return list;
}

}  // namespace

TEST_CASE("the names to try for a name are in the order of resolv.conf") {
  const Names domains = {"ns.svc.local", "svc.local"};
  const auto candidates = [&](size_t ndots, const std::string& name) {
    return SearchList{domains, ndots}.candidates_of(name);
  };
  CHECK(candidates(5, "web") == Names{"web.ns.svc.local", "web.svc.local", "web"});
  CHECK(candidates(0, "web") == Names{"web", "web.ns.svc.local", "web.svc.local"});
  CHECK(candidates(1, "a.b") == Names{"a.b", "a.b.ns.svc.local", "a.b.svc.local"});
  CHECK(candidates(5, "web.") == Names{"web."});
  CHECK(SearchList{}.candidates_of("web") == Names{"web"});
}

TEST_CASE("a resolv.conf as Kubernetes writes it") {
  const SearchList list = read(
      "search default.svc.cluster.local svc.cluster.local cluster.local\n"
      "nameserver 10.96.0.10\n"
      "options ndots:5\n");
  CHECK(list.domains == Names{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"});
  CHECK(list.ndots == 5);
}

TEST_CASE("more domains than the C library once had room for are all tried") {
  std::string line = "search";
  for (int i = 0; i < 32; ++i) line += " d" + std::to_string(i) + ".a-long-domain.example";
  CHECK(read(line).domains.size() == 32);
}

TEST_CASE("the last of search and domain counts, and one domain is one") {
  CHECK(read("search a b\ndomain c d\n").domains == Names{"c"});
  CHECK(read("domain c\n\tsearch  a\tb \r\n").domains == Names{"a", "b"});
}

TEST_CASE("without any, the domain of the host's name stays, and ndots is 1") {
  for (const char* const text :
       {"", "# search a\n; search a\n", "search\n", "nameserver 127.0.0.1"}) {
    CHECK(read(text).domains == Names{"of.host"});
    CHECK(read(text).ndots == 1);
  }
}

TEST_CASE("the root as search domain is the name as it is") {
  CHECK(read("search .\n").domains.empty());
}

TEST_CASE("ndots is one option of several, has a bound, and nonsense is none") {
  CHECK(read("options timeout:1 ndots:3 rotate\n").ndots == 3);
  CHECK(read("options ndots:0\n").ndots == 0);
  CHECK(read("options ndots:99\n").ndots == 15);
  CHECK(read("options ndots:x\n").ndots == 1);
  CHECK(read("options ndots:2\noptions edns0\n").ndots == 2);
}

TEST_CASE("variables count more than the file") {
  Environment environment;
  environment.set("LOCALDOMAIN", "one.test two.test");
  environment.set("RES_OPTIONS", "debug ndots:7");
  const auto list = SearchList::of_system();
  REQUIRE(list);
  CHECK(list->domains == Names{"one.test", "two.test"});
  CHECK(list->ndots == 7);
  environment.set("LOCALDOMAIN", "");
  CHECK(SearchList::of_system()->domains.empty());
}
