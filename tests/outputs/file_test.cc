#include "outputs/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "catch.h"
#include "outputs/folder.h"

using outputs::replace_file;

namespace {

mode_t permissions_of(const std::string& path) {
  struct stat known = {};
  REQUIRE(stat(path.c_str(), &known) == 0);
  return known.st_mode & 07777;
}

/// Whether permissions mean anything to who runs this.
bool is_root() { return geteuid() == 0; }

}  // namespace

TEST_CASE("a file that is not there is made, readable for everybody") {
  const Folder folder;
  const mode_t before = umask(022);
  CHECK(replace_file(folder / "file", "text\n"));
  umask(before);
  CHECK(text_of(folder / "file") == "text\n");
  CHECK(permissions_of(folder / "file") == 0644);
}

TEST_CASE("a file that is there gets another text, and keeps its permissions and its owner") {
  const Folder folder;
  put_text(folder / "file", "a longer old text\n");
  REQUIRE(chmod((folder / "file").c_str(), 0606) == 0);
  if (is_root()) REQUIRE(chown((folder / "file").c_str(), 65534, 65533) == 0);
  CHECK(replace_file(folder / "file", "text\n"));
  CHECK(text_of(folder / "file") == "text\n");
  CHECK(permissions_of(folder / "file") == 0606);
  struct stat known = {};
  REQUIRE(stat((folder / "file").c_str(), &known) == 0);
  CHECK((!is_root() || (known.st_uid == 65534 && known.st_gid == 65533)));
}

TEST_CASE("nothing is left beside a file that was replaced") {
  const Folder folder;
  put_text(folder / "file.portolan", "what a process that was killed has left");
  CHECK(replace_file(folder / "file", "text\n"));
  CHECK(folder.entries() == 1);
}

TEST_CASE("what a symbolic link beside the file leads to is left alone") {
  const Folder folder;
  put_text(folder / "precious", "precious");
  REQUIRE(symlink((folder / "precious").c_str(), (folder / "file.portolan").c_str()) == 0);
  CHECK(replace_file(folder / "file", "text\n"));
  CHECK(text_of(folder / "precious") == "precious");
}

TEST_CASE("who reads a file that is being replaced finds it whole, old or new") {
  const Folder folder;
  const std::string path = folder / "file";
  const std::string old_text(300'000, 'a');
  const std::string new_text(200'000, 'b');
  put_text(path, old_text);
  std::atomic<bool> is_over = false;
  std::atomic<int> halves = 0;
  std::thread reader([&] {
    while (!is_over) {
      const std::string text = text_of(path);
      if (text != old_text && text != new_text) ++halves;
    }
  });
  for (int time = 0; time < 50; ++time) {
    CHECK(replace_file(path, new_text));
    CHECK(replace_file(path, old_text));
  }
  is_over = true;
  reader.join();
  CHECK(halves == 0);
}

TEST_CASE("a path that cannot be written to is an error that names it") {
  const Folder folder;
  const auto done = replace_file(folder / "no/such/file", "text\n");
  REQUIRE_FALSE(done);
  CHECK(done.error().message ==
        "cannot create " + folder / "no/such/file.portolan: No such file or directory");
}

TEST_CASE("a path that is a folder is an error, and the folder stays") {
  const Folder folder;
  REQUIRE(mkdir((folder / "file").c_str(), 0755) == 0);
  const auto done = replace_file(folder / "file", "text\n");
  REQUIRE_FALSE(done);
  CHECK(done.error().message.starts_with("cannot replace " + folder / "file: "));
  CHECK(folder.entries() == 1);
}
