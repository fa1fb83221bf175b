#include "dns/system_files.h"

#include <cstdlib>

#include "catch.h"
#include "event/timer.h"
#include "event/turn.h"
#include "outputs/folder.h"

TEST_CASE("a change of the hosts file counts a moment later, and not at once") {
  const Folder folder;
  put_text(folder / "hosts", "10.0.0.1 Node-A\n");
  setenv("CARES_HOSTS", (folder / "hosts").c_str(), 1);
  event::Loop loop;
  dns::SystemFiles files(loop);
  CHECK(files.may_be_in_hosts_file("node-a"));
  CHECK_FALSE(files.may_be_in_hosts_file("node-b"));
  put_text(folder / "hosts", "10.0.0.2 node-b\n");
  CHECK_FALSE(files.may_be_in_hosts_file("node-b"));
  event::Timer timer(loop);
  timer.start(dns::SystemFiles::retention, [] {});
  turn_until(loop, [&timer] { return !timer.is_running(); });
  CHECK(files.may_be_in_hosts_file("NODE-B"));
  CHECK_FALSE(files.may_be_in_hosts_file("node-a"));
  unsetenv("CARES_HOSTS");
}

TEST_CASE("c-ares is asked where the hosts file cannot be read") {
  const Folder folder;
  setenv("CARES_HOSTS", (folder / "").c_str(), 1);
  event::Loop loop;
  CHECK(dns::SystemFiles(loop).may_be_in_hosts_file("node-a"));
  unsetenv("CARES_HOSTS");
}
