#include "keeper/records.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <utility>

#include "epmd/alive_name.h"
#include "keeper/state.h"

namespace keeper {
namespace {

/// Zero, as new memory is.
constexpr uint32_t mark_free = 0;
constexpr uint32_t mark_first = 1;
constexpr uint32_t mark_further = 2;

/// The memory grows by so much at least: a call to the kernel for each name would cost.
constexpr size_t growth_bytes = size_t{64} << 10;

/// Where a block's part of the name and the extra field begins.
constexpr size_t text_of_first = 40;
constexpr size_t text_of_further = 8;

constexpr size_t text_room(bool is_first) {
  return Records::block_bytes - (is_first ? text_of_first : text_of_further);
}

size_t blocks_for(size_t text_bytes) {
  if (text_bytes <= text_room(true)) return 1;
  return 1 + (text_bytes - text_room(true) + text_room(false) - 1) / text_room(false);
}

}  // namespace

/// A record is a chain of blocks. The first has the numbers, each has a part of the text.
struct Records::Block {
  uint32_t mark;
  Number next;  // 0: none, for no chain goes on at the first block of all
  uint64_t cookie;
  uint64_t sequence;
  uint32_t creation;
  uint16_t port_no;
  uint16_t highest_version;
  uint16_t lowest_version;
  uint16_t name_bytes;
  uint16_t extra_bytes;
  uint8_t node_type;
  uint8_t protocol;
  char text[block_bytes - text_of_first];  // NOLINT: the layout of memory

  char* text_at(bool is_first) { return is_first ? text : reinterpret_cast<char*>(&cookie); }
  size_t text_bytes() const { return size_t{name_bytes} + extra_bytes; }
  /// What was written before is there when the mark is.
  void set_mark(uint32_t value) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::atomic_ref(mark).store(value, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
};

Records::Records(Memory& memory) : memory_(memory) {
  static_assert(sizeof(Block) == block_bytes && offsetof(Block, text) == text_of_first);
  static_assert(offsetof(Block, cookie) == text_of_further);
  find_free();
}

Records::Block& Records::block(Number number) const {
  return reinterpret_cast<Block*>(memory_.bytes().data() + state_bytes)[number];
}

Records::Number Records::blocks() const {
  const size_t bytes = memory_.bytes().size();
  return static_cast<Number>((bytes - std::min(bytes, state_bytes)) / block_bytes);
}

/// Whether a first block and those that follow it are what put() makes.
bool Records::is_chain(Number first) const {
  const Block& head = block(first);
  if (head.mark != mark_first || head.name_bytes == 0) return false;
  if (head.name_bytes > epmd::alive_name_bytes_max || head.extra_bytes > epmd::extra_bytes_max)
    return false;
  Number number = first;
  for (size_t left = blocks_for(head.text_bytes()) - 1; left > 0; --left) {
    number = block(number).next;
    if (number == 0 || number >= blocks() || block(number).mark != mark_further) return false;
  }
  return true;
}

/// No block belongs to two records, or twice to one: that is no server's work. False: one would.
bool Records::claim(Number first, std::vector<bool>& is_taken) const {
  const size_t blocks = blocks_for(block(first).text_bytes());
  size_t claimed = 0;
  for (Number number = first; claimed < blocks && !is_taken[number]; ++claimed) {
    is_taken[number] = true;
    number = block(number).next;
  }
  if (claimed == blocks) return true;
  for (Number number = first; claimed > 0; --claimed) {
    is_taken[number] = false;
    number = block(number).next;
  }
  return false;
}

/// All that is in no record is free, whatever a crash has left there.
void Records::find_free() {
  std::vector<bool> is_taken(blocks());
  for (Number first = 0; first < blocks(); ++first)
    if (is_chain(first) && claim(first, is_taken)) ++count_;
  for (Number number = blocks(); number > 0; --number) {
    if (is_taken[number - 1]) continue;
    block(number - 1).set_mark(mark_free);
    free_.push_back(number - 1);
  }
}

bool Records::make_room(size_t blocks) {
  while (free_.size() < blocks)
    if (!grow()) return false;
  return true;
}

bool Records::grow() {
  const Number before = blocks();
  const size_t bytes = std::max(memory_.bytes().size(), state_bytes);
  if (!memory_.grow(bytes + growth_bytes)) return false;
  const size_t had = free_.size();
  for (Number number = blocks(); number > before; --number) free_.push_back(number - 1);
  std::rotate(free_.begin(), free_.begin() + static_cast<std::ptrdiff_t>(had), free_.end());
  return true;
}

std::vector<Records::Number> Records::take(size_t blocks) {
  std::vector<Number> taken(free_.rbegin(), free_.rbegin() + static_cast<std::ptrdiff_t>(blocks));
  free_.resize(free_.size() - blocks);
  // The first block of all can only begin a chain.
  std::sort(taken.begin(), taken.end());
  return taken;
}

void Records::fill(const std::vector<Number>& chain, std::string_view text) {
  for (size_t i = 0; i < chain.size(); ++i) {
    Block& each = block(chain[i]);
    const std::string_view part = text.substr(0, text_room(i == 0));
    std::memcpy(each.text_at(i == 0), part.data(), part.size());
    each.next = i + 1 < chain.size() ? chain[i + 1] : 0;
    if (i > 0) each.set_mark(mark_further);
    text.remove_prefix(part.size());
  }
}

std::optional<Records::Number> Records::put(const Record& record) {
  const epmd::Node& node = record.node;
  const size_t needed = blocks_for(node.alive_name.size() + node.extra.size());
  if (!make_room(needed)) return std::nullopt;
  const std::vector<Number> chain = take(needed);
  fill(chain, node.extra.empty() ? node.alive_name : node.alive_name + node.extra);
  Block& head = block(chain.front());
  head.cookie = record.cookie;
  head.sequence = record.sequence;
  head.creation = record.creation;
  head.port_no = node.port_no;
  head.highest_version = node.highest_version;
  head.lowest_version = node.lowest_version;
  head.name_bytes = static_cast<uint16_t>(node.alive_name.size());
  head.extra_bytes = static_cast<uint16_t>(node.extra.size());
  head.node_type = node.node_type;
  head.protocol = node.protocol;
  head.set_mark(mark_first);
  ++count_;
  return chain.front();
}

void Records::free(Number number) {
  size_t left = blocks_for(block(number).text_bytes());
  --count_;
  for (; left > 0; --left) {
    const Number next = block(number).next;
    block(number).set_mark(mark_free);
    free_.push_back(number);
    number = next;
  }
}

std::string_view Records::part(Number number, size_t left) const {
  Block& each = block(number);
  const bool is_first = each.mark == mark_first;
  return {each.text_at(is_first), std::min(left, text_room(is_first))};
}

Record Records::read(Number first) const {
  const Block& head = block(first);
  std::string text;
  Number number = first;
  for (size_t left = head.text_bytes(); left > 0; number = block(number).next) {
    text += part(number, left);
    left = head.text_bytes() - text.size();
  }
  epmd::Node node = {text.substr(0, head.name_bytes),
                     head.port_no,
                     head.node_type,
                     head.protocol,
                     head.highest_version,
                     head.lowest_version,
                     text.substr(head.name_bytes)};
  return {head.cookie, head.sequence, head.creation, std::move(node)};
}

std::vector<Records::Numbered> Records::all() const {
  std::vector<Numbered> found;
  found.reserve(count_);
  for (Number first = 0; first < blocks(); ++first)
    if (is_chain(first)) found.push_back({first, read(first)});
  return found;
}

}  // namespace keeper
