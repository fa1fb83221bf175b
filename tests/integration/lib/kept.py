"""`portolan serve` as two processes: the keeper and its server."""

import contextlib
import os
import signal
import socket
import struct
import unittest

from daemons import Serve, children_of, wait_until
from packets import alive


class Kept(Serve):
    """Its pid is the keeper's."""

    @property
    def server(self):
        """The server's process; None between two servers."""
        return next(iter(children_of(self.pid)), None)

    def kill_server(self):
        """Returns at once: what is asked now is asked while no server runs, or the next begins."""
        os.kill(self.server, signal.SIGKILL)

    def replace_server(self, is_asked=True):
        """Returns when the next server answers, or, without being asked, is there."""
        before = self.server
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: self.server not in (None, before), "there is another server")
        if is_asked:
            self.names()


class Registered:
    """A played node: a connection and what the daemon has answered on it."""

    def __init__(self, daemon, name, **fields):
        self.name = name
        self.connection = daemon.connect()
        self.connection.sendall(alive(name, **fields))
        self.answer = self.connection.recv(64)

    @property
    def is_accepted(self):
        return self.answer[:2] == b"v\0"

    @property
    def creation(self):
        return struct.unpack(">I", self.answer[2:])[0]

    def is_connected(self):
        self.connection.setblocking(False)
        try:
            return self.connection.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def end(self):
        self.connection.close()


@contextlib.contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


class KeptTest(unittest.TestCase):
    def start(self, *arguments, **running):
        return self.enterContext(Kept(*arguments, **running))

    def register(self, daemon, name, **fields):
        node = Registered(daemon, name, **fields)
        self.addCleanup(node.end)
        return node
