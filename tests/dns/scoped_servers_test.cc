#include "dns/scoped_servers.h"

#include <net/if.h>

#include "catch.h"

using dns::ScopedServers;

TEST_CASE("nameservers are read here if one of them is behind an interface") {
  const auto read = ScopedServers::read(
      "search a\nnameserver fe80::1%lo\nnameserver 192.0.2.53 # the other\nnameserver nonsense\n");
  CHECK(read.addresses == "fe80::1,192.0.2.53");
  CHECK(read.interfaces == std::map<std::string, uint32_t>{{"fe80::1", if_nametoindex("lo")}});
}

TEST_CASE("else c-ares reads them") {
  for (const char* const text : {"", "nameserver 192.0.2.53\n", "nameserver fe80::1%no-interface\n",
                                 "; nameserver fe80::1%lo\n"})
    CHECK(ScopedServers::read(text).addresses.empty());
}

TEST_CASE("three nameservers are read, and no more") {
  CHECK(ScopedServers::read("nameserver fe80::1%lo\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n"
                            "nameserver 192.0.2.3\n")
            .addresses == "fe80::1,192.0.2.1,192.0.2.2");
}
