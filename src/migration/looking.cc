#include "migration/looking.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace migration {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

/// An engine leaves one of these files, or says it to process 1.
bool is_in_container(const fs::path& root, const MainProcess& main) {
  return is_there(root / ".dockerenv") || is_there(root / "run/.containerenv") ||
         !value_of(main.environment, "container").empty() ||
         !value_of(main.environment, "KUBERNETES_SERVICE_HOST").empty();
}

}  // namespace

Host look_at_host() {
  return look_at_host("/", {takeover::texts_of(1, "cmdline"), takeover::texts_of(1, "environ")});
}

Host look_at_host(const fs::path& root, MainProcess main) {
  Host host;
  host.main = std::move(main);
  host.is_root = geteuid() == 0;
  host.has_systemd = is_there(root / "run/systemd/system");
  host.is_container = !host.has_systemd && is_in_container(root, host.main);
  host.has_dpkg = is_there(root / "usr/bin/dpkg-divert");
  host.has_package = is_there(root / "usr/sbin/portolan-epmd");
  host.own_program = takeover::facts_of(getpid()).program_path;
  return host;
}

RunningEpmd look_at_epmd(uint16_t port, const Host& host) {
  const takeover::Found found = takeover::find({0, port, host.has_systemd});
  RunningEpmd epmd;
  epmd.port = port;
  epmd.obstacles = found.obstacles;
  if (found.holders.old.empty()) return epmd;
  const takeover::ProcessFacts& process = found.holders.old.front();
  epmd.is_to_be_started = host.has_systemd && process.number == 1;
  if (epmd.is_to_be_started) epmd.obstacles.clear();
  if (!is_epmd(process)) return epmd;
  epmd.process = process;
  epmd.words = takeover::texts_of(process.number, "cmdline");
  epmd.environment = takeover::texts_of(process.number, "environ");
  epmd.is_of_release = is_in_release(process.program_path);
  return epmd;
}

bool is_in_release(const std::string& epmd) {
  const fs::path emulator = fs::path(epmd).parent_path().parent_path();
  const fs::path releases = emulator.parent_path() / "releases";
  if (!emulator.filename().string().starts_with("erts-") || !is_there(releases)) return false;
  std::error_code error;
  return std::none_of(fs::directory_iterator(releases, error), fs::directory_iterator(),
                      [](const auto& entry) { return is_there(entry.path() / "OTP_VERSION"); });
}

}  // namespace migration
