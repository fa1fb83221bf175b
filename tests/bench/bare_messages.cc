#include "bench/bare_messages.h"

#include <cstdlib>

#include "base/wire.h"

namespace bare {
namespace {

constexpr std::string_view own_name = "epmd_probe1@epmd";
constexpr uint64_t own_flags = 0x407070f94;
constexpr unsigned names_opcode = 'n';
constexpr size_t dns_type_opt = 41;
constexpr unsigned datagram_bytes = 1232;

std::optional<uint32_t> read_address(base::WireReader& reader) {
  reader.u16();  // a pointer to the name that was asked for
  const uint16_t type = reader.u16();
  reader.u16();
  reader.u32();
  const std::string_view data = reader.bytes(reader.u16());
  if (type != type_a || data.size() != 4) return std::nullopt;
  return base::WireReader(data).u32();
}

}  // namespace

std::string dns_question(const std::string& name, uint16_t type) {
  std::string out;
  for (const unsigned word : {type + 0U, 0x0100U, 1U, 0U, 0U, 1U}) base::put_u16(out, word);
  base::put_u8(out, static_cast<unsigned>(name.size()));
  out += name;
  base::put_u8(out, 0);
  for (const unsigned word : {type + 0U, 1U}) base::put_u16(out, word);
  base::put_u8(out, 0);
  base::put_u16(out, dns_type_opt);
  base::put_u16(out, datagram_bytes);
  base::put_u32(out, 0);
  base::put_u16(out, 0);
  return out;
}

std::string framed(const std::string& message) {
  std::string out;
  base::put_u16(out, static_cast<unsigned>(message.size()));
  return out + message;
}

std::optional<DnsAnswer> read_dns_answer(std::string_view message) {
  base::WireReader reader(message);
  DnsAnswer answer;
  reader.u16();
  answer.is_truncated = (reader.u16() & 0x0200U) != 0;
  reader.u16();
  unsigned left = reader.u16();
  reader.u32();
  reader.bytes(reader.u8());
  reader.u8();
  answer.type = reader.u16();
  reader.u16();
  for (; left > 0; --left) {
    const auto address = read_address(reader);
    if (!address) return std::nullopt;
    answer.addresses.push_back(*address);
  }
  return reader.failed() ? std::nullopt : std::optional(answer);
}

std::string names_request() {
  std::string out;
  base::put_u16(out, 1);
  base::put_u8(out, names_opcode);
  return out;
}

std::optional<uint16_t> read_port(const std::string& answer) {
  constexpr std::string_view before_port = " at port ";
  const size_t at = answer.find(before_port);
  if (at == std::string::npos || answer.back() != '\n') return std::nullopt;
  return static_cast<uint16_t>(std::atoi(answer.c_str() + at + before_port.size()));
}

std::string hello() {
  std::string out = "N";
  base::put_u64(out, own_flags);
  base::put_u32(out, 0);
  base::put_u16(out, static_cast<unsigned>(own_name.size()));
  out += own_name;
  return framed(out);
}

std::optional<std::string> read_host_part(std::string_view answer) {
  base::WireReader reader(answer);
  if (reader.bytes(reader.u16()) != "sok") return std::nullopt;
  base::WireReader challenge(reader.bytes(reader.u16()));
  if (challenge.bytes(1) != "N") return std::nullopt;
  challenge.bytes(8 + 4 + 4);
  const std::string_view name = challenge.bytes(challenge.u16());
  const size_t at = name.find('@');
  if (challenge.failed() || at == std::string_view::npos) return std::nullopt;
  return std::string(name.substr(at + 1));
}

}  // namespace bare
