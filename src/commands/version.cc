#include "dns/version.h"

#include <fmt/core.h>

#include "commands/commands.h"
#include "event/version.h"
#include "http/version.h"
#include "logging/version.h"
#include "outputs/member_json.h"
#include "terminal/print.h"

namespace commands {
namespace {

/// 90100 is 9.1.0.
std::string fmt_version() {
  return fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
}

std::string json_version() {
  return fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                     NLOHMANN_JSON_VERSION_PATCH);
}

std::string to_json() {
  const outputs::Json libraries = {
      {"libuv", event::libuv_version()},     {"c-ares", dns::cares_version()},
      {"spdlog", logging::spdlog_version()}, {"fmt", fmt_version()},
      {"CLI11", options::cli11_version()},   {"nlohmann_json", json_version()},
      {"Boost", http::boost_version()}};
  return outputs::one_line({{"version", PORTOLAN_VERSION},
                            {"commit", PORTOLAN_COMMIT},
                            {"compiler", PORTOLAN_COMPILER},
                            {"build_type", PORTOLAN_BUILD_TYPE},
                            {"libraries", libraries}});
}

}  // namespace

int version(const options::Version& version) {
  const bool is_json = version.output == options::Output::json;
  const std::string text = is_json ? to_json() : "portolan " PORTOLAN_VERSION;
  return terminal::finish("--version", terminal::print(text + '\n'));
}

}  // namespace commands
