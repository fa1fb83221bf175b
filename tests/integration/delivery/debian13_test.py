"""Debian 13: its compilers build the checkout without a warning, and its Catch2 3 runs the units.

It is compiled file by file, so that each file of src includes what it uses, and not optimised, so
that it is built sooner. Sources and objects are kept in the cache, so that only what has changed is
built again.
"""

import fcntl
import os
import re
import shutil
import unittest

import root
from docker_engine import CHECKOUT

SOURCES, BUILD = "/portolan", "/portolan-build"
KEEPSAKE = "debian13-"


class Kept:
    """A folder of the cache that one test run has to itself, for one root file system."""

    def __init__(self, made):
        self.path = root.cache() / f"{KEEPSAKE}{made}"
        self._forget_others()
        for name in ("sources", "build"):
            (self.path / name).mkdir(parents=True, exist_ok=True)
        self._lock = open(self.path / "lock", "w", encoding="ascii")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def _forget_others(self):
        for other in root.cache().glob(f"{KEEPSAKE}*"):
            if other != self.path:
                shutil.rmtree(other, ignore_errors=True)

    def copy_checkout(self):
        """Only what differs is written: it is newer than what was made of it, and nothing else."""
        wanted = set(root.checkout_files())
        for path in [path for path in (self.path / "sources").rglob("*") if not path.is_dir()]:
            if str(path.relative_to(self.path / "sources")) not in wanted:
                path.unlink()
        for name in wanted:
            self._copy(CHECKOUT / name, self.path / "sources" / name)

    @staticmethod
    def _copy(source, target):
        content = source.read_bytes()
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        target.chmod(source.stat().st_mode)

    def release(self):
        self._lock.close()


class Debian13(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = root.Root("trixie", *root.packages("build", "unit"))
        cls.addClassCleanup(cls.root.remove)
        cls.kept = Kept(cls.root.made)
        cls.addClassCleanup(cls.kept.release)
        cls.kept.copy_checkout()
        cls.root.bind(cls.kept.path / "sources", SOURCES)
        cls.root.bind(cls.kept.path / "build", BUILD)

    def run_inside(self, *command):
        done = self.root.run(*command)
        self.assertEqual(done.returncode, 0, f"{command}:\n{done.stdout[-20000:]}")
        return done.stdout

    def test_it_builds_without_a_warning_and_its_units_pass(self):
        self.run_inside("cmake", "-S", SOURCES, "-B", BUILD, "-G", "Ninja",
                        "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0",
                        "-DCMAKE_UNITY_BUILD=OFF", "-DPORTOLAN_BENCHMARKS=OFF",
                        "-DPORTOLAN_WERROR=ON")
        # With what the other tests leave of the processors.
        self.run_inside("chrt", "--idle", "0", "cmake", "--build", BUILD, "-j",
                        str(os.cpu_count()))
        catch2 = self.run_inside("dpkg-query", "-W", "-f", "${Version}", "catch2")
        self.assertTrue(catch2.startswith("3."), catch2)
        said = self.run_inside("ctest", "--test-dir", BUILD, "-L", "unit", "-j",
                               str(os.cpu_count()), "--output-on-failure", "--no-tests=error")
        passed = re.search(r"100% tests passed, 0 tests failed out of (\d+)", said)
        self.assertGreater(int(passed[1]), 150)  # files


if __name__ == "__main__":
    unittest.main()
