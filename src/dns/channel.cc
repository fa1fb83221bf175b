#include "dns/channel.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dns/sockets.h"
#include "net/address.h"

namespace dns {
namespace {

/// ARES_OPT_QUERY_CACHE: from 1.31 on c-ares answers from a cache of its own for as long as the
/// answers' TTL, unless it is told not to. Docker's is 600 s, in which containers come and go.
constexpr int query_cache = 1 << 21;
#ifdef ARES_OPT_QUERY_CACHE
static_assert(query_cache == ARES_OPT_QUERY_CACHE);
#endif

/// A program that was built with the headers of Debian 12 may meet the library of Debian 13, whose
/// options are longer: they are there, and zero, which for the cache means that there is none.
struct Options {
  ares_options known = {};
  std::array<char, 128> later = {};
};

/// The library's own state, set up once and for the life of the process.
int initialize_library() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  return status;
}

/// What passes every network in one piece (DNS flag day 2020).
constexpr size_t datagram_bytes = 1232;
/// As much as c-ares of Debian 12 reads. Some networks lose it.
constexpr size_t large_datagram_bytes = 4096;

/// podman's nameserver sends more than it was asked for, and does not mark it. c-ares of Debian 12
/// cuts such an answer off where it should have ended.
bool is_cut(std::string_view answer, size_t bytes_max) {
  constexpr size_t flags_offset = 2;
  constexpr char truncated_flag = 2;
  const bool is_marked =
      answer.size() > flags_offset && (answer[flags_offset] & truncated_flag) != 0;
  return is_marked || answer.size() == bytes_max;
}

bool is_answer(int status) {
  return status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
}

base::Error error_of(std::string_view tried, int status) {
  return {std::string("cannot ") + std::string(tried) + ": " + ares_strerror(status)};
}

}  // namespace

/// What was asked. c-ares cannot be made to forget a question, so what it holds is a Slip that
/// outlives the question if it must, and then leads nowhere.
class Channel::Question final : public base::Operation {
 public:
  struct QueryContext {
    Channel& channel;
    Question* question;
  };

  Question(Channel& channel, std::string name, int type, OnAnswer on_answer)
      : channel_(channel), name_(std::move(name)), type_(type), on_answer_(std::move(on_answer)) {}
  ~Question() override {
    if (context_) context_->question = nullptr;
  }

  void send() {
    context_ = new QueryContext{channel_, this};
    ++channel_.outstanding_;
    ares_query(channel_.channel_, name_.c_str(), ns_c_in, type_, on_answered, context_);
    channel_.watch_time();
  }

 private:
  static void on_answered(void* data, int status, int, unsigned char* bytes, int size) {
    const std::unique_ptr<QueryContext> slip(static_cast<QueryContext*>(data));
    --slip->channel.outstanding_;
    if (!slip->question) return;
    slip->question->context_ = nullptr;
    std::string answer;
    if (bytes) answer.assign(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
    slip->question->answer_soon(status, std::move(answer));
  }

  /// c-ares answers from within whatever call, also the one that asks, and has to survive the
  /// answer; so whoever is told is told later.
  void answer_soon(int status, std::string answer) {
    soon_ = std::make_unique<event::Timer>(channel_.loop_);
    soon_->start(std::chrono::milliseconds(0),
                 [this, status, answer = std::move(answer)] { take(status, answer); });
  }

  /// Where a nameserver knows no EDNS, c-ares leaves it off from the first refusal on; the
  /// questions that were under way then have to be asked once more.
  void take(int status, const std::string& answer) {
    const bool is_refused_for_edns = status == ARES_EFORMERR && !is_second_try_;
    is_second_try_ = true;
    if (is_refused_for_edns)
      send();
    else if (says_nothing(status) && channel_.way_ == Way::datagrams)
      find_out(status);
    else
      take_answer(status, answer);
  }

  /// Older c-ares sums up whatever came that is no use to it in the first. The second may hide a
  /// refusal: an error of a socket goes to one of the questions that share it, and the others hear
  /// nothing.
  static bool says_nothing(int status) {
    return status == ARES_ECONNREFUSED || status == ARES_ETIMEOUT;
  }

  void find_out(int status) {
    const bool is_asked = ask_in(
        Way::unchecked, [this](int found, std::string_view answer) { take_answer(found, answer); });
    if (!is_asked) tell(status, {});
  }

  void take_answer(int status, std::string_view answer) {
    if (channel_.way_ != Way::datagrams || !is_cut(answer, datagram_bytes))
      return tell(status, answer);
    part_ = answer;
    ask_for_whole(Way::tcp, 0, [this] {
      ask_for_whole(Way::large_datagrams, large_datagram_bytes,
                    [this] { tell(status_truncated, part_); });
    });
  }

  /// Tells a whole answer, or goes on with `otherwise` if none comes in time.
  void ask_for_whole(Way way, size_t bytes_max, const std::function<void()>& otherwise) {
    if (!timeout_) timeout_ = std::make_unique<event::Timer>(channel_.loop_);
    timeout_->start(whole_answer_timeout, otherwise);
    const bool is_asked =
        ask_in(way, [this, bytes_max, otherwise](int status, std::string_view answer) {
          timeout_->stop();
          const bool is_whole = is_answer(status) && !is_cut(answer, bytes_max);
          if (is_whole) return tell(status, answer);
          if (is_answer(status)) part_ = std::max(part_, std::string(answer), is_shorter);
          otherwise();
        });
    if (is_asked) return;
    timeout_->stop();
    otherwise();
  }

  static bool is_shorter(const std::string& a, const std::string& b) { return a.size() < b.size(); }

  /// On a channel of its own. False if there can be none.
  bool ask_in(Way way, OnAnswer on_answer) {
    auto made =
        create(channel_.loop_,
               {.servers = channel_.given_servers_, .files = channel_.files_, .tries = 1}, way);
    if (!made) return false;
    asked_again_.reset();
    other_channel_ = std::move(*made);
    asked_again_ = other_channel_->ask(name_, type_, std::move(on_answer));
    return true;
  }

  void tell(int status, std::string_view answer) {
    const std::string kept(answer);
    std::exchange(on_answer_, nullptr)(status, kept);
  }

  Channel& channel_;
  std::string name_;
  int type_;
  OnAnswer on_answer_;
  bool is_second_try_ = false;
  std::string part_ = {};
  std::unique_ptr<event::Timer> timeout_ = {};
  std::unique_ptr<Channel> other_channel_ = {};
  base::Pending asked_again_ = {};
  QueryContext* context_ = nullptr;  // c-ares owns it until it has answered
  std::unique_ptr<event::Timer> soon_ = {};
};

/// One of c-ares' sockets, which it opens and closes itself.
class Channel::Socket final : public event::Poll::Waiter {
 public:
  Socket(Channel& channel, int descriptor)
      : channel_(channel), descriptor_(descriptor), poll_(channel.loop_, descriptor, *this) {}

  void wait(event::Poll::For purpose) {
    purpose_ = purpose;
    poll_.wait(purpose);
  }
  /// A socket that has failed, and that c-ares keeps, is to be heard further.
  void on_ready() override {
    poll_.wait(purpose_);
    channel_.on_socket_ready(descriptor_, purpose_);
  }

 private:
  Channel& channel_;
  int descriptor_;
  event::Poll::For purpose_ = event::Poll::For::reading;
  event::Poll poll_;
};

Channel::Channel(event::Loop& loop, Way way) : loop_(loop), way_(way), retry_(loop) {}

base::Result<std::unique_ptr<Channel>> Channel::create(event::Loop& loop,
                                                       const Settings& settings) {
  return create(loop, settings, Way::datagrams);
}

base::Result<std::unique_ptr<Channel>> Channel::create(event::Loop& loop, const Settings& settings,
                                                       Way way) {
  if (const int status = initialize_library()) return error_of("set up c-ares", status);
  std::unique_ptr<Channel> made(new Channel(loop, way));
  made->files_ = settings.files ? settings.files : std::make_shared<SystemFiles>(loop);
  const base::Result<SystemFiles::Contents>& files = made->files_->contents();
  if (!files) return files.error();
  made->given_servers_ = settings.servers;
  made->search_list_ = files->search_list;
  const std::string& servers = settings.servers.empty() ? files->nameservers : settings.servers;
  if (const int status = made->initialize(settings, servers))
    return error_of("read the system's resolver configuration", status);
  use_our_sockets(made->channel_, made->search_list_.servers);
  if (servers.empty()) return made;
  if (const int status = ares_set_servers_ports_csv(made->channel_, servers.c_str()))
    return error_of("use the nameservers '" + servers + "'", status);
  return made;
}

int Channel::initialize(const Settings& settings, const std::string& servers) {
  Options all;
  ares_options& options = all.known;
  options.flags = ARES_FLAG_EDNS | (way_ == Way::tcp ? ARES_FLAG_USEVC : ARES_FLAG_IGNTC) |
                  (way_ == Way::unchecked ? ARES_FLAG_NOCHECKRESP : 0);
  options.ednspsz = way_ == Way::large_datagrams ? large_datagram_bytes : datagram_bytes;
  options.timeout = static_cast<int>(settings.try_timeout.count());
  options.tries = settings.tries;
  options.sock_state_cb = [](void* data, ares_socket_t descriptor, int reads, int writes) {
    static_cast<Channel*>(data)->watch(descriptor, reads != 0, writes != 0);
  };
  options.sock_state_cb_data = this;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                   ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE | query_cache;
  if (servers.empty()) return ares_init_options(&channel_, &options, mask);
  // With all of these c-ares of Debian 12 reads no file. Only the nameservers count, and they
  // follow with their ports.
  in_addr nameserver = {};
  std::string lookups = "b";
  options.servers = &nameserver;
  options.nservers = 1;
  options.ndots = 1;
  options.lookups = lookups.data();
  constexpr int all_from_files =
      ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_NDOTS | ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST;
  return ares_init_options(&channel_, &options, mask | all_from_files);
}

Channel::~Channel() {
  if (channel_) ares_destroy(channel_);
}

base::Pending Channel::ask(const std::string& name, int type, OnAnswer on_answer) {
  auto question = std::make_unique<Question>(*this, name, type, std::move(on_answer));
  question->send();
  return question;
}

void Channel::watch(int descriptor, bool is_for_reading, bool is_for_writing) {
  if (!is_for_reading && !is_for_writing) {
    sockets_.erase(descriptor);
    return;
  }
  std::unique_ptr<Socket>& socket = sockets_[descriptor];
  if (!socket) socket = std::make_unique<Socket>(*this, descriptor);
  // A socket that is to be written to cannot have an answer yet.
  socket->wait(is_for_writing ? event::Poll::For::writing : event::Poll::For::reading);
}

void Channel::on_socket_ready(int descriptor, event::Poll::For purpose) {
  const bool is_for_reading = purpose == event::Poll::For::reading;
  process(is_for_reading ? descriptor : ARES_SOCKET_BAD,
          is_for_reading ? ARES_SOCKET_BAD : descriptor);
}

void Channel::process(int readable, int writable) {
  ares_process_fd(channel_, readable, writable);
  watch_time();
}

/// While there is a question, c-ares wants to know how time goes by.
void Channel::watch_time() {
  if (outstanding_ == 0) return retry_.stop();
  timeval next = {};
  if (!ares_timeout(channel_, nullptr, &next)) return;
  const auto wait = std::chrono::seconds(next.tv_sec) + std::chrono::microseconds(next.tv_usec);
  retry_.start(std::chrono::ceil<std::chrono::milliseconds>(wait),
               [this] { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); });
}

std::vector<std::string> Channel::addresses_in_hosts_file(const std::string& name) const {
  std::vector<std::string> ips;
  if (!files_->may_be_in_hosts_file(name)) return ips;
  for (const int family : {AF_INET, AF_INET6}) {
    hostent* found = nullptr;
    if (ares_gethostbyname_file(channel_, name.c_str(), family, &found) != ARES_SUCCESS) continue;
    const std::unique_ptr<hostent, decltype(&ares_free_hostent)> owner(found, ares_free_hostent);
    for (char** each = found->h_addr_list; *each; ++each) {
      std::array<char, INET6_ADDRSTRLEN> text = {};
      ares_inet_ntop(found->h_addrtype, *each, text.data(), text.size());
      ips.emplace_back(text.data());
    }
  }
  return ips;
}

std::string Channel::servers() const {
  ares_addr_port_node* servers = nullptr;
  if (ares_get_servers_ports(channel_, &servers) != ARES_SUCCESS) return "nobody";
  const std::unique_ptr<ares_addr_port_node, decltype(&ares_free_data)> owner(servers,
                                                                              ares_free_data);
  std::string all;
  for (const ares_addr_port_node* each = servers; each; each = each->next) {
    std::array<char, INET6_ADDRSTRLEN> text = {};
    ares_inet_ntop(each->family, &each->addr, text.data(), text.size());
    all += (all.empty() ? "" : ", ") + std::string(text.data());
    if (each->udp_port != 0 && each->udp_port != NS_DEFAULTPORT)
      all += " port " + std::to_string(each->udp_port);
  }
  return all.empty() ? "nobody" : all;
}

}  // namespace dns
