#include "bench/fake_node.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/wire.h"
#include "dist/cookie.h"
#include "dist/term.h"

namespace {

constexpr std::string_view given_name = "BENCH@epmd";

void say(int client, const std::string& text) {
  if (send(client, text.data(), text.size(), MSG_NOSIGNAL) < 0) std::perror("bench: send");
}

std::string framed(const std::string& message) {
  std::string out;
  base::put_u16(out, static_cast<unsigned>(message.size()));
  return out + message;
}

std::string greeting() {
  std::string status = "snamed:";
  base::put_u16(status, static_cast<unsigned>(given_name.size()));
  status += given_name;
  base::put_u32(status, 1);
  const std::string name = "local@here";
  std::string challenge = "N";
  base::put_u64(challenge, 0xd07df7fbd);
  base::put_u32(challenge, 1);
  base::put_u32(challenge, 7);
  base::put_u16(challenge, static_cast<unsigned>(name.size()));
  return framed(status) + framed(challenge + name);
}

/// So many bytes, or fewer if the other side has ended.
std::string take(int client, size_t count) {
  std::string bytes(count, '\0');
  const ssize_t taken = recv(client, bytes.data(), count, MSG_WAITALL);
  bytes.resize(taken < 0 ? 0 : static_cast<size_t>(taken));
  return bytes;
}

}  // namespace

FakeNode::FakeNode() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, raw, size) != 0 || listen(listener_, SOMAXCONN) != 0 ||
      getsockname(listener_, raw, &size) != 0) {
    std::perror("bench: cannot listen");
    std::exit(1);
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

FakeNode::~FakeNode() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void FakeNode::run() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    ++links;
    if (shake_hands(client)) serve(client);
    close(client);
  }
}

bool FakeNode::shake_hands(int client) {
  const std::string length = take(client, 2);
  if (length.size() < 2) return false;
  take(client, base::WireReader(length).u16());
  say(client, greeting());
  const std::string proof = take(client, 2 + 1 + 4 + dist::digest_bytes);
  base::WireReader reader(proof);
  reader.bytes(3);
  const dist::Digest digest = dist::Cookie("bench").answer(reader.u32());
  say(client, framed("a" + std::string(digest.begin(), digest.end())));
  return !reader.failed();
}

void FakeNode::serve(int client) {
  while (true) {
    const std::string length = take(client, 4);
    if (length.size() < 4) return;
    const std::string packet = take(client, base::WireReader(length).u32());
    dist::TermReader terms(std::string_view(packet).substr(2));
    terms.term();  // the control message
    const std::string reply = answer(terms.rest().substr(1));
    std::string out;
    base::put_u32(out, static_cast<uint32_t>(reply.size()));
    say(client, out + reply);
  }
}

/// {'$gen_call', {Pid, Reference}, {call, Module, Function, [Argument], user}}
std::string FakeNode::answer(std::string_view message) {
  dist::TermReader terms(message);
  terms.tuple();
  terms.term();
  terms.tuple();
  const std::string pid(terms.term());
  const std::string reference(terms.term());
  terms.tuple();
  terms.term();
  terms.term();
  const bool asks_for_nodes = terms.atom() == "nodes";
  const std::vector<std::string> arguments = terms.atoms();
  std::string reply = "p";
  base::put_u8(reply, dist::term_version);
  dist::put_tuple(reply, 3);
  dist::put_integer(reply, 2);
  dist::put_atom(reply, "");
  reply += pid;
  base::put_u8(reply, dist::term_version);
  dist::put_tuple(reply, 2);
  reply += reference;
  if (asks_for_nodes) {
    dist::put_list(reply, connected_.size());
    for (const std::string& name : connected_) dist::put_atom(reply, name);
    dist::put_nil(reply);
  } else {
    ++connects;
    connected_.insert(arguments.at(0));
    dist::put_atom(reply, "true");
  }
  return reply;
}
