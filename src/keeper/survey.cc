#include "keeper/survey.h"

#include <dirent.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include "keeper/byte_counts.h"
#include "net/address.h"

namespace keeper {
namespace {

bool has_ended(int descriptor) {
  char byte = 0;
  const ssize_t count = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

bool is_accepted_on(const std::vector<net::ListeningSocket>& listeners, int descriptor) {
  const auto own = net::Address::of_socket(descriptor);
  if (!own || !net::Address::of_peer(descriptor)) return false;
  return std::any_of(listeners.begin(), listeners.end(), [&own](const auto& listener) {
    const net::Address& at = listener.address;
    return at.port() == own->port() && (at.is_wildcard() || at.same_host(*own));
  });
}

/// Nothing: it is no TCP socket.
std::optional<SocketFacts> facts_of(int descriptor,
                                    const std::vector<net::ListeningSocket>& listeners) {
  const std::optional<ByteCounts> counts = byte_counts(descriptor);
  if (!counts) return std::nullopt;
  SocketFacts facts;
  facts.descriptor = descriptor;
  facts.cookie = cookie_of(descriptor);
  facts.has_ended = has_ended(descriptor);
  facts.is_client = is_accepted_on(listeners, descriptor);
  facts.bytes_read = counts->read;
  facts.bytes_sent = counts->sent;
  return facts;
}

bool is_in(const std::vector<int>& sorted, int number) {
  return std::binary_search(sorted.begin(), sorted.end(), number);
}

/// An answer that is not whole must not end like a whole one.
void reset(int descriptor) {
  const linger at_once = {1, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(descriptor);
}

std::vector<int> left_open(const std::vector<int>& kept) {
  std::vector<int> sorted = kept;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int> left = open_descriptors();
  std::erase_if(left, [&sorted](int number) { return is_in(sorted, number); });
  return left;
}

}  // namespace

std::vector<int> open_descriptors() {
  std::vector<int> numbers;
  DIR* const folder = opendir("/proc/self/fd");
  if (!folder) return numbers;
  while (const dirent* const entry = readdir(folder))
    if (entry->d_name[0] != '.') numbers.push_back(std::atoi(entry->d_name));  // NOLINT: a number
  std::erase(numbers, dirfd(folder));
  closedir(folder);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

uint64_t cookie_of(int descriptor) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size);
  return cookie;
}

Survivors take_over(Journal& journal, const std::vector<int>& kept,
                    const std::vector<net::ListeningSocket>& listeners) {
  std::vector<SocketFacts> sockets;
  for (const int descriptor : left_open(kept)) {
    if (const auto facts = facts_of(descriptor, listeners))
      sockets.push_back(*facts);
    else
      close(descriptor);
  }
  Survivors survivors = sort_out(sockets, journal.records().all(), journal.state().request);
  for (const Records::Number number : survivors.dropped) journal.drop(number);
  for (const Survivors::Name& name : survivors.names) journal.keep(name.record, name.descriptor);
  for (const int descriptor : survivors.closed) close(descriptor);
  for (const int descriptor : survivors.reset) reset(descriptor);
  return survivors;
}

void let_go(const std::vector<int>& kept) {
  for (const int descriptor : left_open(kept)) close(descriptor);
}

}  // namespace keeper
