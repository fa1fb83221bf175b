#include "http/host.h"

#include <algorithm>

#include "base/host_port.h"
#include "net/address.h"

namespace http {
namespace {

/// What RFC 3986, 3.2.2 allows in a registered name, and the colons of IPv6. No user is before it.
bool may_stand_in_host(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool is_digit = c >= '0' && c <= '9';
  constexpr std::string_view others = "-._~%!$&'()*+,;=:";
  return is_letter || is_digit || others.find(c) != std::string_view::npos;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string normal(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string text(host);
  std::transform(text.begin(), text.end(), text.begin(), lower);
  return text;
}

/// `text` begins behind the bracket.
std::optional<std::string> parse_bracketed(std::string_view text) {
  const size_t end = text.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view port = text.substr(end + 1);
  const std::string_view address = text.substr(0, std::min(text.find('%'), end));
  const bool is_port =
      port.empty() || port == ":" || (port.front() == ':' && base::parse_port_no(port.substr(1)));
  if (!is_port || !net::Address::parse(address, 0)) return std::nullopt;
  return normal(address);
}

/// A name in no domain.
bool is_single_label(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_address(std::string_view host) { return net::Address::parse(host, 0).has_value(); }

bool is_below(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() && host.ends_with(domain);
}

}  // namespace

std::optional<std::string> parse_http_host(std::string_view text) {
  if (text.starts_with('[')) return parse_bracketed(text.substr(1));
  if (!std::all_of(text.begin(), text.end(), may_stand_in_host)) return std::nullopt;
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return normal(text);
  const std::string_view port = text.substr(colon + 1);
  if (!port.empty() && !base::parse_port_no(port)) return std::nullopt;
  return normal(text.substr(0, colon));
}

Hosts::Hosts(std::string_view own, const std::vector<std::string>& further) {
  if (!own.empty()) names_.push_back(normal(own));
  for (const std::string& each : further) {
    if (each == "*")
      accepts_any_ = true;
    else if (each.starts_with("*."))
      domains_.push_back(normal(each.substr(1)));
    else
      names_.push_back(normal(each));
  }
}

bool Hosts::accepts(std::string_view host) const {
  if (accepts_any_ || is_single_label(host) || is_address(host)) return true;
  if (is_below(host, ".localhost")) return true;
  return std::find(names_.begin(), names_.end(), host) != names_.end() ||
         std::any_of(domains_.begin(), domains_.end(),
                     [host](const std::string& domain) { return is_below(host, domain); });
}

bool Hosts::is_pattern(std::string_view text) {
  if (text == "*") return true;
  if (text.starts_with("*.")) text.remove_prefix(2);
  const bool is_name = text.find_first_of(":*") == std::string_view::npos;
  return is_name && !text.empty() && !text.starts_with('.') && parse_http_host(text);
}

}  // namespace http
