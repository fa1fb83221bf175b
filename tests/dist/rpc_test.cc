#include "dist/rpc.h"

#include "base/wire.h"
#include "catch.h"

using namespace std::string_literals;
using dist::Rpc;
using ReadResult = dist::Rpc::ReadResult;

namespace {

const std::string self = "2JYPX24A03JV4@epmd";
constexpr uint32_t creation = 5;

std::string packet(const std::string& body) {
  std::string out;
  base::put_u32(out, static_cast<uint32_t>(body.size()));
  return out + body;
}

std::string reference(uint32_t number, const std::string& node = self) {
  std::string out;
  dist::put_reference(out, {node, creation, {number, 0, 0}});
  return out;
}

/// {2, '', Pid}, and the message {Reference, Result}.
std::string answer(const std::string& to, const std::string& result,
                   const std::string& control = "h\3a\2w\0"s) {
  std::string pid;
  dist::put_pid(pid, {self, 1, creation});
  return packet("p\x83" + control + pid + "\x83h\2" + to + result);
}

}  // namespace

TEST_CASE("a call is what rpc:call/4 sends") {
  const std::string call = Rpc(self, creation).call(9, {"net_kernel", "connect_node", {"w\3a@h"}});
  std::string pid;
  dist::put_pid(pid, {self, 1, creation});
  CHECK(call == packet("p\x83h\4a\6" + pid + "w\0w\3rex"s + "\x83h\3w\x09$gen_callh\2" + pid +
                       reference(9) + "h\5w\4callw\x0anet_kernelw\x0c" + "connect_node" +
                       "l\0\0\0\1w\3a@hj"s + "w\4user"));
}

TEST_CASE("a message goes to the process that is registered under the name") {
  const std::string sent = Rpc(self, creation).send("portolan", "w\2hi");
  std::string pid;
  dist::put_pid(pid, {self, 1, creation});
  CHECK(sent == packet("p\x83h\4a\6" + pid + "w\0w\x08portolan\x83w\2hi"s));
}

TEST_CASE("an answer is known by its number, however it is cut and in whatever order it comes") {
  const bool with_sender = GENERATE(false, true);
  const std::string control = with_sender ? "h\3a\x16w\0"s : "h\3a\2w\0"s;
  const std::string bytes =
      answer(reference(2), "w\5false", control) + answer(reference(1), "w\4true", control);
  const size_t piece = GENERATE(size_t{1}, size_t{3}, size_t{1000});
  Rpc rpc(self, creation);
  for (size_t at = 0; at < bytes.size(); at += piece)
    REQUIRE(rpc.receive(std::string_view(bytes).substr(at, piece)) == ReadResult::read_on);
  const auto first = rpc.take_answer();
  const auto second = rpc.take_answer();
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->call == 2);
  CHECK(dist::is_atom(first->term, "false"));
  CHECK(second->call == 1);
  CHECK(dist::is_atom(second->term, "true"));
  CHECK_FALSE(rpc.take_answer());
}

TEST_CASE("messages that answer no call of ours are passed over") {
  std::string other_number;
  dist::put_reference(other_number, {self, creation, {1, 1, 0}});
  const std::string strange =
      GENERATE_COPY(answer(reference(1, "other@node"), "w\4true"), answer(other_number, "w\4true"),
                    answer("w\1x", "w\4true"), packet("p\x83h\3a\2w\0w\1x\x83w\1x"s),
                    packet("p\x83h\3a\6w\0w\1x\x83w\1x"s), packet("p\x83h\3a\2w\0w\1x"s));
  Rpc rpc(self, creation);
  CHECK(rpc.receive(strange) == ReadResult::read_on);
  CHECK_FALSE(rpc.take_answer());
  CHECK(rpc.receive(answer(reference(1), "w\4true")) == ReadResult::read_on);
  CHECK(rpc.take_answer());
}

TEST_CASE("a tick is told once") {
  Rpc rpc(self, creation);
  CHECK(rpc.receive(Rpc::tick()) == ReadResult::read_on);
  CHECK(rpc.take_tick());
  CHECK_FALSE(rpc.take_tick());
}

TEST_CASE("what is no packet, or longer than anything we asked for, is nonsense") {
  const std::string bytes =
      GENERATE("\xff\xff\xff\xff"s, "\0\x10\0\1"s, "\0\0\0\3xyz"s, "\0\0\0\1p"s,
               "\0\0\0\4p\x83w\0"s, "\0\0\0\5p\x83h\3a"s, "HTTP/1.1 400 Bad Request\r\n"s);
  Rpc rpc(self, creation);
  CHECK(rpc.receive(bytes) == ReadResult::nonsense);
}
