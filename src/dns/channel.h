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

/// c-ares on the loop: DNS questions and their answers, with EDNS0. The channel outlives the
/// questions, which may be dropped at any time. c-ares remembers in it which nameserver is quick,
/// did not answer, or gave a cookie: Channels says how long one is used.
class Channel {
 public:
  /// In place of one of c-ares': the answer does not fit into a datagram, and over TCP there is
  /// none. The answer is the part that came.
  static constexpr int status_truncated = -1;
  /// What passes every network in one piece (DNS flag day 2020).
  static constexpr size_t datagram_bytes = 1232;
  /// As much as c-ares of Debian 12 reads. Some networks lose it.
  static constexpr size_t large_datagram_bytes = 4096;

  struct Settings {
    /// "ADDRESS[:PORT],…"; empty: the system's (/etc/resolv.conf).
    std::string servers = {};
    /// Shared with other channels, and read now.
    std::shared_ptr<SystemFiles> files = {};
    /// Before it is asked again, and for each further try twice as long. Newer c-ares takes as
    /// little as half of that from the second on, and 250 ms at first once three answers on the
    /// channel were quick; and it hears no answer that comes after its try.
    std::chrono::milliseconds try_timeout = {};
    /// At each nameserver.
    int tries = 1;
    /// Else truncated answers are asked for over TCP.
    bool takes_truncated = false;
    /// From the first try on.
    bool uses_tcp = false;
    size_t datagram_bytes = Channel::datagram_bytes;
    /// An answer counts whatever it says.
    bool is_unchecked = false;
  };
  /// `status` is one of c-ares'; the answer is a whole DNS message, if there is one.
  using OnAnswer = std::function<void(int status, std::string_view answer)>;

  static base::Result<std::unique_ptr<Channel>> create(event::Loop& loop, const Settings& settings);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  /// `name` is asked for as it is: see candidates_of(). The callback may destroy the channel.
  base::Pending ask(const std::string& name, int type, OnAnswer on_answer);
  /// How many questions it was asked.
  size_t asked() const { return asked_; }
  /// Whether a question has been answered, or given up. From then on c-ares knows something.
  bool has_heard() const { return has_heard_; }
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

  explicit Channel(event::Loop& loop);
  int initialize(const Settings& settings, const std::string& servers);
  void watch(int descriptor, bool is_for_reading, bool is_for_writing);
  void process(int readable, int writable);
  void on_socket_ready(int descriptor, event::Poll::For purpose);
  void watch_time();

  event::Loop& loop_;
  ares_channel channel_ = nullptr;
  SearchList search_list_ = {};
  size_t asked_ = 0;
  size_t outstanding_ = 0;
  bool has_heard_ = false;
  event::Timer retry_;
  std::map<int, std::unique_ptr<Socket>> sockets_;
};

}  // namespace dns
