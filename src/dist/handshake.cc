#include "dist/handshake.h"

#include <algorithm>

#include "base/wire.h"
#include "dist/node_name.h"

namespace dist {
namespace {

using base::WireReader;
using ReadResult = Handshake::ReadResult;

constexpr char tag_name = 'N';
constexpr char tag_status = 's';
constexpr char tag_reply = 'r';
constexpr char tag_ack = 'a';
constexpr std::string_view named = "named:";
/// The first bytes of a TLS alert and of a TLS handshake record.
constexpr std::string_view tls_alert = "\x15\x03";
constexpr std::string_view tls_handshake = "\x16\x03";

bool is_tls(std::string_view bytes) {
  return bytes.starts_with(tls_alert) || bytes.starts_with(tls_handshake);
}

std::string frame(Framing framing, const std::string& message) {
  std::string out;
  if (framing == Framing::tls)
    base::put_u32(out, static_cast<uint32_t>(message.size()));
  else
    base::put_u16(out, static_cast<unsigned>(message.size()));
  return out + message;
}

}  // namespace

std::string Handshake::hello(std::string_view own_name, uint64_t own_flags) const {
  constexpr uint32_t no_creation = 0;
  std::string out;
  base::put_u8(out, tag_name);
  base::put_u64(out, own_flags);
  base::put_u32(out, no_creation);
  base::put_u16(out, static_cast<unsigned>(own_name.size()));
  out += own_name;
  return frame(framing_, out);
}

ReadResult Handshake::receive(std::string_view bytes) {
  unread_ += bytes;
  if (!has_status_ && is_tls(unread_)) return ReadResult::speaks_tls;
  const auto length_bytes = static_cast<size_t>(framing_);
  while (unread_.size() >= length_bytes) {
    WireReader reader(unread_);
    const size_t size = framing_ == Framing::tls ? reader.u32() : reader.u16();
    if (size == 0 || size > message_bytes_max) return ReadResult::nonsense;
    if (unread_.size() < length_bytes + size) break;
    const ReadResult read_result =
        take_message(std::string_view(unread_).substr(length_bytes, size));
    unread_.erase(0, length_bytes + size);
    if (read_result != ReadResult::read_on) return read_result;
  }
  return ReadResult::read_on;
}

ReadResult Handshake::take_message(std::string_view message) {
  switch (stage_) {
    case Stage::status:
      return message.front() == tag_status ? take_status(message.substr(1)) : ReadResult::nonsense;
    case Stage::challenge: return take_challenge(message);
    case Stage::proof: return take_proof(message);
    case Stage::done: break;
  }
  return ReadResult::nonsense;
}

ReadResult Handshake::take_status(std::string_view status) {
  if (status.starts_with(named)) return take_given_name(status.substr(named.size()));
  has_status_ = status == "ok" || status == "ok_simultaneous";
  if (has_status_) stage_ = Stage::challenge;
  if (has_status_) return ReadResult::read_on;
  if (status == "nok" || status == "alive") return ReadResult::busy;
  return status == "not_allowed" ? ReadResult::not_allowed : ReadResult::nonsense;
}

/// More may follow: the guide says that it is to be passed over.
ReadResult Handshake::take_given_name(std::string_view name) {
  WireReader reader(name);
  given_name_ = reader.bytes(reader.u16());
  given_creation_ = reader.u32();
  if (reader.failed() || given_name_.empty() || given_name_.size() > node_name_bytes_max)
    return ReadResult::nonsense;
  has_status_ = true;
  stage_ = Stage::challenge;
  return ReadResult::read_on;
}

ReadResult Handshake::take_challenge(std::string_view message) {
  WireReader reader(message);
  if (reader.u8() != tag_name) return ReadResult::nonsense;
  challenge_.flags = reader.u64();
  challenge_.challenge = reader.u32();
  challenge_.creation = reader.u32();
  challenge_.node_name = reader.bytes(reader.u16());
  return reader.failed() ? ReadResult::nonsense : ReadResult::identified;
}

std::string Handshake::prove(const Cookie& cookie, uint32_t own_challenge) {
  std::string out;
  base::put_u8(out, tag_reply);
  base::put_u32(out, own_challenge);
  const Digest proof = cookie.answer(challenge_.challenge);
  out.append(proof.begin(), proof.end());
  expected_ = cookie.answer(own_challenge);
  stage_ = Stage::proof;
  return frame(framing_, out);
}

ReadResult Handshake::take_proof(std::string_view message) {
  if (message.front() != tag_ack || message.size() != 1 + digest_bytes) return ReadResult::nonsense;
  stage_ = Stage::done;
  const bool is_right = std::equal(expected_.begin(), expected_.end(), message.begin() + 1);
  return is_right ? ReadResult::connected : ReadResult::impostor;
}

std::string prober_name(std::string_view host_name) {
  constexpr uint32_t names = 64;
  uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : host_name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return "epmd_probe" + std::to_string(hash % names) + "@epmd";
}

}  // namespace dist
