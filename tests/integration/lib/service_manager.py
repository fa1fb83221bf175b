"""A service manager with a store of descriptors, played, and the daemon as its service."""

import os
import socket
import sys

import daemons
from kept import Kept

# Gives descriptors as systemd does: from 3 on, with their names.
_START = """import fcntl, os, sys
count = int(sys.argv[1])
moved = [fcntl.fcntl(int(number), fcntl.F_DUPFD_CLOEXEC, 100) for number in sys.argv[2:2 + count]]
for place, number in enumerate(moved, 3):
    os.dup2(number, place)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


class Manager:
    """A service manager's notification socket, and its store of descriptors by name."""

    def __init__(self, folder):
        self.path = f"{folder}/notify"
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.bind(self.path)
        self._told.settimeout(10)
        self.store = []

    def take(self, until):
        """All that is told, until a line; what is to be stored is."""
        while True:
            text, given, _, _ = socket.recv_fds(self._told, 1000, 10)
            lines = text.decode().splitlines()
            if "FDSTORE=1" in lines:
                (name,) = [line.removeprefix("FDNAME=") for line in lines if "FDNAME" in line]
                self.store += [(name, number) for number in given]
            if until in lines:
                return

    def close(self):
        for _, number in self.store:
            os.close(number)
        self._told.close()


class Service(Kept):
    """The daemon as a service whose port the manager holds: by a socket unit, which listens, or, with
    None and the port's number, in its store."""

    def __init__(self, manager, listening, *arguments, port=None):
        held = ([("portolan.socket", listening.fileno())] if listening else []) + manager.store
        given = [number for _, number in held]
        self._prefix = [sys.executable, "-c", _START, str(len(given)), *map(str, given)]
        port = listening.getsockname()[1] if listening else port
        super().__init__(*arguments, port=port, pass_fds=given, environment={
            "NOTIFY_SOCKET": manager.path, "LISTEN_FDS": str(len(given)),
            "LISTEN_FDNAMES": ":".join(name for name, _ in held)})
        manager.take("READY=1")

    def command(self):
        return [*self._prefix, daemons.portolan(), "serve"]

    def port_arguments(self):
        return []
