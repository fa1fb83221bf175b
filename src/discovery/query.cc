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
constexpr std::string_view service_of_nodes_prefix = "srv-dist:";
constexpr std::string_view nodes_prefix = "dist:";

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
  message +=
      "' is not a query; write HOST, HOST:PORT or srv:NAME, such as web or tasks.web:4369, or for "
      "nodes without an EPMD dist:HOST:PORT or srv-dist:NAME";
  return {std::move(message)};
}

std::optional<Query> service_at(std::string_view name) {
  if (!is_name(name) || name.find(':') != std::string_view::npos) return std::nullopt;
  return Query{Query::Kind::service, std::string(name)};
}

std::optional<Query> host_at(std::string_view text, std::optional<uint16_t> port_default) {
  std::optional<base::HostPort> host = base::parse_host_port(text);
  if (!host || !is_name(host->host) || is_wrong_address(host->host)) return std::nullopt;
  const bool is_in_brackets = text.front() == '[';
  if (is_in_brackets && !base::is_ipv6(host->host)) return std::nullopt;
  const std::optional<uint16_t> port_no = host->port ? host->port : port_default;
  if (!port_no) return std::nullopt;
  return Query{Query::Kind::host, std::move(host->host), *port_no};
}

/// "dist:4369" is the port of a host that is called so.
bool is_of_nodes(std::string_view text) {
  return text.starts_with(nodes_prefix) && !base::parse_port_no(text.substr(nodes_prefix.size()));
}

std::optional<Query> read_query(std::string_view text, uint16_t port_default) {
  if (text.starts_with(service_prefix)) return service_at(text.substr(service_prefix.size()));
  if (text.starts_with(service_of_nodes_prefix))
    return service_at(text.substr(service_of_nodes_prefix.size()));
  if (is_of_nodes(text)) return host_at(text.substr(nodes_prefix.size()), std::nullopt);
  return host_at(text, port_default);
}

}  // namespace

Result<Query> parse_query(std::string_view text, uint16_t port_default) {
  std::optional<Query> query = read_query(text, port_default);
  if (!query) return not_a_query(text);
  query->text = text;
  if (text.starts_with(service_of_nodes_prefix) || is_of_nodes(text))
    query->behind = Query::Behind::nodes;
  return *std::move(query);
}

}  // namespace discovery
