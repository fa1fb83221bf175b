#include "web/list_text.h"

namespace web {
namespace {

constexpr size_t elements_per_step = 16;

}  // namespace

bool ListText::render(uint64_t revision) {
  if (revision != revision_) {
    revision_ = revision;
    texts_.clear();
    next_ = begin_();
  }
  if (!next_) return true;
  std::string text;
  for (size_t i = 0; i < elements_per_step; ++i) {
    const std::optional<Json> element = next_();
    if (!element) {
      next_ = nullptr;
      break;
    }
    if (!texts_.empty() || !text.empty()) text += ',';
    text += outputs::one_line(*element);
  }
  if (!text.empty()) texts_.push_back(std::make_shared<const std::string>(std::move(text)));
  return next_ == nullptr;
}

}  // namespace web
