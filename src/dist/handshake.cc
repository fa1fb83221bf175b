#include "dist/handshake.h"

#include "base/wire.h"

namespace dist {
namespace {

using base::WireReader;
using Verdict = Handshake::Verdict;

constexpr size_t length_bytes = 2;
constexpr char tag_name = 'N';
constexpr char tag_status = 's';
/// The first bytes of a TLS alert and of a TLS handshake record.
constexpr std::string_view tls_alert = "\x15\x03";
constexpr std::string_view tls_handshake = "\x16\x03";

bool is_tls(std::string_view bytes) {
  return bytes.starts_with(tls_alert) || bytes.starts_with(tls_handshake);
}

}  // namespace

std::string Handshake::hello(std::string_view own_name, uint64_t own_flags) {
  constexpr size_t bytes_before_name = 1 + 8 + 4 + 2;
  constexpr uint32_t no_creation = 0;
  std::string out;
  base::put_u16(out, static_cast<unsigned>(bytes_before_name + own_name.size()));
  base::put_u8(out, tag_name);
  base::put_u64(out, own_flags);
  base::put_u32(out, no_creation);
  base::put_u16(out, static_cast<unsigned>(own_name.size()));
  out += own_name;
  return out;
}

Verdict Handshake::receive(std::string_view bytes) {
  unread_ += bytes;
  if (!has_status_ && is_tls(unread_)) return Verdict::speaks_tls;
  while (unread_.size() >= length_bytes) {
    const size_t size = WireReader(unread_).u16();
    if (size == 0 || size > message_bytes_max) return Verdict::nonsense;
    if (unread_.size() < length_bytes + size) break;
    const Verdict verdict = take_message(std::string_view(unread_).substr(length_bytes, size));
    if (verdict != Verdict::read_on) return verdict;
    unread_.erase(0, length_bytes + size);
  }
  return Verdict::read_on;
}

Verdict Handshake::take_message(std::string_view message) {
  if (has_status_) return take_challenge(message);
  if (message.front() != tag_status) return Verdict::nonsense;
  return take_status(message.substr(1));
}

Verdict Handshake::take_status(std::string_view status) {
  has_status_ = status == "ok" || status == "ok_simultaneous";
  if (has_status_) return Verdict::read_on;
  if (status == "nok" || status == "alive") return Verdict::busy;
  return status == "not_allowed" ? Verdict::not_allowed : Verdict::nonsense;
}

Verdict Handshake::take_challenge(std::string_view message) {
  WireReader reader(message);
  if (reader.u8() != tag_name) return Verdict::nonsense;
  challenge_.flags = reader.u64();
  challenge_.challenge = reader.u32();
  challenge_.creation = reader.u32();
  challenge_.node_name = reader.bytes(reader.u16());
  return reader.failed() ? Verdict::nonsense : Verdict::identified;
}

std::string prober_name(std::string_view host_name) {
  constexpr uint32_t names = 64;
  uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : host_name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return "epmd_probe" + std::to_string(hash % names) + "@epmd";
}

}  // namespace dist
