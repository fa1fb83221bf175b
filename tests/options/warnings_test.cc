#include "options/warnings.h"

#include "options/command_lines.h"
#include "outputs/folder.h"

namespace {

Words warnings_of(const Words& words) { return parse_as<options::Serve>(words).warnings; }

}  // namespace

TEST_CASE("an option without effect is warned of, with what it needs") {
  const Bare bare;
  const auto [words, warning] = GENERATE(table<Words, std::string>({
      {{"--drain", "5s"}, "--drain has no effect without --http"},
      {{"--http-host", "x"}, "--http-host has no effect without --http"},
      {{"--push-to", "x"}, "--push-to has no effect without --push message"},
      {{"--push-to", "x", "--push", "connect"}, "--push-to has no effect without --push message"},
      {{"--cookie-file", "/x"}, "--cookie-file has no effect without --push or --mesh"},
      {{"--interval", "1s"}, "--interval has no effect without --discover QUERY"},
      {{"--nodes", "x"}, "--nodes has no effect without --discover QUERY"},
      {{"--ignore", "x"}, "--ignore has no effect without --discover QUERY"},
      {{"--peers", "10.0.0.0/8"}, "--peers has no effect without --discover QUERY"},
      {{"--nameservers", "192.0.2.1"}, "--nameservers has no effect without --discover QUERY"},
      {{"--hosts-file", "/x"}, "--hosts-file has no effect without --discover QUERY"},
      {{"--nodes-file=/x"}, "--nodes-file has no effect without --discover QUERY"},
      {{"--on-change", "x"}, "--on-change has no effect without --discover QUERY"},
      {{"--print", "json"}, "--print has no effect without --discover QUERY"},
  }));
  Words line = words;
  line.insert(line.begin(), "serve");
  CHECK(warnings_of(line) == Words{warning});
}

TEST_CASE("an option that has its effect, or asks for nothing, is not warned of") {
  const Bare bare;
  CHECK(warnings_of({"serve"}).empty());
  CHECK(warnings_of({"serve", "--print", "none", "--push", "none"}).empty());
  CHECK(warnings_of({"serve", "--http", ":1", "--drain", "5s", "--http-host", "x"}).empty());
  CHECK(warnings_of({"serve", "--discover", "web", "--interval", "1s", "--hosts-file", "/x",
                     "--push", "message", "--push-to", "x", "--cookie-file", "/y"})
            .empty());
}

TEST_CASE("a warning names the variable, or the line of the file") {
  Bare bare;
  bare.environment.set("PORTOLAN_DRAIN", "5s");
  CHECK(warnings_of({"serve"}) == Words{"--drain (PORTOLAN_DRAIN) has no effect without --http"});
  const Folder folder;
  put_text(folder / "c", "\nhosts-file = /x\n");
  bare.environment.remove("PORTOLAN_DRAIN");
  CHECK(warnings_of({"serve", "--config", folder / "c"}) ==
        Words{folder / "c" + ":2: --hosts-file has no effect without --discover QUERY"});
}

TEST_CASE("a variable that other commands read too is not warned of") {
  Bare bare;
  bare.environment.set("PORTOLAN_INTERVAL", "1s");
  bare.environment.set("PORTOLAN_COOKIE_FILE", "/x");
  CHECK(warnings_of({"serve"}).empty());
}

TEST_CASE("an unknown variable is warned of, with the nearest that is known") {
  Bare bare;
  bare.environment.set("PORTOLAN_DISCOVR", "web");
  bare.environment.set("PORTOLAN_WHATEVER_ELSE", "1");
  CHECK(warnings_of({"serve"}) ==
        Words{"PORTOLAN_DISCOVR is set, and no option has this variable; did you mean "
              "`PORTOLAN_DISCOVER`?",
              "PORTOLAN_WHATEVER_ELSE is set, and no option has this variable"});
}

TEST_CASE("variables of a hook, the cookie, and a service's, are not unknown") {
  Bare bare;
  for (const char* const name :
       {"PORTOLAN_EVENT", "PORTOLAN_NODE", "PORTOLAN_COOKIE", "PORTOLAN_WEB_SERVICE_HOST",
        "PORTOLAN_SERVICE_PORT_HTTP", "PORTOLAN_PORT_4369_TCP_ADDR"})
    bare.environment.set(name, "x");
  bare.environment.set("PORTOLAN_WEB_PORT", "tcp://10.0.0.1:4369");
  CHECK(warnings_of({"serve"}).empty());
}

TEST_CASE("discover that looks once has no use for an interval") {
  const Bare bare;
  const auto once = parse_as<options::Discover>({"discover", "web", "--interval", "1s"});
  CHECK(once.warnings == Words{"--interval has no effect without --watch"});
  CHECK(parse_as<options::Discover>({"discover", "web", "--interval", "1s", "--watch"})
            .warnings.empty());
  const auto watch = parse_as<options::Discover>({"discover", "web", "--timeout=1s", "--watch"});
  CHECK(watch.warnings == Words{"--timeout has no effect with --watch"});
}
