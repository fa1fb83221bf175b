#include "http/outgoing.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

namespace http {

void HeldTexts::take(const SharedText& text) {
  if (++holders_[text.get()] == 1) bytes_ += text->size();
}

void HeldTexts::release(const SharedText& text) {
  const auto found = holders_.find(text.get());
  if (--found->second > 0) return;
  holders_.erase(found);
  bytes_ -= text->size();
}

Outgoing::~Outgoing() {
  for (const SharedText& text : texts_) held_.release(text);
}

void Outgoing::add(std::string text) { add(std::make_shared<const std::string>(std::move(text))); }

void Outgoing::add(SharedText text) {
  if (text->empty()) return;
  held_.take(text);
  size_ += text->size();
  texts_.push_back(std::move(text));
}

ssize_t Outgoing::send(int socket, size_t bytes_max) {
  std::array<iovec, 64> parts = {};
  size_t count = 0;
  size_t skipped = sent_;
  size_t left = bytes_max;
  for (auto text = texts_.begin(); text != texts_.end() && left > 0 && count < parts.size();
       ++text) {
    const size_t size = std::min((*text)->size() - skipped, left);
    parts.at(count++) = {const_cast<char*>((*text)->data() + skipped), size};  // only read
    left -= size;
    skipped = 0;
  }
  msghdr message = {};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  const ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  if (sent > 0) drop(static_cast<size_t>(sent));
  return sent;
}

void Outgoing::drop(size_t bytes) {
  size_ -= bytes;
  sent_ += bytes;
  while (!texts_.empty() && sent_ >= texts_.front()->size()) {
    sent_ -= texts_.front()->size();
    held_.release(texts_.front());
    texts_.pop_front();
  }
}

}  // namespace http
