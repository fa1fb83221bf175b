"""A /dev of the test's own, so that /dev/log can be ours without touching the machine's."""

import os
import re
import socket
import subprocess
import tempfile

import needs
import network

_KEPT = ("null", "zero", "random", "urandom", "tty")
_STAMP = re.compile(rb"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d")
_DESCRIPTOR = re.compile(rb"(descriptor|fd|socket)( *=? *)\d+")


def enter_private_dev():
    """Moves this process into its own mount namespace, in which /dev is nearly empty."""
    needs.root()
    network.unshare(network.NEW_MOUNT)
    mount("--make-rprivate", "/")
    new = tempfile.mkdtemp()
    mount("-t", "tmpfs", "tmpfs", new)
    for name in _KEPT:
        with open(f"{new}/{name}", "xb"):
            mount("--bind", f"/dev/{name}", f"{new}/{name}")
    mount("--move", new, "/dev")
    os.rmdir(new)


def mount(*arguments):
    subprocess.run([needs.program("mount"), *arguments], check=True)


class SystemLog:
    """Listens at /dev/log; gives what was logged, without times and descriptor numbers."""

    def __enter__(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("/dev/log")
        return self

    def __exit__(self, *_):
        self._socket.close()
        os.unlink("/dev/log")

    def lines(self, wait=False):
        """All that has arrived so far; with `wait`, after waiting for something to arrive."""
        self._socket.settimeout(10 if wait else 0)
        found = []
        try:
            while True:
                line = _STAMP.sub(b"DATE", self._socket.recv(65536))
                found.append(_DESCRIPTOR.sub(rb"\1\2FD", line))
                self._socket.settimeout(0)
        except (BlockingIOError, TimeoutError):
            return found
