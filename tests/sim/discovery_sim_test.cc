// Many lives of clusters, each as chance has it; and one that lasts for a month.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>

#include "catch.h"
#include "discovery/reconcile.h"
#include "sim/life.h"

using namespace std::chrono_literals;
using sim::Life;
using sim::Time;

namespace {

/// PORTOLAN_SEEDS makes them more: 100,000 for a night.
uint32_t lives() {
  const char* const text = std::getenv("PORTOLAN_SEEDS");
  return text ? static_cast<uint32_t>(std::strtoul(text, nullptr, 10)) : 120;
}

/// PORTOLAN_SEED makes them others.
uint32_t first_seed() { return seeds().size() > 5 ? seeds().back() : 1000; }

}  // namespace

TEST_CASE("whatever happens, nothing is told that is not so, and in the end all of it is") {
  constexpr int hours = 6;  // each: 40 minutes of trouble, and as long as it takes to be over
  const std::clock_t begun = std::clock();
  unsigned rounds = 0;
  size_t changes = 0;
  for (uint32_t i = 0; i < lives(); ++i) {
    const uint32_t seed = first_seed() + i;
    Life life(seed);
    for (int turn = 0; turn < hours && life.faults().empty(); ++turn) {
      life.live(40min);
      life.calm_down();
      INFO("seed " << seed << ", hour " << turn);
      if (life.members() != life.truth()) REQUIRE(life.members() == life.truth());
    }
    INFO("seed " << seed);
    if (!life.faults().empty()) REQUIRE(life.faults() == std::vector<std::string>{});
    rounds += life.rounds();
    changes += life.changes();
  }
  const double seconds = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
  const unsigned all = lives() * hours;
  std::cerr << "simulated " << all << " cluster-hours, " << rounds << " rounds, " << changes
            << " changes: " << static_cast<unsigned>(all / seconds) << " hours a second\n";
  CHECK(changes > 20 * lives());
}

namespace {

/// Round after round with one memory, in a cluster where nothing stays: names, addresses and ports
/// are new each time, and there are those who refuse, lie, or lead nowhere.
class Churn {
 public:
  explicit Churn(uint32_t seed) : random_(seed), cluster_({"web", "db", "gone"}, seed) {
    for (unsigned i = 0; i < 8; ++i) begin("c" + std::to_string(i));
    cluster_.world.dns.faults["gone"] = sim::Fault::fails;  // for ever
  }

  /// The most there was to remember in these rounds.
  size_t run(unsigned rounds) {
    size_t most = 0;
    for (; rounds > 0; --rounds) {
      renew("c" + std::to_string(random_.below(8)));
      look();
      most = std::max(most, size());
      cluster_.world.run_for(5min);
    }
    return most;
  }
  const discovery::Members& members() const { return members_; }

 private:
  void begin(const std::string& slot) {
    const std::string name = "n" + std::to_string(++named_);
    const std::string ip = "10." + std::to_string(named_ / 62500 % 250) + "." +
                           std::to_string(named_ / 250 % 250) + "." + std::to_string(named_ % 250);
    sim::Node& node = cluster_.have(name, ip, random_.one_in(2) ? "web" : "db").nodes[0];
    node.port_no = static_cast<uint16_t>(1024 + random_.below(60000));
    node.manner = static_cast<sim::Identification::Outcome>(random_.below(8));
    if (random_.one_in(4)) node.name = "app@nowhere" + name;
    cluster_.containers[name]->is_paused = random_.one_in(8);
    const std::string local = "local" + std::to_string(named_);
    cluster_.world.local_names = {{local, 41000, named_}};
    cluster_.self->nodes = {cluster_.a_node(local + "@self")};
    cluster_.self->nodes[0].port_no = 41000;
    cluster_.self->nodes[0].only_at = "10.0.0.1";
    slots_[slot] = name;
  }

  void renew(const std::string& slot) {
    cluster_.world.dns.hosts.erase(slots_[slot]);
    cluster_.stop(slots_[slot]);
    begin(slot);
  }

  void look() {
    bool is_done = false;
    discovery::RoundPlan plan;
    plan.asks_all = random_.one_in(2);
    plan.in_turn = 3;
    const auto take = [&](const std::shared_ptr<const sim::Sightings>& sightings) {
      members_ = discovery::reconcile(members_, *sightings).members;
      is_done = true;
    };
    const discovery::Round round(ports_, cluster_.settings.scope, memory_, plan, take);
    while (!is_done && cluster_.world.step(cluster_.world.now() + 1min)) continue;
    if (!is_done) REQUIRE(is_done);
  }

  size_t size() const {
    return memory_.identities.size() + memory_.hosts.size() + memory_.reversed.size() +
           memory_.connectable.size() + memory_.local_ips.size() + memory_.swarm_tasks.size() +
           memory_.mute.size() + memory_.answers.size() + memory_.verdicts.size() + members_.size();
  }

  Random random_;
  sim::Cluster cluster_;
  discovery::Environment ports_ = cluster_.world.ports();
  discovery::RoundCache memory_ = {};
  discovery::Members members_ = {};
  std::map<std::string, std::string> slots_ = {};
  unsigned named_ = 0;
};

}  // namespace

TEST_CASE("what is remembered does not grow in a month of churn") {
  constexpr unsigned rounds_a_week = 7 * 24 * 12;
  Churn churn(first_seed());
  const size_t first_week = churn.run(rounds_a_week);
  churn.run(2 * rounds_a_week);
  const size_t fourth_week = churn.run(rounds_a_week);
  CHECK(first_week > 30);
  CHECK(fourth_week <= first_week + first_week / 4);
  CHECK(fourth_week < 200);
}
