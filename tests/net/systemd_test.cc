#include "net/systemd.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "catch.h"
#include "environment.h"
#include "event/descriptor.h"

using net::notify_service_manager;

namespace {

/// The service manager's end. `name` is a path, or starts with '@'.
class FakeManager {
 public:
  explicit FakeManager(const std::string& name)
      : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path);
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }

  /// What it was told last; nothing if nobody told it anything.
  std::string read() {
    std::array<char, 256> buffer = {};
    const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<size_t>(std::max<ssize_t>(count, 0))};
  }

 private:
  event::Descriptor socket_;
};

/// A directory that is removed in the end.
struct Folder {
  Folder() { REQUIRE(mkdtemp(path.data()) != nullptr); }
  ~Folder() {
    unlink((path + "/notify").c_str());
    rmdir(path.c_str());
  }
  std::string path = "/tmp/portolan-test-XXXXXX";
};

}  // namespace

TEST_CASE("the service manager is told at the path it names") {
  const Folder folder;
  FakeManager manager(folder.path + "/notify");
  Environment environment;
  environment.set("NOTIFY_SOCKET", folder.path + "/notify");
  notify_service_manager("READY=1\nSTATUS=Fine");
  CHECK(manager.read() == "READY=1\nSTATUS=Fine");
  CHECK(manager.read().empty());
}

TEST_CASE("the service manager is told at an abstract name") {
  const std::string name = "@portolan-test-" + std::to_string(getpid());
  FakeManager manager(name);
  Environment environment;
  environment.set("NOTIFY_SOCKET", name);
  notify_service_manager("STOPPING=1");
  CHECK(manager.read() == "STOPPING=1");
}

TEST_CASE("without a service manager nobody is told, and nothing is wrong") {
  Environment environment;
  environment.remove("NOTIFY_SOCKET");
  notify_service_manager("READY=1");
  environment.set("NOTIFY_SOCKET", "");
  notify_service_manager("READY=1");
  environment.set("NOTIFY_SOCKET", "/nowhere/at/all");
  notify_service_manager("READY=1");
  environment.set("NOTIFY_SOCKET", "/" + std::string(200, 'x'));
  notify_service_manager("READY=1");
}

TEST_CASE("telling the service manager leaves no descriptor open") {
  Environment environment;
  environment.set("NOTIFY_SOCKET", "/nowhere/at/all");
  const event::Descriptor before(dup(STDIN_FILENO));
  const int lowest_free = before.get() + 1;
  const event::Descriptor next(dup(STDIN_FILENO));
  notify_service_manager("READY=1");
  const event::Descriptor after(dup(STDIN_FILENO));
  CHECK(after.get() > next.get());
  CHECK(after.get() <= std::max(next.get() + 1, lowest_free + 1));
}
