#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "environment.h"
#include "event/turn.h"
#include "probe/fake_dns.h"
#include "probe/resolver.h"

/// A resolver that asks a nameserver of the test, on the test's loop.
struct ResolverWorld {
  ResolverWorld() : resolver(std::move(*probe::Resolver::create(loop, dns.servers))) {}

  discovery::Resolution resolve(const std::string& text) {
    std::optional<discovery::Resolution> resolution;
    const auto pending =
        resolver->resolve(*discovery::parse_query(text, 4369),
                          [&](discovery::Resolution found) { resolution = std::move(found); });
    CHECK_FALSE(resolution);  // never from within the call
    turn_until(loop, [&] { return resolution.has_value(); });
    std::sort(resolution->endpoints.begin(), resolution->endpoints.end());
    return *resolution;
  }
  std::vector<std::string> reverse(const std::string& ip) { return reversal(ip).names; }
  discovery::Reversal reversal(const std::string& ip) {
    std::optional<discovery::Reversal> reversal;
    const auto pending =
        resolver->reverse(ip, [&](discovery::Reversal found) { reversal = std::move(found); });
    turn_until(loop, [&] { return reversal.has_value(); });
    return *reversal;
  }

  bool finds(const std::string& host) {
    std::optional<bool> found;
    const auto pending = resolver->is_resolvable(host, [&](bool is_found) { found = is_found; });
    CHECK_FALSE(found);
    turn_until(loop, [&] { return found.has_value(); });
    return *found;
  }

  event::Loop loop;
  FakeDns dns{loop};
  std::unique_ptr<probe::Resolver> resolver;
};

/// Where short names are looked for in two domains.
struct SearchDomains {
  SearchDomains() {
    environment.set("LOCALDOMAIN", "first.test second.test");
    environment.set("RES_OPTIONS", "ndots:2");
  }
  Environment environment;
};
struct SearchingWorld : SearchDomains, ResolverWorld {};
