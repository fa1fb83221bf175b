#pragma once

// Catch2 2 and 3 behind one include. Use TEST_CASE, SECTION, GENERATE, CHECK, REQUIRE and INFO
// only: what else there is has other names in the other version.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
