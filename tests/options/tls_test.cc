#include <filesystem>
#include <fstream>

#include "options/command_lines.h"

namespace {

/// A file for --tls-conf, which goes with it.
class Conf {
 public:
  explicit Conf(const std::string& text) { std::ofstream(path_) << text; }
  Conf(const Conf&) = delete;
  Conf& operator=(const Conf&) = delete;
  ~Conf() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = std::filesystem::temp_directory_path() / ("conf-" + std::to_string(getpid()));
};

tls::Settings settings_of(const std::string& conf) {
  const Conf file(conf);
  const auto discover = parse_as<options::Discover>({"discover", "web", "--tls-conf", file.path()});
  REQUIRE(discover.search.tls);
  return *discover.search.tls;
}

std::string refusal_of_conf(const std::string& conf) {
  const Conf file(conf);
  return refusal_of({"discover", "web", "--tls-conf", file.path()});
}

}  // namespace

TEST_CASE("nodes are asked through TLS if authorities are given, and else not") {
  const Bare bare;
  CHECK_FALSE(parse_as<options::Discover>({"discover", "web"}).search.tls);
  const auto discover = parse_as<options::Discover>(
      {"discover", "web", "--tls-ca", "/ca", "--tls-cert", "/cert", "--tls-key", "/key"});
  REQUIRE(discover.search.tls);
  CHECK(discover.search.tls->authorities_file == "/ca");
  CHECK(discover.search.tls->certificate_file == "/cert");
  CHECK(discover.search.tls->key_file == "/key");
  CHECK(discover.search.tls->verifies);
  CHECK(discover.search.tls->checks_host);
}

TEST_CASE("every command that asks nodes can do it through TLS") {
  Bare bare;
  bare.environment.set("PORTOLAN_TLS_CA", "/ca");
  CHECK(parse_as<options::Serve>({"serve", "--discover", "web"}).search.tls);
  CHECK(parse_as<options::Run>({"run", "--discover", "web", "--", "true"}).serve.search.tls);
  CHECK(parse_as<options::Wait>({"wait", "web"}).search.tls);
  CHECK(parse_as<options::Mesh>({"mesh", "web"}).search.tls);
  CHECK(parse_as<options::Check>({"check", "web"}).tls);
  CHECK(parse_as<options::Doctor>({"doctor", "web@a"}).tls);
}

TEST_CASE("a node's own file says what its client uses") {
  const Bare bare;
  const tls::Settings settings = settings_of(
      "%% comment\n[{server, [{certfile, \"/s.pem\"}]},\n {client, [{certfile, \"/c.pem\"},\n"
      "{keyfile, <<\"/c.key\">>}, {password, \"secret\"}, {cacertfile, \"/ca.pem\"},\n"
      "{verify, verify_peer}, {depth, 2}, {secure_renegotiate, true},\n"
      "{verify_fun, {fun a:b/3, []}}]}].\n");
  CHECK(settings.certificate_file == "/c.pem");
  CHECK(settings.key_file == "/c.key");
  CHECK(settings.password == "secret");
  CHECK(settings.authorities_file == "/ca.pem");
  CHECK(settings.verifies);
  CHECK(settings.checks_host);
  CHECK(settings.depth == 2);
}

TEST_CASE("as in OTP, a client verifies nothing where it has nothing to verify with") {
  const Bare bare;
  CHECK_FALSE(settings_of("[{client, []}].").verifies);
  CHECK_FALSE(settings_of("[{client, [{verify, verify_none}, {cacertfile, \"a\"}]}].").verifies);
  CHECK(settings_of("[{client, [{cacertfile, \"a\"}]}].").verifies);
  CHECK_FALSE(settings_of("[{client, [{cacertfile, \"a\"}, {server_name_indication, disable}]}].")
                  .checks_host);
  CHECK(settings_of("[{client, [{cacertfile, \"a\"}, {depth, none}]}].").depth == 10);
  CHECK(settings_of("[{client, [{cacertfile, \"a\"}, {depth, -1}]}].").depth == 10);
}

TEST_CASE("TLS that is not whole is refused in one line") {
  const Bare bare;
  const auto [words, said] = GENERATE(table<Words, std::string>({
      {{"discover", "web", "--tls-cert", "/c"}, "--tls-cert: whom to believe is missing"},
      {{"discover", "web", "--tls-key", "/k"}, "--tls-key: whom to believe is missing"},
      {{"discover", "web", "--tls-ca", "/a", "--tls-key", "/k"}, "its certificate is missing"},
      {{"discover", "web", "--tls-conf", "/none"}, "cannot read '/none'"},
      {{"check", "--tls-ca", "/a", "--tls-conf", "/none"}, "it says all of it"},
  }));
  INFO(said);
  CHECK(refusal_of(words).find(said) != std::string::npos);
}

TEST_CASE("a file that is none of a node's is refused, with what is wrong") {
  const Bare bare;
  CHECK(refusal_of_conf("[{client,\n[}].").find("line 2 is no Erlang term") != std::string::npos);
  CHECK(refusal_of_conf("[{server, []}].").find("has no {client, [...]}") != std::string::npos);
  CHECK(refusal_of_conf("[{client, [{verify, verify_peer}]}].").find("has no cacertfile") !=
        std::string::npos);
}
