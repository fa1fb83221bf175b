#include "discovery/query.h"

#include "catch.h"

using namespace std::string_literals;
using discovery::parse_query;
using discovery::Query;
using Kind = discovery::Query::Kind;

TEST_CASE("a query is a host, perhaps with a port, or a service") {
  const auto [text, kind, name, port_no] = GENERATE(table<std::string, Kind, std::string, int>({
      {"web", Kind::host, "web", 4369},
      {"web.net_poc", Kind::host, "web.net_poc", 4369},
      {"tasks.web:4370", Kind::host, "tasks.web", 4370},
      {"web.", Kind::host, "web.", 4369},
      {"10.0.0.2", Kind::host, "10.0.0.2", 4369},
      {"fd00::2", Kind::host, "fd00::2", 4369},
      {"2", Kind::host, "2", 4369},
      {"4f2a.9", Kind::host, "4f2a.9", 4369},
      {"[fd00::2]:4370", Kind::host, "fd00::2", 4370},
      {"srv:_epmd._tcp.web", Kind::service, "_epmd._tcp.web", 4369},
  }));
  INFO(text);
  const auto query = parse_query(text);
  REQUIRE(query);
  CHECK(*query == Query{kind, name, static_cast<uint16_t>(port_no), text});
}

TEST_CASE("a query for nodes without an EPMD says so, and at which port they are") {
  const auto [text, kind, name, port_no] = GENERATE(table<std::string, Kind, std::string, int>({
      {"dist:web:9100", Kind::host, "web", 9100},
      {"dist:10.0.0.2:9100", Kind::host, "10.0.0.2", 9100},
      {"dist:[fd00::2]:9100", Kind::host, "fd00::2", 9100},
      {"srv-dist:_app._tcp.web", Kind::service, "_app._tcp.web", 4369},
  }));
  INFO(text);
  const auto query = parse_query(text);
  REQUIRE(query);
  CHECK(*query == Query{kind, name, static_cast<uint16_t>(port_no), text, Query::Behind::nodes});
}

TEST_CASE("a host that is called dist has EPMDs") {
  CHECK(parse_query("dist:4370")->name == "dist");
  CHECK(parse_query("dist:4370")->behind == Query::Behind::epmds);
  CHECK(parse_query("dist")->behind == Query::Behind::epmds);
}

TEST_CASE("a host without a port has the one it is given by default") {
  CHECK(parse_query("web", 4999)->port_no == 4999);
  CHECK(parse_query("web:4369", 4999)->port_no == 4369);
}

TEST_CASE("what is no query is refused in words that say how to write one") {
  const std::string text =
      GENERATE(""s, ":"s, "web:"s, "web:0"s, "web:x"s, "we b"s, "web\n"s, "web\0"s, "-w/b"s,
               ".web"s, "srv:"s, "srv:web:4369"s, "srv:.x"s, "w\xc3\xa9"s, std::string(254, 'a'),
               "srv:"s + std::string(254, 'a'), "[fd00::2"s, "web,db"s, "[web]"s, "[web]:4369"s,
               "[10.0.0.2]"s, "999.999.999.999"s, "10.0.0"s, "10.0.0.2.3"s, "a..b"s, "web::x"s,
               "dist:web"s, "dist:"s, "dist:web:0"s, "dist:[fd00::2]"s, "dist:srv:web:1"s,
               "srv-dist:"s, "srv-dist:web:9100"s);
  INFO(text);
  const auto query = parse_query(text);
  REQUIRE_FALSE(query);
  CHECK(query.error().message.find("'" + text + "' is not a query; write HOST") == 0);
}

TEST_CASE("a name may be as long as the DNS allows") {
  CHECK(parse_query(std::string(253, 'a')));
  CHECK(parse_query("srv:" + std::string(253, 'a')));
}
