#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/host_port.h"
#include "base/operation.h"
#include "discovery/query.h"
#include "dist/handshake.h"
#include "epmd/names.h"

/// What discovery needs of the world, and the world's answers. The implementations are in probe/,
/// and in tests/sim/. Every call returns a Pending: to hold it is to want the answer.
namespace discovery {

using base::Pending;
/// Durations, and moments since some start.
using Time = std::chrono::milliseconds;

/// An address as inet_ntop writes it, with a port.
struct Endpoint {
  std::string ip = {};
  uint16_t port_no = 0;
  auto operator<=>(const Endpoint&) const = default;  // NOLINT: a nullptr, to clang-tidy 14
};

/// What the DNS said. Only an answer, be it empty, may shrink what is known.
struct Resolution {
  enum class Outcome {
    answered,  // these endpoints and no others
    empty,     // there is no such name, or it has no addresses
    failed,    // no answer, or for one family of addresses only: what was found counts all the same
  };
  Outcome outcome = Outcome::failed;
  std::vector<Endpoint> endpoints = {};
  /// Which families of addresses it failed for, if it failed.
  bool is_ipv4_failed = true;
  bool is_ipv6_failed = true;
  std::string why = {};  // it failed, and who was asked
  /// Of the addresses, those that only this host's hosts file has. Other hosts may not know them.
  std::vector<std::string> hosts_file_only = {};
  /// What the answer has and nothing can be asked at, such as a target of an SRV record without an
  /// address: a sentence each.
  std::vector<std::string> unusable = {};
  /// Those that it has at all. A node asks the DNS only for a family that has none there.
  std::vector<std::string> in_hosts_file = {};

  bool is_answer() const { return outcome != Outcome::failed; }
  /// Whether it says for sure whether `ip` is among the endpoints. Some resolvers never answer for
  /// one of the families, which must not keep the other from shrinking.
  bool is_sure_of(std::string_view ip) const {
    return is_answer() || !(base::is_ipv6(ip) ? is_ipv6_failed : is_ipv4_failed);
  }
};

/// What the DNS said of an address.
struct Reversal {
  /// Whether these are all the names that it has. Names that came all the same count.
  bool is_answer = false;
  std::vector<std::string> names = {};  // without a final dot
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  using OnResolved = std::function<void(Resolution)>;
  using OnReversed = std::function<void(Reversal)>;

  virtual Pending resolve(const Query& query, OnResolved on_resolved) = 0;
  /// The names of an address.
  virtual Pending reverse(const std::string& ip, OnReversed on_reversed) = 0;
};

/// Whether hosts can be found at all just now, which takes less than to resolve them.
class HostChecker {
 public:
  virtual ~HostChecker() = default;
  using OnChecked = std::function<void(bool is_found)>;

  /// `host` is the host part of a node's name. One address of either family is enough, and none is
  /// waited for then.
  virtual Pending is_resolvable(const std::string& host, OnChecked on_checked) = 0;
};

/// What an EPMD answered to NAMES_REQ.
struct NamesAnswer {
  enum class Outcome {
    listed,    // these names and no others
    refused,   // nobody listens there (yet, or any more)
    silent,    // no answer in time, or the network failed
    nonsense,  // it is no EPMD, or one that wants to do harm
  };
  Outcome outcome = Outcome::silent;
  std::vector<epmd::ListedName> names = {};
  /// Lines that are no NodeInfo: what they stand for is listed, and not known.
  size_t unreadable = 0;
  /// Names that were of interest, and for which there was no room.
  size_t left_out = 0;
  bool operator==(const NamesAnswer&) const = default;
};

/// Which names of an EPMD's list are to be kept: a stranger's may be long.
struct Interest {
  enum class In { none, new_names, known_names };
  std::function<In(const epmd::ListedName& listed)> in = {};
  /// Of each kind, the first in the list.
  size_t most = 0;
  /// A node has come or gone here: whoever is asked had better look. Those who do not know the sign
  /// for that just answer.
  bool tells_news = false;
};

/// Who a node said that it is.
struct Identification {
  enum class Outcome {
    identified,
    busy,         // ask again at the next round
    not_allowed,  // it wants nothing to do with us
    speaks_tls,   // TLS distribution
    closed,       // it closed without a word: TLS distribution does, up to OTP 23
    nonsense,     // what answers is no node
    refused,      // nobody listens there
    silent,       // no answer in time
    tls_failed,   // it speaks TLS, but not with us: `why` says it
    not_asked,    // we have no certificate to ask with: `why` says it
  };
  Outcome outcome = Outcome::silent;
  dist::Challenge challenge = {};  // when identified
  std::string why = {};
};

/// An EPMD's answer is waited for so long.
inline constexpr Time epmd_timeout = std::chrono::seconds(1);

class Prober {
 public:
  virtual ~Prober() = default;
  using OnNames = std::function<void(NamesAnswer)>;
  using OnIdentified = std::function<void(Identification)>;

  /// Gives up, as silent, after `timeout`.
  virtual Pending ask_names(const Endpoint& epmd, Time timeout, OnNames on_names) = 0;
  /// The same, where not all names are of interest. A prober may return others too. The interest
  /// is asked for as long as the Pending is held.
  virtual Pending ask_some_names(const Endpoint& epmd, Time timeout, const Interest& /*interest*/,
                                 OnNames on_names) {
    return ask_names(epmd, timeout, std::move(on_names));
  }
  /// The distribution handshake up to the challenge.
  virtual Pending identify(const Endpoint& node, OnIdentified on_identified) = 0;
  /// Another number whenever the certificates have changed with which nodes are asked: those of
  /// which TLS has failed may tell now.
  virtual uint64_t credentials() { return 0; }
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  virtual Time now() const = 0;
  virtual Pending after(Time delay, std::function<void()> on_elapsed) = 0;
  /// Any number, for jitter.
  virtual uint32_t random() = 0;
};

/// A node registered with the EPMD of this process.
struct LocalName {
  std::string alive_name = {};
  uint16_t port_no = 0;
  /// Of the registration: another one is another node.
  uint32_t creation = 0;
  auto operator<=>(const LocalName&) const = default;  // NOLINT: a nullptr, to clang-tidy 14
};

/// This host as seen from its own EPMD. A command that has none gives nothing.
class LocalHost {
 public:
  virtual ~LocalHost() = default;
  virtual std::vector<LocalName> names() const = 0;
  /// Where a node of this host may listen: loopback first. Read anew, for addresses come and go.
  virtual std::vector<std::string> addresses() const = 0;
  /// The port of this process's EPMD: at one of our addresses, it is ourselves.
  virtual uint16_t epmd_port_no() const = 0;
  /// Where nodes of this host may listen that do not register.
  virtual std::vector<uint16_t> unregistered_port_nos() const { return {}; }
};

/// All of it. What is referred to outlives whoever uses it.
struct Environment {
  Resolver& resolver;
  Prober& prober;
  Scheduler& scheduler;
  LocalHost& local;
};

}  // namespace discovery
