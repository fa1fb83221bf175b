#include "keeper/survey.h"

#include <dirent.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <unordered_set>
#include <utility>

#include "keeper/byte_counts.h"
#include "net/address.h"

namespace keeper {
namespace {

bool is_accepted_on(const std::vector<net::ListeningSocket>& listeners, int descriptor) {
  const auto own = net::Address::of_socket(descriptor);
  if (!own || !net::Address::of_peer(descriptor)) return false;
  return std::any_of(listeners.begin(), listeners.end(), [&own](const auto& listener) {
    const net::Address& at = listener.address;
    return at.port() == own->port() && (at.is_wildcard() || at.same_host(*own));
  });
}

/// Nothing: it is no TCP socket.
std::optional<SocketFacts> facts_of(int descriptor, uint64_t cookie,
                                    const std::vector<net::ListeningSocket>& listeners) {
  const std::optional<ByteCounts> counts = byte_counts(descriptor);
  if (!counts) return std::nullopt;
  SocketFacts facts = {descriptor, cookie};
  facts.is_client = is_accepted_on(listeners, descriptor);
  facts.bytes_read = counts->read;
  facts.bytes_sent = counts->sent;
  return facts;
}

/// Of a name that was answered. There may be thousands of these, so the kernel is asked no more.
SocketFacts facts_of_answered(int descriptor, uint64_t cookie) {
  return {descriptor, cookie, true, false, 1, 1};
}

/// One call to the kernel for all.
void find_ended(std::vector<SocketFacts>& sockets) {
  std::vector<pollfd> polled;
  polled.reserve(sockets.size());
  for (const SocketFacts& each : sockets) polled.push_back({each.descriptor, POLLIN, 0});
  poll(polled.data(), polled.size(), 0);
  for (size_t i = 0; i < sockets.size(); ++i) sockets[i].has_ended = polled[i].revents != 0;
}

/// An answer that is not whole must not end like a whole one.
void reset(int descriptor) {
  const linger at_once = {1, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(descriptor);
}

/// Those that no server can use.
void close_others(const std::vector<int>& descriptors, const std::vector<SocketFacts>& sockets) {
  auto socket = sockets.begin();
  for (const int descriptor : descriptors) {
    const bool is_socket = socket != sockets.end() && socket->descriptor == descriptor;
    if (is_socket)
      ++socket;
    else
      close(descriptor);
  }
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

std::vector<int> open_besides(const std::vector<int>& others) {
  std::vector<int> sorted = others;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int> found = open_descriptors();
  std::erase_if(found, [&sorted](int number) {
    return std::binary_search(sorted.begin(), sorted.end(), number);
  });
  return found;
}

std::vector<int> unheard_among(const std::vector<int>& descriptors) {
  std::vector<int> found;
  for (const int descriptor : descriptors) {
    const std::optional<ByteCounts> counts = byte_counts(descriptor);
    if (counts && counts->read == 0 && counts->sent == 0) found.push_back(descriptor);
  }
  return found;
}

uint64_t cookie_of(int descriptor) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size);
  return cookie;
}

std::vector<SocketFacts> survey(const std::vector<Records::Numbered>& records,
                                const std::vector<int>& descriptors,
                                const std::vector<net::ListeningSocket>& listeners) {
  std::unordered_set<uint64_t> answered;
  for (const Records::Numbered& each : records) answered.insert(each.record.cookie);
  answered.erase(newest_of(records));
  std::vector<SocketFacts> sockets;
  for (const int descriptor : descriptors) {
    const uint64_t cookie = cookie_of(descriptor);
    if (answered.contains(cookie))
      sockets.push_back(facts_of_answered(descriptor, cookie));
    else if (const auto facts = facts_of(descriptor, cookie, listeners))
      sockets.push_back(*facts);
  }
  find_ended(sockets);
  return sockets;
}

Survivors take_over(Journal& journal, const std::vector<int>& kept,
                    const std::vector<net::ListeningSocket>& listeners) {
  std::vector<Records::Numbered> records = journal.records().all();
  const std::vector<int> descriptors = open_besides(kept);
  const std::vector<SocketFacts> sockets = survey(records, descriptors, listeners);
  close_others(descriptors, sockets);
  Survivors survivors = sort_out(sockets, std::move(records), journal.state().request);
  for (const Records::Number number : survivors.dropped) journal.drop(number);
  for (const Survivors::Name& name : survivors.names) journal.keep(name.record, name.descriptor);
  for (const int descriptor : survivors.closed) close(descriptor);
  for (const int descriptor : survivors.reset) reset(descriptor);
  return survivors;
}

void let_go(const std::vector<int>& kept) {
  for (const int descriptor : open_besides(kept)) close(descriptor);
}

}  // namespace keeper
