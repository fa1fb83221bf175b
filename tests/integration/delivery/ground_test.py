"""A fresh machine: one command runs the daemon there, and one installs all that the tests need.

Its root file system has only what debootstrap gives, and ccache. Packages come over this machine's
network. Those fetched before are taken from the cache, and so is what was compiled before.
"""

import pathlib
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import unittest

import compiler_cache
import daemons
import needs
import root
from daemons import wait_until
from docker_engine import CHECKOUT

HOME = "/root/portolan"
MINUTE = 60
NOBODY = 65534
# Started by the tests without asking whether they are there, or asked for by more than a word.
PROGRAMS = {"apt-config", "apt-ftparchive", "clang++", "clang-format", "clang-tidy", "cmake",
            "containerd", "ctest", "debootstrap", "docker", "dockerd", "dpkg-shlibdeps", "epmd",
            "erl", "erl_call", "file", "fish", "flock", "g++", "git", "gpg", "groff", "iptables",
            "iptables-save", "ld.lld", "mandoc", "ninja", "nsenter", "ps", "python3", "readelf",
            "runc", "strace", "tar", "unshare", "zsh"}
# Headers and libraries that are compiled or linked against besides.
FILES = {"/usr/lib/erlang/usr/include/ei.h", "/usr/include/catch2/catch.hpp",
         "/usr/lib/python3/dist-packages/yaml/__init__.py"}


class Machine(root.Root):
    """A fresh machine with a checkout in root's home."""

    def __init__(self):
        super().__init__("bookworm", *root.packages("cache"))
        archives = root.cache() / "apt-bookworm"
        (archives / "partial").mkdir(parents=True, exist_ok=True)
        self.bind(archives, "/var/cache/apt/archives")
        if compiler_cache.folder():
            self.bind(compiler_cache.folder(), "/ccache")
        for name in root.checkout_files():
            target = pathlib.Path(f"{self.path}{HOME}", name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, target)

    @staticmethod
    def environment():
        return root.environment() | compiler_cache.environment("/ccache", HOME)

    def has(self, path):
        return (self.path / path.lstrip("/")).exists()


def free_port():
    """A port of this host's loopback, which the machine shares."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def ask_names(port):
    """The answer to a NAMES_REQ; nothing while nobody answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(b"\0\1n")
            return daemons.read_to_end(client)
    except OSError:
        return None


class Fresh(unittest.TestCase):
    """In the order of their names: each finds the machine as the one before has left it."""

    @classmethod
    def setUpClass(cls):
        needs.root()
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.remove)

    def inside(self, name):
        return pathlib.Path(f"{self.machine.path}{HOME}", name)

    def test_1_who_is_not_root_is_told_what_to_do(self):
        self.assertFalse(shutil.which("sudo", path=self.machine.path / "usr/bin"))
        for path in ("root", "root/portolan"):
            (self.machine.path / path).chmod(0o755)
        done = self.machine.run(f"{HOME}/scripts/run", user=NOBODY, timeout=MINUTE)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, r"^\S*install: needs root to install .*g\+\+.*; "
                                      r"run it as root, or install sudo$")

    def test_2_one_command_installs_builds_and_runs(self):
        port = free_port()
        with tempfile.TemporaryFile("w+") as output:
            running = subprocess.Popen(
                self.machine.command(f"{HOME}/scripts/run", "--address", "127.0.0.1", "--port",
                                     str(port)),
                env=self.machine.environment(), stdin=subprocess.DEVNULL, stdout=output,
                stderr=output)
            try:
                wait_until(lambda: running.poll() is not None or ask_names(port),
                           "the daemon answers", 15 * MINUTE)
                self.assertEqual(ask_names(port), struct.pack(">I", port), self.text(output))
                self.assertIn("installing", self.text(output))
                self.assertIn(f"listening on 127.0.0.1:{port}", self.text(output))
            finally:
                running.kill()
                running.wait()
        wait_until(lambda: ask_names(port) is None, "the daemon has ended with its machine")

    @staticmethod
    def text(output):
        output.seek(0)
        return output.read()

    def test_3_what_was_built_is_a_program_with_two_names(self):
        self.assertTrue(self.inside("build/release/portolan").is_file())
        self.assertEqual(str(self.inside("build/release/epmd").readlink()), "portolan")
        done = self.machine.run(f"{HOME}/build/release/epmd", "-help")
        self.assertIn("usage: epmd", done.stdout)

    def test_4_a_second_build_has_nothing_to_install_or_do(self):
        done = self.machine.run(f"{HOME}/scripts/build")
        self.assertEqual((done.returncode, done.stdout), (0, "ninja: no work to do.\n"))

    def test_5_the_tests_find_all_they_need(self):
        done = self.machine.run(f"{HOME}/scripts/install", "build", "package", "unit", "test",
                                timeout=15 * MINUTE)
        self.assertEqual(done.returncode, 0, done.stdout)
        asked = sorted(PROGRAMS | self.programs_asked_for())
        done = self.machine.run("sh", "-c", 'for program; do command -v "$program" >/dev/null || '
                                            'echo "$program"; done', "sh", *asked)
        self.assertEqual(done.stdout.split(), [])
        self.assertEqual([path for path in FILES if not self.machine.has(path)], [])

    @staticmethod
    def programs_asked_for():
        text = "".join(path.read_text("utf-8") for path in (CHECKOUT / "tests").rglob("*.py"))
        return set(re.findall(r"needs\.program\(\"([\w.+-]+)\"\)", text))


if __name__ == "__main__":
    unittest.main()
