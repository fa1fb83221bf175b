#include "epmd_cli/queries.h"

#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "base/wire.h"
#include "epmd/message.h"
#include "net/blocking_client.h"

namespace epmd_cli {

namespace {

using base::Result;
using epmd::Opcode;
using net::BlockingClient;
using Action = options::EpmdWords::Action;

/// The reference waits for ever.
constexpr std::chrono::seconds timeout{5};

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::optional<BlockingClient> connect_locally(int port) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (const char* const loopback : {"::1", "127.0.0.1"}) {
    const auto address = net::Address::parse(loopback, static_cast<uint16_t>(port));
    if (Result<BlockingClient> client = BlockingClient::connect(*address, deadline))
      return std::move(*client);
  }
  return std::nullopt;
}

int give_up(const base::Error& error) {
  std::fputs(("epmd: " + error.message + "\n").c_str(), stderr);
  return 1;
}

/// -names, -dump and -started: a header of four bytes, and then text that is shown as it comes.
int list(BlockingClient& client, Opcode opcode, bool is_shown) {
  if (const auto sent = client.send(epmd::encode_request(opcode)); !sent) {
    print("epmd: Can't write to epmd\n");
    return 1;
  }
  constexpr size_t header_bytes = 4;
  Result<std::string> bytes = client.receive();
  if (!bytes || bytes->size() < header_bytes) {
    if (is_shown) print("epmd: no response from local epmd\n");
    return 1;
  }
  if (!is_shown) return 0;
  const auto port = static_cast<int32_t>(base::WireReader(*bytes).u32());
  print(fmt::format("epmd: up and running on port {} with data:\n", port));
  bytes->erase(0, header_bytes);
  while (true) {
    print(*bytes);
    bytes = client.receive();
    // To the reference a broken connection is an end like any other.
    if (!bytes) return client.is_overdue() ? give_up(bytes.error()) : 0;
    if (bytes->empty()) return 0;
  }
}

/// -kill and -stop: an answer of so many bytes.
std::optional<std::string> command(BlockingClient& client, const std::string& request,
                                   size_t answer_bytes) {
  const auto sent = client.send(request);
  const auto answer = sent ? client.receive_at_most(answer_bytes) : sent.error();
  if (!answer) {
    print("epmd: failed to read answer from local epmd\n");
    return std::nullopt;
  }
  if (answer->size() < answer_bytes) {
    print(fmt::format("epmd: local epmd responded with <{}>\n", *answer));
    return std::nullopt;
  }
  return *answer;
}

int kill(BlockingClient& client) {
  const auto answer = command(client, epmd::encode_request(Opcode::kill_req), 2);
  if (!answer) return 1;
  const bool is_killed = *answer == "OK";
  print(is_killed ? "Killed\n" : "Killing not allowed - living nodes in database.\n");
  return is_killed ? 0 : 1;
}

int stop(BlockingClient& client, const std::string& name) {
  const auto answer = command(client, epmd::encode_request(Opcode::stop_req, name), 7);
  if (!answer) return 1;
  print(answer->substr(0, answer->find('\0')) + "\n");  // to the reference it is a C string
  return 0;
}

}  // namespace

int run_epmd_query(const options::EpmdWords& words) {
  constexpr size_t stop_name_bytes_max = 1000;
  if (words.stop_name.size() > stop_name_bytes_max) {
    print("epmd: Name too long!");
    return 1;
  }
  std::optional<BlockingClient> client = connect_locally(words.port);
  if (!client) {
    if (words.action != Action::started) std::fputs("epmd: Cannot connect to local epmd\n", stderr);
    return 1;
  }
  switch (words.action) {
    case Action::names: return list(*client, Opcode::names_req, true);
    case Action::dump: return list(*client, Opcode::dump_req, true);
    case Action::started: return list(*client, Opcode::names_req, false);
    case Action::kill: return kill(*client);
    default: return stop(*client, words.stop_name);
  }
}

}  // namespace epmd_cli
