#include "web/names_text.h"

#include <algorithm>

#include "web/json.h"

namespace web {
namespace {

constexpr size_t names_per_block = 32;
/// A turn on the loop renders a few of these at most: one for each of the readers that it tells.
constexpr size_t blocks_per_step = 1;

}  // namespace

NamesText::NamesText(const epmd::Registry& registry) : registry_(registry) {
  const epmd::Entries& alive = registry.alive();
  for (auto entry = alive.rbegin(); entry != alive.rend(); ++entry) add(entry->node.alive_name);
}

void NamesText::add(const std::string& alive_name) {
  if (blocks_.empty() || blocks_.front().names.size() == names_per_block) blocks_.emplace_front();
  const auto [place, is_new] = places_.emplace(alive_name, blocks_.begin());
  if (!is_new) return;
  blocks_.front().names.push_back(&place->first);
  blocks_.front().text = nullptr;
  is_whole_ = false;
}

void NamesText::remove(const std::string& alive_name) {
  const auto place = places_.find(alive_name);
  if (place == places_.end()) return;
  const Blocks::iterator block = place->second;
  block->names.erase(std::find(block->names.begin(), block->names.end(), &place->first));
  block->text = nullptr;
  if (block->names.empty()) blocks_.erase(block);
  places_.erase(place);
  is_whole_ = false;
}

bool NamesText::render() {
  if (is_whole_) return true;
  size_t left = blocks_per_step;
  for (Block& block : blocks_) {
    if (block.text) continue;
    if (left-- == 0) return false;
    block.text = render(block);
  }
  put_together();
  return true;
}

http::SharedText NamesText::render(const Block& block) const {
  std::string text;
  for (auto name = block.names.rbegin(); name != block.names.rend(); ++name)
    if (const epmd::Entry* const entry = registry_.find(**name))
      text += (text.empty() ? "" : ",") + outputs::one_line(name_json(*entry));
  return std::make_shared<const std::string>(std::move(text));
}

void NamesText::put_together() {
  static const auto comma = std::make_shared<const std::string>(",");
  texts_.clear();
  for (const Block& block : blocks_) {
    if (!texts_.empty()) texts_.push_back(comma);
    texts_.push_back(block.text);
  }
  is_whole_ = true;
}

}  // namespace web
