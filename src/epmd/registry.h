#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <string_view>
#include <utility>

#include "epmd/entry.h"
#include "epmd/event_sink.h"
#include "epmd/name_index.h"

namespace epmd {

/// What a registration lives on: its connection. Whoever holds the Registration sets itself as the
/// entry's owner, and must outlive the Registration.
class Owner {
 public:
  virtual ~Owner() = default;
  /// Whether its peer has already ended, though nobody has noticed yet: nodes that restart within
  /// a moment register again before the close of their old connection has been read.
  virtual bool has_ended() = 0;
  /// Its name was taken from it: release the Registration (which is void) and close. Called while
  /// another session is being served, never the owner's own.
  virtual void on_unregistered() = 0;
};

/// The names that are alive, newest first, and those that were, oldest first.
/// A name lives exactly as long as the Registration that add() returned. The registry must outlive
/// all registrations. Look-up, registration and departure take constant time.
class Registry {
 public:
  using Entry = epmd::Entry;

  struct Unregister {
    Registry* registry = nullptr;
    void operator()(Entry* entry) const { registry->unregister(*entry); }
  };
  /// Null: refused. Destroying it unregisters the name; moving it is free.
  using Registration = std::unique_ptr<Entry, Unregister>;

  /// Gives the creation of a name that was never seen before, or is forgotten. Two calls should
  /// never return the same, not even in two lives of the daemon.
  using FreshCreation = std::function<uint32_t()>;

  /// History lengths of the reference, beyond which the oldest name is forgotten.
  static constexpr size_t history_length = 1000;
  static constexpr size_t history_length_debug = 5;

  /// What all registrations together may take.
  struct Room {
    /// The rest of the connections is for clients that only ask.
    size_t names_max = ~size_t{0};
    /// Of names and their extra fields, and registration_bytes for each.
    size_t bytes_max = size_t{256} << 20;
  };
  /// What a registration takes beside its name and its extra field, its connection included
  /// (measured: docs/PERFORMANCE.md).
  static constexpr size_t registration_bytes = 512;

  Registry(EventSink& event_sink, FreshCreation fresh_creation, size_t length = history_length)
      : Registry(event_sink, std::move(fresh_creation), length, Room{}) {}
  Registry(EventSink& event_sink, FreshCreation fresh_creation, size_t length, Room room);

  /// Registers a node that passed check_registrable(). An owner that has_ended() makes room. Null:
  /// the name is taken, or else there is no room, which is recorded.
  Registration add(Node node, int descriptor);
  /// Goes on with a name that was registered in an earlier life of the daemon, the newest last.
  /// Nothing is recorded. Null: the name is taken.
  Registration restore(Node node, int descriptor, uint32_t creation);
  /// The live entry of that name; null if there is none.
  const Entry* find(std::string_view alive_name) const;
  /// Takes a live name from its owner and tells it. False: there is no such name.
  bool remove(std::string_view alive_name);

  const Entries& alive() const { return alive_; }
  const Entries& history() const { return history_; }
  /// What the names that are alive take, as Room counts it.
  size_t bytes() const { return bytes_; }
  /// Of the names that are alive, without anything else.
  size_t name_bytes() const { return name_bytes_; }
  /// As long as the process is short of memory, no further name is registered.
  void set_short_of_memory(bool is_short) { is_short_of_memory_ = is_short; }
  /// Changes whenever alive() does.
  uint64_t revision() const { return revision_; }

 private:
  void unregister(Entry& entry);
  void evict(Entry& entry);
  bool has_room_for(const Node& node, int descriptor) const;
  void count(const Node& node);
  void discount(const Node& node);
  Entries::iterator make_room_in_history(Node& node);
  Entries::iterator revive(Entries::iterator entry, Node& node);
  void forget_oldest();
  void record(EventKind kind, const Entry& entry) const;

  EventSink& event_sink_;
  FreshCreation fresh_creation_;
  size_t history_length_;
  Room room_;
  size_t bytes_ = 0;
  size_t name_bytes_ = 0;
  bool is_short_of_memory_ = false;
  /// Keeps the entries together, on few pages: on the heap, connections would lie between them.
  std::pmr::unsynchronized_pool_resource memory_;
  Entries alive_{&memory_};
  Entries history_{&memory_};
  NameIndex by_name_;
  uint64_t revision_ = 1;
};

using Registration = Registry::Registration;

}  // namespace epmd
