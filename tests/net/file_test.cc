#include "net/file.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "catch.h"
#include "outputs/folder.h"

using net::read_file;

TEST_CASE("a file that is not there reads as empty, one that cannot be read is an error") {
  const Folder folder;
  REQUIRE(read_file(folder / "none"));
  CHECK(read_file(folder / "none")->empty());
  put_text(folder / "file", std::string("a\0b\r\n", 5));
  CHECK(*read_file(folder / "file") == std::string("a\0b\r\n", 5));
  const auto of_folder = read_file(folder / "");
  REQUIRE_FALSE(of_folder);
  CHECK(of_folder.error().message.starts_with("cannot read " + folder / ""));
  CHECK(of_folder.error().number == EISDIR);
}

TEST_CASE("a file that is larger than any of ours is not read") {
  const Folder folder;
  put_text(folder / "file", "x");
  REQUIRE(truncate((folder / "file").c_str(), (16 << 20) + 1) == 0);
  const auto text = read_file(folder / "file");
  REQUIRE_FALSE(text);
  CHECK(text.error().message == "cannot read " + folder / "file: it is too large");
}
