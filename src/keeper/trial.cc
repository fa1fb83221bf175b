#include "keeper/trial.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/system_error.h"

namespace keeper {
namespace {

constexpr int status_not_started = 127;

/// In the child.
[[noreturn]] void become(const Program& program, const Handover& handover, int complaints) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(complaints, STDERR_FILENO);
  keep_open_across_exec({});
  setenv(handover_variable, to_text(handover).c_str(), 1);
  if (std::getenv("LISTEN_PID")) setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  Program tried = program;
  tried.words.insert(tried.words.begin() + 1, trial_word);
  const int error_number = replace_us(tried);
  dprintf(STDERR_FILENO, "%s", std::strerror(error_number));
  _exit(status_not_started);
}

/// The last line of what a pipe holds, without what stands at its end.
std::string last_line(int descriptor) {
  std::string text;
  std::array<char, 4096> part = {};
  for (ssize_t count = 0; (count = read(descriptor, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<size_t>(count));
  text.erase(text.find_last_not_of(" \r\n") + 1);
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

base::Result<Trial> Trial::start(const Program& program, const Handover& handover) {
  std::array<int, 2> ends = {};
  if (program.words.empty()) return base::Error{"/proc does not say what this program is"};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return base::system_error("pipe2");
  event::Descriptor reading(ends[0]);
  const event::Descriptor writing(ends[1]);
  const pid_t process = fork();
  if (process == 0) become(program, handover, writing.get());
  if (process < 0) return base::system_error("fork");
  return Trial(process, std::move(reading));
}

void Trial::kill() const { ::kill(process_, SIGKILL); }

std::string Trial::refusal(int status) const {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  const std::string line = last_line(complaints_.get());
  if (WIFEXITED(status))
    return "it ended with status " + std::to_string(WEXITSTATUS(status)) +
           (line.empty() ? "" : ": " + line);
  if (std::chrono::steady_clock::now() >= deadline_)
    return "it took longer than " + std::to_string(longest.count()) + " s to start";
  return std::string("it died of signal ") + std::to_string(WTERMSIG(status)) + " (" +
         strsignal(WTERMSIG(status)) + ")";
}

}  // namespace keeper
