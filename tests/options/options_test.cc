#include "options/options.h"

#include "options/command_lines.h"

using namespace std::chrono_literals;
using options::parse_duration;
using options::parse_endpoint;

TEST_CASE("durations are a number and a unit, seconds if there is none") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("5s") == 5s);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("1h") == 1h);
  CHECK(parse_duration("60") == 60s);
  CHECK(parse_duration("0") == 0s);
  CHECK(parse_duration("007s") == 7s);
}

TEST_CASE("what is no duration is not taken for one") {
  const std::string text = GENERATE("", "s", "-1s", "+1s", "1.5s", "5 s", " 5s", "5S", "5d", "5ss",
                                    "5s5s", "1e3", "99999999999999999999", "0x5s");
  INFO(text);
  CHECK_FALSE(parse_duration(text));
}

TEST_CASE("a duration that is accepted can be added to any clock's time") {
  for (const char* const text : {"1000000000", "1000000000ms", "1000000000m", "1000000000h"}) {
    INFO(text);
    const auto duration = parse_duration(text);
    const auto longest =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds::max() / 2);
    CHECK((!duration || *duration <= longest));
  }
}

TEST_CASE("endpoints are a host and perhaps a port") {
  const auto [text, host, port] = GENERATE(table<std::string, std::string, uint16_t>({
      {"web", "web", 1},
      {"web:5000", "web", 5000},
      {"192.0.2.1", "192.0.2.1", 1},
      {"192.0.2.1:65535", "192.0.2.1", 65535},
      {"[::1]", "::1", 1},
      {"[::1]:5000", "::1", 5000},
      {"::1", "::1", 1},
      {"2001:db8::1", "2001:db8::1", 1},
      {"[web]:5", "web", 5},
  }));
  const auto endpoint = parse_endpoint(text, 1);
  REQUIRE(endpoint);
  CHECK(endpoint->host == host);
  CHECK(endpoint->port == port);
}

TEST_CASE("what is no endpoint is not taken for one") {
  const std::string text =
      GENERATE("", ":", ":5000", "web:", "web:0", "web:65536", "web:x", "web:-1", "web:+1",
               "web: 1", "[", "[]", "[]:5", "[::1", "[::1]5", "[::1]x5", "[::1]:", "[::1]:0");
  INFO(text);
  CHECK_FALSE(parse_endpoint(text, 1));
}

TEST_CASE("serve without options has the defaults") {
  const Bare bare;
  const auto serve = parse_as<options::Serve>({"serve"});
  CHECK(serve.address.empty());
  CHECK(serve.port == 4369);
  CHECK(serve.packet_timeout == 60s);
  CHECK_FALSE(serve.relaxed_command_check);
  CHECK(serve.allowed.empty());
  CHECK_FALSE(serve.connections_max);
  CHECK(serve.log.level == "info");
  CHECK(serve.log.format == logging::Settings::Format::text);
}

TEST_CASE("serve takes its options") {
  const Bare bare;
  const auto serve = parse_as<options::Serve>(
      {"serve", "--address", "10.0.0.1,::1", "--port", "5000", "--packet-timeout=500ms",
       "--relaxed-command-check", "--max-connections", "12", "--log-level", "debug", "--log-format",
       "json", "--allow", "10.0.0.0/8,fd00::/8"});
  CHECK(serve.address == "10.0.0.1,::1");
  CHECK(serve.port == 5000);
  CHECK(serve.packet_timeout == 500ms);
  CHECK(serve.relaxed_command_check);
  CHECK(serve.connections_max == 12U);
  CHECK(serve.log.level == "debug");
  CHECK(serve.log.format == logging::Settings::Format::json);
  REQUIRE(serve.allowed.size() == 2);
  CHECK(serve.allowed[0].contains(*net::Address::parse("10.1.2.3", 0)));
  CHECK(serve.allowed[1].contains(*net::Address::parse("fd00::1", 0)));
  CHECK_FALSE(serve.allowed[0].contains(*net::Address::parse("11.1.2.3", 0)));
}

TEST_CASE("the environment sets serve's options") {
  Bare bare;
  bare.environment.set("ERL_EPMD_ADDRESS", "10.0.0.1");
  bare.environment.set("ERL_EPMD_PORT", "5001");
  bare.environment.set("ERL_EPMD_RELAXED_COMMAND_CHECK", "");
  bare.environment.set("PORTOLAN_ALLOW", "10.0.0.0/8,192.0.2.1");
  bare.environment.set("PORTOLAN_MAX_CONNECTIONS", "13");
  bare.environment.set("PORTOLAN_LOG_LEVEL", "warning");
  bare.environment.set("PORTOLAN_LOG_FORMAT", "json");
  const auto serve = parse_as<options::Serve>({"serve"});
  CHECK(serve.address == "10.0.0.1");
  CHECK(serve.port == 5001);
  CHECK(serve.relaxed_command_check);
  CHECK(serve.allowed.size() == 2);
  CHECK(serve.connections_max == 13U);
  CHECK(serve.log.level == "warning");
  CHECK(serve.log.format == logging::Settings::Format::json);
}

TEST_CASE("options go before the environment") {
  Bare bare;
  bare.environment.set("ERL_EPMD_ADDRESS", "10.0.0.1");
  bare.environment.set("ERL_EPMD_PORT", "5001");
  bare.environment.set("PORTOLAN_ALLOW", "10.0.0.0/8,192.0.2.1");
  bare.environment.set("PORTOLAN_MAX_CONNECTIONS", "13");
  bare.environment.set("PORTOLAN_LOG_LEVEL", "warning");
  bare.environment.set("PORTOLAN_LOG_FORMAT", "json");
  const auto serve = parse_as<options::Serve>({"serve", "--address", "10.0.0.2", "--port", "5002",
                                               "--allow", "192.0.2.2", "--max-connections", "14",
                                               "--log-level", "error", "--log-format", "text"});
  CHECK(serve.address == "10.0.0.2");
  CHECK(serve.port == 5002);
  CHECK(serve.allowed.size() == 1);
  CHECK(serve.connections_max == 14U);
  CHECK(serve.log.level == "error");
  CHECK(serve.log.format == logging::Settings::Format::text);
}

TEST_CASE("names asks the local EPMD, or those it is given") {
  Bare bare;
  const auto local = parse_as<options::Names>({"names"});
  REQUIRE(local.endpoints.size() == 1);
  CHECK(local.endpoints[0].host == "localhost");
  CHECK(local.endpoints[0].port == 4369);
  CHECK(local.asking.output == options::Output::text);
  CHECK(local.asking.timeout == 5s);
  const auto others = parse_as<options::Names>(
      {"names", "a", "b:5000", "[::1]:5001", "--port", "6000", "--json", "--timeout", "1s"});
  REQUIRE(others.endpoints.size() == 3);
  CHECK(others.endpoints[0].port == 6000);
  CHECK(others.endpoints[1].host == "b");
  CHECK(others.endpoints[1].port == 5000);
  CHECK(others.endpoints[2].host == "::1");
  CHECK(others.asking.output == options::Output::json);
  CHECK(others.asking.timeout == 1s);
  bare.environment.set("ERL_EPMD_PORT", "5001");
  CHECK(parse_as<options::Names>({"names"}).endpoints[0].port == 5001);
}

TEST_CASE("lookup asks where the name says") {
  const Bare bare;
  const auto local = parse_as<options::Lookup>({"lookup", "web"});
  CHECK(local.alive_name == "web");
  CHECK(local.endpoint.host == "localhost");
  CHECK(local.endpoint.port == 4369);
  const auto remote = parse_as<options::Lookup>({"lookup", "web@host:5000"});
  CHECK(remote.alive_name == "web");
  CHECK(remote.endpoint.host == "host");
  CHECK(remote.endpoint.port == 5000);
  const auto ported = parse_as<options::Lookup>({"lookup", "web@host", "--port", "5001"});
  CHECK(ported.endpoint.port == 5001);
  CHECK(parse_as<options::Lookup>({"lookup", "web@::1"}).endpoint.host == "::1");
}

TEST_CASE("stop and kill ask the local EPMD") {
  const Bare bare;
  const auto stop = parse_as<options::Stop>({"stop", "web", "--port", "5000", "--json"});
  CHECK(stop.alive_name == "web");
  CHECK(stop.port == 5000);
  CHECK(stop.asking.output == options::Output::json);
  const auto kill = parse_as<options::Kill>({"kill", "--timeout", "100ms"});
  CHECK(kill.port == 4369);
  CHECK(kill.asking.timeout == 100ms);
}

TEST_CASE("a wrong command line is refused in one line that says what is wrong") {
  const Bare bare;
  const auto [words, said] = GENERATE(table<Words, std::string>({
      {Words{}, "portolan: "},
      {{"nonsense"}, "portolan: "},
      {{"--nonsense"}, "portolan: "},
      {{"serve", "--nonsense"}, "portolan serve: there is no option --nonsense"},
      {{"srve"}, "portolan: there is no command 'srve'; did you mean `serve`?"},
      {{"help", "srve"}, "portolan: there is no command 'srve'"},
      {{"serve", "--prt", "45001"}, "there is no option --prt; did you mean `--port`?"},
      {{"serve", "--intervall=3s"}, "no option --intervall; did you mean `--interval`?"},
      {{"lookup", "--jsn"}, "there is no option --jsn; did you mean `--json`?"},
      {{"run", "sleep", "1"}, "the command stands behind `--`: portolan run [OPTIONS] -- sleep"},
      {{"lookup", ""}, "NAME: '' has no name"},
      {{"stop", ""}, "NAME: it is empty"},
      {{"doctor", ""}, "NODE: it is empty"},
      {{"serve", "extra"}, "portolan serve: "},
      {{"serve", "--port", "0"}, "'0' is not a port"},
      {{"serve", "--port", "65536"}, "'65536' is not a port"},
      {{"serve", "--port", "http"}, "'http' is not a port"},
      {{"serve", "--local-node", "9100,app@h"}, "--local-node: 'app@h' is not a port"},
      {{"check", "--dist-port", "0"}, "--dist-port: '0' is not a port"},
      {{"serve", "--port"}, "--port: a value is missing; write --port N"},
      {{"serve", "--port="}, "--port: a value is missing; write --port N"},
      {{"serve", "--port", "--drain", "5"}, "--port: a value is missing"},
      {{"serve", "--port", "1", "--port=2"}, "--port: it is given twice"},
      {{"names", "--json=x"}, "--json: 'x' is not true or false"},
      {{"serve", "--discover", "a\nb"}, "--discover: 'a?b' is not a query"},
      {{"serve", "--address", "nowhere"}, "--address: "},
      {{"--version", "--nonsense"}, "--nonsense"},
      {{"serve", "--packet-timeout", "0"}, "'0' is too short; write a duration from 1ms to 8760h"},
      {{"serve", "--packet-timeout", "8761h"}, "'8761h' is too long; write a duration from 1ms"},
      {{"serve", "--drain", "99999999999999999999s"}, "s' is too long; write a duration from 0 to"},
      {{"serve", "--packet-timeout", "soon"}, "'soon' is not a duration"},
      {{"serve", "--max-connections", "0"}, "'0' is not a number above 0"},
      {{"serve", "--max-connections", "many"}, "'many' is not a number above 0"},
      {{"serve", "--allow", "10.0.0.0/33"}, "'10.0.0.0/33' is not a range of addresses"},
      {{"serve", "--log-level", "loud"}, "loud"},
      {{"serve", "--log-format", "xml"}, "xml"},
      {{"names", ":5000"}, "':5000' is not an EPMD"},
      {{"names", "--timeout", "-1s"}, "--timeout"},
      {{"lookup"}, "NAME[@HOST[:PORT]] is missing"},
      {{"lookup", "web@"}, "'' is not an EPMD"},
      {{"stop"}, "NAME is missing"},
      {{"kill", "now"}, "portolan kill: "},
  }));
  CHECK(refusal_of(words).find(said) != std::string::npos);
}

TEST_CASE("a wrong value in the environment is refused with its option and variable") {
  Bare bare;
  const auto [name, value, option] = GENERATE(table<std::string, std::string, std::string>({
      {"ERL_EPMD_PORT", "many", "--port"},
      {"ERL_EPMD_ADDRESS", "nowhere", "--address"},
      {"PORTOLAN_ALLOW", "everybody", "--allow"},
      {"PORTOLAN_MAX_CONNECTIONS", "0", "--max-connections"},
      {"PORTOLAN_LOG_LEVEL", "loud", "--log-level"},
      {"PORTOLAN_LOG_FORMAT", "xml", "--log-format"},
      {"PORTOLAN_HTTP", "here", "--http"},
  }));
  bare.environment.set(name, value);
  const std::string said = refusal_of({"serve"});
  CHECK(said.find(option + " (" + name + "): ") != std::string::npos);
  CHECK(said.find(value) != std::string::npos);
}

TEST_CASE("without a command --json is for the version alone") {
  const Bare bare;
  const Captured errors(std::cerr);
  const Captured output(std::cout);
  CHECK(std::get<options::Exit>(options::parse({"--json", "names"})).status == 2);
  CHECK(errors.text().find("--json stands behind the command") != std::string::npos);
}

TEST_CASE("a wrong command line is an object on standard output too, with --json") {
  const Bare bare;
  const Captured errors(std::cerr);
  const Captured output(std::cout);
  const options::Command command = options::parse({"names", "--timeout", "x", "--json"});
  CHECK(std::get<options::Exit>(command).status == 2);
  CHECK(output.text() ==
        "{\"error\":\"--timeout: 'x' is not a duration; write 500ms, 5s, 2m or 1h\","
        "\"reason\":\"usage\"}\n");
  CHECK(errors.text().starts_with("portolan names: --timeout: 'x'"));
}

TEST_CASE("the environment of one command does not trouble another") {
  Bare bare;
  bare.environment.set("PORTOLAN_ALLOW", "everybody");
  CHECK(parse_as<options::Kill>({"kill"}).port == 4369);
}

TEST_CASE("help is printed on standard output, and is no failure") {
  const Bare bare;
  const auto [words, said] = GENERATE(table<Words, std::string>({
      {{"--help"}, "serve"},
      {{"serve", "--help"}, "--packet-timeout"},
      {{"names", "--help"}, "--json"},
      {{"lookup", "-h"}, "NAME[@HOST[:PORT]]"},
      {{"help", "version"}, "--version"},
  }));
  const Captured errors(std::cerr);
  const Captured output(std::cout);
  const options::Command command = options::parse(words);
  REQUIRE(std::holds_alternative<options::Exit>(command));
  CHECK(std::get<options::Exit>(command).status == 0);
  CHECK(output.text().find(said) != std::string::npos);
  CHECK(errors.text().empty());
}

TEST_CASE("the version is asked for in several ways, and with --json as JSON") {
  const Bare bare;
  using options::Output;
  const auto [words, output] = GENERATE(table<Words, Output>({
      {{"--version"}, Output::text},
      {{"version"}, Output::text},
      {{"-v"}, Output::text},
      {{"--version", "--json"}, Output::json},
      {{"version", "--json"}, Output::json},
      {{"--json", "--version"}, Output::json},
  }));
  CHECK(parse_as<options::Version>(words).output == output);
}

TEST_CASE("HTTP is served at an address, or with a port alone at all") {
  const Bare bare;
  const auto [text, first, count] = GENERATE(table<std::string, std::string, size_t>({
      {"127.0.0.1:9370", "127.0.0.1:9370", 1},
      {"localhost:9370", "127.0.0.1:9370", 1},
      {"[::]:9370", "[::]:9370", 1},
      {":9370", "0.0.0.0:9370", 2},
      {"*:9370", "0.0.0.0:9370", 2},
      {"127.0.0.1:1,[::1]:2", "127.0.0.1:1", 2},
  }));
  const auto http = parse_as<options::Serve>({"serve", "--http", text}).http;
  REQUIRE(http.size() == count);
  CHECK(http[0].address.to_string() == first);
  CHECK_FALSE(http[0].is_implicit);
  // A host without IPv6 serves the other half.
  if (first == "0.0.0.0:9370") {
    CHECK(http[1].address.to_string() == "[::]:9370");
    CHECK(http[1].is_implicit);
  }
}

TEST_CASE("what is no address and port is refused for HTTP") {
  const Bare bare;
  const std::string text =
      GENERATE("9370", ":0", ":", "*", "*:", "*:x", "web:9370", "127.0.0.1", ":65536", "::1:9370x");
  CHECK(refusal_of({"serve", "--http", text}).find("'" + text + "' is not ADDR:PORT") !=
        std::string::npos);
}

TEST_CASE("names are kept unless they are not to be") {
  Bare bare;
  CHECK(parse_as<options::Serve>({"serve"}).keeps_names);
  CHECK(parse_as<options::Run>({"run", "--", "x"}).serve.keeps_names);
  CHECK_FALSE(parse_as<options::Serve>({"serve", "--keep-names", "no"}).keeps_names);
  CHECK_FALSE(parse_as<options::Run>({"run", "--keep-names=NO", "--", "x"}).serve.keeps_names);
  bare.environment.set("PORTOLAN_KEEP_NAMES", "no");
  CHECK_FALSE(parse_as<options::Serve>({"serve"}).keeps_names);
  CHECK(parse_as<options::Serve>({"serve", "--keep-names", "yes"}).keeps_names);
  CHECK(refusal_of({"serve", "--keep-names", "maybe"}).find("'maybe' is not one of yes|no") !=
        std::string::npos);
}
