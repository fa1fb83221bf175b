// What a server finds in the memory of the one before it, with sockets of all kinds: whatever it
// is, the server begins, each name is there once, and the memory is of use again.

#include "keeper/recovery.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "epmd/alive_name.h"
#include "fake_daemon.h"
#include "fuzz/demand.h"
#include "fuzz/input.h"
#include "keeper/heap_memory.h"
#include "keeper/journal.h"
#include "requests.h"

namespace {

using keeper::Journal;
using keeper::Records;
using keeper::SocketFacts;
using keeper::Survivors;

constexpr size_t memory_max = keeper::state_bytes + (size_t{192} << 10);
constexpr int sockets_max = 16;
constexpr int first_new_descriptor = 100;
constexpr int new_names = 8;

void fill_state(Input& input, keeper::State& state) {
  if (input.byte() % 8 == 7) ++state.format;
  epmd::RequestSlot& request = state.request;
  request.descriptor = static_cast<int8_t>(input.byte());
  request.repeats = input.byte() % 3;
  request.reply_bytes = input.byte();
  const std::string_view bytes = input.text(input.byte());
  std::copy(bytes.begin(), bytes.end(), request.bytes.begin());
}

std::vector<SocketFacts> draw_sockets(Input& input) {
  std::vector<SocketFacts> sockets;
  const int count = input.byte() % sockets_max;
  for (int descriptor = 0; descriptor < count; ++descriptor) {
    const uint64_t cookie = input.byte();
    const uint8_t kind = input.byte();
    const uint64_t bytes_read = kind % 4 == 3 ? kind * 100 : input.byte();
    sockets.push_back({descriptor, cookie, kind < 0xc0, kind % 8 == 7, bytes_read, input.byte()});
  }
  return sockets;
}

/// Blocks as they come.
void fill_blocks(Input& input, HeapMemory& memory) {
  const std::string_view rest = input.rest();
  DEMAND(memory.grow(std::min(memory_max, keeper::state_bytes + rest.size())));
  std::memcpy(memory.bytes().data() + keeper::state_bytes, rest.data(),
              memory.bytes().size() - keeper::state_bytes);
}

void check_records(const std::vector<Records::Numbered>& all) {
  std::set<Records::Number> numbers;
  for (const Records::Numbered& each : all) {
    DEMAND(numbers.insert(each.number).second);
    DEMAND(!each.record.node.alive_name.empty());
    DEMAND(each.record.node.alive_name.size() <= epmd::alive_name_bytes_max);
    DEMAND(each.record.node.extra.size() <= epmd::extra_bytes_max);
  }
}

/// Each record and each socket has one fate.
void check_fates(const Survivors& survivors, size_t records, size_t sockets) {
  std::set<Records::Number> numbers(survivors.dropped.begin(), survivors.dropped.end());
  std::set<int> descriptors;
  for (const Survivors::Name& name : survivors.names) {
    numbers.insert(name.record.number);
    descriptors.insert(name.descriptor);
  }
  for (const auto* const group : {&survivors.served, &survivors.closed, &survivors.reset})
    descriptors.insert(group->begin(), group->end());
  if (survivors.repeated >= 0) descriptors.insert(survivors.repeated);
  DEMAND(numbers.size() == records);
  DEMAND(survivors.names.size() + survivors.dropped.size() == records);
  DEMAND(descriptors.size() == sockets);
  DEMAND(survivors.bytes_repeated <= epmd::read_bytes_max);
}

/// As service::EpmdDaemon and server::Server do.
void restore(Journal& journal, const Survivors& survivors, FakeDaemon& daemon) {
  std::vector<epmd::Registration> registrations;
  for (const Records::Number number : survivors.dropped) journal.drop(number);
  for (const Survivors::Name& name : survivors.names) {
    const keeper::Record& record = name.record.record;
    journal.keep(name.record, name.descriptor);
    registrations.push_back(daemon.registry.restore(record.node, name.descriptor, record.creation));
    DEMAND(registrations.back());
  }
  DEMAND(journal.records().count() == survivors.names.size());
  const epmd::RequestSlot& slot = journal.state().request;
  epmd::Reply reply;
  epmd::Session session(daemon.service, {true, true, survivors.repeated});
  if (survivors.bytes_repeated > 0)
    session.receive({slot.bytes.data(), std::min(survivors.bytes_repeated, session.bytes_wanted())},
                    reply);
}

void add_names(Journal& journal) {
  for (int i = 0; i < new_names; ++i)
    DEMAND(journal.registered(first_new_descriptor + i, 1000 + static_cast<uint64_t>(i), 1,
                              node_named(characters(1 + static_cast<size_t>(i) * 140))));
}

void end_names(Journal& journal) {
  for (const int descriptor : journal.descriptors()) journal.unregistered(descriptor);
  DEMAND(journal.records().count() == 0);
}

/// The server after it finds the old names and the new ones, and no block is free twice.
void check_use(HeapMemory& memory, Journal& journal, const Survivors& survivors) {
  add_names(journal);
  const Records next(memory);
  DEMAND(next.count() == survivors.names.size() + new_names);
  for (const Records::Numbered& each : next.all()) {
    const auto is_it = [&](const auto& name) { return name.record.record == each.record; };
    DEMAND(each.record.cookie >= 1000 ||
           std::any_of(survivors.names.begin(), survivors.names.end(), is_it));
  }
  end_names(journal);
  DEMAND(Records(memory).count() == 0);
  add_names(journal);
  DEMAND(Records(memory).count() == new_names);
  end_names(journal);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  HeapMemory memory(memory_max + (size_t{64} << 10));
  new (memory.head()) keeper::State;
  fill_state(input, *reinterpret_cast<keeper::State*>(memory.head()));
  const std::vector<SocketFacts> sockets = draw_sockets(input);
  fill_blocks(input, memory);
  Journal journal(memory);
  const std::vector<Records::Numbered> all = journal.records().all();
  DEMAND(all.size() == journal.records().count());
  check_records(all);
  const Survivors survivors = keeper::sort_out(sockets, all, journal.state().request);
  check_fates(survivors, all.size(), sockets.size());
  FakeDaemon daemon;
  daemon.event_sink.is_listening = false;
  restore(journal, survivors, daemon);
  check_use(memory, journal, survivors);
  return 0;
}
