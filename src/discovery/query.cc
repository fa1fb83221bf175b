#include "discovery/query.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/host_port.h"
#include "base/number.h"

namespace discovery {
namespace {

using base::Error;
using base::Result;

constexpr size_t dns_name_bytes_max = 253;
constexpr std::string_view service_prefix = "srv:";

bool may_stand_in_name(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':';
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= dns_name_bytes_max && name.front() != '.' &&
         name.find("..") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), may_stand_in_name);
}

bool is_ipv4(std::string_view text) {
  int parts = 0;
  for (bool is_last = false; !is_last; ++parts) {
    const size_t end = std::min(text.find('.'), text.size());
    if (!base::parse_number<uint8_t>(text.substr(0, end))) return false;
    is_last = end == text.size();
    text.remove_prefix(is_last ? end : end + 1);
  }
  return parts == 4;
}

/// No name has a colon, or numbers and dots alone: these are addresses, if they are well written.
bool is_wrong_address(std::string_view host) {
  constexpr auto none = std::string_view::npos;
  if (host.find(':') != none) return host.find_first_not_of("0123456789abcdefABCDEF:.") != none;
  const bool is_number = host.find_first_not_of("0123456789.") == none;
  return is_number && host.find('.') != none && !is_ipv4(host);
}

Error not_a_query(std::string_view text) {
  std::string message = "'";
  message += text;
  message += "' is not a query; write HOST, HOST:PORT or srv:NAME, such as web or tasks.web:4369";
  return {std::move(message)};
}

}  // namespace

Result<Query> parse_query(std::string_view text, uint16_t port_default) {
  const bool is_service = text.starts_with(service_prefix);
  if (is_service) {
    const std::string_view name = text.substr(service_prefix.size());
    if (!is_name(name) || name.find(':') != std::string_view::npos) return not_a_query(text);
    return Query{Query::Kind::service, std::string(name), port_default, std::string(text)};
  }
  std::optional<base::HostPort> host = base::parse_host_port(text);
  if (!host || !is_name(host->host) || is_wrong_address(host->host)) return not_a_query(text);
  const bool is_in_brackets = text.front() == '[';
  if (is_in_brackets && !base::is_ipv6(host->host)) return not_a_query(text);
  return Query{Query::Kind::host, std::move(host->host), host->port.value_or(port_default),
               std::string(text)};
}

}  // namespace discovery
