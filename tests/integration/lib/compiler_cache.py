"""The compiler's cache that scripts/test sets up, for builds in images and on other roots.

A hit hashes each header that was read, so that a package that is missing there is missed.
"""

import os

_NAMES = ("CCACHE_", "CMAKE_CXX_COMPILER_LAUNCHER", "CXX")


def folder():
    """Where it is; None where nobody has set one up."""
    is_there = os.environ.get("CMAKE_CXX_COMPILER_LAUNCHER") == "ccache"
    return os.environ.get("CCACHE_DIR") if is_there else None


def environment(cache, checkout):
    """The variables for a build that sees it at `cache`, and the checkout at `checkout`."""
    if not folder():
        return {}
    given = {name: value for name, value in os.environ.items() if name.startswith(_NAMES)}
    return given | {"CCACHE_DIR": cache, "CCACHE_BASEDIR": checkout}
