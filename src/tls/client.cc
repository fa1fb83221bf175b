#include "tls/client.h"

#include <utility>

namespace tls {

bool Client::Stamp::operator==(const Stamp& other) const {
  return inode == other.inode && size == other.size && changed.tv_sec == other.changed.tv_sec &&
         changed.tv_nsec == other.changed.tv_nsec;
}

base::Result<std::shared_ptr<Session>> Client::begin(const std::string& server_name) {
  read_changed_files();
  if (!context_) return error_;
  return std::make_shared<Session>(context_, server_name);
}

uint64_t Client::times_read() {
  read_changed_files();
  return times_read_;
}

void Client::read_changed_files() {
  std::vector<Stamp> now = stamps();
  if (times_read_ > 0 && now == stamps_) return;
  stamps_ = std::move(now);
  read_files();
}

/// All zero: there is no such file.
std::vector<Client::Stamp> Client::stamps() const {
  std::vector<Stamp> found;
  for (const std::string* file :
       {&settings_.certificate_file, &settings_.key_file, &settings_.authorities_file}) {
    struct stat status = {};
    if (file->empty() || stat(file->c_str(), &status) != 0) status = {};
    found.push_back({status.st_ino, status.st_size, status.st_mtim});
  }
  return found;
}

void Client::read_files() {
  ++times_read_;
  auto context = Context::create(settings_);
  if (context) {
    context_ = std::move(*context);
    return;
  }
  error_ = context.error();
  if (on_trouble_) on_trouble_(error_.message);
}

base::Result<std::shared_ptr<Session>> begin_session(Client* client,
                                                     const std::string& server_name) {
  if (!client) return std::shared_ptr<Session>();
  return client->begin(server_name);
}

}  // namespace tls
