#include "base/host_port.h"

#include <algorithm>

#include "base/number.h"

namespace base {

std::optional<uint16_t> parse_port_no(std::string_view digits) {
  const auto port_no = parse_number<uint16_t>(digits);
  return port_no == 0 ? std::nullopt : port_no;
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const bool is_bracketed = text.starts_with('[');
  const bool is_bare_ipv6 = !is_bracketed && text.find(':') != text.rfind(':');
  if (is_bare_ipv6) return HostPort{std::string(text)};
  const size_t host_end = is_bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (host_end == std::string_view::npos) return std::nullopt;
  const std::string_view host = text.substr(is_bracketed, host_end - is_bracketed);
  const std::string_view rest = text.substr(host_end + is_bracketed);
  if (host.empty()) return std::nullopt;
  if (rest.empty()) return HostPort{std::string(host)};
  const auto port_no = parse_port_no(rest.substr(1));
  if (rest.front() != ':' || !port_no) return std::nullopt;
  return HostPort{std::string(host), *port_no};
}

bool is_ipv6(std::string_view host) { return host.find(':') != std::string_view::npos; }

bool is_loopback(std::string_view ip) { return ip == "::1" || ip.starts_with("127."); }

bool is_unspecified(std::string_view ip) { return ip == "0.0.0.0" || ip == "::"; }

std::string join_host_port(std::string_view host, uint16_t port) {
  const std::string text(host);
  return (is_ipv6(host) ? '[' + text + ']' : text) + ':' + std::to_string(port);
}

}  // namespace base
