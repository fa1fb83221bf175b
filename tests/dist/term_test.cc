#include "dist/term.h"

#include "base/wire.h"
#include "catch.h"
#include "seeds.h"

using namespace std::string_literals;
using namespace std::string_view_literals;
using dist::Reference;
using dist::TermReader;

namespace {

template <typename Put>
std::string written(Put put) {
  std::string out;
  put(out);
  return out;
}

std::string integer(uint32_t value) {
  return written([value](std::string& out) { dist::put_integer(out, value); });
}

std::string atom(std::string_view name) {
  return written([name](std::string& out) { dist::put_atom(out, name); });
}

/// One of each kind of term that a node may send, as term_to_binary/1 of OTP 25 wrote them.
const std::vector<std::string>& terms_of_all_kinds() {
  static const std::vector<std::string> terms = {
      "\x61\x07"s,                                     // 7
      "\x62\xff\xff\xff\xff"s,                         // -1
      "F\x3f\xf8\0\0\0\0\0\0"s,                        // 1.5
      "w\x04true"s,                                    // true
      "v\x00\x04true"s,                                // true, in its long form
      "h\0"s,                                          // {}
      "i\0\0\0\1a\1"s,                                 // {1}, in its long form
      "j"s,                                            // []
      "k\0\3abc"s,                                     // "abc"
      "l\0\0\0\1w\1xj"s,                               // [x]
      "l\0\0\0\1w\1xw\1y"s,                            // [x|y]
      "m\0\0\0\2hi"s,                                  // <<"hi">>
      "M\0\0\0\1\3\xa0"s,                              // <<5:3>>
      "n\5\0\0\0\0\0\1"s,                              // 1 bsl 32
      "o\0\0\0\2\0\1\2"s,                              // a large one
      "t\0\0\0\1w\1ka\1"s,                             // #{k => 1}
      "Xw\3n@h\0\0\0\1\0\0\0\0\0\0\0\2"s,              // a pid
      "Yw\3n@h\0\0\0\1\0\0\0\2"s,                      // a port
      "xw\3n@h\0\0\0\0\0\0\0\1\0\0\0\2"s,              // a port of 64 bits
      "Z\0\3w\3n@h\0\0\0\2\0\0\0\1\0\0\0\2\0\0\0\3"s,  // a reference
      "qw\5listsw\3mapa\2"s,                           // fun lists:map/2
      "p\0\0\0\7abc"s,                                 // a fun, of which we know the size
  };
  return terms;
}

std::string nested(unsigned depth) {
  std::string term;
  for (unsigned i = 0; i < depth; ++i) dist::put_tuple(term, 1);
  return term + "j";
}

}  // namespace

TEST_CASE("terms are written as term_to_binary/1 does") {
  CHECK(atom("node@host") == "w\x09node@host");
  CHECK(atom("") == "w\0"s);
  CHECK(atom(std::string(256, 'x')) == "v\1\0"s + std::string(256, 'x'));
  CHECK(integer(0) == "a\0"s);
  CHECK(integer(255) == "a\xff"s);
  CHECK(integer(256) == "b\0\0\1\0"s);
  CHECK(integer(0x7fffffff) == "b\x7f\xff\xff\xff"s);
  CHECK(integer(0x80000000) == "n\4\0\0\0\0\x80"s);
  CHECK(integer(0xfffefdfc) == "n\4\0\xfc\xfd\xfe\xff"s);
  CHECK(written([](std::string& out) { dist::put_binary(out, "hi"); }) == "m\0\0\0\2hi"s);
  CHECK(written([](std::string& out) { dist::put_string(out, "abc"); }) == "k\0\3abc"s);
  CHECK(written([](std::string& out) { dist::put_string(out, ""); }) == "j");
  CHECK(written([](std::string& out) { dist::put_tuple(out, 3); }) == "h\3"s);
  CHECK(written([](std::string& out) { dist::put_map(out, 2); }) == "t\0\0\0\2"s);
  CHECK(written([](std::string& out) { dist::put_list(out, 2); }) == "l\0\0\0\2"s);
  CHECK(written([](std::string& out) {
          dist::put_pid(out, {"n@h", 1, 2});
        }) == "Xw\3n@h\0\0\0\1\0\0\0\0\0\0\0\2"s);
  CHECK(written([](std::string& out) {
          dist::put_reference(out, {"n@h", 2, {1, 2, 3}});
        }) == "Z\0\3w\3n@h\0\0\0\2\0\0\0\1\0\0\0\2\0\0\0\3"s);
}

TEST_CASE("the empty list is its own end") {
  std::string out;
  dist::put_list(out, 0);
  dist::put_nil(out);
  CHECK(out == "j");
  CHECK(TermReader(out).atoms().empty());
}

TEST_CASE("what is written is read back") {
  std::string out;
  dist::put_tuple(out, 4);
  dist::put_atom(out, "x");
  dist::put_integer(out, 300);
  dist::put_reference(out, {"n@h", 7, {1, 2}});
  dist::put_list(out, 2);
  dist::put_atom(out, "a@h");
  dist::put_atom(out, std::string(300, 'b'));
  dist::put_nil(out);
  TermReader reader(out);
  CHECK(reader.tuple() == 4);
  CHECK(reader.atom() == "x");
  CHECK(reader.integer() == 300);
  CHECK(reader.reference() == Reference{"n@h", 7, {1, 2}});
  CHECK(reader.atoms() == std::vector<std::string>{"a@h", std::string(300, 'b')});
  CHECK(reader.rest().empty());
  CHECK_FALSE(reader.failed());
}

TEST_CASE("a term of any kind is passed over, and no byte more") {
  for (const std::string& term : terms_of_all_kinds()) {
    INFO("tag " << static_cast<int>(static_cast<unsigned char>(term.front())));
    const std::string bytes = term + "rest";
    TermReader reader(bytes);
    CHECK(reader.term() == term);
    CHECK(reader.rest() == "rest");
  }
}

TEST_CASE("a term that is cut short anywhere is none") {
  for (const std::string& term : terms_of_all_kinds())
    for (size_t size = 0; size < term.size(); ++size) {
      INFO("tag " << static_cast<int>(static_cast<unsigned char>(term.front())) << ", " << size);
      TermReader reader(std::string_view(term).substr(0, size));
      CHECK(reader.term().empty());
      CHECK(reader.failed());
      CHECK(reader.rest().empty());
    }
}

TEST_CASE("terms nest as deep as any sane node's, and no deeper") {
  const std::string deepest = nested(TermReader::depth_max);
  const std::string too_deep = nested(100'000);
  CHECK(TermReader(deepest).term() == deepest);
  CHECK(TermReader(too_deep).term().empty());
}

TEST_CASE("a size that lies is not believed") {
  const auto lie = GENERATE("l\xff\xff\xff\xffj"sv, "t\xff\xff\xff\xffj"sv, "i\xff\xff\xff\xffj"sv,
                            "m\xff\xff\xff\xffx"sv, "Z\xff\xffw\1n"sv, "p\0\0\0\1"sv);
  TermReader reader(lie);
  CHECK(reader.term().empty());
  CHECK(reader.failed());
}

TEST_CASE("what is not as asked for reads as empty, and so does all behind it") {
  TermReader number("a\1w\1x"sv);
  CHECK(number.atom().empty());
  CHECK(number.atom().empty());
  CHECK(number.failed());
  CHECK(TermReader("b\xff\xff\xff\xff"sv).integer() == 0);
  CHECK(TermReader("l\0\0\0\1a\1j"sv).atoms().empty());
  CHECK(TermReader("l\0\0\0\1w\1xw\1y"sv).atoms().empty());
  CHECK(TermReader("w\1x"sv).tuple() == 0);
  CHECK(TermReader("w\1x"sv).reference() == Reference{});
}

TEST_CASE("random bytes are read without harm") {
  Random random(GENERATE(from_range(seeds())));
  for (int i = 0; i < 5000; ++i) {
    std::string bytes;
    for (size_t n = random.below(40); n > 0; --n) {
      constexpr std::string_view tags = "FMXYZabhijklmnopqtvwx";
      const bool is_tag = random.below(2) == 0;
      bytes.push_back(is_tag ? tags[random.below(tags.size())]
                             : static_cast<char>(random.below(random.below(2) ? 4 : 256)));
    }
    TermReader reader(bytes);
    const std::string_view term = reader.term();
    CHECK((reader.failed() || term.size() + reader.rest().size() == bytes.size()));
  }
}
