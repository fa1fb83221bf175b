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

TEST_CASE("a wrong line of the file is refused with the file's name and the line's number") {
  const auto [text, line, said] = GENERATE(table<std::string, std::string, std::string>({
      {"intervall = 5s\n", "1",
       "'intervall' is no option of a configuration file; did you mean `i"},
      {"\n# more\nconfig = /another\n", "3", "'config' is no option of a configuration file"},
      {"help = true\n", "1", "'help' is no option of a configuration file"},
      {"check-config = true\n", "1", "'check-config' is no option of a configuration file"},
      {"port = 5000\n[serve]\n", "2", "'[serve]' begins a section"},
      {"port.x = 1\n", "1", "'port.x' is no option of a configuration file"},
      {"port: 5000\n", "1", "'port: 5000' is not a setting; write name = value"},
      {"= 5000\n", "1", "a name is missing; write name = value"},
      {"port\n", "1", "'port' has no value; write port = N"},
      {"port =\n", "1", "'port' has no value"},
      {"discover = [\"web\",\n\"db\"\n\n", "1", "the list 'discover' is not closed"},
      {"discover = [web,,db]\n", "1", "an item of the list is empty"},
      {"\n\non-change = \"echo\n", "3", "a quote is not closed"},
      {"on-change = \"echo\" x\n", "1", "'x' stands behind the value"},
  }));
  const Fixture it(text);
  INFO(text);
  CHECK(it.refusal().find(it.path + ':' + line + ": " + said) != std::string::npos);
}

TEST_CASE("a wrong value in the file is refused with its file, line and option") {
  const auto [text, said] = GENERATE(table<std::string, std::string>({
      {"\ninterval = soon\n",
       ":2: --interval: 'soon' is not a duration; write 500ms, 5s, 2m or 1h"},
      {"discover = \"a b\"\n",
       ":1: --discover: 'a b' is not a query; write HOST, HOST:PORT or srv"},
      {"port = http\n", ":1: --port: 'http' is not a port"},
      {"print = xml\n", ":1: --print: 'xml' is not one of text|json|none"},
      {"relaxed-command-check = maybe\n", ":1: --relaxed-command-check: 'maybe' is not true or"},
      {"port = 1\n\nport = 2\n", ":3: --port: it is given twice"},
      {"port = \"\"\n", ":1: --port: a value is missing; write --port N"},
  }));
  const Fixture it(text);
  INFO(text);
  CHECK(it.refusal().find(it.path + said) != std::string::npos);
}

TEST_CASE("a file may begin with a byte-order mark, and end its lines as Windows does") {
  CHECK(Fixture("\xEF\xBB\xBFport = 5000\r\nprint = none\r\n").serve().port == 5000);
}

TEST_CASE("a list may take several lines, and a number sign in quotes is no comment") {
  const Serve serve = Fixture(
                          "discover = [\"web\",  # one\n  'srv:db',\n]\n"
                          "on-change = \"echo #1\"  # it is\nnodes = a*\n"
                          "relaxed-command-check\n")
                          .serve();
  CHECK(texts_of(serve.search.queries) == Words{"web", "srv:db"});
  CHECK(serve.on_change == "echo #1");
  CHECK(serve.search.filter.wanted == Words{"a*"});
  CHECK(serve.relaxed_command_check);
}

TEST_CASE("an empty variable does not keep the file's value away") {
  Fixture it("interval = 3s\n");
  it.environment.set("PORTOLAN_INTERVAL", "");
  CHECK(it.serve().search.interval == 3s);
}

TEST_CASE("serve and run can have one file, and serve says what it has no use for") {
  const Fixture it("port = 5000\nsignal-group = true\nwait-for-own-name = 60s\n");
  const Serve serve = it.serve();
  CHECK(serve.port == 5000);
  CHECK(serve.warnings ==
        Words{it.path + ":2: --signal-group has no effect without portolan run",
              it.path + ":3: --wait-for-own-name has no effect without portolan run"});
  const auto run = parse_as<options::Run>({"run", "--config", it.path, "--", "erl"});
  CHECK(run.is_for_group);
  CHECK(run.own_name_timeout == 60s);
  CHECK(run.serve.warnings.empty());
}

TEST_CASE("an option of run without a value is refused for serve too") {
  CHECK(
      Fixture("wait-for-own-name\n").refusal().find("has no value; write wait-for-own-name = D") !=
      std::string::npos);
  CHECK(Fixture("signal-grup\n").refusal().find("did you mean `signal-group`?") !=
        std::string::npos);
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
