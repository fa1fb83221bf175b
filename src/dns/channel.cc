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

base::Error error_of(std::string_view tried, int status) {
  return {std::string("cannot ") + std::string(tried) + ": " + ares_strerror(status)};
}

}  // namespace

/// What was asked. c-ares cannot be made to forget a question, so what it holds is a QueryContext
/// that outlives the question if it must, and then leads nowhere.
class Channel::Question final : public base::Operation {
 public:
  Question(Channel& channel, OnAnswer on_answer)
      : on_answer_(std::move(on_answer)),
        context_(new QueryContext{channel, this}),
        soon_(channel.loop_) {}
  ~Question() override {
    if (context_) context_->question = nullptr;
  }

  void send(const std::string& name, int type) {
    ares_channel channel = context_->channel.channel_;
    ares_query(channel, name.c_str(), ns_c_in, type, on_answered, context_);
  }

 private:
  struct QueryContext {
    Channel& channel;
    Question* question;
  };

  static void on_answered(void* data, int status, int, unsigned char* bytes, int size) {
    const std::unique_ptr<QueryContext> context(static_cast<QueryContext*>(data));
    --context->channel.outstanding_;
    context->channel.has_heard_ = true;
    if (!context->question) return;
    context->question->context_ = nullptr;
    std::string answer;
    if (bytes) answer.assign(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
    context->question->answer_soon(status, std::move(answer));
  }

  /// c-ares answers from within whatever call, also the one that asks, and has to survive the
  /// answer; so whoever is told is told later.
  void answer_soon(int status, std::string answer) {
    soon_.start(std::chrono::milliseconds(0), [this, status, answer = std::move(answer)] {
      std::exchange(on_answer_, nullptr)(status, answer);
    });
  }

  OnAnswer on_answer_;
  QueryContext* context_;  // c-ares owns it until it has answered
  event::Timer soon_;
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

Channel::Channel(event::Loop& loop) : loop_(loop), retry_(loop) {}

base::Result<std::unique_ptr<Channel>> Channel::create(event::Loop& loop,
                                                       const Settings& settings) {
  if (const int status = initialize_library()) return error_of("set up c-ares", status);
  std::unique_ptr<Channel> made(new Channel(loop));
  const base::Result<SystemFiles::Contents>& files = settings.files->contents();
  if (!files) return files.error();
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
  options.flags = ARES_FLAG_EDNS | (settings.takes_truncated ? ARES_FLAG_IGNTC : 0) |
                  (settings.uses_tcp ? ARES_FLAG_USEVC : 0) |
                  (settings.is_unchecked ? ARES_FLAG_NOCHECKRESP : 0);
  options.ednspsz = static_cast<int>(settings.datagram_bytes);
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
  auto question = std::make_unique<Question>(*this, std::move(on_answer));
  ++asked_;
  ++outstanding_;
  question->send(name, type);
  watch_time();
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
