#include "migration/looking.h"

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "outputs/folder.h"

namespace {

namespace fs = std::filesystem;

/// A file system of its own.
class Root {
 public:
  std::string path() const { return folder_ / ""; }

  Root& with(const std::string& file, const std::string& text = "") {
    const fs::path path = folder_ / file;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return *this;
  }

 private:
  Folder folder_ = {};
};

}  // namespace

TEST_CASE("a host is a container by what its engine leaves there") {
  CHECK_FALSE(migration::look_at_host(Root().path(), {}).is_container);
  CHECK(migration::look_at_host(Root().with(".dockerenv").path(), {}).is_container);
  CHECK(migration::look_at_host(Root().with("run/.containerenv").path(), {}).is_container);
  CHECK(migration::look_at_host(Root().path(), {{}, {"A=1", "container=lxc"}}).is_container);
}

TEST_CASE("a container with a service manager is a host") {
  Root root;
  root.with(".dockerenv").with("run/systemd/system/x");
  const migration::Host host = migration::look_at_host(root.path(), {});
  CHECK(host.has_systemd);
  CHECK_FALSE(host.is_container);
}

TEST_CASE("what a host has decides") {
  Root root;
  root.with("usr/bin/dpkg-divert").with("usr/sbin/portolan-epmd");
  const migration::Host host = migration::look_at_host(root.path(), {{"sh", "-c", "erl -x"}, {}});
  CHECK(host.has_dpkg);
  CHECK(host.has_package);
  CHECK(host.main.words == std::vector<std::string>{"sh", "-c", "erl -x"});
}

TEST_CASE("an installed OTP says its version, and a release does not") {
  Root root;
  root.with("otp/erts-13.1.5/bin/epmd").with("otp/releases/25/OTP_VERSION", "25.2.3\n");
  root.with("app/erts-13.1.5/bin/epmd").with("app/releases/0.1.0/vm.args");
  root.with("bin/epmd").with("releases/0.1.0/vm.args");
  CHECK_FALSE(migration::is_in_release(root.path() + "/otp/erts-13.1.5/bin/epmd"));
  CHECK(migration::is_in_release(root.path() + "/app/erts-13.1.5/bin/epmd"));
  CHECK_FALSE(migration::is_in_release(root.path() + "/bin/epmd"));
  CHECK_FALSE(migration::is_in_release("/nowhere/erts-1/bin/epmd"));
  CHECK_FALSE(migration::is_in_release(""));
}
