#include "http/host.h"

#include "catch.h"

using http::Hosts;
using http::parse_http_host;

TEST_CASE("a host is read without its port, brackets, case and last dot") {
  CHECK(parse_http_host("Web.Example") == "web.example");
  CHECK(parse_http_host("web.example:9370") == "web.example");
  CHECK(parse_http_host("web.example.:9370") == "web.example");
  CHECK(parse_http_host("web:") == "web");
  CHECK(parse_http_host("10.0.0.5:80") == "10.0.0.5");
  CHECK(parse_http_host("[FD00::1]:9370") == "fd00::1");
  CHECK(parse_http_host("[fe80::1%25eth0]") == "fe80::1");
  CHECK(parse_http_host("") == "");
}

TEST_CASE("what is no host is told from one") {
  for (const char* const text :
       {"a b", "a/b", "user@host", "a:b", "a:0", "a:65536", "::1", "[::1", "[::1]x", "[web]", "[]",
        "a\\b", "\x01", "\xc3\xb6", "a#b", "a?b", "[::1]:x"}) {
    INFO(text);
    CHECK_FALSE(parse_http_host(text));
  }
}

TEST_CASE("what no web page can own is always accepted") {
  const Hosts hosts("node1.example", {});
  for (const char* const host :
       {"", "localhost", "app.localhost", "web", "my_project-web-1", "127.0.0.1", "10.0.0.5",
        "fd00::1", "::ffff:10.0.0.5", "node1.example"}) {
    INFO(host);
    CHECK(hosts.accepts(host));
  }
}

TEST_CASE("any other name is not, until it is given") {
  for (const char* const host :
       {"evil.example", "node1.example.evil.example", "127.0.0.1.evil.example", "localhost.evil",
        "notlocalhost.x", "1.2.3", "x.node1.example", "evil%2eexample", "a,b", "10.0.0.5.6"}) {
    INFO(host);
    CHECK_FALSE(Hosts("node1.example", {}).accepts(host));
    CHECK(Hosts("node1.example", {"x.y", "*"}).accepts(host));
    CHECK(Hosts("", {host}).accepts(host) == Hosts::is_pattern(host));
  }
}

TEST_CASE("a name is given whole, or as all below a domain") {
  const Hosts hosts("", {"Web.Example.", "*.svc.cluster.local"});
  CHECK(hosts.accepts("web.example"));
  CHECK(hosts.accepts("a.b.svc.cluster.local"));
  CHECK_FALSE(hosts.accepts("svc.cluster.local"));
  CHECK_FALSE(hosts.accepts("evilsvc.cluster.local"));
  CHECK_FALSE(hosts.accepts("x.web.example"));
}

TEST_CASE("what can be given is a name, a domain's names or any") {
  for (const char* const text : {"*", "*.example", "web", "web.example", "10.0.0.1"})
    CHECK(Hosts::is_pattern(text));
  for (const char* const text : {"", "*.", "**", "a.*", "web:9370", "http://web", ".example",
                                 "*.*.example", "a b", "[::1]:1"}) {
    INFO(text);
    CHECK_FALSE(Hosts::is_pattern(text));
  }
}
