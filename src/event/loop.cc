#include "event/loop.h"

#include <cstdio>
#include <cstdlib>

#include "event/poll_set.h"

namespace event {
namespace {

void check_is_closing(uv_handle_t* handle, void*) {
  if (!uv_is_closing(handle))
    give_up("a handle was never closed", uv_handle_type_name(handle->type));
}

}  // namespace

void give_up(const char* what, const char* which) {
  std::fprintf(stderr, "portolan: %s: %s\n", what, which);
  std::abort();
}

Loop::Loop() {
  if (const int status = uv_loop_init(&loop_))
    give_up("cannot make an event loop", uv_strerror(status));
  polls_ = std::make_unique<PollSet>(*this);
  polls_->let_loop_end();
}

Loop::~Loop() {
  polls_.reset();
  uv_walk(&loop_, check_is_closing, nullptr);
  uv_run(&loop_, UV_RUN_DEFAULT);
  if (const int status = uv_loop_close(&loop_))
    give_up("cannot close the event loop", uv_strerror(status));
}

void Loop::run() { uv_run(&loop_, UV_RUN_DEFAULT); }
void Loop::stop() { uv_stop(&loop_); }
void Loop::run_once() { uv_run(&loop_, UV_RUN_ONCE); }
void Loop::run_ready() { uv_run(&loop_, UV_RUN_NOWAIT); }

Loop::Time Loop::now() const { return Time(uv_now(&loop_)); }

}  // namespace event
