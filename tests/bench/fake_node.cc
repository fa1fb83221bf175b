#include "bench/fake_node.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "dist/term.h"

namespace {

constexpr std::string_view cookie = "bench";

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
  if (played::take_framed(client).empty()) return false;
  played::say(client, played::greeting("local@here", 7, true));
  return played::take_proof(client, cookie);
}

void FakeNode::serve(int client) {
  while (true) {
    const played::Call call = played::take_call(client);
    if (call.function.empty()) return;
    played::say(client, played::reply_to(call, result_of(call)));
  }
}

std::string FakeNode::result_of(const played::Call& call) {
  if (call.function == "nodes") return played::list_of({connected_.begin(), connected_.end()});
  ++connects;
  connected_.insert(call.arguments.at(0));
  std::string result;
  dist::put_atom(result, "true");
  return result;
}
