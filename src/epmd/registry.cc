#include "epmd/registry.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace epmd {
namespace {

/// Values from 1 to 3 mean "in the old, narrow form" to a node.
constexpr uint32_t creation_least = 4;

uint32_t next_creation(uint32_t creation) { return std::max(creation + 1, creation_least); }

size_t bytes_of(const Node& node) {
  return Registry::registration_bytes + node.alive_name.size() + node.extra.size();
}

}  // namespace

Registry::Registry(EventSink& event_sink, FreshCreation fresh_creation, size_t length, Room room)
    : event_sink_(event_sink),
      fresh_creation_(std::move(fresh_creation)),
      history_length_(length),
      room_(room) {}

Registration Registry::add(Node node, int descriptor) {
  const auto* known = by_name_.find(node.alive_name);
  if (known && (*known)->is_alive) {
    Entry& taken = **known;
    if (!taken.owner || !taken.owner->has_ended()) return nullptr;
    record(EventKind::owner_had_ended, taken);
    evict(taken);
  }
  if (!has_room_for(node, descriptor)) return nullptr;
  count(node);
  known = by_name_.find(node.alive_name);
  const auto entry = known ? revive(*known, node) : make_room_in_history(node);
  entry->descriptor = descriptor;
  entry->is_alive = true;
  ++revision_;
  record(EventKind::registered, *entry);
  return Registration(&*entry, Unregister{this});
}

Registration Registry::restore(Node node, int descriptor, uint32_t creation) {
  if (by_name_.find(node.alive_name)) return nullptr;
  count(node);
  Entry& entry = alive_.emplace_front();
  entry = {true, descriptor, std::move(node), creation};
  by_name_.insert(alive_.begin());
  ++revision_;
  return Registration(&entry, Unregister{this});
}

bool Registry::has_room_for(const Node& node, int descriptor) const {
  EventKind refused = EventKind::count_;
  if (alive_.size() >= room_.names_max)
    refused = EventKind::alive2_no_room;
  else if (is_short_of_memory_ || bytes_ + bytes_of(node) > room_.bytes_max)
    refused = EventKind::alive2_no_memory;
  if (refused == EventKind::count_) return true;
  event_sink_.record({.kind = refused,
                      .descriptor = descriptor,
                      .number = static_cast<int64_t>(alive_.size()),
                      .number2 = static_cast<int64_t>(bytes_),
                      .text = node.alive_name});
  return false;
}

void Registry::count(const Node& node) {
  bytes_ += bytes_of(node);
  name_bytes_ += node.alive_name.size();
}

void Registry::discount(const Node& node) {
  bytes_ -= bytes_of(node);
  name_bytes_ -= node.alive_name.size();
}

const Registry::Entry* Registry::find(std::string_view alive_name) const {
  const auto* known = by_name_.find(alive_name);
  return known && (*known)->is_alive ? &**known : nullptr;
}

bool Registry::remove(std::string_view alive_name) {
  const auto* known = by_name_.find(alive_name);
  if (!known || !(*known)->is_alive) return false;
  evict(**known);
  return true;
}

/// The owner gives up its Registration, which unregisters the name.
void Registry::evict(Entry& entry) {
  assert(entry.owner);
  entry.owner->on_unregistered();
}

/// A new name. The reference forgets a name only here, which keeps its history one longer than
/// its limit; and it hands that name's creation on, which we do not.
Entries::iterator Registry::make_room_in_history(Node& node) {
  if (history_.size() > history_length_) forget_oldest();
  Entry& entry = alive_.emplace_front();
  entry.node = std::move(node);
  entry.creation = std::max(fresh_creation_(), creation_least);
  by_name_.insert(alive_.begin());
  return alive_.begin();
}

Entries::iterator Registry::revive(Entries::iterator entry, Node& node) {
  entry->creation = next_creation(entry->creation);
  record(EventKind::name_reused, *entry);
  alive_.splice(alive_.begin(), history_, entry);
  entry->node = std::move(node);
  return entry;
}

void Registry::unregister(Entry& entry) {
  const auto position = *by_name_.find(entry.node.alive_name);
  history_.splice(history_.end(), alive_, position);
  entry.is_alive = false;
  entry.owner = nullptr;
  ++revision_;
  record(EventKind::unregistered, entry);
  discount(entry.node);
  std::string().swap(entry.node.extra);  // the history needs only the name
  if (history_.size() > history_length_ + 1) forget_oldest();
}

void Registry::forget_oldest() {
  by_name_.erase(history_.front().node.alive_name);
  history_.pop_front();
}

void Registry::record(EventKind kind, const Entry& entry) const {
  event_sink_.record({.kind = kind,
                      .descriptor = entry.descriptor,
                      .number = entry.creation,
                      .number2 = entry.node.port_no,
                      .text = entry.node.alive_name,
                      .node = &entry.node});
}

}  // namespace epmd
