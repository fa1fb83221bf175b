#pragma once

#include <cstdio>
#include <cstdlib>

/// What a fuzz target holds to be true of every input. In every build: it does not go with NDEBUG.
#define DEMAND(statement)                                                  \
  do {                                                                     \
    if (!(statement)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #statement); \
      std::abort();                                                        \
    }                                                                      \
  } while (false)
