"""Private Docker engines for one test file, and root file systems for their images.

They end with this process, whatever ends it: `scripts/engine hold` waits for its standard input.
"""

import os
import pathlib
import re
import subprocess
import tempfile

import needs

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]


def rootfs(suite, *packages, is_unpacked=False):
    """The tar of a Debian root file system, made if there is none."""
    needs.root()
    needs.program("debootstrap")
    how = ["--unpacked"] if is_unpacked else []
    return pathlib.Path(_output([CHECKOUT / "scripts/rootfs", *how, suite, *packages]).strip())


def _output(command, **running):
    """What a command prints; what it says on standard error is for whoever runs the test."""
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **running).stdout


class Engines:
    """The engine for containers, and the builder beside it; a context manager."""

    def __init__(self, place=None):
        """They keep all they have in a folder below `place`, else where temporary things are."""
        needs.root()
        for program in ("dockerd", "docker", "ip", "iptables"):
            needs.program(program)
        self.folder = tempfile.mkdtemp(prefix="engine-", dir=place)
        self._holder = subprocess.Popen(
            [CHECKOUT / "scripts/engine", "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=os.environ | {"PORTOLAN_ENGINE_DIR": self.folder})
        self.containers, self.builder = self._read_address(), self._read_address()

    def _read_address(self):
        found = re.fullmatch(r"export \w+=(\S+)\n", self._holder.stdout.readline())
        if not found:
            raise AssertionError(f"scripts/engine ended with {self._holder.wait()}")
        return found.group(1)

    def docker(self, *arguments, engine=None, **running):
        """Runs docker and returns what it prints; fails with what it said if it fails."""
        done = self.try_docker(*arguments, engine=engine, **running)
        if done.returncode != 0:
            raise AssertionError(f"docker {arguments} failed: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def try_docker(self, *arguments, engine=None, **running):
        """Runs docker and returns its CompletedProcess."""
        environment = os.environ | {"DOCKER_HOST": engine or self.containers,
                                    "DOCKER_BUILDKIT": "0"}
        output = {} if "stdout" in running else {"capture_output": True}
        return subprocess.run(["docker", *arguments], check=False, text=True, env=environment,
                              **output, **running)

    def import_rootfs(self, tar, tag, engine=None):
        self.docker("import", str(tar), tag, engine=engine)

    def run(self, *arguments):
        """Starts a container and returns its id."""
        return self.docker("run", "--detach", *arguments)

    def end(self):
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()
        return self._holder.returncode
