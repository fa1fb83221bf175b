#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <string>

#include "catch.h"
#include "event/descriptor.h"

/// A pipe whose far end reads when the test says so. Its writing end blocks, as ours does.
class Pipe {
 public:
  Pipe() {
    std::array<int, 2> ends = {};
    REQUIRE(pipe(ends.data()) == 0);
    reading_ = event::Descriptor(ends[0]);
    writing_ = event::Descriptor(ends[1]);
    fcntl(reading_.get(), F_SETFL, O_NONBLOCK);
  }
  int descriptor() const { return writing_.get(); }

  void fill() {
    fcntl(writing_.get(), F_SETFL, O_NONBLOCK);
    const std::string page(PIPE_BUF, '.');
    while (write(writing_.get(), page.data(), page.size()) > 0) {
    }
    fcntl(writing_.get(), F_SETFL, 0);
  }
  /// All that is in it, without what filled it.
  std::string read() {
    std::string text;
    std::array<char, 65536> buffer;  // NOLINT: filled by read
    ssize_t count = 0;
    while ((count = ::read(reading_.get(), buffer.data(), buffer.size())) > 0)
      text.append(buffer.data(), static_cast<size_t>(count));
    return text.substr(std::min(text.find_first_not_of('.'), text.size()));
  }
  void close_reader() { reading_ = event::Descriptor(); }

 private:
  event::Descriptor reading_ = {};
  event::Descriptor writing_ = {};
};
