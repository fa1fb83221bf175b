#include "dns/channels.h"

#include <algorithm>
#include <utility>

namespace dns {
namespace {

bool is_answer(int status) {
  return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

/// Older c-ares sums up whatever came that is no use to it in the first. The second may hide a
/// refusal: an error of a socket goes to one of the questions that share it, and the others hear
/// nothing.
bool says_nothing(int status) { return status == ARES_ECONNREFUSED || status == ARES_ETIMEOUT; }

/// podman's nameserver sends more than it was asked for, and does not mark it. c-ares of Debian 12
/// cuts such an answer off where it should have ended.
bool is_cut(std::string_view answer, size_t bytes_max) {
  constexpr size_t flags_offset = 2;
  constexpr char truncated_flag = 2;
  const bool is_marked =
      answer.size() > flags_offset && (answer[flags_offset] & truncated_flag) != 0;
  return is_marked || answer.size() == bytes_max;
}

bool is_shorter(const std::string& a, const std::string& b) { return a.size() < b.size(); }

}  // namespace

/// Asked up to three times: on a channel that it shares, on one of its own, and on one that takes
/// any answer, to find out what is wrong.
class Channels::Question final : public base::Operation {
 public:
  Question(const Channels& channels, std::string name, int type, OnAnswer on_answer)
      : channels_(channels),
        name_(std::move(name)),
        type_(type),
        on_answer_(std::move(on_answer)) {}

  void ask_together(std::shared_ptr<Channel> channel) {
    ask(std::move(channel), [this](int status, std::string_view answer) {
      if (is_answer(status)) return take(status, answer);
      ask_alone(status);
    });
  }

 private:
  void ask(std::shared_ptr<Channel> channel, OnAnswer take) {
    pending_.reset();
    channel_ = std::move(channel);
    pending_ = channel_->ask(name_, type_, std::move(take));
  }

  /// With two more tries for a nameserver that has not answered in time.
  void ask_alone(int status) {
    auto made =
        channels_.make({.try_timeout = second_try_timeout, .tries = 2, .takes_truncated = true});
    if (!made) return tell(status, {});
    ask(std::move(*made), [this](int found, std::string_view answer) {
      if (!says_nothing(found)) return take(found, answer);
      find_out(found);
    });
  }

  void find_out(int status) {
    auto made = channels_.make(
        {.try_timeout = first_try_timeout, .takes_truncated = true, .is_unchecked = true});
    if (!made) return tell(status, {});
    ask(std::move(*made), [this](int found, std::string_view answer) { take(found, answer); });
  }

  void take(int status, std::string_view answer) {
    if (!is_cut(answer, Channel::datagram_bytes)) return tell(status, answer);
    part_ = answer;
    ask_for_whole({.try_timeout = first_try_timeout, .uses_tcp = true}, 0, [this] {
      ask_for_whole({.try_timeout = first_try_timeout,
                     .takes_truncated = true,
                     .datagram_bytes = Channel::large_datagram_bytes},
                    Channel::large_datagram_bytes,
                    [this] { tell(Channel::status_truncated, part_); });
    });
  }

  /// Tells a whole answer, or goes on with `otherwise` if none comes in time. Some nameservers
  /// answer only one question on a TCP connection, so it has a channel of its own.
  void ask_for_whole(const Channel::Settings& settings, size_t bytes_max,
                     const std::function<void()>& otherwise) {
    auto made = channels_.make(settings);
    if (!made) return tell(Channel::status_truncated, part_);
    if (!timeout_) timeout_ = std::make_unique<event::Timer>(channels_.loop_);
    timeout_->start(whole_answer_timeout, otherwise);
    ask(std::move(*made), [this, bytes_max, otherwise](int status, std::string_view answer) {
      timeout_->stop();
      const bool is_whole = is_answer(status) && !is_cut(answer, bytes_max);
      if (is_whole) return tell(status, answer);
      if (is_answer(status)) part_ = std::max(part_, std::string(answer), is_shorter);
      otherwise();
    });
  }

  void tell(int status, std::string_view answer) {
    const std::string kept(answer);
    std::exchange(on_answer_, nullptr)(status, kept);
  }

  const Channels& channels_;
  std::string name_;
  int type_;
  OnAnswer on_answer_;
  std::string part_ = {};
  std::unique_ptr<event::Timer> timeout_ = {};
  std::shared_ptr<Channel> channel_ = {};
  base::Pending pending_ = {};
};

Channels::Channels(event::Loop& loop, const std::string& servers)
    : loop_(loop), servers_(servers), files_(std::make_shared<SystemFiles>(loop)) {}

base::Result<std::shared_ptr<Channels>> Channels::create(event::Loop& loop,
                                                         const std::string& servers) {
  std::shared_ptr<Channels> created(new Channels(loop, servers));
  auto made = created->make({.try_timeout = first_try_timeout, .takes_truncated = true});
  if (!made) return made.error();
  created->last_resort_ = std::move(*made);
  return created;
}

base::Result<std::shared_ptr<Channel>> Channels::make(const Channel::Settings& settings) const {
  Channel::Settings all = settings;
  all.servers = servers_;
  all.files = files_;
  auto made = Channel::create(loop_, all);
  if (!made) return made.error();
  return std::shared_ptr<Channel>(std::move(*made));
}

base::Pending Channels::ask(const std::string& name, int type, OnAnswer on_answer) {
  auto question = std::make_unique<Question>(*this, name, type, std::move(on_answer));
  question->ask_together(newest());
  return question;
}

std::shared_ptr<Channel> Channels::newest() {
  std::shared_ptr<Channel> newest = newest_.lock();
  const bool is_new = newest && newest_made_ + SystemFiles::retention > loop_.now();
  if (is_new && !newest->has_heard() && newest->asked() < questions_max) return newest;
  auto made = make({.try_timeout = first_try_timeout, .takes_truncated = true});
  if (!made) return last_resort_;
  newest_ = *made;
  newest_made_ = loop_.now();
  return *made;
}

std::vector<std::string> Channels::candidates_of(const std::string& name) const {
  const base::Result<SystemFiles::Contents>& files = files_->contents();
  return files ? files->search_list.candidates_of(name) : last_resort_->candidates_of(name);
}

std::vector<std::string> Channels::addresses_in_hosts_file(const std::string& name) {
  if (!files_->may_be_in_hosts_file(name)) return {};
  return newest()->addresses_in_hosts_file(name);
}

}  // namespace dns
