#include "process/search_path.h"

#include <cerrno>
#include <filesystem>

#include "catch.h"
#include "environment.h"
#include "outputs/folder.h"

using process::why_not_startable;

TEST_CASE("a command is looked for by PATH, and a path is taken as it is") {
  const Folder folder;
  put_text(folder / "text", "no program");
  put_text(folder / "program", "#!/bin/sh\n");
  std::filesystem::permissions(folder / "program", std::filesystem::perms::owner_all);
  Environment environment;
  environment.set("PATH", "/no/such/folder:" + folder / "");
  CHECK(why_not_startable("program") == 0);
  CHECK(why_not_startable(folder / "program") == 0);
  CHECK(why_not_startable("none") == ENOENT);
  CHECK(why_not_startable("text") == EACCES);
  CHECK(why_not_startable(folder / "none") == ENOENT);
  CHECK(why_not_startable(folder / "") == EACCES);
}

TEST_CASE("without PATH a command is looked for where the system has its own") {
  Environment environment;
  environment.remove("PATH");
  CHECK(why_not_startable("sh") == 0);
}
