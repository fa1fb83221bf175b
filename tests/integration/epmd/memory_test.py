"""What a daemon holds stays bounded, and without memory it refuses what is new and keeps what it has.

Every test here fails against a daemon that only counts what its readers have not taken, or that ends
when an allocation fails.
"""

import contextlib
import pathlib
import resource
import socket
import sys
import unittest

import daemons
import needs
import network
from daemons import Ours, Serve, wait_until
from deviations_test import register, visit
from packets import NAMES, lookup

MIB = 1 << 20
NODES = 9000
DESCRIPTORS = 15000
TEXTS_MAX = 256 * MIB
LONG = "🐘".encode() * 250
EXTRA = b"e" * 1000


def setUpModule():
    network.enter_private_network()
    daemons.our_epmd()


def is_sanitized():
    return b"__asan_init" in pathlib.Path(daemons.portolan()).read_bytes()


def hold(daemon, closed, name, **fields):
    """Whether the name could be registered; it stays so until `closed` is."""
    holder, creation = register(daemon, name, **fields)
    closed.enter_context(holder)
    return creation is not None


def reader(daemon, wanted):
    """A client that has taken so many bytes of the list of names, and takes no more."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    connection.settimeout(daemons.PATIENCE)
    connection.connect(("127.0.0.1", daemon.port))
    connection.sendall(NAMES)
    while wanted > 0 and (piece := connection.recv(min(wanted, 65536))):
        wanted -= len(piece)
    return connection


class ListsThatReadersHold(unittest.TestCase):
    READERS = 60

    def test_they_are_bounded_by_what_is_held(self):
        self.addCleanup(needs.descriptors(DESCRIPTORS))
        with Ours(nofile=DESCRIPTORS) as daemon, contextlib.ExitStack() as closed:
            for number in range(NODES):
                self.assertTrue(hold(daemon, closed, LONG + b"%d" % number))
            whole = len(daemon.ask(b"n"))
            self.assertGreater(self.READERS * whole, 2 * TEXTS_MAX)
            readers = []
            for number in range(self.READERS):
                readers.append(closed.enter_context(reader(daemon, whole - MIB)))
                visit(daemon, b"one change for each")
            # As much again for the names, and what the memory's management loses.
            if not is_sanitized():
                self.assertLess(daemon.memory(), 1.5 * TEXTS_MAX)
            self.assertEqual(daemon.ask(lookup(LONG + b"1")[2:])[:2], b"w\0")
            last = daemons.read_to_end(readers[-1])
            self.assertEqual(len(last), MIB, "the last reader gets the rest")


class WithoutMemory(unittest.TestCase):
    MEMORY = 64 * MIB
    REFUSED = ((Ours, "no memory to register"), (Serve, "refused to register"))

    def setUp(self):
        if is_sanitized():
            print("\nNOT TESTED: a sanitizer needs all of the address space", file=sys.stderr)
            self.skipTest("a sanitizer needs all of the address space")
        self.addCleanup(needs.descriptors(DESCRIPTORS))

    def test_registrations_are_refused_and_the_names_stay(self):
        for kind, told in self.REFUSED:
            with self.subTest(kind), contextlib.ExitStack() as closed, \
                    kind(nofile=DESCRIPTORS, memory=self.MEMORY) as daemon:
                holders = self.fill(daemon, closed, b"n", extra=EXTRA)
                self.assertGreater(len(holders), 3000)
                self.assert_told(daemon, told)
                self.assert_all_are_there(daemon, b"n", len(holders))
                self.assertIn(EXTRA, daemon.ask(lookup(b"n17")[2:]))
                self.assert_room_after(daemon, closed, holders)

    def test_lists_of_many_mib_do_not_end_it(self):
        for kind, _ in self.REFUSED:
            with self.subTest(kind), contextlib.ExitStack() as closed, \
                    kind(nofile=DESCRIPTORS, memory=self.MEMORY) as daemon:
                holders = self.fill(daemon, closed, LONG)
                for number in range(20):
                    closed.enter_context(reader(daemon, 100))
                    holders[number].close()
                    wait_until(lambda: daemon.ask(lookup(LONG + b"%d" % number)[2:]) == b"w\1",
                               "its name is gone")
                self.assertEqual(len(daemon.names()), len(holders) - 20)

    def test_an_allocation_that_fails_is_not_the_end(self):
        for kind, told in self.REFUSED:
            with self.subTest(kind), contextlib.ExitStack() as closed, \
                    kind(nofile=DESCRIPTORS) as daemon:
                # Too late to be taken into account: so the bounds are those of a daemon with plenty.
                before = self.limit(daemon, self.size(daemon) + 8 * MIB)
                holders = self.fill(daemon, closed, b"n", extra=EXTRA)
                self.assertGreater(len(holders), 1000)
                self.assert_told(daemon, "out of memory")
                self.assert_told(daemon, told)
                self.assert_all_are_there(daemon, b"n", len(holders))
                self.limit(daemon, before)
                self.assertTrue(hold(daemon, closed, b"late"))
                self.assert_told(daemon, "there is memory again")

    def fill(self, daemon, closed, prefix, **fields):
        holders = []
        while len(holders) < DESCRIPTORS:
            holder, creation = register(daemon, prefix + b"%d" % len(holders), **fields)
            closed.enter_context(holder)
            if creation is None:
                return holders
            holders.append(holder)
        raise AssertionError("never refused")

    def assert_told(self, daemon, words):
        output = daemon.output()
        self.assertTrue(words in output, f"{words!r} is not in … {output[-1000:]}")

    def assert_all_are_there(self, daemon, prefix, count):
        for number in range(0, count, 97):
            self.assertEqual(daemon.ask(lookup(prefix + b"%d" % number)[2:])[:2], b"w\0")
        self.assertEqual(len(daemon.names()), count)

    def assert_room_after(self, daemon, closed, holders):
        for holder in holders[:100]:
            holder.close()
        wait_until(lambda: len(daemon.names()) == len(holders) - 100, "a hundred have left")
        for number in range(50):
            self.assertTrue(hold(daemon, closed, b"again%d" % number, extra=EXTRA))

    @staticmethod
    def size(daemon):
        text = pathlib.Path(f"/proc/{daemon.server}/statm").read_text(encoding="ascii")
        return int(text.split()[0]) * resource.getpagesize()

    @staticmethod
    def limit(daemon, soft):
        before = resource.prlimit(daemon.server, resource.RLIMIT_AS)
        resource.prlimit(daemon.server, resource.RLIMIT_AS, (soft, before[1]))
        return before[0]


if __name__ == "__main__":
    unittest.main()
