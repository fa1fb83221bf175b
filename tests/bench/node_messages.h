#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What played nodes say, on sockets that block.
namespace played {

void say(int socket, const std::string& text);
/// So many bytes, or fewer if the other side has ended.
std::string take(int socket, size_t count);
std::string framed(const std::string& message);
/// The next message of a handshake, without its length; empty if there is none.
std::string take_framed(int socket);

/// What a node answers who connects: that it is let in, by a name if it asked for one, and a
/// challenge.
std::string greeting(std::string_view own_name, uint32_t creation, bool gives_name);
/// Whether the other side proves the cookie; a probe does not. It gets a proof, too.
bool take_proof(int socket, std::string_view cookie);

/// A call of a function through rex.
struct Call {
  std::string pid = {};
  std::string reference = {};
  std::string function = {};
  std::vector<std::string> arguments = {};
};
/// `message` is {'$gen_call', {Pid, Reference}, {call, Module, Function, [Argument], user}}.
Call read_call(std::string_view message);
/// The next call on a connection; without a function if it has ended.
Call take_call(int socket);
/// `result` is a term.
std::string reply_to(const Call& call, const std::string& result);
std::string list_of(const std::vector<std::string>& names);

}  // namespace played
