#include <chrono>
#include <string>

#include "options/command_lines.h"
#include "options/options.h"

using namespace std::chrono_literals;

namespace {

template <typename Chosen>
Chosen parsed(const Words& words) {
  const options::Command command = options::parse(words);
  REQUIRE(std::holds_alternative<Chosen>(command));
  return std::get<Chosen>(command);
}

}  // namespace

TEST_CASE("check takes a name or none, and is soon at its end") {
  const Bare bare;
  const auto check = parsed<options::Check>({"check"});
  CHECK(check.name.empty());
  CHECK(check.port == 4369);
  CHECK(check.asking.timeout == 2s);
  CHECK(check.hold == 0s);
  CHECK(parsed<options::Check>({"check", "--hold", "9s"}).hold == 9s);
  CHECK(parsed<options::Check>({"check", "web@a", "--timeout", "1s"}).name == "web@a");
  CHECK(parsed<options::Check>({"check", "web", "--timeout", "1s"}).asking.timeout == 1s);
}

TEST_CASE("what is no name is refused by check, and is a finding of the doctor's") {
  const Bare bare;
  for (const char* const name : {"", "@", "@a", "web@"}) {
    INFO(name);
    const Captured errors(std::cerr);
    CHECK(parsed<options::Exit>({"check", name}).status == 2);
  }
  CHECK(parsed<options::Doctor>({"doctor", "@a"}).node == "@a");
}

TEST_CASE("check and doctor take the port of a node without an EPMD") {
  const Bare bare;
  CHECK_FALSE(parsed<options::Check>({"check"}).dist_port_no);
  CHECK(parsed<options::Check>({"check", "--dist-port", "9100"}).dist_port_no == 9100);
  CHECK(parsed<options::Doctor>({"doctor", "--dist-port", "9100", "web@a"}).dist_port_no == 9100);
  const Captured errors(std::cerr);
  CHECK(parsed<options::Exit>({"check", "--dist-port", "web"}).status == 2);
}

TEST_CASE("the doctor tells of this host alone how to migrate") {
  const Bare bare;
  CHECK_FALSE(parsed<options::Doctor>({"doctor"}).is_migration);
  CHECK(parsed<options::Doctor>({"doctor", "--migrate", "--port", "5000"}).is_migration);
  const Captured errors(std::cerr);
  CHECK(parsed<options::Exit>({"doctor", "--migrate", "web@a"}).status == 2);
}

TEST_CASE("the doctor reads where the cookie is, whom to ask, and what discovery looks for") {
  Bare bare;
  bare.environment.remove("PORTOLAN_COOKIE_FILE");
  bare.environment.set("PORTOLAN_DISCOVER", "web,srv:db");
  bare.environment.set("PORTOLAN_NAMESERVERS", "192.0.2.53");
  bare.environment.set("PORTOLAN_COOKIE", "harbour");
  auto doctor = parsed<options::Doctor>({"doctor", "--port", "5000"});
  CHECK(doctor.node.empty());
  REQUIRE(doctor.queries.size() == 2);
  CHECK(doctor.queries.front().port_no == 5000);
  CHECK(doctor.nameservers == "192.0.2.53");
  CHECK(doctor.cookies.variable == "PORTOLAN_COOKIE");
  CHECK_FALSE(doctor.is_cookie_named);
  doctor = parsed<options::Doctor>({"doctor", "web@a", "--cookie-file", "/c"});
  CHECK(doctor.node == "web@a");
  CHECK(doctor.cookies.path == "/c");
  CHECK(doctor.is_cookie_named);
}
