// A server that may crash between any two of its steps, with a kernel that is played: whatever
// happens, no client gets two answers, no answered name is lost, no refused one is kept.
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "catch.h"
#include "epmd/session.h"
#include "keeper/heap_memory.h"
#include "keeper/journal.h"
#include "keeper/recovery.h"
#include "requests.h"
#include "seeds.h"

namespace {

struct Crash {};

/// What outlives a server: the client's side and the kernel's.
struct Socket {
  std::string request = {};
  std::string name = {};  // of a registration
  size_t bytes_arrived = 0;
  size_t bytes_read = 0;
  std::vector<std::string> answers = {};
  bool is_open = true;
  bool has_ended = false;

  bool is_accepted() const {
    return !answers.empty() && answers[0].substr(0, 2) == std::string("v\0", 2);
  }
  bool is_waiting() const {
    return is_open && !has_ended && bytes_arrived == request.size() && answers.empty();
  }
  uint64_t bytes_sent() const {
    uint64_t bytes = 0;
    for (const std::string& each : answers) bytes += each.size();
    return bytes;
  }
};

struct World {
  explicit World(uint32_t seed) : random(seed) {}

  /// Between any two steps.
  void step() {
    if (steps_left-- > 0) return;
    is_crashed = true;  // what is unwound does nothing more
    throw Crash();
  }

  Random random;
  HeapMemory memory = HeapMemory();
  std::vector<Socket> sockets = {};  // the index is descriptor and cookie
  size_t steps_left = 0;
  bool is_crashed = false;
  uint32_t next_fresh = 1000;
};

/// One life. The order of its steps is that of server::Exchange and service::EpmdDaemon.
class Life final : public epmd::EventSink {
 public:
  explicit Life(World& world) : world_(world), journal_(world.memory) {
    service_.slot = &journal_.state().request;
  }

  void record(const epmd::Event& event) override {
    if (is_dead || world_.is_crashed) return;
    if (event.kind == epmd::EventKind::unregistered) journal_.unregistered(event.descriptor);
    if (event.kind != epmd::EventKind::registered) return;
    world_.step();
    const auto cookie = static_cast<uint64_t>(event.descriptor);
    REQUIRE(journal_.registered(event.descriptor, cookie, static_cast<uint32_t>(event.number),
                                *event.node));
    world_.step();
  }

  void recover() {
    const keeper::Survivors survivors =
        keeper::sort_out(facts(), journal_.records().all(), journal_.state().request);
    for (const auto number : survivors.dropped) {
      world_.step();
      journal_.drop(number);
    }
    for (const auto* const group : {&survivors.closed, &survivors.reset})
      for (const int descriptor : *group) close(descriptor);
    for (const keeper::Survivors::Name& name : survivors.names) restore(name);
    if (survivors.repeated >= 0) repeat(survivors);
    for (const int descriptor : survivors.served) serve(descriptor);
    if (survivors.repeated >= 0 && has_unread(survivors.repeated)) read(survivors.repeated);
  }

  void serve(int descriptor) {
    begin(descriptor);
    read(descriptor);
  }

  /// What has arrived of a request.
  void read(int descriptor) {
    Socket& socket = at(descriptor);
    if (!socket.is_open) return;
    world_.step();
    const size_t before = connections_.at(descriptor).session.bytes_received();
    char* const into = service_.slot->begin(descriptor, before);
    world_.step();
    const std::string_view bytes =
        std::string_view(socket.request).substr(before, socket.bytes_arrived - before);
    std::copy(bytes.begin(), bytes.end(), into);
    socket.bytes_read = socket.bytes_arrived;
    world_.step();
    judge(descriptor, {into, bytes.size()});
  }

  /// The server notices that a peer has ended.
  void notice(int descriptor) {
    if (!at(descriptor).is_open) return;
    world_.step();
    connections_.erase(descriptor);
    close(descriptor);
  }

  const epmd::Registry& registry() const { return registry_; }
  size_t records() const { return journal_.records().count(); }
  World& world() { return world_; }
  bool is_dead = false;

 private:
  /// Has the duties of server::Connection.
  struct Connection final : epmd::Owner {
    Connection(Life& of, epmd::Session begun) : life(of), session(std::move(begun)) { own(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    void own() {
      if (session.registration()) session.registration()->owner = this;
    }
    bool has_ended() override { return life.at(session.peer().descriptor).has_ended; }
    void on_unregistered() override { life.notice(session.peer().descriptor); }
    Life& life;
    epmd::Session session;
  };

  bool has_unread(int descriptor) {
    return at(descriptor).bytes_arrived > at(descriptor).bytes_read;
  }

  void begin(int descriptor) {
    connections_.try_emplace(descriptor, *this, epmd::Session(service_, {true, true, descriptor}));
  }

  Socket& at(int descriptor) { return world_.sockets[static_cast<size_t>(descriptor)]; }

  /// As keeper::take_over() gathers them: it asks only of the newest name whether it was answered.
  std::vector<keeper::SocketFacts> facts() const {
    std::set<uint64_t> answered;
    for (const auto& each : journal_.records().all()) answered.insert(each.record.cookie);
    answered.erase(keeper::newest_of(journal_.records().all()));
    std::vector<keeper::SocketFacts> all;
    for (size_t i = 0; i < world_.sockets.size(); ++i) {
      const Socket& socket = world_.sockets[i];
      if (!socket.is_open) continue;
      if (answered.contains(i))
        all.push_back({static_cast<int>(i), i, true, socket.has_ended, 1, 1});
      else
        all.push_back({static_cast<int>(i), i, true, socket.has_ended, socket.bytes_read,
                       socket.bytes_sent()});
    }
    return all;
  }

  void restore(const keeper::Survivors::Name& name) {
    journal_.keep(name.record, name.descriptor);
    const keeper::Record& record = name.record.record;
    auto registration = registry_.restore(record.node, name.descriptor, record.creation);
    REQUIRE(registration);
    epmd::Session session(service_, {true, true, name.descriptor}, std::move(registration));
    connections_.try_emplace(name.descriptor, *this, std::move(session));
  }

  void repeat(const keeper::Survivors& survivors) {
    const epmd::RequestSlot& slot = *service_.slot;
    ++service_.slot->repeats;
    begin(survivors.repeated);
    judge(survivors.repeated, {slot.bytes.data(), survivors.bytes_repeated});
  }

  void judge(int descriptor, std::string_view bytes) {
    epmd::Reply reply;
    Connection& connection = connections_.at(descriptor);
    const epmd::Verdict verdict = connection.session.receive(bytes, reply);
    if (verdict == epmd::Verdict::read_on) return;
    connection.own();
    world_.step();
    service_.slot->reply_bytes = reply.view().size();
    world_.step();
    at(descriptor).answers.emplace_back(reply.view());
    world_.step();
    if (verdict != epmd::Verdict::keep_while_alive) notice(descriptor);
  }

  void close(int descriptor) {
    world_.step();
    at(descriptor).is_open = false;
    world_.step();
  }

  World& world_;
  keeper::Journal journal_;
  epmd::Registry registry_{*this, [this] { return ++world_.next_fresh; }};
  epmd::Listing listing_{registry_, 4369};
  epmd::Service service_{registry_, listing_, *this};
  std::map<int, Connection> connections_ = {};
};

/// Lives until it crashes, and is not cleaned up: what dies does not unregister.
template <typename Work>
bool survives(Life& life, const Work& work) {
  try {
    work();
    return true;
  } catch (const Crash&) {
    life.is_dead = true;
    life.world().is_crashed = false;
    return false;
  }
}

void check(World& world, const Life& life) {
  for (const Socket& socket : world.sockets) {
    CHECK(socket.answers.size() <= 1);
    CHECK_FALSE(socket.is_waiting());
    if (socket.name.empty() || !socket.is_open) continue;
    const epmd::Registry::Entry* const entry = life.registry().find(socket.name);
    if (!socket.is_accepted() || socket.has_ended) continue;
    REQUIRE(entry);
    CHECK(socket.answers[0] == epmd::encode_alive2_resp(6, entry->creation));
  }
  CHECK(life.records() == life.registry().alive().size());
  for (const epmd::Registry::Entry& entry : life.registry().alive()) {
    const Socket& socket = world.sockets[static_cast<size_t>(entry.descriptor)];
    CHECK((socket.is_open && socket.is_accepted() && socket.name == entry.node.alive_name));
  }
}

void add_client(World& world) {
  Socket socket;
  const std::string name = "n" + std::to_string(world.random.below(6));
  const bool registers = world.random.one_in(2);
  socket.request = registers ? alive2_req(name) : port_please2_req(name);
  if (registers) socket.name = name;
  const size_t size = socket.request.size();
  socket.bytes_arrived = world.random.one_in(4) ? 1 + world.random.below(size - 1) : size;
  world.sockets.push_back(std::move(socket));
}

}  // namespace

TEST_CASE("whenever a server crashes, each client is answered once or closed, and names stay") {
  for (const uint32_t seed : seeds()) {
    INFO("seed " << seed);
    World world(seed);
    std::vector<std::unique_ptr<Life>> lives;
    const auto live_on = [&] {
      do {
        lives.push_back(std::make_unique<Life>(world));
        world.steps_left =
            world.random.one_in(4) ? world.random.below(9) : 20 + world.random.below(60);
      } while (!survives(*lives.back(), [&] { lives.back()->recover(); }));
      check(world, *lives.back());
    };
    live_on();
    for (int turn = 0; turn < 2000; ++turn) {
      const auto chosen = static_cast<int>(world.random.below(world.sockets.size() + 1));
      const bool is_new =
          world.random.one_in(2) || static_cast<size_t>(chosen) == world.sockets.size();
      if (is_new) add_client(world);
      Socket& socket = is_new ? world.sockets.back() : world.sockets[static_cast<size_t>(chosen)];
      const bool has_more = socket.bytes_arrived < socket.request.size() && !socket.has_ended;
      const bool goes_on = !is_new && has_more && socket.is_open;
      if (!is_new && !goes_on) socket.has_ended = true;
      // That it has ended is noticed at once, or when its name is wanted by another one.
      const bool is_noticed = world.random.one_in(2);
      if (goes_on) socket.bytes_arrived = socket.request.size();
      const bool is_well = survives(*lives.back(), [&] {
        if (is_new)
          lives.back()->serve(static_cast<int>(world.sockets.size()) - 1);
        else if (goes_on)
          lives.back()->read(chosen);
        else if (is_noticed)
          lives.back()->notice(chosen);
      });
      if (is_well)
        check(world, *lives.back());
      else
        live_on();
    }
    CHECK(lives.size() > 100);
    for (const auto& life : lives) life->is_dead = true;
  }
}
