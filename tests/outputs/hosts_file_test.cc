#include "outputs/hosts_file.h"

#include <unistd.h>

#include <filesystem>

#include "catch.h"
#include "logging/captured_log.h"
#include "outputs/folder.h"
#include "outputs/rounds.h"

using outputs::HostsFile;
using outputs::render_hosts;
using Outcome = discovery::Resolution::Outcome;

namespace {

const std::string first = "% portolan: the hosts that it has found; do not edit\n";
const std::string last = "% portolan: end\n";

/// A reader of what net_adm:world() reads: the hosts of the file, in quotes and ended by a dot.
std::string ours(const std::string& hosts) { return first + hosts + last; }

}  // namespace

TEST_CASE("our hosts stand between two marks, each an atom and a dot") {
  CHECK(render_hosts("", {"b", "a.example", "fd00::3"}) ==
        ours("'a.example'.\n'b'.\n'fd00::3'.\n"));
  CHECK(render_hosts("", {}) == ours(""));
}

TEST_CASE("lines that are not ours are kept byte for byte") {
  const std::string before = "'mine'.\r\n\n% a comment \xff\n";
  const std::string after = "   'other'.\n'no line end'.";
  CHECK(render_hosts(before + ours("'old'.\n'older'.\n") + after, {"new"}) ==
        before + ours("'new'.\n") + after);
  CHECK(render_hosts(before, {"new"}) == before + ours("'new'.\n"));
}

TEST_CASE("a last line without its end is ended before ours begin") {
  CHECK(render_hosts("'mine'.", {"new"}) == "'mine'.\n" + ours("'new'.\n"));
}

TEST_CASE("rendering what has been rendered changes nothing") {
  const std::string once = render_hosts("'mine'.\n", {"a", "b"});
  CHECK(render_hosts(once, {"a", "b"}) == once);
}

TEST_CASE("a mark of ours that ends the file is ours without its line feed, too") {
  const std::string cut_first = first.substr(0, first.size() - 1);
  const std::string cut_last = last.substr(0, last.size() - 1);
  CHECK(render_hosts(cut_first, {"new"}) == ours("'new'.\n"));
  CHECK(render_hosts("'mine'.\n" + cut_first, {"new"}) == "'mine'.\n" + ours("'new'.\n"));
  CHECK(render_hosts(first + "'old'.\n" + cut_last, {"new"}) == ours("'new'.\n"));
}

TEST_CASE("when somebody has removed our last mark, nothing but our first mark is taken for ours") {
  CHECK(render_hosts(first + "'old'.\n'mine'.\n", {"new"}) ==
        ours("'new'.\n") + "'old'.\n'mine'.\n");
}

TEST_CASE("the members' hosts are kept in the file, each once") {
  const Folder folder;
  put_text(folder / "hosts", "'mine'.\n");
  HostsFile file(folder / "hosts");
  Rounds rounds;
  rounds.join(sighting("a@one"));
  rounds.join(sighting("b@one"));
  rounds.join(sighting("a@two"));
  rounds.tell(file);
  CHECK(text_of(folder / "hosts") == "'mine'.\n" + ours("'one'.\n'two'.\n"));
  rounds.leave("a@one");
  rounds.leave("a@two");
  rounds.tell(file);
  CHECK(text_of(folder / "hosts") == "'mine'.\n" + ours("'one'.\n"));
}

TEST_CASE("a hosts file that needs no change is not written") {
  const Folder folder;
  HostsFile file(folder / "hosts");
  Rounds rounds;
  rounds.join(sighting("a@one"));
  rounds.tell(file);
  REQUIRE(unlink((folder / "hosts").c_str()) == 0);
  rounds.join(sighting("b@one"));
  rounds.tell(file);
  CHECK_FALSE(std::filesystem::exists(folder / "hosts"));
}

TEST_CASE("lines that somebody adds meanwhile are kept") {
  const Folder folder;
  HostsFile file(folder / "hosts");
  Rounds rounds;
  rounds.tell(file);
  put_text(folder / "hosts", "'before'.\n" + text_of(folder / "hosts") + "'after'.\n");
  rounds.join(sighting("a@one"));
  rounds.tell(file);
  CHECK(text_of(folder / "hosts") == "'before'.\n" + ours("'one'.\n") + "'after'.\n");
}

TEST_CASE("a hosts file that cannot be written is an error once, and is written when it can be") {
  const Folder folder;
  const CapturedLog log;
  HostsFile file(folder / "later/hosts");
  Rounds rounds;
  rounds.join(sighting("a@one"));
  for (int round = 0; round < 3; ++round) rounds.tell(file);
  CHECK(log.text() == "error --hosts-file: cannot create " +
                          folder /
                              "later/hosts.portolan: No such file or directory; it is tried again "
                              "after each round\n");
  std::filesystem::create_directory(folder / "later");
  rounds.tell(file);
  CHECK(text_of(folder / "later/hosts") == ours("'one'.\n"));
  CHECK(log.lines() == 1);
}

TEST_CASE("a hosts file that cannot be read is not overwritten") {
  const Folder folder;
  const CapturedLog log;
  put_text(folder / "hosts", "x");
  REQUIRE(truncate((folder / "hosts").c_str(), (16 << 20) + 1) == 0);
  HostsFile file(folder / "hosts");
  Rounds rounds;
  rounds.join(sighting("a@one"));
  rounds.tell(file);
  CHECK(std::filesystem::file_size(folder / "hosts") == (16 << 20) + 1);
  CHECK(log.text().find("--hosts-file: cannot read " + folder / "hosts") != std::string::npos);
}

TEST_CASE("the hosts that an earlier process found stay until the DNS has said otherwise") {
  const Folder folder;
  put_text(folder / "hosts", ours("'one'.\n"));
  HostsFile file(folder / "hosts");
  Rounds rounds;
  rounds.resolve("web", Outcome::failed);
  rounds.tell(file);
  CHECK(text_of(folder / "hosts") == ours("'one'.\n"));
  rounds.resolve("web", Outcome::empty);
  rounds.tell(file);
  CHECK(text_of(folder / "hosts") == ours(""));
}
