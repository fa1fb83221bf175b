#include "bench/node_messages.h"

#include <sys/socket.h>

#include <cstdio>

#include "base/wire.h"
#include "dist/cookie.h"
#include "dist/term.h"

namespace played {
namespace {

constexpr std::string_view given_name = "BENCH@epmd";
constexpr uint64_t flags = 0xd07df7fbd;
constexpr uint32_t own_challenge = 7;

}  // namespace

void say(int socket, const std::string& text) {
  if (send(socket, text.data(), text.size(), MSG_NOSIGNAL) < 0) std::perror("bench: send");
}

std::string take(int socket, size_t count) {
  std::string bytes(count, '\0');
  const ssize_t taken = recv(socket, bytes.data(), count, MSG_WAITALL);
  bytes.resize(taken < 0 ? 0 : static_cast<size_t>(taken));
  return bytes;
}

std::string framed(const std::string& message) {
  std::string out;
  base::put_u16(out, static_cast<unsigned>(message.size()));
  return out + message;
}

std::string take_framed(int socket) {
  const std::string length = take(socket, 2);
  return length.size() < 2 ? "" : take(socket, base::WireReader(length).u16());
}

std::string greeting(std::string_view own_name, uint32_t creation, bool gives_name) {
  std::string status = gives_name ? "snamed:" : "sok";
  if (gives_name) {
    base::put_u16(status, static_cast<unsigned>(given_name.size()));
    status += given_name;
    base::put_u32(status, 1);
  }
  std::string challenge = "N";
  base::put_u64(challenge, flags);
  base::put_u32(challenge, own_challenge);
  base::put_u32(challenge, creation);
  base::put_u16(challenge, static_cast<unsigned>(own_name.size()));
  challenge += own_name;
  return framed(status) + framed(challenge);
}

bool take_proof(int socket, std::string_view cookie) {
  const std::string proof = take_framed(socket);
  base::WireReader reader(proof);
  reader.u8();
  const dist::Digest digest = dist::Cookie(cookie).answer(reader.u32());
  if (reader.failed()) return false;
  say(socket, framed("a" + std::string(digest.begin(), digest.end())));
  return true;
}

Call read_call(std::string_view message) {
  dist::TermReader terms(message);
  Call call;
  terms.tuple();
  terms.term();
  terms.tuple();
  call.pid = terms.term();
  call.reference = terms.term();
  terms.tuple();
  terms.term();
  terms.term();
  call.function = terms.atom();
  call.arguments = terms.atoms();
  return call;
}

Call take_call(int socket) {
  while (true) {
    const std::string length = take(socket, 4);
    if (length.size() < 4) return {};
    const uint32_t size = base::WireReader(length).u32();
    const std::string packet = take(socket, size);
    if (packet.size() <= 2) continue;  // a sign of life
    dist::TermReader terms(std::string_view(packet).substr(2));
    terms.term();  // the control message
    return read_call(terms.rest().substr(1));
  }
}

std::string reply_to(const Call& call, const std::string& result) {
  std::string reply = "p";
  base::put_u8(reply, dist::term_version);
  dist::put_tuple(reply, 3);
  dist::put_integer(reply, 2);
  dist::put_atom(reply, "");
  reply += call.pid;
  base::put_u8(reply, dist::term_version);
  dist::put_tuple(reply, 2);
  reply += call.reference + result;
  std::string out;
  base::put_u32(out, static_cast<uint32_t>(reply.size()));
  return out + reply;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  dist::put_list(list, names.size());
  for (const std::string& name : names) dist::put_atom(list, name);
  dist::put_nil(list);
  return list;
}

}  // namespace played
