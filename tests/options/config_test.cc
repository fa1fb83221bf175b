#include "options/config.h"

#include <sys/stat.h>

#include "options/command_lines.h"
#include "outputs/folder.h"

using namespace std::chrono_literals;
using options::Serve;

namespace {

/// A configuration file, which serve is given on its command line or finds in its environment.
struct Fixture : Bare {
  Folder folder = {};
  std::string path = folder / "portolan.toml";

  explicit Fixture(const std::string& text) { put_text(path, text); }
  Serve serve(Words further = {}) const {
    further.insert(further.begin(), {"serve", "--config", path});
    return parse_as<Serve>(further);
  }
  std::string refusal() const { return refusal_of({"serve", "--config", path}); }
};

Words texts_of(const std::vector<discovery::Query>& queries) {
  Words texts;
  for (const discovery::Query& query : queries) texts.push_back(query.text);
  return texts;
}

}  // namespace

TEST_CASE("a configuration file sets every option of serve, by the same names") {
  const Fixture it(R"(
# a comment
address = "10.0.0.1,::1"
port = 5000
packet-timeout = "500ms"
relaxed-command-check = true
allow = ["10.0.0.0/8", "fd00::/8"]
max-connections = 12
discover = ["web", "srv:db"]
interval = "9s"
nodes = "app-*"
ignore = ["x*", "y*"]
nameservers = "192.0.2.53:53,192.0.2.54"
print = "json"
hosts-file = "/h"
nodes-file = "/n"
on-change = "echo 'it is' \"so\", a b"
log-level = "debug"
log-format = "json"
)");
  const Serve serve = it.serve();
  CHECK(serve.address == "10.0.0.1,::1");
  CHECK(serve.port == 5000);
  CHECK(serve.packet_timeout == 500ms);
  CHECK(serve.relaxed_command_check);
  CHECK(serve.allowed.size() == 2);
  CHECK(serve.connections_max == 12U);
  CHECK(texts_of(serve.search.queries) == Words{"web", "srv:db"});
  CHECK(serve.search.queries[0].port_no == 5000);
  CHECK(serve.search.interval == 9s);
  CHECK(serve.search.filter.wanted == Words{"app-*"});
  CHECK(serve.search.filter.ignored == Words{"x*", "y*"});
  CHECK(serve.search.nameservers == "192.0.2.53:53,192.0.2.54");
  CHECK(serve.print == options::Print::json);
  CHECK(serve.hosts_file == "/h");
  CHECK(serve.nodes_file == "/n");
  CHECK(serve.on_change == "echo 'it is' \"so\", a b");
  CHECK(serve.log.level == "debug");
  CHECK(serve.log.format == logging::Settings::Format::json);
}

TEST_CASE("a flag that the file turns off is off") {
  CHECK_FALSE(Fixture("relaxed-command-check = false\n").serve().relaxed_command_check);
}

TEST_CASE("an option goes before the environment, that before the file, that before the default") {
  Fixture it("interval = 3s\nprint = json\nlog-level = debug\ndiscover = file\n");
  CHECK(it.serve().packet_timeout == 60s);
  CHECK(it.serve().search.interval == 3s);
  it.environment.set("PORTOLAN_INTERVAL", "2s");
  it.environment.set("PORTOLAN_PRINT", "none");
  it.environment.set("PORTOLAN_DISCOVER", "environment");
  const Serve two = it.serve();
  CHECK(two.search.interval == 2s);
  CHECK(two.print == options::Print::none);
  CHECK(texts_of(two.search.queries) == Words{"environment"});
  CHECK(two.log.level == "debug");
  const Serve three = it.serve({"--interval=1s", "--print", "text", "--discover", "option"});
  CHECK(three.search.interval == 1s);
  CHECK(three.print == options::Print::text);
  CHECK(texts_of(three.search.queries) == Words{"option"});
  CHECK(three.log.level == "debug");
}

TEST_CASE("the environment can name the file") {
  Fixture it("port = 5000\n");
  it.environment.set("PORTOLAN_CONFIG", it.path);
  CHECK(parse_as<Serve>({"serve"}).port == 5000);
  it.environment.set("PORTOLAN_CONFIG", "");
  CHECK(parse_as<Serve>({"serve"}).port == 4369);
}

TEST_CASE("other commands do not read the file") {
  Fixture it("port = nonsense\n");
  it.environment.set("PORTOLAN_CONFIG", it.path);
  CHECK(parse_as<options::Kill>({"kill"}).port == 4369);
  CHECK(parse_as<options::Discover>({"discover", "web"}).search.queries.size() == 1);
}

TEST_CASE("a file that cannot be read is refused with its name") {
  const Bare bare;
  const Folder folder;
  CHECK(refusal_of({"serve", "--config", folder / "none"})
            .find("cannot read " + folder / "none: No such file or directory") !=
        std::string::npos);
  CHECK(refusal_of({"serve", "--config=" + folder / ""}).find("cannot read " + folder / "") !=
        std::string::npos);
  CHECK(refusal_of({"serve", "--config"}).find("--config") != std::string::npos);
}

TEST_CASE("a name that is no option of serve is refused with its name and its file") {
  const std::string text = GENERATE("intervall = 5s\n", "config = /another\n", "help = true\n",
                                    "[serve]\nport = 5000\n", "port.x = 1\n");
  const Fixture it(text);
  const std::string said = it.refusal();
  CHECK(said.find(it.path + " sets '") != std::string::npos);
  CHECK(said.find("which is no option of serve") != std::string::npos);
}

TEST_CASE("a wrong value in the file is refused as on the command line") {
  const auto [text, said] = GENERATE(table<std::string, std::string>({
      {"interval = soon\n", "'soon' is not a duration; write 500ms, 5s, 2m or 1h"},
      {"discover = \"a b\"\n", "'a b' is not a query; write HOST, HOST:PORT or srv:NAME"},
      {"port = http\n", "'http' is not a port"},
      {"print = xml\n", "'xml' is not one of text|json|none"},
      {"relaxed-command-check = maybe\n", "maybe"},
  }));
  CHECK(Fixture(text).refusal().find(said) != std::string::npos);
}

TEST_CASE("an empty file changes nothing") {
  const std::string text = GENERATE("", "\n\n", "# nothing\n; nothing\n");
  const Serve serve = Fixture(text).serve();
  CHECK(serve.port == 4369);
  CHECK(serve.search.queries.empty());
}

TEST_CASE("a command line is kept to be read again with what its file then says") {
  const Fixture it("discover = web\n");
  const Serve before = it.serve({"--interval", "9s"});
  put_text(it.path, "discover = [web, db]\ninterval = 1s\n");
  const Serve after = parse_as<Serve>(before.arguments);
  CHECK(texts_of(after.search.queries) == Words{"web", "db"});
  CHECK(after.search.interval == 9s);
}
