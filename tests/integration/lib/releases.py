"""The releases of OTP that Portolan is proven with: their epmd and their nodes.

This machine has one of them. Each other one is in a root file system of the Debian release that
has it, and uses this machine's network.
"""

import contextlib
import os
import pathlib
import subprocess

import daemons
import docker_engine
import needs
import root
from nodes import COOKIE, Node

SUITES = {23: "bullseye", 25: "bookworm", 27: "trixie", 29: "sid"}
# As the engines' images have them, so that each root is made once.
PACKAGES = ("erlang-base", "erlang-ssl")
# No image is made of these, so they need not be configured.
_UNPACKED = (29,)
# More than a root takes.
_ROOM = 1 << 30


def _place():
    """In memory, if programs and their devices may be there."""
    place = root.in_memory(_ROOM)
    is_fit = place and not os.statvfs(place).f_flag & (os.ST_NOEXEC | os.ST_NODEV)
    return place if is_fit else None


def versions(folder):
    """The versions of OTP that are installed in a root file system."""
    found = pathlib.Path(folder, "usr/lib/erlang/releases").glob("*/OTP_VERSION")
    return [path.read_text("ascii").strip() for path in found]


def _has(folder, otp):
    return any(version.startswith(f"{otp}.") for version in versions(folder))


def is_here(otp):
    return _has("/", otp)


def fetch(*otps):
    """Makes the roots that are missing, as long as a test is not in a network of its own. What
    cannot be had is told of when it is needed.
    """
    for otp in filter(lambda otp: not is_here(otp), otps):
        with contextlib.suppress(subprocess.CalledProcessError):
            docker_engine.rootfs(SUITES[otp], *PACKAGES, is_unpacked=otp in _UNPACKED)


def root_of(otp):
    """The root file system of a release, to be removed; skips or fails where it cannot be had."""
    suite = SUITES[otp]
    try:
        made = root.Root(suite, *PACKAGES, is_unpacked=otp in _UNPACKED, place=_place())
    except subprocess.CalledProcessError:
        needs.missing(f"there is no OTP {otp}: see above why Debian's {suite} cannot be had",
                      "let this machine reach a mirror that has it (DEBIAN_MIRROR)")
    if not _has(made.path, otp):
        found = versions(made.path)
        made.remove()
        needs.missing(f"there is no OTP {otp}: Debian's {suite} has {found}",
                      "name the suite that has it in tests/integration/lib/releases.py")
    return made


class Release:
    """One release, on this machine or in a root; a context manager."""

    def __init__(self, otp):
        self.otp = otp
        self._root = None if is_here(otp) else root_of(otp)

    def command(self, *words):
        """A command line that becomes the program, so that its pid is the one we know."""
        return [needs.program("chroot"), str(self._root.path), *words] if self._root else [*words]

    def folder(self, path):
        """A folder that its nodes see at that path; None: they see what we see."""
        if not self._root:
            return None
        folder = pathlib.Path(str(self._root.path) + path)
        folder.mkdir(exist_ok=True)
        return folder

    def epmd_command(self):
        return self.command("/usr/bin/epmd")

    def epmd(self, *arguments, **further):
        """Its epmd, started as a daemon."""
        return Epmd(self.epmd_command(), *arguments, **further)

    def node(self, name, *flags, prefix=()):
        """One of its nodes, started; the prefix leads to the host that it is on."""
        kind = "-name" if "." in name else "-sname"
        # One scheduler each: several nodes start at once.
        command = self.command("/usr/bin/erl", "-noinput", "+S", "1:1", "-start_epmd", "false",
                               kind, name, "-setcookie", COOKIE, *flags)
        return Node(name, command=[*prefix, *command], further={"HOME": "/root"})

    def end(self):
        if self._root:
            self._root.remove()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Epmd(daemons.Daemon):
    def __init__(self, command, *arguments, **further):
        self._command = command
        super().__init__(*arguments, **further)

    def command(self):
        return self._command
