#include "options/command_lines.h"

using namespace std::chrono_literals;

TEST_CASE("without queries there is no discovery, and its options have their defaults") {
  const Bare bare;
  const auto serve = parse_as<options::Serve>({"serve"});
  CHECK(serve.search.queries.empty());
  CHECK(serve.search.interval == 5s);
  CHECK(serve.search.filter.wanted.empty());
  CHECK(serve.search.filter.ignored == Words{"rabbitmqcli-*", "rabbit_prelaunch_*",
                                             "epmd-starter-*", "rem-*", "rpc-*-*", "remsh*",
                                             "*_maint_*"});
  CHECK(serve.search.nameservers.empty());
  CHECK(serve.print == options::Print::text);
  CHECK(serve.hosts_file.empty());
  CHECK(serve.nodes_file.empty());
  CHECK(serve.on_change.empty());
}

TEST_CASE("serve takes the options of discovery; lists may repeat or hold commas") {
  const Bare bare;
  const auto serve = parse_as<options::Serve>({"serve",
                                               "--discover",
                                               "web",
                                               "--discover",
                                               "db:5000,srv:_epmd._tcp.x",
                                               "--interval",
                                               "250ms",
                                               "--nodes",
                                               "app-*",
                                               "--nodes",
                                               "a,b",
                                               "--ignore",
                                               "x*",
                                               "--nameservers",
                                               "192.0.2.53,[2001:db8::53]:5353,192.0.2.54:53",
                                               "--print",
                                               "none",
                                               "--hosts-file",
                                               "/h",
                                               "--nodes-file",
                                               "/n",
                                               "--on-change",
                                               "echo a, b",
                                               "--port",
                                               "6000"});
  REQUIRE(serve.search.queries.size() == 3);
  CHECK(serve.search.queries[0].name == "web");
  CHECK(serve.search.queries[0].port_no == 6000);
  CHECK(serve.search.queries[1].name == "db");
  CHECK(serve.search.queries[1].port_no == 5000);
  CHECK(serve.search.queries[2].kind == discovery::Query::Kind::service);
  CHECK(serve.search.queries[2].name == "_epmd._tcp.x");
  CHECK(serve.search.interval == 250ms);
  CHECK(serve.search.filter.wanted == Words{"app-*", "a", "b"});
  CHECK(serve.search.filter.ignored == Words{"x*"});
  CHECK(serve.search.nameservers == "192.0.2.53,[2001:db8::53]:5353,192.0.2.54:53");
  CHECK(serve.print == options::Print::none);
  CHECK(serve.hosts_file == "/h");
  CHECK(serve.nodes_file == "/n");
  CHECK(serve.on_change == "echo a, b");
}

TEST_CASE("the environment sets the options of discovery") {
  Bare bare;
  bare.environment.set("PORTOLAN_DISCOVER", "web,db:5000");
  bare.environment.set("PORTOLAN_INTERVAL", "9s");
  bare.environment.set("PORTOLAN_NODES", "a,b");
  bare.environment.set("PORTOLAN_IGNORE", "c,d");
  bare.environment.set("PORTOLAN_NAMESERVERS", "192.0.2.53,192.0.2.54");
  bare.environment.set("PORTOLAN_PRINT", "json");
  bare.environment.set("PORTOLAN_HOSTS_FILE", "/h");
  bare.environment.set("PORTOLAN_NODES_FILE", "/n");
  bare.environment.set("PORTOLAN_ON_CHANGE", "echo a, b");
  const auto serve = parse_as<options::Serve>({"serve"});
  REQUIRE(serve.search.queries.size() == 2);
  CHECK(serve.search.queries[1].text == "db:5000");
  CHECK(serve.search.interval == 9s);
  CHECK(serve.search.filter.wanted == Words{"a", "b"});
  CHECK(serve.search.filter.ignored == Words{"c", "d"});
  CHECK(serve.search.nameservers == "192.0.2.53,192.0.2.54");
  CHECK(serve.print == options::Print::json);
  CHECK(serve.hosts_file == "/h");
  CHECK(serve.nodes_file == "/n");
  CHECK(serve.on_change == "echo a, b");
  const auto other = parse_as<options::Serve>({"serve", "--discover", "x", "--on-change", "true"});
  REQUIRE(other.search.queries.size() == 1);
  CHECK(other.search.queries[0].text == "x");
  CHECK(other.on_change == "true");
}

TEST_CASE("discover looks once, or watches") {
  Bare bare;
  bare.environment.set("PORTOLAN_DISCOVER", "not for it");
  const auto once = parse_as<options::Discover>({"discover", "web"});
  REQUIRE(once.search.queries.size() == 1);
  CHECK(once.search.queries[0].port_no == 4369);
  CHECK_FALSE(once.is_watching);
  CHECK(once.output == options::Output::text);
  CHECK(once.log.level == "warning");
  const auto watching = parse_as<options::Discover>(
      {"discover", "web", "db:5000", "--watch", "--json", "--port", "6000", "--interval", "1s",
       "--nodes", "a*", "--ignore", "b*", "--nameservers", "192.0.2.53", "--log-level", "debug"});
  REQUIRE(watching.search.queries.size() == 2);
  CHECK(watching.search.queries[0].port_no == 6000);
  CHECK(watching.search.queries[1].port_no == 5000);
  CHECK(watching.is_watching);
  CHECK(watching.output == options::Output::json);
  CHECK(watching.search.interval == 1s);
  CHECK(watching.search.filter.wanted == Words{"a*"});
  CHECK(watching.search.filter.ignored == Words{"b*"});
  CHECK(watching.search.nameservers == "192.0.2.53");
  CHECK(watching.log.level == "debug");
}

TEST_CASE("an option for a list takes one word, and leaves the query alone") {
  const Bare bare;
  const std::string option = GENERATE("--peers", "--nodes", "--ignore", "--nameservers");
  const std::string value = option == "--peers" || option == "--nameservers" ? "192.0.2.1" : "a*";
  const auto one = parse_as<options::Discover>({"discover", option, value, "web"});
  REQUIRE(one.search.queries.size() == 1);
  CHECK(one.search.queries[0].name == "web");
  const auto two =
      parse_as<options::Wait>({"wait", option, value, option, value + "," + value, "web", "db"});
  CHECK(two.search.queries.size() == 2);
  const size_t count = two.search.peers.size() + two.search.filter.wanted.size() +
                       (option == "--ignore" ? two.search.filter.ignored.size() : 0);
  if (option == "--nameservers")
    CHECK(two.search.nameservers == "192.0.2.1,192.0.2.1,192.0.2.1");
  else
    CHECK(count == 3);
}

TEST_CASE("discover waits for every answer, or for as long as it is told") {
  const Bare bare;
  CHECK_FALSE(parse_as<options::Discover>({"discover", "web"}).timeout);
  CHECK(parse_as<options::Discover>({"discover", "web", "--timeout", "2s"}).timeout == 2s);
}

TEST_CASE("wait waits for one node and a minute, or as told") {
  const Bare bare;
  const auto wait = parse_as<options::Wait>({"wait", "web"});
  CHECK(wait.nodes_min == 1);
  CHECK(wait.timeout == 60s);
  const auto told = parse_as<options::Wait>(
      {"wait", "srv:web", "--min", "3", "--timeout", "2m", "--json", "--port", "6000"});
  CHECK(told.nodes_min == 3);
  CHECK(told.timeout == 2min);
  CHECK(told.output == options::Output::json);
  CHECK(told.search.queries[0].kind == discovery::Query::Kind::service);
}

TEST_CASE("a wrong command line of discovery is refused in one line that says what to write") {
  const Bare bare;
  const auto [words, said] = GENERATE(table<Words, std::string>({
      {{"discover"}, "QUERY is missing"},
      {{"wait"}, "QUERY is missing"},
      {{"discover", "--peers", "10.0.0.0/8"}, "QUERY is missing"},
      {{"discover", "--nodes", ",", "web"}, "--nodes: a value is missing; write --nodes GLOB"},
      {{"discover", "--peers=", "web"}, "--peers: a value is missing; write --peers CIDR"},
      {{"discover", "web", "--timeout", "0"},
       "--timeout: '0' is too short; write a duration from 1ms"},
      {{"discover", "a b"}, "QUERY: 'a b' is not a query; write HOST, HOST:PORT or srv:NAME"},
      {{"discover", "web:0"}, "'web:0' is not a query; write"},
      {{"discover", "web:http"}, "'web:http' is not a query; write"},
      {{"discover", "srv:"}, "'srv:' is not a query; write"},
      {{"discover", "srv:web:5000"}, "'srv:web:5000' is not a query; write"},
      {{"discover", std::string(254, 'a')}, "is not a query; write"},
      {{"serve", "--interval", "0", "--discover", "web"},
       "'0' is too short; write a duration from 1ms"},
      {{"discover", "web", "--interval", "often"}, "'often' is not a duration; write 500ms"},
      {{"serve", "--print", "xml"}, "'xml' is not one of text|json|none"},
      {{"wait", "web", "--min", "0"}, "'0' is not a number above 0"},
      {{"wait", "web", "--timeout", "never"}, "'never' is not a duration; write 500ms"},
      {{"wait", "web", "--watch"}, "--watch"},
      {{"discover", "web", "--nameservers", "dns.example"},
       "'dns.example' is not a nameserver; write addresses, such as 192.0.2.53"},
      {{"discover", "web", "--nameservers", "192.0.2.53:0"}, "is not a nameserver; write"},
      {{"discover", "web", "--nameservers", "192.0.2.53", "--nameservers", "dns"},
       "--nameservers: 'dns' is not a nameserver; write"},
  }));
  INFO(said);
  CHECK(refusal_of(words).find(said) != std::string::npos);
}

TEST_CASE("a wrong value of discovery in the environment is refused too") {
  Bare bare;
  const auto [name, value] = GENERATE(table<std::string, std::string>({
      {"PORTOLAN_DISCOVER", "a b"},
      {"PORTOLAN_INTERVAL", "often"},
      {"PORTOLAN_PRINT", "xml"},
      {"PORTOLAN_NAMESERVERS", "dns.example"},
  }));
  bare.environment.set(name, value);
  CHECK(refusal_of({"serve"}).find(value) != std::string::npos);
}

TEST_CASE("a nameserver's IPv6 address may be in brackets, with and without a port") {
  const auto serve = parse_as<options::Serve>(
      {"serve", "--nameservers", "[2001:db8::53],2001:db8::54,[2001:db8::55]:5353"});
  CHECK(serve.search.nameservers == "2001:db8::53,2001:db8::54,[2001:db8::55]:5353");
}
