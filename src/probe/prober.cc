#include "probe/prober.h"

#include <memory>
#include <utility>

#include "epmd/message.h"
#include "epmd/names.h"
#include "net/tcp_exchange.h"
#include "probe/scheduler.h"
#include "probe/who_question.h"

namespace probe {
namespace {

using discovery::Endpoint;
using discovery::Identification;
using discovery::NamesAnswer;
using discovery::Pending;
using End = net::TcpExchange::End;

/// What the resolver or the interface list gave is always an address.
net::Address address_of(const Endpoint& endpoint) {
  return net::Address::parse(endpoint.ip, endpoint.port_no).value_or(net::Address{});
}

/// The names of a list that is being read, as far as there is room.
class NamesKept {
 public:
  NamesKept(discovery::Interest interest, std::shared_ptr<size_t> shared_bytes)
      : interest_(std::move(interest)), shared_bytes_(std::move(shared_bytes)) {}
  NamesKept(const NamesKept&) = delete;
  NamesKept& operator=(const NamesKept&) = delete;
  ~NamesKept() { *shared_bytes_ -= borrowed_; }

  bool keep(const epmd::ListedName& listed) {
    const In in = interest_.in(listed);
    if (in == In::none) return false;
    size_t& count = in == In::known_names ? known_ : new_;
    const bool is_kept =
        count < interest_.most && make_room(sizeof listed + listed.alive_name.size());
    ++(is_kept ? count : left_out_);
    return is_kept;
  }
  size_t left_out() const { return left_out_; }

 private:
  using In = discovery::Interest::In;

  bool make_room(size_t bytes) {
    if (own_ + bytes <= Prober::list_bytes_own) {
      own_ += bytes;
    } else if (*shared_bytes_ + bytes <= Prober::list_bytes_shared) {
      *shared_bytes_ += bytes;
      borrowed_ += bytes;
    } else {
      return false;
    }
    return true;
  }

  discovery::Interest interest_;
  std::shared_ptr<size_t> shared_bytes_;
  size_t own_ = 0;
  size_t borrowed_ = 0;
  size_t known_ = 0;
  size_t new_ = 0;
  size_t left_out_ = 0;
};

struct NamesState {
  NamesState(discovery::Interest interest, std::shared_ptr<size_t> shared_bytes)
      : kept(std::move(interest), std::move(shared_bytes)) {}
  NamesKept kept;
  epmd::NamesReader reader{Prober::names_max,
                           [this](const epmd::ListedName& each) { return kept.keep(each); }};
  bool is_well_formed = true;
};

NamesAnswer names_answer(epmd::NamesReader& reader, bool is_well_formed, End end) {
  if (!is_well_formed) return {NamesAnswer::Outcome::nonsense};
  if (end == End::refused) return {NamesAnswer::Outcome::refused};
  if (end != End::closed) return {NamesAnswer::Outcome::silent};
  // Closed before it said a word: so does an EPMD that is about to end, or a proxy before one.
  if (!reader.epmd_port_no()) return {NamesAnswer::Outcome::silent};
  if (!reader.is_whole()) return {NamesAnswer::Outcome::nonsense};
  return {NamesAnswer::Outcome::listed, reader.take_names(), reader.unreadable()};
}

}  // namespace

Prober::Prober(event::Loop& loop, std::string own_name, tls::Client* tls)
    : loop_(loop), own_name_(std::move(own_name)), tls_(tls) {}

Pending Prober::ask_names(const Endpoint& epmd, discovery::Time timeout, OnNames on_names) {
  const auto all = [](const epmd::ListedName&) { return discovery::Interest::In::new_names; };
  return ask_some_names(epmd, timeout, {all, names_max}, std::move(on_names));
}

Pending Prober::ask_some_names(const Endpoint& epmd, discovery::Time timeout,
                               const discovery::Interest& interest, OnNames on_names) {
  auto state = std::make_shared<NamesState>(interest, shared_bytes_);
  return std::make_unique<net::TcpExchange>(
      loop_, address_of(epmd),
      epmd::encode_request(epmd::Opcode::names_req, interest.tells_news ? epmd::news_sign : ""),
      timeout,
      [state](std::string_view bytes) {
        state->is_well_formed = state->reader.receive(bytes);
        return state->is_well_formed;
      },
      [state, on_names = std::move(on_names)](End end) {
        NamesAnswer answer = names_answer(state->reader, state->is_well_formed, end);
        answer.left_out = state->kept.left_out();
        on_names(std::move(answer));
      });
}

Pending Prober::identify(const Endpoint& node, OnIdentified on_identified) {
  constexpr const char* no_name_known_yet = "";
  auto session = tls::begin_session(tls_, no_name_known_yet);
  if (!session) return not_asked(session.error().message, std::move(on_identified));
  auto question = std::make_shared<WhoQuestion>(*session);
  return std::make_unique<net::TcpExchange>(
      loop_, address_of(node), question->hello(own_name_), tls_ ? tls_timeout : node_timeout,
      [question](std::string_view bytes) { return question->receive(bytes); },
      [question, on_identified = std::move(on_identified)](End end) {
        on_identified(question->answer(end));
      },
      *session);
}

/// Nobody is called back from inside the call that began it.
Pending Prober::not_asked(const std::string& why, OnIdentified on_identified) {
  Identification told;
  told.outcome = Identification::Outcome::not_asked;
  told.why = why;
  const auto tell = [told, on_identified = std::move(on_identified)] { on_identified(told); };
  return Scheduler(loop_).after(discovery::Time::zero(), tell);
}

}  // namespace probe
