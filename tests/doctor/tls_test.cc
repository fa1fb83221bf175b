#include "doctor/tls.h"

#include "catch.h"

namespace doctor {
namespace {

using End = net::TcpExchange::End;
using Kind = tls::Failure::Kind;

const std::string place = "10.0.0.7:41000";

tls::Certificate certificate() {
  return {"/CN=web", "/CN=authority", {"web", "10.0.0.7"}, 0, 24 * 60 * 60};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

CheckResult judge(const TlsMeeting& meeting) {
  CheckResult result = judge_tls(place, "web", meeting);
  CHECK(result.meaning.empty() != result.has_failed());
  CHECK(result.remedy.empty() != result.has_failed());
  return result;
}

CheckResult judge_failure(Kind kind, const std::string& text, bool has_own = false) {
  TlsMeeting meeting;
  meeting.end = End::tls_failed;
  meeting.failure = {kind, text};
  meeting.certificate = certificate();
  meeting.has_certificate = has_own;
  return judge(meeting);
}

TEST_CASE("of TLS that works, the doctor tells what was agreed on") {
  TlsMeeting meeting = {true, {}, {}, "TLSv1.3", certificate(), false, false, true};
  CHECK(judge(meeting).found ==
        "TLSv1.3, certificate /CN=web for 'web', '10.0.0.7', from /CN=authority, 1970-01-01 to "
        "1970-01-02; it wants no certificate of ours");
  meeting.wants_certificate = true;
  CHECK(has(judge(meeting).found, "and we have none"));
  meeting.has_certificate = true;
  CHECK(has(judge(meeting).found, "and got ours"));
  meeting.certificate.reset();
  CHECK(has(judge(meeting).found, "TLSv1.3, no certificate;"));
}

TEST_CASE("a certificate for another host is told, with the hosts that it is for") {
  const TlsMeeting meeting = {true, {}, {}, "TLSv1.3", certificate(), false, false, false};
  CHECK(has(judge(meeting).found, "is not for 'web'"));
  CHECK(has(judge(meeting).found, "'10.0.0.7'"));
}

TEST_CASE("each way in which TLS fails has its own remedy") {
  CHECK(has(judge_failure(Kind::untrusted, "certificate has expired").remedy, "renew"));
  CHECK(has(judge_failure(Kind::untrusted, "certificate has expired").found, "from /CN=authority"));
  CHECK(has(judge_failure(Kind::alert, "certificate required").remedy, "--tls-cert"));
  CHECK(has(judge_failure(Kind::alert, "unknown ca", true).remedy, "its authorities have signed"));
  CHECK(has(judge_failure(Kind::no_tls, "wrong version number").remedy, "inet_tls"));
  CHECK(has(judge_failure(Kind::other, "dh key too small").found, "dh key too small"));
}

TEST_CASE("a node without TLS says nothing, or closes") {
  TlsMeeting meeting;
  for (const End end : {End::silent, End::closed}) {
    meeting.end = end;
    CHECK(has(judge(meeting).meaning, "without TLS"));
  }
}

}  // namespace
}  // namespace doctor
