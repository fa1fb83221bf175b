#include "migration/epmd_words.h"

#include "catch.h"

using migration::options_of_serve;
using Words = std::vector<std::string>;

TEST_CASE("how epmd was started is no option of serve") {
  CHECK(options_of_serve({"epmd", "-daemon"}, "", "") == Words{});
  CHECK(options_of_serve({"epmd", "-systemd", "-debug"}, "", "") == Words{});
  CHECK(options_of_serve({}, "", "") == Words{});
}

TEST_CASE("options of epmd are options of serve by other names") {
  CHECK(options_of_serve({"epmd", "-port", "5000", "-daemon", "-address", "10.0.0.1,::1",
                          "-relaxed_command_check", "-packet_timeout", "5"},
                         "", "") == Words{"--port", "5000", "--address", "10.0.0.1,::1",
                                          "--relaxed-command-check", "--packet-timeout", "5"});
}

TEST_CASE("variables count where epmd has no such option") {
  CHECK(options_of_serve({"epmd", "-port", "5000"}, "6000", "10.0.0.1") ==
        Words{"--port", "5000", "--address", "10.0.0.1"});
}

TEST_CASE("an option without its value is none") {
  CHECK(options_of_serve({"epmd", "-port"}, "", "") == Words{});
}
