#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tls/session.h"

namespace tls {

/// Begins sessions. Certificates are renewed while the program runs: the files are read again as
/// soon as one of them has changed. What cannot be used then is told, and the old ones stay.
class Client {
 public:
  /// Once for each change of the files that cannot be used.
  using OnTrouble = std::function<void(const std::string& why)>;

  explicit Client(Settings settings, OnTrouble on_trouble = {})
      : settings_(std::move(settings)), on_trouble_(std::move(on_trouble)) {}

  /// An error: there never was anything that can be used.
  base::Result<std::shared_ptr<Session>> begin(const std::string& server_name);
  /// How often the files have been read, now too if one has changed.
  uint64_t times_read();

 private:
  /// What tells one file from the next that is put in its place.
  struct Stamp {
    ino_t inode = 0;
    off_t size = 0;
    timespec changed = {};
    bool operator==(const Stamp& other) const;
  };

  std::vector<Stamp> stamps() const;
  void read_changed_files();
  void read_files();

  Settings settings_;
  OnTrouble on_trouble_;
  uint64_t times_read_ = 0;
  std::vector<Stamp> stamps_ = {};
  base::Error error_ = {};
  std::shared_ptr<const Context> context_ = {};
};

/// The same with a client that may be null: then the session is null too, and nothing goes through
/// TLS.
base::Result<std::shared_ptr<Session>> begin_session(Client* client,
                                                     const std::string& server_name);

}  // namespace tls
