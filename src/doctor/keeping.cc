#include "doctor/keeping.h"

#include <fmt/core.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "keeper/control.h"
#include "net/port_holder.h"
#include "takeover/obstacles.h"

namespace doctor {
namespace {

constexpr std::string_view keep_option = "--keep-names";
constexpr std::string_view keep_variable = "PORTOLAN_KEEP_NAMES";

bool is_no(const std::string& value) { return strcasecmp(value.c_str(), "no") == 0; }

/// The value in NAME=VALUE, if `text` is that.
std::optional<std::string> value_in(const std::string& text, std::string_view name) {
  const bool is_it = text.starts_with(name) && text.substr(name.size()).starts_with('=');
  return is_it ? std::optional(text.substr(name.size() + 1)) : std::nullopt;
}

/// Up to the command of `run`.
std::optional<std::string> option_in(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  for (auto word = words.begin(); word != end; ++word) {
    if (auto value = value_in(*word, keep_option)) return value;
    if (*word == keep_option && word + 1 != end) return *(word + 1);
  }
  return std::nullopt;
}

std::optional<std::string> variable_in(const std::vector<std::string>& environment) {
  for (const std::string& each : environment)
    if (auto value = value_in(each, keep_variable)) return value;
  return std::nullopt;
}

/// Where one process of a pair is seen, the other may be hidden.
bool is_all_of_it(const EpmdProcess& process) {
  const bool is_known = process.program == "portolan" || process.program == "epmd";
  return is_known && process.parent_name != process.name;
}

/// An option counts more than a variable.
std::string why_none(const EpmdProcess& process) {
  const std::string who = fmt::format("{} (process {})", process.name, process.number);
  if (process.program != "portolan") return who + " has no keeper, as OTP's epmd has none";
  const auto asked = option_in(process.words);
  if (asked && is_no(*asked)) return who + " was started with --keep-names no";
  const auto set = variable_in(process.environment);
  if (!asked && set && is_no(*set)) return who + " was started with PORTOLAN_KEEP_NAMES=no";
  return who + " has no keeper; its configuration file or its log says why";
}

}  // namespace

Keeping look_for_keeper(uint16_t port_no) {
  std::vector<takeover::ProcessFacts> holders;
  for (const pid_t process : net::holders_of(net::listening_sockets(port_no)))
    holders.push_back(takeover::facts_of(process));
  Keeping keeping = {port_no, keeper::keeper_at(port_no), {}};
  for (const takeover::ProcessFacts& each : takeover::holders_among(holders, 0, geteuid()).old)
    keeping.seen.push_back({each.number, each.name, each.program, each.parent_name,
                            takeover::texts_of(each.number, "cmdline"),
                            takeover::texts_of(each.number, "environ")});
  return keeping;
}

CheckResult judge_keeping(const Keeping& keeping) {
  if (keeping.keeper)
    return ok(
        fmt::format("names outlive a crash: process {} is the EPMD's keeper", *keeping.keeper));
  if (keeping.seen.size() == 1 && is_all_of_it(keeping.seen.front()))
    return unknown("a crash ends all names: " + why_none(keeping.seen.front()));
  return unknown(fmt::format(
      "whether names outlive a crash is not seen: no keeper has announced itself for port {}, and "
      "root or the EPMD's user may see more",
      keeping.port_no));
}

}  // namespace doctor
