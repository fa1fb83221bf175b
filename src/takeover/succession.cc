#include "takeover/succession.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "keeper/handover.h"
#include "keeper/program.h"
#include "keeper/store.h"

namespace takeover {
namespace {

/// As sd_listen_fds(3) says.
constexpr int first_given = 3;

/// Makes room for those that are to have the lowest numbers.
void move_up(event::Descriptor& descriptor, int least) {
  if (descriptor.get() >= least) return;
  event::Descriptor moved(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, least));
  descriptor = std::move(moved);
}

void move_up(Estate& estate, int least) {
  move_up(estate.memory, least);
  for (auto* const sockets : {&estate.listeners, &estate.others})
    for (event::Descriptor& each : *sockets) move_up(each, least);
}

/// All other descriptors are closed by the exec. The numbers of those that the daemon is started
/// with are returned.
std::vector<int> arrange(Estate& estate) {
  std::vector<int> started_with = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  move_up(estate, first_given + static_cast<int>(estate.listeners.size()));
  for (size_t i = 0; i < estate.listeners.size(); ++i) {
    started_with.push_back(first_given + static_cast<int>(i));
    dup2(estate.listeners[i].get(), started_with.back());
  }
  keeper::close_at_exec(started_with);
  fcntl(estate.memory.get(), F_SETFD, 0);
  for (const event::Descriptor& each : estate.others) fcntl(each.get(), F_SETFD, 0);
  return started_with;
}

void set_variable(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }

/// As a service manager separates them.
std::string names_of(size_t listeners) {
  std::string names;
  for (size_t i = 0; i < listeners; ++i) names.append(i == 0 ? "" : ":").append(keeper::taken_port);
  return names;
}

}  // namespace

base::Error become_daemon(Estate estate, const std::vector<std::string>& words) {
  const std::vector<int> started_with = arrange(estate);
  set_variable("LISTEN_PID", std::to_string(getpid()));
  set_variable("LISTEN_FDS", std::to_string(estate.listeners.size()));
  set_variable("LISTEN_FDNAMES", names_of(estate.listeners.size()));
  set_variable(keeper::handover_variable,
               to_text(keeper::Handover{estate.memory.get(), -1, {}, started_with}));
  keeper::Program program = keeper::this_program();
  if (program.words.empty()) return {"/proc does not say what this program is"};
  program.words = {program.words.front(), "serve"};
  program.words.insert(program.words.end(), words.begin(), words.end());
  const int error_number = keeper::replace_us(program);
  return {program.path + ": " + std::strerror(error_number), error_number};
}

}  // namespace takeover
