#include "options/epmd_words.h"

#include <cstdlib>
#include <string_view>

namespace options {

// The bytes of OTP's epmd, trailing blank included: scripts may compare them.
const char* const epmd_usage =
    R"(usage: epmd [-d|-debug] [DbgExtra...] [-address List]
            [-port No] [-daemon] [-relaxed_command_check]
       epmd [-d|-debug] [-port No] [-names|-kill|-stop name]

See the Erlang epmd manual page for info about the usage.

Regular options
    -address List
        Let epmd listen only on the comma-separated list of IP
        addresses (and on the loopback interface).
    -port No
        Let epmd listen to another port than default 4369
    -d
    -debug
        Enable debugging. This will give a log to
        the standard error stream. It will shorten
        the number of saved used node names to 5.

        If you give more than one debug flag you may
        get more debugging information.
    -daemon
        Start epmd detached (as a daemon)
    -relaxed_command_check
        Allow this instance of epmd to be killed with
        epmd -kill even if there are registered nodes.
        Also allows forced unregister (epmd -stop).
    -systemd
        Wait for socket from systemd. The option makes sense
        when started from .socket unit.

DbgExtra options
    -packet_timeout Seconds
        Set the number of seconds a connection can be
        inactive before epmd times out and closes the
        connection (default 60).

    -delay_accept Seconds
        To simulate a busy server you can insert a
        delay between epmd gets notified about that
        a new connection is requested and when the
        connections gets accepted.

    -delay_write Seconds
        Also a simulation of a busy server. Inserts
        a delay before a reply is sent.

Interactive options
    -names
        List names registered with the currently running epmd
    -kill
        Kill the currently running epmd
        (only allowed if -names show empty database or
        -relaxed_command_check was given when epmd was started).
    -stop Name
        Forcibly unregisters a name with epmd
        (only allowed if -relaxed_command_check was given when 
        epmd was started).
)";

namespace {

using Action = EpmdWords::Action;

/// The words that are still to be read. A word that lacks its value, or has none that is a number
/// where one is needed, turns the action into `usage`, which ends the reading.
class Reader {
 public:
  explicit Reader(const std::vector<std::string>& words) : words_(words) { read_environment(); }

  EpmdWords read() {
    while (next_ < words_.size() && read_.action == Action::serve) take(words_[next_++]);
    return read_;
  }

 private:
  void read_environment() {
    if (const char* const port = std::getenv("ERL_EPMD_PORT")) read_.port = std::atoi(port);
    if (const char* const list = std::getenv("ERL_EPMD_ADDRESS")) read_.address = list;
    read_.relaxed_command_check = std::getenv("ERL_EPMD_RELAXED_COMMAND_CHECK") != nullptr;
    if (const char* const text = std::getenv("PORTOLAN_KEEP_NAMES"))
      read_.keeps_names = std::string_view(text) != "no";
  }

  void take(std::string_view word) {
    if (!take_switch(word) && !take_valued(word) && !take_interactive(word))
      read_.action = Action::usage;
  }

  bool take_switch(std::string_view word) {
    if (word == "-d" || word == "-debug")
      ++read_.debug_level;
    else if (word == "-daemon")
      read_.is_daemon = true;
    else if (word == "-relaxed_command_check")
      read_.relaxed_command_check = true;
    else if (word == "-systemd")
      read_.is_systemd = true;
    else
      return false;
    return true;
  }

  bool take_valued(std::string_view word) {
    if (word == "-port")
      read_.port = number();
    else if (word == "-packet_timeout")
      read_.packet_timeout = std::chrono::seconds(number());
    else if (word == "-delay_accept")
      read_.delay_accept = std::chrono::seconds(number());
    else if (word == "-delay_write")
      read_.delay_write = std::chrono::seconds(number());
    else if (word == "-address")
      read_.address = value();
    else
      return false;
    return true;
  }

  bool take_interactive(std::string_view word) {
    if (word == "-names")
      finish(Action::names);
    else if (word == "-dump")
      finish(Action::dump);
    else if (word == "-started")
      finish(Action::started);
    else if (word == "-kill")
      finish(Action::kill);
    else if (word == "-stop") {
      read_.stop_name = value();
      finish(read_.action == Action::usage ? Action::usage : Action::stop);
    } else
      return false;
    return true;
  }

  std::string value() {
    if (next_ < words_.size()) return words_[next_++];
    read_.action = Action::usage;
    return {};
  }

  int number() {
    const int number = std::atoi(value().c_str());
    if (number == 0) read_.action = Action::usage;
    return number;
  }

  void finish(Action action) { read_.action = next_ == words_.size() ? action : Action::usage; }

  const std::vector<std::string>& words_;
  size_t next_ = 0;
  EpmdWords read_ = {};
};

}  // namespace

EpmdWords parse_epmd_words(const std::vector<std::string>& arguments) {
  return Reader(arguments).read();
}

}  // namespace options
