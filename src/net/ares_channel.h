#pragma once

#include <ares.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/operation.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/poll.h"
#include "net/timer.h"

namespace net {

/// c-ares on the loop: DNS questions and their answers, over UDP with EDNS0, and over TCP where an
/// answer is truncated. The channel outlives the questions, which may be dropped at any time.
class AresChannel {
 public:
  struct Settings {
    /// "ADDRESS[:PORT],…"; empty: the system's (/etc/resolv.conf).
    std::string servers = {};
    /// Before it is asked again, and for the next try twice as long.
    std::chrono::milliseconds try_patience = std::chrono::milliseconds(600);
    int tries = 2;
  };
  /// `status` is one of c-ares'; the answer is a whole DNS message, if there is one.
  using OnAnswer = std::function<void(int status, std::string_view answer)>;

  static base::Result<std::unique_ptr<AresChannel>> create(Loop& loop, const Settings& settings);
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;
  ~AresChannel();

  /// `name` is asked for as it is: see candidates_of().
  base::Pending ask(const std::string& name, int type, OnAnswer on_answer);
  /// The names to try, in order, for one that somebody wrote: as it is, and with each search
  /// domain of the system.
  std::vector<std::string> candidates_of(const std::string& name) const;
  /// The addresses that the system's hosts file has for a name.
  std::vector<std::string> addresses_in_hosts_file(const std::string& name) const;
  /// Who is asked, for messages.
  std::string servers() const;

 private:
  class Question;
  class Socket;

  explicit AresChannel(Loop& loop);
  void read_search_list();
  void watch(int descriptor, bool is_for_reading, bool is_for_writing);
  void process(int readable, int writable);
  void on_socket_ready(int descriptor, Poll::For purpose);
  void watch_time();

  Loop& loop_;
  ares_channel channel_ = nullptr;
  std::vector<std::string> domains_ = {};
  size_t ndots_ = 1;
  size_t outstanding_ = 0;
  bool is_asking_ = false;  // within c-ares
  Timer retry_;
  std::map<int, std::unique_ptr<Socket>> sockets_;
};

/// As resolv.conf(5) says: a name with at least `ndots` dots is tried as it is first, others last.
std::vector<std::string> search_candidates(const std::string& name,
                                           const std::vector<std::string>& domains, size_t ndots);

}  // namespace net
