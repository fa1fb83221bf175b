#include "doctor/tls.h"

#include <fmt/core.h>

#include <array>
#include <ctime>

namespace doctor {
namespace {

using End = net::TcpExchange::End;

std::string date(std::time_t time) {
  std::tm parts = {};
  std::array<char, 16> text = {};
  gmtime_r(&time, &parts);
  strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return text.data();
}

std::string hosts_of(const tls::Certificate& certificate) {
  std::string list;
  for (const std::string& host : certificate.hosts)
    list += (list.empty() ? "'" : ", '") + host + "'";
  return list.empty() ? "no host that it names" : list;
}

std::string describe(const tls::Certificate& certificate) {
  return fmt::format("certificate {} for {}, from {}, {} to {}", certificate.subject,
                     hosts_of(certificate), certificate.issuer, date(certificate.begins),
                     date(certificate.ends));
}

std::string describe(const TlsMeeting& meeting) {
  return meeting.certificate ? describe(*meeting.certificate) : "no certificate";
}

CheckResult without_tls(const std::string& found) {
  return failed(found,
                "the node may run without TLS: whoever connects to it through TLS waits in vain",
                "start it with -proto_dist inet_tls, or leave out the --tls options");
}

CheckResult untrusted(const std::string& place, const TlsMeeting& meeting) {
  return failed(fmt::format("{} has a certificate that is not to be trusted: {} ({})", place,
                            meeting.failure.text, describe(meeting)),
                "nodes with the same authorities do not connect to it",
                "renew its certificate if it is too old; if another authority has signed it, give "
                "that one's certificate (--tls-ca, cacertfile)");
}

CheckResult for_another_host(const std::string& place, const std::string& host,
                             const TlsMeeting& meeting) {
  return failed(
      fmt::format("{} has a certificate that is not for '{}': {}", place, host, describe(meeting)),
      "a node that verifies its peers looks for the host part of the node's name there",
      "put that host into the certificate's subjectAltName (wildcards do not count), or let the "
      "nodes do without: {server_name_indication, disable} for the client in ssl_dist.conf");
}

std::string describe_ours(const TlsMeeting& meeting) {
  if (!meeting.wants_certificate) return "it wants no certificate of ours";
  return meeting.has_certificate ? "it wants a certificate, and got ours"
                                 : "it asks for a certificate, and we have none";
}

CheckResult judge_end(const std::string& place, const TlsMeeting& meeting) {
  if (meeting.end == End::silent) return without_tls(place + " does not answer to TLS");
  if (meeting.end == End::closed) return without_tls(place + " closes when TLS begins");
  switch (meeting.failure.kind) {
    case tls::Failure::Kind::no_tls: return without_tls(place + " does not speak TLS");
    case tls::Failure::Kind::untrusted: return untrusted(place, meeting);
    case tls::Failure::Kind::alert:
      return judge_alert(place, meeting.failure.text, meeting.has_certificate);
    default: break;
  }
  return failed(place + ": " + meeting.failure.text, "no TLS connection comes about",
                "see the log of the node, which may say more");
}

}  // namespace

CheckResult judge_alert(const std::string& place, const std::string& alert, bool has_certificate) {
  return failed(fmt::format("{} breaks off: {}", place, alert),
                has_certificate
                    ? "the node does not trust our certificate, or has no version or cipher in "
                      "common with us"
                    : "the node wants a certificate (fail_if_no_peer_cert), or has no version or "
                      "cipher in common with us",
                has_certificate
                    ? "give a certificate that its authorities have signed, and that is not too old"
                    : "give ours with --tls-cert and --tls-key, or with --tls-conf");
}

CheckResult judge_tls(const std::string& place, const std::string& host,
                      const TlsMeeting& meeting) {
  if (!meeting.is_open) return judge_end(place, meeting);
  if (!meeting.is_for_host) return for_another_host(place, host, meeting);
  return ok(fmt::format("{}, {}; {}", meeting.version, describe(meeting), describe_ours(meeting)));
}

}  // namespace doctor
