#include "http/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace http {
namespace {

constexpr int http_accepts_per_turn_max = 16;
/// An answer may take milliseconds to write; EPMD's clients are not to wait for many of them.
constexpr int http_told_per_turn_max = 4;

bool finds_nobody(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK;
}

}  // namespace

Server::Server(event::Loop& loop, Limits limits, std::vector<net::ListeningSocket> sockets,
               Handler handler)
    : loop_(loop),
      limits_(limits),
      handler_(std::move(handler)),
      polled_(loop, http_told_per_turn_max),
      acceptor_(loop, std::move(sockets), [this](int listening) { accept_some(listening); }) {}

void Server::accept_some(int listening) {
  for (int i = 0; i < http_accepts_per_turn_max; ++i)
    if (!accept_one(listening)) return;
}

/// False: nobody else is to be accepted now.
bool Server::accept_one(int listening) {
  event::Descriptor socket(accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.is_open()) {
    keep(std::move(socket));
    return true;
  }
  const int error_number = errno;
  // accept(2) wants a descriptor before it looks whether anybody is there.
  if (net::is_out_of_descriptors(error_number) && net::is_waited_for(listening) && !make_room())
    acceptor_.pause();
  return !finds_nobody(error_number) && !net::is_out_of_descriptors(error_number);
}

void Server::keep(event::Descriptor socket) {
  if (connections_.size() >= limits_.connections_max && !make_room()) {
    ++counts_.refused;
    return;
  }
  ++counts_.accepted;
  Connection::Owner& owner = *this;
  connections_.push_back(
      std::make_unique<Connection>(owner, limits_, held_, loop_, polled_, std::move(socket)));
  Connection& connection = *connections_.back();
  connection.position = std::prev(connections_.end());
  if (!connection.begin()) erase(connection);
}

bool Server::make_room() {
  const auto first = std::find_if(connections_.begin(), connections_.end(),
                                  [](const auto& each) { return !each->is_stream(); });
  if (first == connections_.end()) return false;
  ++counts_.evicted;
  erase(**first);
  return true;
}

Response Server::respond(const Request& request) {
  Response response;
  if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.body = "Method Not Allowed\n";
    response.fields = {{"Allow", "GET, HEAD"}};
    return response;
  }
  response = handler_(request);
  if (!response.is_stream || streams_ < limits_.streams_max) return response;
  ++counts_.refused;
  response = {};
  response.status = 503;
  response.body = "as many are being told of events as may be\n";
  response.fields = {{"Retry-After", "5"}};
  return response;
}

/// It goes behind those that have not asked for longer.
void Server::on_asked(Connection& connection) {
  connections_.splice(connections_.end(), connections_, connection.position);
  if (connection.is_stream()) ++streams_;
  drop_slow_readers(connection);
}

void Server::on_too_slow(Connection& connection) {
  ++counts_.timed_out;
  erase(connection);
}

void Server::on_far_behind(Connection& connection) {
  ++counts_.evicted;
  erase(connection);
}

void Server::drop_slow_readers(const Connection& but) {
  for (auto each = connections_.begin();
       each != connections_.end() && held_.bytes() > limits_.unsent_bytes_all_max;) {
    Connection& connection = **each++;  // it may go
    if (&connection == &but || !connection.is_reading()) continue;
    ++counts_.evicted;
    erase(connection);
  }
}

void Server::erase(Connection& connection) {
  if (connection.is_stream()) --streams_;
  connections_.erase(connection.position);
}

void Server::stream(std::string bytes) {
  const auto text = std::make_shared<const std::string>(std::move(bytes));
  for (auto each = connections_.begin(); each != connections_.end();) {
    Connection& connection = **each++;  // it may go
    if (connection.is_stream()) connection.stream(text);
  }
}

}  // namespace http
