#include <algorithm>
#include <charconv>

#include "base/host_port.h"
#include "options/options.h"

namespace options {
namespace {

using std::chrono::milliseconds;

std::optional<milliseconds> unit_of(std::string_view suffix) {
  if (suffix == "ms") return milliseconds(1);
  if (suffix.empty() || suffix == "s") return std::chrono::seconds(1);
  if (suffix == "m") return std::chrono::minutes(1);
  if (suffix == "h") return std::chrono::hours(1);
  return std::nullopt;
}

size_t digits_in(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

std::optional<int64_t> parse_count(std::string_view digits) {
  int64_t count = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, fault] = std::from_chars(digits.data(), end, count);
  if (fault != std::errc{} || stopped != end) return std::nullopt;
  return count;
}

}  // namespace

bool is_duration(std::string_view text) {
  const size_t digits = digits_in(text);
  return digits > 0 && unit_of(text.substr(digits));
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  const size_t digits = digits_in(text);
  const auto count = parse_count(text.substr(0, digits));
  const auto unit = unit_of(text.substr(digits));
  if (!count || !unit || *count > duration_max / *unit) return std::nullopt;
  return *unit * *count;
}

std::optional<Endpoint> parse_endpoint(std::string_view text, uint16_t port_default) {
  const std::optional<base::HostPort> host = base::parse_host_port(text);
  if (!host) return std::nullopt;
  return Endpoint{host->host, host->port.value_or(port_default)};
}

}  // namespace options
