#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "migration/main_words.h"
#include "takeover/finding.h"

namespace migration {

/// What a host has that decides how Portolan comes into the place of its EPMD.
struct Host {
  /// A container without a service manager: what runs in it is its image's.
  bool is_container = false;
  bool has_systemd = false;
  /// Debian's, by which one package takes the place of another's file.
  bool has_dpkg = false;
  /// Whether Portolan's Debian package is installed.
  bool has_package = false;
  /// Whether we are: others do not see what a takeover takes.
  bool is_root = false;
  /// This program's file.
  std::string own_program = {};
  MainProcess main = {};
};

/// An EPMD that runs, and how it came to run.
struct RunningEpmd {
  takeover::ProcessFacts process = {};
  std::vector<std::string> words = {};
  std::vector<std::string> environment = {};
  uint16_t port = 0;
  /// systemd holds the port for a socket unit, and none runs yet. There is no process then.
  bool is_to_be_started = false;
  /// Whether its program is in a release's own emulator, not in an installed OTP.
  bool is_of_release = false;
  /// Why it cannot be taken over while it runs, a sentence each. Empty: it can be tried.
  std::vector<std::string> obstacles = {};
};

Host look_at_host();
/// The same, of a file system below `root` and with this as process 1.
Host look_at_host(const std::filesystem::path& root, MainProcess main);

/// The EPMD at a port of this host. If none is seen, and none is to be started, its process has the
/// number 0, and `obstacles` says why.
RunningEpmd look_at_epmd(uint16_t port, const Host& host);

/// Whether the emulator that has this epmd, ROOT/erts-VERSION/bin/epmd, is a release's. An
/// installed OTP says its version in releases/RELEASE/OTP_VERSION.
bool is_in_release(const std::string& epmd);

}  // namespace migration
