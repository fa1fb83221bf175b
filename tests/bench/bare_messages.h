#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The messages of the bare prober, read as strictly as a world needs that says nothing wrong.
namespace bare {

inline constexpr uint16_t type_a = 1;
inline constexpr uint16_t type_aaaa = 28;

struct DnsAnswer {
  bool is_truncated = false;
  uint16_t type = 0;
  std::vector<uint32_t> addresses = {};  // of A records
};

/// For a name in one label, with room for 1,232 bytes, as the daemon asks.
std::string dns_question(const std::string& name, uint16_t type);
std::string framed(const std::string& message);
/// Nothing: it is no answer.
std::optional<DnsAnswer> read_dns_answer(std::string_view message);

/// NAMES_REQ, and the port of the one node in its answer.
std::string names_request();
std::optional<uint16_t> read_port(const std::string& answer);

/// The handshake's first message, and the host part of the node's name in what comes back.
std::string hello();
std::optional<std::string> read_host_part(std::string_view answer);

}  // namespace bare
