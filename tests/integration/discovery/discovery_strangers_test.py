"""EPMDs and nodes that lie, drag, flood or keep silent: they are bounded in time and in memory, and
the others are found all the same. In a world of loopback addresses, played by Python."""

import contextlib
import struct
import time
import unittest

import daemons
import network
from daemons import wait_until
from discovery_world import WorldTest, hold
from programs import Program

MIB = 1024 * 1024
# A sanitizer's allocator keeps a few times what it is asked for.
MEMORY_MAX = 200 * MIB


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


def endless_names(connection):
    """A listing without an end."""
    connection.sendall(struct.pack(">I", 4369))
    while True:
        connection.sendall(b"name x at port 1\n" * 4096)


def endless_line(connection):
    """A name without an end."""
    connection.sendall(struct.pack(">I", 4369) + b"name ")
    while True:
        connection.sendall(b"x" * 65536)


def byte_by_byte(connection):
    """Always about to say something."""
    connection.settimeout(0.02)
    for byte in struct.pack(">I", 4369) + b"name slow at port 1\n" * 1000:
        connection.sendall(bytes([byte]))
        with contextlib.suppress(TimeoutError):
            connection.recv(1)


def says(*pieces):
    def play(connection):
        connection.sendall(b"".join(pieces))
    return play


def answers_probe(*pieces):
    def play(connection):
        connection.recv(4096)
        connection.sendall(b"".join(pieces))
        hold(connection)
    return play


def endless_node(connection):
    connection.recv(4096)
    while True:
        connection.sendall(b"\0\3sok" + b"\xff" * 65536)


STATUS = b"\0\3sok"


def challenge_of(name, length=None, size=None):
    length = len(name) if length is None else length
    body = struct.pack(">cQIIH", b"N", 0xd07df7fbd, 1, 2, length) + name
    return STATUS + struct.pack(">H", len(body) if size is None else size) + body


EPMDS = {
    "endless names": endless_names,
    "an endless line": endless_line,
    "byte by byte": byte_by_byte,
    "silence": hold,
    "nothing": says(),
    "half a port": says(b"\0\0"),
    "no listing": says(struct.pack(">I", 4369), b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "a port that is none": says(struct.pack(">I", 4369), b"name a at port 99999999999\n"),
    "half a line": says(struct.pack(">I", 4369), b"name a at po"),
    "control characters": says(struct.pack(">I", 4369), b"name \x1b[2J\x07 at port 1\n"),
    "a line break in a name": says(struct.pack(">I", 4369), b"name a\n at port 1\n"),
    "not UTF-8": says(struct.pack(">I", 4369), b"name \xff\xfe at port 1\n"),
    "200,000 names": says(struct.pack(">I", 4369),
                          b"".join(b"name n%d at port 1\n" % n for n in range(200_000))),
}

NODES = {
    "endless": endless_node,
    "silence": hold,
    "nothing": lambda connection: None,
    "TLS": answers_probe(b"\x15\x03\x03\0\2\2\x0a"),
    "HTTP": answers_probe(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "an empty message": answers_probe(b"\0\0"),
    "a status that is none": answers_probe(b"\0\5snone"),
    "a challenge longer than it says": answers_probe(challenge_of(b"x@h9", size=3)),
    "a challenge shorter than it says": answers_probe(challenge_of(b"x@h9", size=2000)),
    "a challenge of 64 KiB": answers_probe(challenge_of(b"x@h9", size=65535), b"x" * 65536),
    "a name longer than it says": answers_probe(challenge_of(b"x@h9" * 100, length=3)),
    "a name shorter than it says": answers_probe(challenge_of(b"x@h9", length=65535)),
    "somebody else's name": answers_probe(challenge_of(b"other@h9")),
    "a name without a host": answers_probe(challenge_of(b"x")),
    "a name with controls": answers_probe(challenge_of(b"x@h9\x1b[2J\n")),
    "a name of 2,000 bytes": answers_probe(challenge_of(b"x@" + b"\x01" * 2000)),
}


class StrangersTest(WorldTest):
    def watch(self, *words):
        program = Program("discover", "web", "--watch", "--nameservers", self.dns.address, "--port",
                          self.cluster.epmd_port, "--interval", "100ms", "--log-level", "debug",
                          *words)
        self.enterContext(program)
        return program

    def assert_bounded(self, watch):
        """Rounds go on, the good nodes are there and nobody else, and memory is bounded."""
        watch.wait_for("joined first@h1", patience=30)
        watch.wait_for("joined last@h200", patience=30)
        self.wait_for_rounds(4)
        self.assertEqual(watch.said().count("\n"), 2, watch.said())
        self.assertLess(watch.peak_memory(), MEMORY_MAX)
        self.assertNotRegex(watch.log(), r"[\x00-\x09\x0b-\x1f\x7f]", "controls are escaped")
        self.assertLess(max(map(len, watch.log().splitlines()), default=0), 4096)

    def assert_that_others_are_found(self, **stranger):
        self.cluster.add("127.0.1.1", "first@h1")
        self.cluster.add("127.0.1.9", "x@h9", **stranger)
        self.cluster.add("127.0.1.200", "last@h200")
        self.dns.set("web", "127.0.1.1", "127.0.1.9", "127.0.1.200")
        watch = self.watch()
        self.assert_bounded(watch)
        watch.end()  # its rounds are not to be taken for the next one's


class Epmds(StrangersTest):
    def test_one_that_does_harm_harms_nobody_else(self):
        for name, epmd in EPMDS.items():
            with self.subTest(name):
                self.assert_that_others_are_found(epmd=epmd)

    def test_all_of_them_together(self):
        self.cluster.add("127.0.1.1", "first@h1")
        self.cluster.add("127.0.1.200", "last@h200")
        for number, epmd in enumerate(4 * list(EPMDS.values()), 100):
            self.cluster.add(f"127.0.1.{number}", f"x@s{number}", epmd=epmd)
        self.dns.set("web", *self.cluster.hosts)
        self.assert_bounded(self.watch())

    def test_one_with_more_names_than_we_look_at_is_logged_once(self):
        def many(connection):
            connection.sendall(self.cluster.listing(*(f"n{number}" for number in range(3000))))
        self.cluster.add("127.0.1.9", "", epmd=many, node=says())
        self.dns.set("web", "127.0.1.9")
        watch = self.watch()
        said = watch.wait_for_log("2000 names or addresses are over the limits", patience=30)
        self.wait_for_rounds(2)
        self.assertEqual(said.count("over the limits"), 1)

    def test_a_name_with_a_line_feed_spoils_no_other(self):
        """It comes as two lines, of which neither is a name and a port."""
        self.add("a@h1", "b@h2")
        watch = self.watch()
        watch.wait_for("joined b@h2")
        lists = self.cluster.listing
        self.cluster.hosts["127.0.1.1"].epmd = lambda connection: connection.sendall(
            lists("a", "line\nfeed"))
        watch.wait_for_log(f"the EPMD at 127.0.1.1:{self.cluster.epmd_port} lists 2 lines that "
                           "cannot be read")
        self.wait_for_rounds(5)
        self.assertEqual(watch.said().count("\n"), 2, watch.said())
        self.cluster.hosts["127.0.1.1"].epmd = lambda connection: connection.sendall(
            lists("c", "line\nfeed"))
        watch.wait_for("left a@h1")
        self.assertIn("a@h1 left: its EPMD no longer lists it, as far as its list can be read",
                      watch.log())

    def test_long_lists_do_not_fill_the_memory(self):
        """None of them ends, so that all are held until their time is up."""
        names = struct.pack(">I", 4369) + b"".join(
            b"name %s%d at port 1\n" % (b"n" * 1000, n) for n in range(20_000))

        def all_but_the_end(connection):
            connection.sendall(names)
            hold(connection)
        self.add("first@h1")
        watch = self.watch()
        watch.wait_for("joined first@h1", patience=60)
        before = watch.peak_memory()
        for number in range(100, 140):
            self.cluster.add(f"127.0.1.{number}", f"x@s{number}", epmd=all_but_the_end)
        self.dns.set("web", *self.cluster.hosts)
        self.wait_for_rounds(3)
        self.assertLess(watch.peak_memory() - before, 40 * MIB)

    def test_names_without_end_do_not_fill_the_log(self):
        def many(connection):
            connection.sendall(self.cluster.listing(*(f"n{number}" for number in range(900))))
        self.cluster.add("127.0.1.9", "", epmd=many, node=says())
        self.dns.set("web", "127.0.1.9")
        watch = self.watch()
        said = watch.wait_for_log("more nodes are not members", patience=60)
        self.assertLess(said.count("is not a member"), 30)

    def test_one_that_keeps_silent_holds_up_no_round_for_long(self):
        self.assert_that_others_are_found(epmd=hold)
        self.watch()
        begun, rounds = time.monotonic(), self.rounds()
        wait_until(lambda: self.rounds() >= rounds + 5, "five rounds", 30)
        self.assertLess(time.monotonic() - begun, 5)


class Nodes(StrangersTest):
    def test_one_that_does_harm_harms_nobody_else(self):
        for name, node in NODES.items():
            with self.subTest(name):
                self.assert_that_others_are_found(node=node)

    def test_all_of_them_together(self):
        self.cluster.add("127.0.1.1", "first@h1")
        self.cluster.add("127.0.1.200", "last@h200")
        for number, node in enumerate(4 * list(NODES.values()), 100):
            self.cluster.add(f"127.0.1.{number}", f"x@s{number}", node=node)
        self.dns.set("web", *self.cluster.hosts)
        self.assert_bounded(self.watch())

    def test_who_refuses_is_asked_again_rarely(self):
        hosts = [self.cluster.add(f"127.0.1.{number}", f"x@h{number}", node=node)
                 for number, node in enumerate((NODES["TLS"], NODES["HTTP"], NODES["silence"]), 1)]
        self.dns.set("web", *self.cluster.hosts)
        self.watch()
        wait_until(lambda: all(host.probes for host in hosts), "they are asked")
        self.wait_for_rounds(10)
        self.assertLessEqual(max(host.probes for host in hosts), 3)


class Dns(StrangersTest):
    def test_more_addresses_than_a_datagram_holds_all_count(self):
        self.add(*(f"n{number}@h{number}" for number in range(100)))
        watch = self.watch()
        watch.wait_for("\n", 100, patience=30)
        self.wait_for_rounds(3)
        self.assertEqual(watch.said().count("\n"), 100)

    def test_a_nameserver_that_answers_nonsense_is_as_one_that_fails(self):
        self.add("a@h1")
        watch = self.watch()
        watch.wait_for("joined a@h1")
        self.dns.mode = "nonsense"
        watch.wait_for_log("cannot resolve web")
        self.wait_for_rounds(3)
        self.assertEqual(watch.said().count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
