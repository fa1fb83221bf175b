"""What a test needs from the machine. Missing means: skipped aloud, or failed under CI=true.

Call these from a test, setUp, setUpClass or setUpModule: unittest turns the exception they raise
into a skip there, but not at import time.
"""

import os
import resource
import shutil
import sys
import unittest


def missing(why, remedy):
    """Skips the caller with a loud line, or fails it where nothing may be left out."""
    line = f"SKIPPED, NOT TESTED: {why}; to mend it: {remedy}"
    if os.environ.get("CI") == "true":
        raise AssertionError(line)
    print(f"\n{line}", file=sys.stderr, flush=True)
    raise unittest.SkipTest(line)


# As who we were started: in a user namespace everybody looks like root.
_USER = os.geteuid()


def root():
    if _USER != 0:
        missing("this part needs root", "run it as root, or in a container as root")


def descriptors(count):
    """Lets this process have so many descriptors; returns a function that takes it back."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < count:
        missing(f"only {before[1]} descriptors are allowed", f"raise ulimit -Hn to {count}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, before[1]))
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, before)


def program(name):
    """The path of a program by its name or path."""
    found = shutil.which(name)
    if found is None:
        missing(f"there is no program {name!r}", f"install the package that holds {name!r}")
    return found


def file(path, remedy):
    if not os.path.exists(path):
        missing(f"there is no {path}", remedy)
    return path
