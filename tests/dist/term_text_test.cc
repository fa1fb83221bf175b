#include "dist/term_text.h"

#include "catch.h"

namespace dist {
namespace {

using Kind = WrittenTerm::Kind;

WrittenTerm read(const std::string& text) {
  const auto term = parse_written_term(text);
  INFO(text);
  REQUIRE(term);
  return *term;
}

TEST_CASE("terms are read as people write them") {
  CHECK(read("web.").is_atom("web"));
  CHECK(read("'tlsv1.3'.").is_atom("tlsv1.3"));
  CHECK(read(" % a comment\n \"a\\\"b\\n\" \"c\" .").text == "a\"b\nc");
  CHECK(read("<<\"/etc/a.pem\">>.").text == "/etc/a.pem");
  CHECK(read("<<\"/etc/a.pem\"/utf8>>.").kind == Kind::text);
  CHECK(read("-12.").text == "-12");
  CHECK(read("16#ff.").text == "16#ff");
  CHECK(read("[].").items.empty());
  CHECK(read("[a, {b, \"c\"}, 1].").items.size() == 3);
}

TEST_CASE("what a file needs code for is passed over") {
  const WrittenTerm term = read("[{verify_fun, {fun a:b/3, #{x => 1, y => [2]}}}, {depth, 2}].");
  CHECK(term.items[0].items[1].items[0].kind == Kind::other);
  CHECK(term.find("depth")->text == "2");
}

TEST_CASE("the first of several values counts, as in OTP") {
  const WrittenTerm term = read("[{a, 1}, a, {a, 2}, {b}, {a, 1, 2}].");
  REQUIRE(term.find("a"));
  CHECK(term.find("a")->text == "1");
  CHECK_FALSE(term.find("b"));
}

TEST_CASE("what is no term is refused, with its line") {
  const auto line = [](const std::string& text) {
    const auto term = parse_written_term(text);
    return term ? "" : term.error().message;
  };
  for (const std::string text :
       {"",          "[",      "[a",    "[a,",      "[a,]",    "{",       "}",
        "Variable.", "\"open", "'open", "<<1,2>>.", "a",       "#{",      "fun a.",
        "[a b].",    "-.",     "- a.",  "\"a\\",    "<<\"a\"", "fun a:b/"})
    CHECK_FALSE(line(text).empty());
  CHECK(line("[a,\n b,\n ?]") == "line 3 is no Erlang term");
}

TEST_CASE("lists in lists have an end") {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']') + '.';
  };
  CHECK(parse_written_term(nested(written_depth_max)));
  CHECK_FALSE(parse_written_term(nested(100'000)));
}

}  // namespace
}  // namespace dist
