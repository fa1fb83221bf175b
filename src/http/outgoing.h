#pragma once

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace http {

/// A text that several answers may be sending at once; the last to let go of it frees it.
using SharedText = std::shared_ptr<const std::string>;
using SharedTexts = std::vector<SharedText>;

/// How many bytes of memory texts take that are not sent yet. A text counts once, however many
/// connections are sending it, and in full until the last of them has sent its last byte.
class HeldTexts {
 public:
  void take(const SharedText& text);
  void release(const SharedText& text);
  size_t bytes() const { return bytes_; }

 private:
  std::unordered_map<const std::string*, size_t> holders_ = {};
  size_t bytes_ = 0;
};

/// What is on its way to a socket. `held` outlives it.
class Outgoing {
 public:
  explicit Outgoing(HeldTexts& held) : held_(held) {}
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;
  ~Outgoing();

  void add(std::string text);
  void add(SharedText text);
  bool empty() const { return texts_.empty(); }
  size_t size() const { return size_; }
  /// Sends at most so many bytes, without waiting. How many were sent, or -1 and errno.
  ssize_t send(int socket, size_t bytes_max);

 private:
  void drop(size_t bytes);

  HeldTexts& held_;
  std::deque<SharedText> texts_ = {};  // none is empty
  size_t sent_ = 0;                    // of the first
  size_t size_ = 0;                    // of what is not sent
};

}  // namespace http
