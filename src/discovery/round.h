#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "discovery/classify.h"
#include "discovery/identifier.h"
#include "discovery/local_nodes.h"
#include "discovery/name_filter.h"

namespace discovery {

/// What a round is to look for.
struct Scope {
  std::vector<Query> queries = {};
  NameFilter filter = {};
  /// Whether a member can be at this address (--peers). Empty: at any.
  std::function<bool(const std::string& ip)> may_be_peer = {};
};

/// Which EPMDs a round asks. Those that it does not are taken to answer what they answered last: of
/// who comes and goes there, hints tell, and the DNS.
struct RoundPlan {
  bool asks_all = true;
  /// But of all not these, which tell of their news themselves.
  std::set<Endpoint> tellers = {};
  /// So many of them, in turn from round to round.
  size_t in_turn = 0;
  /// These besides: there are hints, or members that are missing. New ones are always asked.
  std::set<Endpoint> besides = {};
  /// Tell those who are asked that there are news here.
  bool tells_news = false;
  /// Members are missing: what was found before is looked at again, whatever has changed.
  bool has_missing = false;
};

/// A stranger's answer can be as long as it likes; this is how much of it counts.
inline constexpr size_t endpoints_max = 10'000;
inline constexpr size_t names_per_epmd_max = 1000;
inline constexpr size_t places_max = 20'000;
/// In one round; the others have to wait for the next, so that a host with nothing but silent ports
/// does not keep everybody waiting.
inline constexpr size_t identified_per_epmd_max = 100;
inline constexpr size_t members_max = 10'000;
/// How long a place is doubted whose host part leads to an address from which no node was heard.
inline constexpr Time doubt_max = std::chrono::seconds(10);
/// Connections and DNS look-ups at the same time: few enough for the buffers of a small nameserver.
inline constexpr size_t operations_at_once_max = 100;

/// One look at the world: resolves the queries, asks the EPMDs, identifies who is new (a node
/// without an EPMD stands for the EPMD that lists it, and is identified in each round), looks up
/// where the host parts lead, and judges. Each step begins for some while others are still at the
/// one before, but for the last two, which wait for all. Destroyed, it is as if it had never begun.
class Round {
 public:
  /// Those of the round before, themselves, if nothing has changed since.
  using OnDone = std::function<void(std::shared_ptr<const Sightings>)>;

  /// `world`, `scope` and `cache` outlive the round. `on_done` may destroy it.
  Round(const Environment& world, const Scope& scope, RoundCache& cache, RoundPlan plan,
        OnDone on_done);

  /// Waits no longer for queries, EPMDs and nodes. What is known is judged all the same, once the
  /// host parts of its names are looked up; called again, without that. May call `on_done`.
  void give_up();

 private:
  static constexpr size_t phases_max = 8;
  /// An alive name and the node's port.
  using Named = std::pair<std::string, uint16_t>;

  /// By a node's name, its port and creation.
  using Claims = std::map<std::string, std::pair<uint16_t, uint32_t>>;

  static Named name_of(const ListedNode& place) { return {place.alive_name, place.port_no}; }
  void look_at_credentials();
  void begin();
  void end_phase();
  void note_unanswered();
  void resolve(const Query& query, const Resolver::OnResolved& take);
  void on_resolved(const Query& query, Resolution resolution);
  bool is_own(const Query& query, const Endpoint& endpoint) const;
  void recall_local_ports();
  void find_own(const Query& query, const Endpoint& endpoint);
  FoundPlaces::iterator add_place(const Query& query, const Endpoint& endpoint,
                                  FoundPlaces::iterator next);
  const char* why_no_place(const Endpoint& endpoint) const;
  void leave_out_strangers(const Query& query, std::vector<Endpoint>& endpoints);
  void choose_in_turn();
  void look_up_some_host_parts();
  void take_trusted();
  bool is_to_be_asked_first(const ListedNode& place);
  Claims claims() const;
  bool has_rival(const ListedNode& place, const Claims& claims) const;
  std::vector<Endpoint> trusted_rivals() const;
  void ask_trusted_rivals();
  std::vector<ListedNode> listed_by(const Endpoint& epmd, const NamesAnswer& answer) const;
  bool is_as_before() const;
  bool will_stay() const;
  void remember();
  void resolve_tasks_of_what_is_mute();
  bool is_to_be_asked(const Endpoint& epmd) const;
  void ask_or_visit(const Endpoint& place);
  bool is_trusted(const Endpoint& epmd) const;
  void ask(const Endpoint& epmd, bool tells_news);
  Interest interest_in(const Endpoint& epmd, bool tells_news) const;
  void visit(const Endpoint& node);
  void visit_local(const ListedNode& place);
  void on_answer(const Endpoint& epmd, const NamesAnswer& answer);
  void on_names(const Endpoint& epmd, const NamesAnswer& answer);
  bool find(const ListedNode& place);
  void identify_locals();
  void identify_the_hindered();
  void reverse_names_of_silent_nodes();
  void reverse(const std::string& ip);
  void look_up_host_parts();
  void look_up(const std::string& host_part, const std::set<std::string>& ips);
  void order_what_was_found();
  void judge_all();
  std::set<Named> named_by_ipv4() const;
  std::map<Named, std::set<std::string>> hosts_named_by_ipv6() const;
  bool is_over_ipv6_alone(const ListedNode& place,
                          const std::map<Named, std::set<std::string>>& hosts_of) const;
  void drop_non_members_that_were_seen();
  bool is_doubtful(const ListedNode& place, const dist::NodeName& name);
  void take(const Found& found, Classification classification);
  void forget_what_is_gone();
  void remember_who_is_mute();
  bool is_any_query_failed() const;
  Time now() const { return environment_.scheduler.now(); }

  const Environment& environment_;
  const Scope& scope_;
  RoundCache& cache_;
  RoundPlan plan_;
  OnDone on_done_;
  /// Something is other than in the round before.
  bool is_changed_ = false;
  bool are_trusted_taken_ = false;
  /// The queries led where they had led in the round before.
  bool are_places_as_before_ = false;
  size_t phases_over_ = 0;
  LocalNodes locals_;
  FoundPlaces places_ = {};
  std::vector<Found> found_ = {};
  Sightings sightings_ = {};
  TaskLimiter tasks_;
  Identifier identifier_;
};

}  // namespace discovery
