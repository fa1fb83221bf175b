#include "dist/node_name.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace dist {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Names of hosts, and addresses of both families.
bool may_stand_in_host_part(char c) {
  return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == ':';
}

/// Bytes of characters beyond ASCII pass here; whether they are UTF-8 is the caller's to ask.
bool may_stand_in_alive_name(char c) {
  constexpr std::string_view unwelcome = "'\"`\\$@";
  const auto byte = static_cast<unsigned char>(c);  // char has no sign on ARM
  return byte > ' ' && byte != 0x7f && unwelcome.find(c) == std::string_view::npos;
}

}  // namespace

std::optional<NodeName> parse_node_name(std::string_view text) {
  const size_t at = text.find('@');
  if (at == std::string_view::npos || text.size() > node_name_bytes_max) return std::nullopt;
  const std::string_view alive_name = text.substr(0, at);
  const std::string_view host_part = text.substr(at + 1);
  if (alive_name.empty() || host_part.empty()) return std::nullopt;
  if (!std::all_of(alive_name.begin(), alive_name.end(), may_stand_in_alive_name) ||
      !std::all_of(host_part.begin(), host_part.end(), may_stand_in_host_part))
    return std::nullopt;
  return NodeName{std::string(alive_name), std::string(host_part)};
}

std::optional<std::string> numeric_host(const std::string& host_part) {
  if (host_part.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
  in_addr address = {};
  if (inet_aton(host_part.c_str(), &address) == 0) return "";
  std::array<char, INET_ADDRSTRLEN> text = {};
  std::string ip = inet_ntop(AF_INET, &address, text.data(), text.size());
  return ip == host_part ? std::nullopt : std::optional(std::move(ip));
}

std::string why_no_name(const std::string& ip) {
  return "is a number to Erlang, which takes it for " + (ip.empty() ? "no address" : ip) +
         " and never asks the DNS; start it under a host name with a letter (docker run "
         "--hostname)";
}

}  // namespace dist
