#include "push/cookie_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include "catch.h"
#include "environment.h"
#include "outputs/folder.h"

using namespace std::string_literals;
using push::CookieSource;
using push::OwnedCookie;
using push::parse_cookie;

namespace {

bool is_cookie(const base::Result<dist::Cookie>& cookie, const std::string& text) {
  return cookie && cookie->answer(1) == dist::Cookie(text).answer(1);
}

bool is_cookie(const base::Result<OwnedCookie>& cookie, const std::string& text) {
  return cookie && cookie->cookie.answer(1) == dist::Cookie(text).answer(1);
}

template <typename T>
std::string fault(const base::Result<T>& cookie) {
  return cookie ? "" : cookie.error().message;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a cookie is one line of printable ASCII, whatever ends the line") {
  const std::string behind = GENERATE(""s, "\n"s, "\r\n"s, "\n\n"s, "\n  \n"s);
  CHECK(is_cookie(parse_cookie("SECRET" + behind, "it"), "SECRET"));
}

TEST_CASE("blanks before the end of the line are part of a cookie, as Erlang has it") {
  CHECK(is_cookie(parse_cookie(" a b \n", "it"), " a b "));
}

TEST_CASE("what is no cookie is refused, with its source and without its text") {
  const auto [text, why] = GENERATE(table<std::string, std::string>({
      {"", "it is empty"},
      {"\n", "it is empty"},
      {"SECRET\nmore", "it holds characters that no cookie has"},
      {"SECRET\tmore", "it holds characters that no cookie has"},
      {"SECR\303\211T", "it holds characters that no cookie has"},
      {"SECRET\0"s, "it holds characters that no cookie has"},
      {std::string(256, 'x'), "it is longer than the 255 characters"},
  }));
  const std::string told = fault(parse_cookie(text, "it"));
  CHECK(told.starts_with(why));
  CHECK_FALSE(says(told, "SECR"));
}

TEST_CASE("a file is read if only its owner may") {
  const Folder folder;
  const std::string path = folder / "cookie";
  put_text(path, "SECRET\n");
  for (const mode_t mode : {0400U, 0600U, 0700U}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(is_cookie(CookieSource{{}, path}.read(), "SECRET"));
  }
  for (const mode_t mode : {0440U, 0604U, 0620U, 0601U, 0644U}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(says(fault(CookieSource{{}, path}.read()), path + " is open to others"));
  }
}

TEST_CASE("what is no file is refused, and a pipe is not waited for") {
  const Folder folder;
  CHECK(says(fault(CookieSource{{}, folder / "none"}.read()), "none: No such file or directory"));
  CHECK(says(fault(CookieSource{{}, folder / ""}.read()), "is no regular file"));
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(says(fault(CookieSource{{}, folder / "pipe"}.read()), "is no regular file"));
}

TEST_CASE("a variable is read each time, and its name stands in the error") {
  Environment environment;
  const CookieSource source{"PORTOLAN_COOKIE", {}};
  environment.set("PORTOLAN_COOKIE", "SECRET");
  CHECK(is_cookie(source.read(), "SECRET"));
  environment.set("PORTOLAN_COOKIE", "OTHER");
  CHECK(is_cookie(source.read(), "OTHER"));
  environment.remove("PORTOLAN_COOKIE");
  CHECK(says(fault(source.read()), "PORTOLAN_COOKIE is empty"));
}

TEST_CASE("a cookie belongs to the owner of its file, or to the user of the process") {
  const Folder folder;
  const std::string path = folder / "cookie";
  put_text(path, "SECRET\n");
  REQUIRE(chmod(path.c_str(), 0400) == 0);
  CHECK(CookieSource{{}, path}.read()->owner == geteuid());
  if (geteuid() == 0) {
    REQUIRE(chown(path.c_str(), 4001, 4001) == 0);
    CHECK(CookieSource{{}, path}.read()->owner == 4001);
  }
  Environment environment;
  environment.set("PORTOLAN_COOKIE", "SECRET");
  CHECK(CookieSource{"PORTOLAN_COOKIE", {}}.read()->owner == geteuid());
}
