#include <filesystem>

#include "options/command_lines.h"
#include "outputs/folder.h"

namespace {

bool is_refused(const Words& words, const std::string& said) {
  return refusal_of(words).find(said) != std::string::npos;
}

}  // namespace

TEST_CASE("two options cannot name one file, whatever they call it") {
  const Bare bare;
  const Folder folder;
  const std::string file = folder / "file";
  const std::string same = folder / "." + "/file";
  CHECK(is_refused({"serve", "--hosts-file", file, "--nodes-file", same},
                   "--nodes-file: '" + same + "' is the file of --hosts-file too; name another"));
  put_text(file, "");
  std::filesystem::create_symlink(file, folder / "link");
  CHECK(is_refused({"serve", "--nodes-file", file, "--log-file", folder / "link"},
                   "--log-file: '" + folder / "link" + "' is the file of --nodes-file too"));
  CHECK(is_refused({"run", "--cookie-file", file, "--hosts-file", file, "--", "erl"},
                   "is the file of --cookie-file too"));
  CHECK(is_refused({"serve", "--config", file, "--log-file", file}, "is the file of --config too"));
}

TEST_CASE("files of different names, and what is no file, may be named together") {
  const Bare bare;
  const Folder folder;
  parse_as<options::Serve>({"serve", "--hosts-file", folder / "a", "--nodes-file", folder / "b"});
  parse_as<options::Serve>({"serve", "--hosts-file", "/dev/null", "--nodes-file", "/dev/null"});
}

TEST_CASE("the place of the second option is named, wherever it is") {
  Bare bare;
  bare.environment.set("PORTOLAN_LOG_FILE", "/a");
  CHECK(is_refused({"serve", "--nodes-file", "/a"}, "--log-file (PORTOLAN_LOG_FILE): '/a' is the"));
}
