#include "process/hook_process.h"

#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "process/environment.h"

namespace process {

HookProcess::HookProcess(event::Loop& loop, std::function<void(Exit)> on_exit)
    : on_exit_(std::move(on_exit)), timer_(loop) {}

base::Result<base::Pending> HookProcess::start(event::Loop& loop, const Command& command,
                                               std::function<void(Exit)> on_exit) {
  std::unique_ptr<HookProcess> process(new HookProcess(loop, std::move(on_exit)));
  if (const int status = process->spawn(loop, command))
    return base::Error{"cannot run " + command.words.front() + ": " + uv_strerror(status)};
  return base::Pending(std::move(process));
}

int HookProcess::spawn(event::Loop& loop, const Command& command) {
  std::vector<std::string> words = command.words;
  std::vector<std::string> environment = environment_for_others(command.environment);
  std::vector<char*> word_pointers = pointers_to(words);
  std::vector<char*> environment_pointers = pointers_to(environment);
  std::array<uv_stdio_container_t, 3> stdio = {};
  stdio[0].flags = UV_IGNORE;
  for (const size_t output : {size_t{1}, size_t{2}}) {
    stdio[output].flags = UV_INHERIT_FD;
    stdio[output].data.fd = STDERR_FILENO;  // standard output carries results only
  }
  uv_process_options_t options = {};
  options.file = words.front().c_str();
  options.args = word_pointers.data();
  options.env = environment_pointers.data();
  options.flags = UV_PROCESS_DETACHED;  // a process group of its own, to be killed as one
  options.stdio = stdio.data();
  options.stdio_count = static_cast<int>(stdio.size());
  options.exit_cb = [](uv_process_t* handle, int64_t status, int signal_number) {
    if (handle->data) static_cast<HookProcess*>(handle->data)->on_exited(status, signal_number);
  };
  handle_.reset(new uv_process_t{});
  handle_->data = this;
  // uv_spawn initialises the handle even when it fails, so it is closed in either case.
  const int status = uv_spawn(loop.get(), handle_.get(), &options);
  is_running_ = status == 0;
  if (is_running_) timer_.start(command.timeout, [this] { kill(); });
  return status;
}

HookProcess::~HookProcess() {
  if (is_running_) ::kill(-handle_->pid, SIGKILL);
}

void HookProcess::kill() {
  was_late_ = true;
  ::kill(-handle_->pid, SIGKILL);
}

void HookProcess::on_exited(int64_t status, int signal_number) {
  is_running_ = false;
  timer_.stop();
  const auto on_exit = std::move(on_exit_);
  on_exit({static_cast<int>(status), signal_number, was_late_});
}

}  // namespace process
