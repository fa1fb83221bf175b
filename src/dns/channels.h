#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/operation.h"
#include "base/result.h"
#include "dns/channel.h"
#include "dns/system_files.h"
#include "event/loop.h"

namespace dns {

/// Asks the nameservers. To make a c-ares channel costs as much as a look-up, so questions that
/// begin together share one, on which each nameserver is asked once. A channel that has heard
/// something takes no new questions: what c-ares has learned (that a nameserver is quick, did not
/// answer once, or gave a cookie) misleads nobody later. A question that gets no answer is asked
/// again on a channel of its own. Outlives the questions.
class Channels {
 public:
  using OnAnswer = Channel::OnAnswer;
  /// On one channel: the buffer of its socket has room for so many answers.
  static constexpr size_t questions_max = 64;
  static constexpr auto first_try_timeout = std::chrono::milliseconds(600);
  /// So long that a name is found that takes a second.
  static constexpr auto second_try_timeout = 2 * first_try_timeout;
  /// How long a whole answer is waited for over TCP, and then in a larger datagram.
  static constexpr std::chrono::milliseconds whole_answer_timeout = std::chrono::seconds(1);

  /// `servers`: "ADDRESS[:PORT],…", or empty for the system's. The loop outlives the channels.
  static base::Result<std::shared_ptr<Channels>> create(event::Loop& loop,
                                                        const std::string& servers);

  /// `name` is asked for as it is: see candidates_of(). The callback may drop the question.
  base::Pending ask(const std::string& name, int type, OnAnswer on_answer);
  /// The names to try, in order, for one that somebody wrote.
  std::vector<std::string> candidates_of(const std::string& name) const;
  /// The addresses that the system's hosts file has for a name. There the system looks first.
  std::vector<std::string> addresses_in_hosts_file(const std::string& name);
  /// Who is asked, for messages.
  std::string servers() { return newest()->servers(); }

 private:
  class Question;

  Channels(event::Loop& loop, const std::string& servers);
  base::Result<std::shared_ptr<Channel>> make(const Channel::Settings& settings) const;
  /// For questions that begin now.
  std::shared_ptr<Channel> newest();

  event::Loop& loop_;
  std::string servers_;
  std::shared_ptr<SystemFiles> files_;
  /// Ends with its last question.
  std::weak_ptr<Channel> newest_ = {};
  event::Loop::Time newest_made_ = {};
  /// For when no other can be made.
  std::shared_ptr<Channel> last_resort_ = {};
};

}  // namespace dns
