#include "web/gate.h"

#include "catch.h"
#include "logging/captured_log.h"

namespace {

http::Request request_for(const std::string& host, const std::string& path) {
  http::Request request;
  request.host = host;
  request.path = path;
  return request;
}

}  // namespace

TEST_CASE("a request for a name that is not ours is refused, counted, and logged once") {
  const CapturedLog log;
  web::Gate gate(http::Hosts("node1", {}));
  CHECK_FALSE(gate.refuse(request_for("node1", "/v1/names")));
  for (uint64_t i = 1; i <= 3; ++i) {
    const auto refusal = gate.refuse(request_for("evil.example", "/v1/names"));
    REQUIRE(refusal);
    CHECK(refusal->status == 421);
    CHECK(refusal->body.find("--http-host evil.example") != std::string::npos);
    CHECK(gate.refused() == i);
  }
  const std::string lines = log.text();
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
  CHECK(lines.find("refused a request for 'evil.example'") != std::string::npos);
}

TEST_CASE("health and readiness are told whatever name they are asked by") {
  web::Gate gate(http::Hosts("node1", {}));
  CHECK_FALSE(gate.refuse(request_for("evil.example", "/healthz")));
  CHECK_FALSE(gate.refuse(request_for("evil.example", "/readyz")));
  CHECK(gate.refused() == 0);
}
