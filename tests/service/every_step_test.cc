// A server is run instruction by instruction. After each that has changed what the next server
// would find (the memory, or a socket), it is held against what that server would do: no client
// gets two answers or none, no answered name is lost, and no other name is kept.
#include <poll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "catch.h"
#include "fake_event_sink.h"
#include "keeper/byte_counts.h"
#include "keeper/heap_memory.h"
#include "keeper/journal.h"
#include "keeper/server_process.h"
#include "keeper/shared_memory.h"
#include "keeper/survey.h"
#include "net/sockets.h"
#include "requests.h"
#include "service/epmd_daemon.h"

namespace {

/// As far as the memory of a few names reaches.
constexpr size_t memory_watched = size_t{16} << 10;
/// How many descriptors a server of a test opens at most.
constexpr int descriptors_max = 24;
constexpr int passes_of_the_loop = 6;

/// What outlives a server.
struct Scene {
  Scene() {
    listeners.push_back(listen_on_loopback());
    held.connect(listeners.front().address);
    held.send(alive2_req("held"));
    auto made = keeper::SharedMemory::create();
    REQUIRE(made);
    memory = std::move(*made);
    watched = mmap(nullptr, memory_watched, PROT_READ, MAP_SHARED, memory.get(), 0);
    REQUIRE(watched != MAP_FAILED);
    kept = keeper::open_descriptors();
    for (int number = 0; number < kept.back() + descriptors_max; ++number)
      if (!std::binary_search(kept.begin(), kept.end(), number)) others.push_back(number);
  }
  ~Scene() {
    munmap(watched, memory_watched);
    keeper::let_go(kept);
  }
  /// Its descriptor stays, as the server may not have that number.
  void end_held() {
    held.half_close();
    is_held = false;
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  std::vector<net::ListeningSocket> listeners = {};
  /// Has been registered before.
  FakePeer held = FakePeer(AF_INET);
  bool is_held = true;
  FakePeer client = FakePeer(AF_INET);
  /// All that the client sends; what is not sent at first follows when that was read.
  std::string request = {};
  size_t sent_at_first = std::string::npos;
  event::Descriptor memory = {};
  void* watched = nullptr;
  std::vector<int> kept = {};
  /// What a server may open.
  std::vector<int> others = {};
};

/// What was sent may be on its way for a moment.
void read_from(FakePeer& peer) {
  pollfd waited = {peer.descriptor(), POLLIN, 0};
  REQUIRE(poll(&waited, 1, 10000) == 1);
  peer.read();
}

/// In a process of its own, that shares our descriptors. Stops when it has registered the name that
/// is held, and then serves what has come in.
[[noreturn]] void live(Scene& scene) {
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  const auto memory = keeper::SharedMemory::map(scene.memory.get());
  keeper::Journal journal(**memory);
  FakeEventSink event_sink;
  event_sink.is_listening = false;
  event::Loop loop;
  service::EpmdDaemon daemon(loop, event_sink, {}, std::move(scene.listeners), &journal);
  while (daemon.registry().alive().empty()) loop.run_once();
  kill(getpid(), SIGSTOP);
  for (int pass = 0; pass < passes_of_the_loop; ++pass) loop.run_ready();
  _exit(0);
}

/// What the next server would find, as far as it can be compared at each step.
struct Found {
  std::string memory = {};
  std::vector<uint64_t> sockets = {};
  bool operator==(const Found&) const = default;
};

class Steps {
 public:
  explicit Steps(Scene& scene) : scene_(scene), process_(keeper::clone_with_descriptors()) {
    if (process_ == 0) live(scene);
    REQUIRE(process_ > 0);
    REQUIRE(has_stopped());
    read_from(scene.held);
  }
  ~Steps() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  /// Until something has changed. False: the server is done.
  bool advance() {
    const Found before = found();
    do {
      if (ptrace(PTRACE_SINGLESTEP, process_, nullptr, nullptr) != 0 || !has_stopped())
        return false;
      ++count;
    } while (is_same(before));
    return true;
  }

  size_t count = 0;

 private:
  bool has_stopped() const {
    int status = 0;
    return waitpid(process_, &status, 0) == process_ && WIFSTOPPED(status);
  }
  size_t bytes() const {
    struct stat status = {};
    fstat(scene_.memory.get(), &status);
    return std::min(memory_watched, static_cast<size_t>(status.st_size));
  }
  bool is_same(const Found& before) const {
    if (may_have_called_the_kernel() &&
        (bytes() != before.memory.size() || sockets() != before.sockets))
      return false;
    return std::memcmp(scene_.watched, before.memory.data(), before.memory.size()) == 0;
  }
  /// Only then can sockets have changed, and the size of the memory. To look at them after each
  /// instruction would take minutes.
  bool may_have_called_the_kernel() const {
#ifdef __x86_64__
    errno = 0;
    const long next = ptrace(PTRACE_PEEKUSER, process_, offsetof(user, regs.rip), nullptr);
    constexpr long syscall_instruction = 0x050f;
    const long code = ptrace(PTRACE_PEEKTEXT, process_, next - 2, nullptr);
    return errno != 0 || (code & 0xffff) == syscall_instruction;
#else
    return true;
#endif
  }
  std::vector<uint64_t> sockets() const {
    std::vector<uint64_t> all;
    for (const int number : scene_.others)
      if (const auto counts = keeper::byte_counts(number))
        all.insert(all.end(), {static_cast<uint64_t>(number), counts->read, counts->sent});
    return all;
  }
  Found found() const { return {{static_cast<const char*>(scene_.watched), bytes()}, sockets()}; }

  Scene& scene_;
  pid_t process_;
};

/// What the next server would do now.
struct Outlook {
  explicit Outlook(const Scene& scene) {
    struct stat status = {};
    REQUIRE(fstat(scene.memory.get(), &status) == 0);
    const auto shared = keeper::SharedMemory::map(scene.memory.get());
    REQUIRE(memory.grow((*shared)->bytes().size()));
    std::copy((*shared)->bytes().begin(), (*shared)->bytes().end(), memory.bytes().begin());
    const keeper::Journal journal(memory);
    sockets =
        keeper::survey(journal.records().all(), keeper::open_besides(scene.kept), scene.listeners);
    survivors = keeper::sort_out(sockets, journal.records().all(), journal.state().request);
    request = {journal.state().request.bytes.data(), survivors.bytes_repeated};
  }

  const keeper::Record* name_on(int descriptor) const {
    for (const auto& name : survivors.names)
      if (name.descriptor == descriptor) return &name.record.record;
    return nullptr;
  }

  HeapMemory memory = HeapMemory();
  std::vector<keeper::SocketFacts> sockets = {};
  keeper::Survivors survivors = {};
  std::string request = {};
};

bool contains(const std::vector<int>& numbers, int number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

/// The server's end of a peer's connection; null: it is not accepted yet, or closed.
const keeper::SocketFacts* end_of(const FakePeer& peer, const Outlook& outlook) {
  const uint16_t port = net::Address::of_socket(peer.descriptor())->port();
  for (const keeper::SocketFacts& each : outlook.sockets)
    if (each.is_client && net::Address::of_peer(each.descriptor)->port() == port) return &each;
  return nullptr;
}

bool is_accepted(const FakePeer& peer) { return peer.received.starts_with(std::string("v\0", 2)); }

/// A name that was answered stays, with the creation that was told.
void check_name(const FakePeer& peer, int descriptor, const Outlook& outlook) {
  const keeper::Record* const record = outlook.name_on(descriptor);
  REQUIRE(record);
  CHECK(peer.received == epmd::encode_alive2_resp(6, record->creation));
}

void check_held(const Scene& scene, const Outlook& outlook) {
  if (!scene.is_held) return;
  const keeper::SocketFacts* const end = end_of(scene.held, outlook);
  REQUIRE(end);
  check_name(scene.held, end->descriptor, outlook);
}

void check_answered(const Scene& scene, int descriptor, const Outlook& outlook) {
  const keeper::Survivors& next = outlook.survivors;
  CHECK_FALSE((next.repeated == descriptor || contains(next.served, descriptor)));
  CHECK_FALSE(contains(next.reset, descriptor));
  if (is_accepted(scene.client))
    check_name(scene.client, descriptor, outlook);
  else
    CHECK(contains(next.closed, descriptor));
}

void check_unanswered(const Scene& scene, const keeper::SocketFacts& end, const Outlook& outlook) {
  CHECK_FALSE(outlook.name_on(end.descriptor));
  if (outlook.survivors.repeated == end.descriptor)
    CHECK(outlook.request == scene.request.substr(0, end.bytes_read));
  else
    CHECK(contains(outlook.survivors.served, end.descriptor));
}

/// How many names the next server has is known too, so that no other name is kept.
void check_count(const Scene& scene, const Outlook& outlook) {
  const size_t names = size_t{scene.is_held} + size_t{is_accepted(scene.client)};
  CHECK(outlook.survivors.names.size() == names);
  CHECK(outlook.survivors.names_lost == 0);
}

/// The answer to a look-up leaves with the end of the connection, that to a registration at once.
bool is_registration(const std::string& request) {
  return request[epmd::length_prefix_bytes] == static_cast<char>(epmd::Opcode::alive2_req);
}

void check(Scene& scene) {
  const Outlook outlook(scene);
  const keeper::SocketFacts* const end = end_of(scene.client, outlook);
  const bool is_sent = end && end->bytes_sent > 0 && is_registration(scene.request);
  if (is_sent && scene.client.received.empty()) read_from(scene.client);
  INFO("the client has received " << scene.client.received.size() << " bytes");
  check_held(scene, outlook);
  check_count(scene, outlook);
  if (!end) return;
  if (end->bytes_sent > 0)
    check_answered(scene, end->descriptor, outlook);
  else
    check_unanswered(scene, *end, outlook);
}

void send_the_rest(Scene& scene) {
  const Outlook outlook(scene);
  const keeper::SocketFacts* const end = end_of(scene.client, outlook);
  if (!end || end->bytes_read != scene.sent_at_first) return;
  scene.client.send(scene.request.substr(scene.sent_at_first));
  scene.sent_at_first = std::string::npos;
}

/// Returns how many changes there were.
size_t go_through(Scene& scene, const std::function<void()>& begin) {
  Steps steps(scene);
  check(scene);
  begin();
  size_t changes = 0;
  while (steps.advance()) {
    INFO("after " << steps.count << " instructions, change " << changes);
    ++changes;
    check(scene);
    send_the_rest(scene);
  }
  return changes;
}

size_t ask(Scene& scene, const std::string& request) {
  scene.request = request;
  const size_t changes = go_through(scene, [&] {
    scene.client.connect(scene.listeners.front().address);
    scene.client.send(request.substr(0, scene.sent_at_first));
  });
  while (!is_registration(request) && !scene.client.has_ended()) read_from(scene.client);
  return changes;
}

epmd::Node long_node() {
  epmd::Node node = node_named(characters(255, "\xf0\x9f\x90\x98"));
  node.extra = characters(300, "e");
  return node;
}

}  // namespace

TEST_CASE("a crash at any step of a registration leaves it answered and kept, or neither") {
  Scene scene;
  SECTION("of a short name") { CHECK(ask(scene, alive2_req("n")) > 12); }
  SECTION("of one that takes many blocks") {
    CHECK(ask(scene, epmd::encode_alive2_req(long_node())) > 20);
  }
  SECTION("in two parts") {
    scene.sent_at_first = 5;
    CHECK(ask(scene, alive2_req("n")) > 12);
  }
  CHECK(is_accepted(scene.client));
}

TEST_CASE("a crash at any step of a request that registers nothing leaves it answered, or open") {
  Scene scene;
  SECTION("a name that is taken") {
    CHECK(ask(scene, alive2_req("held")) > 4);
    CHECK(scene.client.received == epmd::encode_alive2_refusal(6));
  }
  SECTION("a look-up") {
    CHECK(ask(scene, port_please2_req("held")) > 4);
    CHECK(scene.client.received == epmd::encode_port2_resp(node_named("held")));
  }
  SECTION("a list") {
    CHECK(ask(scene, names_req()) > 4);
    CHECK(scene.client.received.ends_with("name held at port 4711\n"));
  }
}

TEST_CASE("a crash at any step of a name's end leaves the name, or nothing of it") {
  Scene scene;
  CHECK(go_through(scene, [&] { scene.end_held(); }) > 0);
}

TEST_CASE("a crash at any step leaves one owner of a name whose node has ended and comes back") {
  Scene scene;
  scene.request = alive2_req("held");
  CHECK(go_through(scene, [&] {
          scene.client.connect(scene.listeners.front().address);
          scene.client.send(scene.request);
          scene.end_held();
        }) > 8);
  CHECK(is_accepted(scene.client));
}
