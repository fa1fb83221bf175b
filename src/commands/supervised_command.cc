#include "commands/supervised_command.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "doctor/own_host.h"
#include "doctor/own_name.h"
#include "logging/log.h"
#include "net/file.h"
#include "net/interfaces.h"
#include "terminal/ask.h"

namespace commands {
namespace {

/// As a shell has them.
constexpr int status_not_found = 127;
constexpr int status_not_executable = 126;
constexpr int status_of_signals = 128;

int status_of(int error_number) {
  return error_number == ENOENT ? status_not_found : status_not_executable;
}

process::Entrypoint::Reach reach_of(const options::Run& run) {
  using Reach = process::Entrypoint::Reach;
  return run.is_for_group ? Reach::group : Reach::command;
}

doctor::NodeSources sources_of(const options::Run& run) {
  const auto hosts_file = net::read_file("/etc/hosts");
  return {run.words, [](const char* name) { return std::getenv(name); }, net::host_name(),
          hosts_file ? *hosts_file : ""};
}

void tell_not_started(const doctor::CheckResult& result) {
  terminal::fail("run", result.found + ": " + result.meaning + "; " + result.remedy +
                            ". The command has not been started (--wait-for-own-name)");
}

}  // namespace

SupervisedCommand::SupervisedCommand(event::Loop& loop, service::EpmdDaemon& daemon,
                                     const options::Run& run, process::CommandRecord& record,
                                     pid_t main_process)
    : loop_(loop),
      daemon_(daemon),
      run_(run),
      record_(record),
      child_(loop, reach_of(run), record, main_process,
             [this](process::Entrypoint::Exit exit) { on_exit(exit); }),
      on_hangup_(loop, SIGHUP,
                 [this] {
                   if (child_.pass_on_hangup()) log_passed_on(SIGHUP);
                 }),
      on_quit_(loop, SIGQUIT, [this] { pass_on(SIGQUIT); }),
      on_user1_(loop, SIGUSR1, [this] { pass_on(SIGUSR1); }),
      on_user2_(loop, SIGUSR2, [this] { pass_on(SIGUSR2); }) {
  // A KILL_REQ would leave the command without its EPMD: it is asked to end as well.
  daemon.on_asked_to_end([this](int signal) { pass_on(signal != 0 ? signal : SIGTERM); });
}

bool SupervisedCommand::begin() {
  if (record_.stage == process::CommandRecord::Stage::not_started)
    return run_.own_name_timeout ? wait_for_own_name() : start();
  child_.adopt();
  return true;
}

bool SupervisedCommand::wait_for_own_name() {
  const doctor::NodeSources sources = sources_of(run_);
  const std::string host = doctor::own_host_of(sources);
  if (doctor::has_dotted_short_name(sources)) {
    tell_not_started(doctor::refused_short_name(host));
    return false;
  }
  auto resolver = probe::Resolver::create(loop_, run_.serve.search.nameservers);
  if (!resolver) {
    terminal::fail("run", resolver.error().message);
    return false;
  }
  waiting_ = std::make_unique<OwnNameWait>(
      loop_, std::move(*resolver), host, *run_.own_name_timeout,
      [this](const doctor::CheckResult& result) { on_own_name(result); });
  return true;
}

void SupervisedCommand::on_own_name(const doctor::CheckResult& result) {
  waiting_.reset();
  if (result.has_failed()) {
    tell_not_started(result);
    return daemon_.end();
  }
  logging::info("command_starts", "the command starts now: {}",
                logging::field("reason", result.found));
  if (!start()) daemon_.end();
}

/// Its nodes are to find this daemon, however its port was given.
bool SupervisedCommand::start() {
  const int error_number =
      child_.start(run_.words, {{"ERL_EPMD_PORT", std::to_string(run_.serve.port)}});
  if (error_number == 0) return true;
  status_ = status_of(error_number);
  terminal::fail("run", "cannot run " + run_.words.front() + ": " + std::strerror(error_number) +
                            "; the daemon is not wanted without it");
  return false;
}

/// A command that waits has not started, and does not start any more.
void SupervisedCommand::pass_on(int signal_number) {
  if (!waiting_) {
    if (child_.send(signal_number)) log_passed_on(signal_number);
    return;
  }
  const bool is_for_applications = signal_number == SIGUSR1 || signal_number == SIGUSR2;
  if (is_for_applications) return;
  waiting_.reset();
  logging::info("command_not_started", "signal {} ({}) came while the command waited to start",
                logging::field("signal", signal_number), strsignal(signal_number));
  status_ = status_of_signals + signal_number;
  daemon_.end(signal_number);
}

/// Should the command ignore it, the log says who has it.
void SupervisedCommand::log_passed_on(int signal_number) const {
  logging::info("signal_passed_on", "signal {} ({}) is passed on to the command, {}",
                logging::field("signal", signal_number), strsignal(signal_number),
                logging::field("receiver", child_.receiver()));
}

void SupervisedCommand::on_exit(const process::Entrypoint::Exit& exit) {
  status_ = exit.shell_status();
  const char* const left =
      exit.is_group_left ? "; waiting for the other processes of its group" : "";
  if (exit.signal_number != 0)
    logging::info("command_ended", "the command died of signal {} ({}){}",
                  logging::field("signal", exit.signal_number), strsignal(exit.signal_number),
                  left);
  else
    logging::info("command_ended", "the command has exited with {}{}",
                  logging::field("status", exit.status), left);
  if (!exit.is_group_left) daemon_.end();
}

}  // namespace commands
