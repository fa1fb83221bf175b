#include "http/message.h"

#include <string>

#include "catch.h"
#include "seeds.h"

using namespace std::string_literals;
using http::Reader;
using http::Response;
using State = Reader::State;

namespace {

const std::string plain =
    "GET /v1/sd?port=9568&x HTTP/1.1\r\nHost: h\r\nLast-Event-ID: 7-1\r\n\r\n";

/// The status that a request comes to: 0 while it is not whole, 200 if it is taken. It arrives in
/// pieces of that size.
unsigned status_in_pieces(const std::string& request, size_t piece) {
  Reader reader;
  State state = State::reading;
  for (size_t at = 0; at < request.size() && state == State::reading; at += piece)
    state = reader.receive(request.substr(at, piece));
  if (state == State::reading) return 0;
  return state == State::whole ? 200 : reader.fault().status;
}

unsigned status_of(const std::string& request) { return status_in_pieces(request, request.size()); }

/// The same, wherever the request is cut.
unsigned status_wherever_cut(const std::string& request) {
  const unsigned status = status_of(request);
  for (size_t piece = 1; piece < request.size(); ++piece) {
    INFO("in pieces of " << piece);
    CHECK(status_in_pieces(request, piece) == status);
  }
  return status;
}

const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n";

}  // namespace

TEST_CASE("a request is read, be it whole or byte by byte") {
  const size_t piece = GENERATE(size_t{1}, size_t{7}, plain.size());
  Reader reader;
  State state = State::reading;
  for (size_t at = 0; at < plain.size(); at += piece) {
    CHECK(state == State::reading);
    state = reader.receive(plain.substr(at, piece));
    CHECK(reader.has_begun());
  }
  REQUIRE(state == State::whole);
  const http::Request request = reader.take();
  CHECK(request.method == "GET");
  CHECK(request.path == "/v1/sd");
  CHECK(request.query == "port=9568&x");
  CHECK(request.last_event_id == "7-1");
  CHECK(request.may_stay);
  CHECK_FALSE(reader.has_begun());
}

TEST_CASE("requests that come together are read one after another") {
  Reader reader;
  CHECK(reader.receive(plain + "HEAD / HTTP/1.0\r\n\r\nGET") == State::whole);
  CHECK(reader.take().path == "/v1/sd");
  CHECK(reader.receive({}) == State::whole);
  const http::Request second = reader.take();
  CHECK(second.method == "HEAD");
  CHECK_FALSE(second.may_stay);
  CHECK(reader.has_begun());
  CHECK(reader.receive({}) == State::reading);
}

TEST_CASE("what is too long, has a body or is no HTTP is refused with its status") {
  CHECK(status_of(head) == 0);
  CHECK(status_of(head + "\r\n") == 200);
  CHECK(status_of(head + "X: " + std::string(Reader::header_bytes_max, 'a') + "\r\n\r\n") == 431);
  CHECK(status_of(head + "Content-Length: 1\r\n\r\na") == 413);
  CHECK(status_of(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") == 413);
  CHECK(status_of("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\na") == 405);
  CHECK(status_of("\x16\x03\x01\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nno colon\r\n\r\n") == 400);
}

TEST_CASE("a request whose end its transfer coding does not tell is refused") {
  const std::string coding =
      GENERATE("xchunked"s, "gzip"s, "identity"s, "chunked, gzip"s, "chunked, chunked"s,
               "chunked;a=b"s, ""s, ","s, "chunked\r\nTransfer-Encoding: gzip"s);
  const std::string method = GENERATE("GET"s, "POST"s);
  INFO(method << ' ' << coding);
  CHECK(status_wherever_cut(method + " / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + coding +
                            "\r\n\r\n") == 400);
}

TEST_CASE("a transfer coding that is not known is not implemented") {
  for (const std::string coding : {"gzip, chunked", "xchunked, CHUNKED", "identity,chunked",
                                   "gzip\r\nTransfer-Encoding: chunked"})
    CHECK(status_wherever_cut(head + "Transfer-Encoding: " + coding + "\r\n\r\n") == 501);
}

TEST_CASE("chunked bodies are refused as others are") {
  const std::string chunks = "3\r\nabc\r\n0\r\n\r\n";
  for (const std::string coding : {"chunked", "Chunked", " chunked ,", ", chunked"}) {
    const std::string field = "Transfer-Encoding: " + coding + "\r\n\r\n";
    CHECK(status_wherever_cut(head + field + chunks) == 413);
    CHECK(status_wherever_cut("PUT / HTTP/1.1\r\nHost: h\r\n" + field + chunks) == 405);
  }
}

TEST_CASE("two ways to tell a request's length are one too many") {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string length = "Content-Length: 3\r\n";
  CHECK(status_wherever_cut(head + chunked + length + "\r\nabc") == 400);
  CHECK(status_wherever_cut(head + length + chunked + "\r\nabc") == 400);
  CHECK(status_wherever_cut(head + "Transfer-Encoding: gzip\r\n" + length + "\r\nabc") == 400);
  CHECK(status_wherever_cut(head + "Transfer-Encoding: gzip\r\nContent-Length: 0\r\n\r\n") == 400);
  CHECK(status_wherever_cut(head + length + "Content-Length: 4\r\n\r\nabc") == 400);
  CHECK(status_wherever_cut(head + "Content-Length: 0\r\n" + length + "\r\nabc") == 400);
  CHECK(status_wherever_cut(head + "Content-Length: 3, 4\r\n\r\nabc") == 400);
  CHECK(status_wherever_cut("GET / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n") == 400);
}

TEST_CASE("a host is asked for from HTTP/1.1 on, and one only") {
  CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\r\nHost:\r\n\r\n") == 200);
  CHECK(status_of("GET / HTTP/1.0\r\n\r\n") == 200);
}

TEST_CASE("whom a request is for is what its target says, otherwise its host field") {
  const auto host_of = [](const std::string& request) {
    Reader reader;
    REQUIRE(reader.receive(request) == State::whole);
    return reader.take().host;
  };
  CHECK(host_of("GET / HTTP/1.1\r\nHost: Web.Example:80\r\n\r\n") == "web.example");
  CHECK(host_of("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n") == "evil.example");
  CHECK(host_of("GET HTTP://[::1]:9370?a=b HTTP/1.1\r\nHost: x\r\n\r\n") == "::1");
  CHECK(host_of("GET / HTTP/1.0\r\n\r\n") == "");
  CHECK(host_of("GET / HTTP/1.0\r\nHost: a.b\r\n\r\n") == "a.b");
}

TEST_CASE("a host that is none is refused") {
  for (const std::string host : {"a b", "a/b", "user@a", "a:b", "[::1", "\xc3\xb6"}) {
    CHECK(status_wherever_cut("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n") == 400);
    CHECK(status_wherever_cut("GET / HTTP/1.0\r\nHost: " + host + "\r\n\r\n") == 400);
  }
  CHECK(status_wherever_cut("GET http://a@b/ HTTP/1.1\r\nHost: x\r\n\r\n") == 400);
  CHECK(status_wherever_cut("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
}

TEST_CASE("a target is a path, as proxies are asked for it too") {
  const auto path_of = [](const std::string& target) {
    Reader reader;
    REQUIRE(reader.receive("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n") == State::whole);
    const http::Request request = reader.take();
    return request.path + (request.query.empty() ? "" : "|" + request.query);
  };
  CHECK(path_of("/v1/sd") == "/v1/sd");
  CHECK(path_of("http://h:9370/v1/sd?port=1") == "/v1/sd|port=1");
  CHECK(path_of("HTTP://h") == "/");
  CHECK(path_of("http://h?a=http://x/y") == "/|a=http://x/y");
  CHECK(path_of("/http://h/x") == "/http://h/x");
}

TEST_CASE("empty lines before a request are no part of it") {
  Reader reader;
  CHECK(reader.receive("\r\n") == State::reading);
  CHECK_FALSE(reader.has_begun());
  CHECK(reader.receive("\r\n" + plain) == State::whole);
  CHECK(reader.take().path == "/v1/sd");
}

TEST_CASE("empty lines between requests are no part of them, wherever they are cut") {
  const std::string requests = plain + "\r\n\r\n" + plain + "\n";
  const size_t piece = GENERATE_COPY(range(size_t{1}, requests.size() + 1));
  INFO("in pieces of " << piece);
  Reader reader;
  size_t read = 0;
  for (size_t at = 0; at < requests.size(); at += piece)
    for (State state = reader.receive(requests.substr(at, piece)); state != State::reading;
         state = reader.receive({})) {
      REQUIRE(state == State::whole);
      CHECK(reader.take().path == "/v1/sd");
      ++read;
    }
  CHECK(read == 2);
  CHECK_FALSE(reader.has_begun());
}

TEST_CASE("an older client's connection does not stay, even if it asks") {
  Reader reader;
  CHECK(reader.receive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") == State::whole);
  CHECK_FALSE(reader.take().may_stay);
}

TEST_CASE("a fault stays one, whatever comes after") {
  Reader reader;
  CHECK(reader.receive("nonsense\r\n\r\n") == State::wrong);
  CHECK(reader.receive(plain) == State::wrong);
  CHECK(reader.fault().status == 400);
}

TEST_CASE("a response says how long it is, and whether the connection stays") {
  Response response;
  response.body = "ok\n";
  response.fields = {{"Retry-After", "5"}};
  const std::string staying = encode(response, false, true);
  CHECK(staying.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(staying.find("Content-Length: 3\r\n") != std::string::npos);
  CHECK(staying.find("Retry-After: 5\r\n") != std::string::npos);
  CHECK(staying.find("Connection:") == std::string::npos);
  CHECK(staying.ends_with("\r\n\r\nok\n"));
  CHECK(encode(response, false, false).find("Connection: close\r\n") != std::string::npos);
  CHECK(encode(response, true, true).ends_with("\r\n\r\n"));
}

TEST_CASE("a response that goes on has no length") {
  Response response;
  response.is_stream = true;
  const std::string text = encode(response, false, true);
  CHECK(text.find("Content-Length") == std::string::npos);
  CHECK(text.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("a parameter is found by its whole name") {
  CHECK(http::http_parameter("a=1&port=2&portx=3", "port") == "2");
  CHECK(http::http_parameter("port", "port") == "");
  CHECK(http::http_parameter("port=", "port") == "");
  CHECK_FALSE(http::http_parameter("xport=1&portx", "port"));
  CHECK_FALSE(http::http_parameter("", "port"));
}
