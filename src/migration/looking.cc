#include "migration/looking.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace migration {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

fs::path target_of(const fs::path& link) {
  std::error_code error;
  return fs::read_symlink(link, error);
}

/// Texts with a zero behind each.
std::vector<std::string> texts_in(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> texts;
  for (std::string text; std::getline(file, text, '\0');) texts.push_back(text);
  return texts;
}

/// An engine leaves one of these files, or says it to process 1.
bool is_in_container(const fs::path& root, const MainProcess& main) {
  return is_there(root / ".dockerenv") || is_there(root / "run/.containerenv") ||
         !value_of(main.environment, "container").empty() ||
         !value_of(main.environment, "KUBERNETES_SERVICE_HOST").empty();
}

std::string program_of(pid_t process) {
  constexpr std::string_view replaced = " (deleted)";  // by an upgrade of its package
  std::string path = target_of(fmt::format("/proc/{}/exe", process));
  if (path.ends_with(replaced)) path.resize(path.size() - replaced.size());
  return path;
}

}  // namespace

Host look_at_host(const std::string& root_folder) {
  const fs::path root = root_folder;
  Host host;
  host.main = {texts_in(root / "proc/1/cmdline"), texts_in(root / "proc/1/environ")};
  host.has_systemd = is_there(root / "run/systemd/system");
  host.is_container = !host.has_systemd && is_in_container(root, host.main);
  host.has_dpkg = is_there(root / "usr/bin/dpkg-divert");
  host.has_package = is_there(root / "usr/sbin/portolan-epmd");
  host.own_program = target_of(root / "proc/self/exe");
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
  const std::string folder = fmt::format("/proc/{}", process.number);
  epmd.program = program_of(process.number);
  epmd.words = texts_in(folder + "/cmdline");
  epmd.environment = texts_in(folder + "/environ");
  epmd.is_of_release = is_in_release(epmd.program);
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
