#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "net/address.h"
#include "outputs/member_json.h"
#include "probe/resolver.h"
#include "process/search_path.h"
#include "terminal/ask.h"
#include "terminal/print.h"

namespace commands {
namespace {

using Faults = std::vector<std::string>;

bool are_one_place(const net::Address& one, const net::Address& other) {
  return one.port() != 0 && one.port() == other.port() && one.family() == other.family() &&
         (one.is_wildcard() || other.is_wildcard() || one.same_host(other));
}

void check_listening(const options::Serve& serve, Faults& faults) {
  const auto plan = net::plan_listening(serve.address, serve.port);
  if (!plan) return faults.push_back("--address: " + plan.error().message);
  for (const net::ListenAddress& each : *plan)
    for (const net::ListenAddress& http : serve.http)
      if (are_one_place(each.address, http.address))
        return faults.push_back("--http: " + http.address.to_string() +
                                " is where EPMD listens; give it a port of its own");
}

/// It is replaced by one that is made beside it, or written where it is.
void check_file(const char* option, const std::string& path, Faults& faults) {
  if (std::filesystem::is_directory(path))
    return faults.push_back(fmt::format("{}: {} is a folder; name a file", option, path));
  if (path.empty() || access(path.c_str(), W_OK) == 0) return;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0) return;
  faults.push_back(fmt::format("{}: {} cannot be written: {}; make its folder, or give us rights",
                               option, path, std::strerror(errno)));
}

/// Of `run`. Without words there is no command.
void check_command(const std::vector<std::string>& words, Faults& faults) {
  if (words.empty()) return;
  if (const int error_number = process::why_not_startable(words.front()))
    faults.push_back(
        fmt::format("cannot run {}: {}; give a command that is there, with its path "
                    "if it is not in PATH",
                    words.front(), std::strerror(error_number)));
}

void check_search(const options::Serve& serve, Faults& faults) {
  if (serve.search.queries.empty()) return;
  event::Loop loop;
  const auto resolver = probe::Resolver::create(loop, serve.search.nameservers);
  if (!resolver) faults.push_back("--discover: " + resolver.error().message);
}

/// What a value of a configuration file looks like.
std::string value_of(const std::vector<std::string>& values) {
  outputs::Json list = outputs::Json::array();
  for (const std::string& value : values) list.push_back(value);
  return outputs::one_line(values.size() == 1 ? list.front() : list);
}

/// All that is set, as a configuration file has it.
std::string effective(const options::Serve& serve) {
  std::string text;
  for (const auto& [option, values] : serve.given)
    if (option != "--check-config" && option != "--config")
      text += option.substr(2) + " = " + value_of(values) + '\n';
  return text;
}

}  // namespace

int check_config(const options::Serve& serve, const char* command,
                 const std::vector<std::string>& words) {
  Faults faults;
  check_listening(serve, faults);
  check_file("--hosts-file", serve.hosts_file, faults);
  check_file("--nodes-file", serve.nodes_file, faults);
  check_file("--log-file", serve.log.file, faults);
  check_search(serve, faults);
  check_command(words, faults);
  for (const std::string& warning : serve.warnings) terminal::warn(command, warning);
  for (const std::string& fault : faults) terminal::fail(command, fault);
  if (!faults.empty()) return 1;
  if (const auto cookie = serve.cookies.read(); serve.push != options::Push::none && !cookie)
    terminal::fail(command,
                   "no cookie yet, and --push will wait for it: " + cookie.error().message);
  return terminal::finish(command, terminal::print(effective(serve)));
}

}  // namespace commands
