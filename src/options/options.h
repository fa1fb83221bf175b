#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "discovery/name_filter.h"
#include "discovery/query.h"
#include "logging/log.h"
#include "net/address.h"
#include "push/cookie_source.h"
#include "tls/settings.h"

/// What `portolan` was asked to do: one plain struct for each command.
/// (`epmd …` has a command line of its own: epmd_face.h.)
namespace options {

inline constexpr uint16_t epmd_port_no_default = 4369;

enum class Output { text, json };

/// An EPMD to ask.
struct Endpoint {
  std::string host = "localhost";
  uint16_t port = epmd_port_no_default;
};

struct Asking {
  Output output = Output::text;
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
};

struct Log {
  std::string level = "info";
  logging::Settings::Format format = logging::Settings::Format::text;
  /// Of `serve` and `run`; empty: standard error.
  std::string file = {};
};

/// What discovery looks for, and where.
struct Search {
  std::vector<discovery::Query> queries = {};
  discovery::NameFilter filter = {};
  std::chrono::milliseconds interval = std::chrono::seconds(5);
  /// "ADDRESS[:PORT],…"; empty: the system's.
  std::string nameservers = {};
  /// Where members can be; empty: anywhere.
  std::vector<net::Network> peers = {};
  /// With what nodes are asked; nothing: without TLS.
  std::optional<tls::Settings> tls = {};
};

enum class Print { text, json, none };

enum class Push { none, connect, message };

struct Serve {
  std::string address = {};
  uint16_t port = epmd_port_no_default;
  std::chrono::milliseconds packet_timeout = std::chrono::seconds(60);
  bool relaxed_command_check = false;
  std::vector<net::Network> allowed = {};
  /// Nothing: as many as the descriptor limit allows.
  std::optional<size_t> connections_max = {};
  /// Discovery is on if there are queries.
  Search search = {};
  Print print = Print::text;
  /// Empty: none of these.
  std::string hosts_file = {};
  std::string nodes_file = {};
  std::string on_change = {};
  /// What to tell the nodes of this host, and which of their processes a message goes to.
  Push push = Push::none;
  std::string push_to = "portolan";
  push::CookieSource cookies = {};
  /// Ask the nodes of this host whom they are connected to. With Push::connect that is done anyway.
  bool looks_at_mesh = false;
  /// Where nodes of this host listen that do not register.
  std::vector<uint16_t> local_node_ports = {};
  /// To how many members the nodes here must be connected before the daemon is ready, if so many
  /// are there; 0: it does not matter.
  size_t ready_min = 0;
  /// Where to answer over HTTP: nowhere if it is empty. An implicit address may be missing.
  std::vector<net::ListenAddress> http = {};
  /// The names besides the usual ones by which it may be asked over HTTP.
  std::vector<std::string> http_hosts = {};
  /// How long to go on, not ready, once asked to end.
  std::chrono::milliseconds drain = std::chrono::seconds(1);
  /// Whether names outlive a crash of the server.
  bool keeps_names = true;
  Log log = {};
  /// Only look whether it could be run so.
  bool is_check = false;
  /// What each option was given, wherever it came from: the command line, the environment, the
  /// file.
  std::map<std::string, std::vector<std::string>> given = {};
  /// What the options ask for in vain, and variables that are none of ours: a sentence each.
  std::vector<std::string> warnings = {};
  /// The command line, to be read again on SIGHUP together with what it names.
  std::vector<std::string> arguments = {};
};

/// A daemon, and the command that it is there for.
struct Run {
  Serve serve = {};
  /// Never empty.
  std::vector<std::string> words = {};
  /// Signals go to the whole process group of the command, and all of it is waited for.
  bool is_for_group = false;
  /// How long the command may have to wait until the own host name resolves; nothing: it does not
  /// wait.
  std::optional<std::chrono::milliseconds> own_name_timeout = {};
};

/// One round, or with `is_watching` one after another.
struct Discover {
  Search search = {};
  Output output = Output::text;
  bool is_watching = false;
  /// Nothing: no limit.
  std::optional<std::chrono::milliseconds> timeout = {};
  std::vector<std::string> warnings = {};
  Log log = {};
};

struct Wait {
  Search search = {};
  Output output = Output::text;
  size_t nodes_min = 1;
  /// They must be connected to each other too.
  bool are_to_be_connected = false;
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
  Log log = {};
};

/// Who of those behind the queries is connected to whom.
struct Mesh {
  Search search = {};
  Output output = Output::text;
  bool is_watching = false;
  /// Print the whole matrix.
  bool shows_all = false;
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  std::vector<std::string> warnings = {};
  Log log = {};
};

struct Names {
  Asking asking = {};
  std::vector<Endpoint> endpoints = {};
};

struct Lookup {
  Asking asking = {};
  std::string alive_name = {};
  Endpoint endpoint = {};
};

/// Health: of the local EPMD, and of a node that is registered there.
struct Check {
  Asking asking = {.timeout = std::chrono::seconds(2)};
  /// An alive name, or a node name; empty: the EPMD alone.
  std::string name = {};
  uint16_t port = epmd_port_no_default;
  /// Of the node, which has no EPMD; nothing: its EPMD knows it.
  std::optional<uint16_t> dist_port_no = {};
  /// To how many members the node, or all, must be connected, if so many are there; 0: it does not
  /// matter.
  size_t members_min = 0;
  /// How long to wait before, once the container is older than this.
  std::chrono::milliseconds hold = {};
  std::optional<tls::Settings> tls = {};
};

/// The way to a node, or without one this host.
struct Doctor {
  Asking asking = {};
  std::string node = {};
  /// How to come from the EPMD that runs here to Portolan, in place of all checks.
  bool is_migration = false;
  uint16_t port = epmd_port_no_default;
  /// Of the node, which has no EPMD; nothing: its EPMD knows it.
  std::optional<uint16_t> dist_port_no = {};
  std::string nameservers = {};
  push::CookieSource cookies = {};
  /// Whether the user has named a file: then it has to be there.
  bool is_cookie_named = false;
  std::vector<discovery::Query> queries = {};
  std::vector<net::Network> peers = {};
  std::optional<tls::Settings> tls = {};
};

struct Stop {
  Asking asking = {};
  std::string alive_name = {};
  uint16_t port = epmd_port_no_default;
};

struct Kill {
  Asking asking = {};
  uint16_t port = epmd_port_no_default;
};

/// Have a daemon go on as the program that is at its path by now.
struct Upgrade {
  Asking asking = {.timeout = std::chrono::seconds(30)};
  /// Of the daemon; 0: the only one that is here.
  int process = 0;
};

/// To go on in place of a running EPMD, with its names and connections.
struct Takeover {
  /// 0: the one that listens on `port`.
  pid_t process = 0;
  uint16_t port = epmd_port_no_default;
  /// Only look whether it would work.
  bool is_dry_run = false;
  /// Whether it would work if the socket unit of the EPMD was stopped before.
  bool is_without_socket_unit = false;
  /// The options of `serve`, with which the daemon runs from then on.
  std::vector<std::string> words = {};
};

/// What this program is made of.
struct Version {
  Output output = Output::text;
};

/// What a shell is to read: a text to print.
struct Completion {
  std::string script = {};
};

/// Nothing is left to do but to exit: --help was printed, or the command line was
/// wrong and a line on standard error says how.
struct Exit {
  int status = 0;
};

using Command = std::variant<Exit, Serve, Run, Discover, Wait, Mesh, Names, Lookup, Check, Doctor,
                             Stop, Kill, Upgrade, Takeover, Completion, Version>;

/// More would be a slip.
inline constexpr std::chrono::milliseconds duration_max = std::chrono::hours(365 * 24);

/// Whether a text has the form of a duration: "500ms", "5s", "2m", "1h"; a bare number is seconds.
bool is_duration(std::string_view text);
/// Nothing: it is none, or longer than duration_max.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "HOST", "HOST:PORT", "[IPV6]", "[IPV6]:PORT", or a bare IPv6 address.
std::optional<Endpoint> parse_endpoint(std::string_view text, uint16_t port_default);

/// Reads the command line (without the program's name), the environment, and the configuration file
/// that they name. What stands earlier in this list wins.
Command parse(const std::vector<std::string>& arguments);

/// Of the library that reads the command line.
std::string cli11_version();

}  // namespace options
