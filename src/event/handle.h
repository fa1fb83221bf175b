#pragma once

#include <uv.h>

#include <memory>

namespace event {

/// Closes a libuv handle and frees its memory once libuv has let go of it, which is after the
/// handle's owner is gone. From here on the owner is not called back.
struct CloseHandle {
  template <typename H>
  void operator()(H* handle) const {
    handle->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<H*>(closed); });
  }
};

/// A libuv handle that is initialised, owned, and closed by going out of scope.
/// Wrap only after uv_..._init has succeeded; declare it as the last member, so that it is closed
/// first; set `data` to the owner, which is then neither copied nor moved.
template <typename H>
using Handle = std::unique_ptr<H, CloseHandle>;

}  // namespace event
