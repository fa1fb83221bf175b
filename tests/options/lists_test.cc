// How lists are read, and that brackets are a part of an argument.

#include "options/command_lines.h"
#include "outputs/folder.h"

using options::Serve;

namespace {

Words texts_of(const Serve& serve) {
  Words texts;
  for (const discovery::Query& query : serve.search.queries) texts.push_back(query.text);
  return texts;
}

const Words expected = {"web", "db:5000", "srv:x"};

}  // namespace

TEST_CASE("blanks around the items of a list do not count on the command line") {
  const Bare bare;
  CHECK(texts_of(parse_as<Serve>({"serve", "--discover", "web, db:5000 ,\tsrv:x,"})) == expected);
  CHECK(texts_of(parse_as<Serve>(
            {"serve", "--discover= web", "--discover", "db:5000 , , srv:x"})) == expected);
}

TEST_CASE("blanks around the items of a list do not count in the environment") {
  Bare bare;
  bare.environment.set("PORTOLAN_DISCOVER", " web, db:5000 ,srv:x , ");
  CHECK(texts_of(parse_as<Serve>({"serve"})) == expected);
}

TEST_CASE("blanks around the items of a list do not count in the file") {
  const Bare bare;
  const Folder folder;
  const std::string text =
      GENERATE("discover = web, db:5000 ,srv:x\n", "discover = \" web , db:5000, srv:x\"\n",
               "discover = [ web , \" db:5000 , srv:x \" ]\n");
  put_text(folder / "conf", text);
  const auto serve = parse_as<Serve>({"serve", "--config", folder / "conf"});
  CHECK(texts_of(serve) == expected);
  CHECK(serve.given.at("--discover") == expected);
}

TEST_CASE("every option for a list is read so") {
  const Bare bare;
  const auto serve =
      parse_as<Serve>({"serve", "--address", "10.0.0.1, ::1", "--allow", "10.0.0.0/8, fd00::/8",
                       "--peers", " 10.0.0.0/8", "--nodes", "a*, b*", "--ignore", "c , d",
                       "--nameservers", "192.0.2.53, 192.0.2.54", "--http",
                       "127.0.0.1:9370, [::1]:9370", "--http-host", "a.x, b.x"});
  CHECK(serve.address == "10.0.0.1,::1");
  CHECK(serve.allowed.size() == 2);
  CHECK(serve.search.peers.size() == 1);
  CHECK(serve.search.nameservers == "192.0.2.53,192.0.2.54");
  CHECK(serve.http.size() == 2);
  CHECK(serve.http_hosts == Words{"a.x", "b.x"});
}

TEST_CASE("a list without an item is refused, and an empty variable is none") {
  Bare bare;
  CHECK(refusal_of({"serve", "--peers", " , "}).find("--peers: a value is missing") !=
        std::string::npos);
  bare.environment.set("PORTOLAN_PEERS", " , ");
  CHECK(refusal_of({"serve"}).find(
            "--peers (PORTOLAN_PEERS): a value is missing; write --peers C") != std::string::npos);
  bare.environment.set("PORTOLAN_PEERS", "");
  CHECK(parse_as<Serve>({"serve"}).search.peers.empty());
}

TEST_CASE("brackets belong to an argument") {
  const Bare bare;
  const auto discover =
      parse_as<options::Discover>({"discover", "[::1]", "--nodes", "[a]", "[::2]"});
  REQUIRE(discover.search.queries.size() == 2);
  CHECK(discover.search.queries[0].text == "[::1]");
  CHECK(discover.search.queries[1].name == "::2");
  CHECK(discover.search.filter.wanted == Words{"[a]"});
  CHECK(parse_as<options::Names>({"names", "[::1]", "[::2]:5000"}).endpoints.size() == 2);
  for (const char* const wrong : {"[web]", "[web,db]", "{}", "[]"}) {
    CHECK(refusal_of({"discover", wrong}).find(std::string("'") + wrong + "' is not a query") !=
          std::string::npos);
    CHECK(refusal_of({"wait", wrong}).find("is not a query") != std::string::npos);
  }
  CHECK(refusal_of({"names", "[]"}).find("'[]' is not an EPMD") != std::string::npos);
}

TEST_CASE("an IPv6 address to listen on may be in brackets") {
  const Bare bare;
  CHECK(parse_as<Serve>({"serve", "--address", "[::1]"}).address == "::1");
  CHECK(parse_as<Serve>({"serve", "--http", "[::1]:9370"}).http.size() == 1);
  CHECK(refusal_of({"serve", "--address", "[::1]:4369"}).find("--address: ") != std::string::npos);
  CHECK(refusal_of({"serve", "--http", "[::1]"}).find("--http: '[::1]' is not ADDR:PORT") !=
        std::string::npos);
}
