#include "dns/channels.h"

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

bool is_truncated(std::string_view answer) {
  constexpr size_t flags_offset = 2;
  constexpr char truncated_flag = 2;
  return answer.size() > flags_offset && (answer[flags_offset] & truncated_flag) != 0;
}

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
      if (is_truncated(answer)) return ask_alone(Channel::status_truncated);
      if (is_answer(status)) return tell(status, answer);
      ask_alone(status);
    });
  }

 private:
  void ask(std::shared_ptr<Channel> channel, OnAnswer take) {
    pending_.reset();
    channel_ = std::move(channel);
    pending_ = channel_->ask(name_, type_, std::move(take));
  }

  /// With two more tries for a nameserver that has not answered in time. Some nameservers answer
  /// only one question on a TCP connection.
  void ask_alone(int status) {
    const bool uses_tcp = status == Channel::status_truncated;
    auto made =
        channels_.make({.try_timeout = second_try_timeout, .tries = 2, .uses_tcp = uses_tcp});
    if (!made) return tell(status, {});
    ask(std::move(*made), [this](int found, std::string_view answer) {
      if (!says_nothing(found)) return tell(found, answer);
      find_out(found);
    });
  }

  void find_out(int status) {
    auto made = channels_.make(
        {.try_timeout = first_try_timeout, .takes_truncated = true, .is_unchecked = true});
    if (!made) return tell(status, {});
    ask(std::move(*made), [this](int found, std::string_view answer) {
      tell(is_truncated(answer) ? Channel::status_truncated : found, answer);
    });
  }

  void tell(int status, std::string_view answer) {
    std::exchange(on_answer_, nullptr)(status, answer);
  }

  const Channels& channels_;
  std::string name_;
  int type_;
  OnAnswer on_answer_;
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
