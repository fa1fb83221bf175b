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
#include "dns/search_list.h"
#include "dns/system_files.h"
#include "event/loop.h"
#include "event/poll.h"
#include "event/timer.h"

namespace dns {

/// c-ares on the loop: DNS questions and their answers, over UDP with EDNS0. A truncated answer is
/// asked for again over TCP, and if that fails, in a larger datagram. The channel outlives the
/// questions, which may be dropped at any time.
///
/// Each look-up has a channel of its own, which costs less than 30 µs. What c-ares has learned in
/// one (that a nameserver is quick, did not answer once, or gave a cookie) then misleads nobody
/// later; and what is no longer waited for, c-ares gives up as well.
class Channel {
 public:
  /// In place of one of c-ares': the answer does not fit into a datagram, and over TCP there is
  /// none. The answer is the part that came.
  static constexpr int status_truncated = -1;
  /// How long a whole answer is waited for over TCP, and then in a larger datagram.
  static constexpr std::chrono::milliseconds whole_answer_timeout = std::chrono::seconds(1);

  struct Settings {
    /// "ADDRESS[:PORT],…"; empty: the system's (/etc/resolv.conf).
    std::string servers = {};
    /// Shared with other channels; null: its own.
    std::shared_ptr<SystemFiles> files = {};
    /// Before it is asked again, and for each further try twice as long. Newer c-ares takes as
    /// little as half of that from the second on, and 250 ms at first once three answers on the
    /// channel were quick; and it hears no answer that comes after its try.
    std::chrono::milliseconds try_timeout = std::chrono::milliseconds(600);
    /// So that the last has room for a nameserver that takes its time.
    int tries = 3;
  };
  /// `status` is one of c-ares'; the answer is a whole DNS message, if there is one.
  using OnAnswer = std::function<void(int status, std::string_view answer)>;

  static base::Result<std::unique_ptr<Channel>> create(event::Loop& loop, const Settings& settings);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  /// `name` is asked for as it is: see candidates_of(). The callback may destroy the channel.
  base::Pending ask(const std::string& name, int type, OnAnswer on_answer);
  /// The names to try, in order, for one that somebody wrote.
  std::vector<std::string> candidates_of(const std::string& name) const {
    return search_list_.candidates_of(name);
  }
  /// The addresses that the system's hosts file has for a name.
  std::vector<std::string> addresses_in_hosts_file(const std::string& name) const;
  /// Who is asked, for messages.
  std::string servers() const;

 private:
  class Question;
  class Socket;
  /// How a channel asks. Only a question in the first way is asked again in the others.
  enum class Way {
    datagrams,
    tcp,
    large_datagrams,
    unchecked,  // in datagrams, and an answer counts whatever it says
  };

  Channel(event::Loop& loop, Way way);
  int initialize(const Settings& settings, const std::string& servers);
  static base::Result<std::unique_ptr<Channel>> create(event::Loop& loop, const Settings& settings,
                                                       Way way);
  void watch(int descriptor, bool is_for_reading, bool is_for_writing);
  void process(int readable, int writable);
  void on_socket_ready(int descriptor, event::Poll::For purpose);
  void watch_time();

  event::Loop& loop_;
  Way way_;
  ares_channel channel_ = nullptr;
  std::string given_servers_ = {};
  std::shared_ptr<SystemFiles> files_ = {};
  SearchList search_list_ = {};
  size_t outstanding_ = 0;
  event::Timer retry_;
  std::map<int, std::unique_ptr<Socket>> sockets_;
};

}  // namespace dns
