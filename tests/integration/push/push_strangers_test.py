"""What registers as a node of this host, passes the probe, and then does harm to who pushes: one
clear line about each, bounded in time and in memory, and good nodes beside it are pushed."""

import socket
import struct
import time
import unittest

import daemons
import network
from daemons import wait_until
from discovery_world import challenge, hold
from dist_terms import Atom
from push_world import PushTest, Shown, digest, frame, named, packet, read_frame

MEMORY_MAX = 200 << 20
# What it says of those who break the rules, who are silent, and who go.
NONSENSE = "it does not speak the distribution protocol of OTP 23 or later"
SILENT = "it does not answer; is it stopped, or overloaded?"
CLOSED = "it closes the connection"
IMPOSTOR = "it does not know the cookie itself; what has registered that name?"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


def says(*pieces):
    """Says this to the hello, whatever comes, and holds the line."""
    def play(_, connection):
        connection.sendall(b"".join(pieces))
        hold(connection)
    return play


def lets_in_unnamed(node, connection):
    connection.sendall(frame(b"sok") + challenge(Shown(node.name)))
    hold(connection)


def without_end(*pieces, before=lambda node, connection: True):
    def play(node, connection):
        if before(node, connection):
            while True:
                connection.sendall(b"".join(pieces) * 100)
    return play


def once_let_in(*pieces):
    def play(node, connection):
        node.let_in(connection)
        connection.sendall(b"".join(pieces))
        hold(connection)
    return play


def is_let_in(node, connection):
    return node.let_in(connection)


def closes(_, connection):
    del connection


def closes_once_let_in(node, connection):
    node.let_in(connection)
    node.take_packet(connection)


def closes_on_the_proof(node, connection):
    connection.sendall(named() + challenge(Shown(node.name)))
    read_frame(connection)


def ends_on_the_proof(node, connection):
    """As a node does that ends: its connections go one after the other."""
    closes_on_the_proof(node, connection)
    connection.shutdown(socket.SHUT_RDWR)
    time.sleep(0.03)
    node.unregister()


def proves_nothing(proof):
    def play(node, connection):
        connection.sendall(named() + challenge(Shown(node.name)))
        (number,) = struct.unpack_from(">I", read_frame(connection), 1)
        connection.sendall(frame(b"a" + proof(number)))
        node.took = connection.recv(4096)
    return play


def ticks_slowly(node, connection):
    """Always there, and never an answer."""
    node.let_in(connection)
    connection.settimeout(0.05)
    while True:
        connection.sendall(bytes(4))
        try:
            if not connection.recv(65536):
                return
        except TimeoutError:
            pass


def answers(term):
    """Answers each call with the same."""
    def play(node, connection):
        node.let_in(connection)
        while True:
            if asked := node.take_packet(connection):
                connection.sendall(packet((2, Atom(""), asked[0]), (asked[1], term)))
    return play


def answers_others(node, connection):
    """Answers calls that nobody has made."""
    node.let_in(connection)
    caller, reference, _, _ = node.take_packet(connection)
    other = type(reference)(reference[:-12] + struct.pack(">III", 77, 0, 0))
    for term in ((other, []), (reference,), Atom("x"), ((), [])):
        connection.sendall(packet((2, Atom(""), caller), term))
    hold(connection)


def as_somebody_else(name, creation=7):
    def play(_, connection):
        connection.sendall(named() + challenge(Shown(name, creation=creation)))
        hold(connection)
    return play


DEEP = b"\x83" + b"\x68\x01" * 5000 + b"\x61\x01"
A_BODY = b"p\x83\x68\x03\x61\x02\x77\x00\x61\x01"

BAD = {
    "status": (says(b"\0\5snone"), NONSENSE),
    "ok": (lets_in_unnamed, NONSENSE),
    "html": (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), NONSENSE),
    "empty": (says(b"\0\0"), NONSENSE),
    "unnamed": (says(frame(b"snamed:\xff\xff")), NONSENSE),
    "garbage": (says(named(), b"\xff" * 3000), NONSENSE),
    "short": (says(named(), frame(b"N\0")), NONSENSE),
    "tls": (says(b"\x15\x03\x03\0\2\2\x0a"), "it uses TLS distribution; give --tls-ca"),
    "allow": (says(frame(b"snot_allowed")), "it refuses strangers; is it told by net_kernel:all"),
    "flood": (without_end(b"\xff" * 65536), NONSENSE),
    "silence": (says(), SILENT),
    "half": (says(named()), SILENT),
    "closes": (closes, CLOSED),
    "named": (lambda _, connection: connection.sendall(named()), CLOSED),
    "poses": (as_somebody_else("other@localhost"), "another node is at its port"),
    "anew": (as_somebody_else("anew@localhost", 8), "another node is at its port"),
    "denies": (closes_on_the_proof, "it has another cookie, which is not tried again before it"),
    "wrong": (proves_nothing(lambda number: bytes(16)), IMPOSTOR),
    "stale": (proves_nothing(lambda number: digest("guess", number)), IMPOSTOR),
    "brief": (proves_nothing(lambda number: b"brief"), NONSENSE),
    "packets": (without_end(bytes(4), before=is_let_in), NONSENSE),
    "gigabytes": (without_end(struct.pack(">I", 1 << 30), b"p" * 65536, before=is_let_in),
                  NONSENSE),
    "terms": (without_end(packet((2, Atom(""), 1), [1] * 1000), before=is_let_in), NONSENSE),
    "junk": (once_let_in(b"\0\0\0\5junk!"), NONSENSE),
    "cut": (once_let_in(b"\0\0\0\3p\x83\x68"), NONSENSE),
    "deep": (once_let_in(struct.pack(">I", 1 + len(DEEP)), b"p", DEEP), NONSENSE),
    "mute": (once_let_in(), SILENT),
    "ticks": (ticks_slowly, SILENT),
    "others": (answers_others, SILENT),
    "goes": (closes_once_let_in, CLOSED),
    "odd": (once_let_in(struct.pack(">I", len(A_BODY) + 3), A_BODY, b"\x83\xff\xff"), SILENT),
}


class Strangers(PushTest):
    def line(self, name, why):
        return f"nothing is pushed to {name}@localhost: {why}"

    def assert_pushed(self, *good):
        for node in good:
            others = {other.name for other in good if other is not node}
            wait_until(lambda: others <= set(node.told()),  # pylint: disable=cell-var-from-loop
                       f"{node.name} is told")

    def test_each_costs_a_line_and_nobody_else_anything(self):
        daemon = self.serve()
        bad = {name: self.fake(f"{name}@localhost", push=play, peer=lambda connection: None)
               for name, (play, _) in BAD.items()}
        good = [self.fake(f"good{number}@localhost") for number in (1, 2)]
        begun = time.monotonic()
        self.assert_pushed(*good)
        self.assertLess(time.monotonic() - begun, 5, "in spite of all the others")
        for name, (_, why) in BAD.items():
            with self.subTest(name):
                left = max(1, begun + 60 - time.monotonic())
                daemon.wait_for_log(self.line(name, why), patience=left)
        self.wait_for_rounds(10)
        for name in BAD:
            with self.subTest(name):
                self.assertEqual(daemon.log().count(self.line(name, "")), 1)
                self.assertEqual(bad[name].calls.count(("connect_node", [good[0].name])), 0)
        self.assertLess(daemon.peak_memory(), MEMORY_MAX)
        self.assertNotRegex(daemon.log(), r"[\x00-\x09\x0b-\x1f\x7f]")

    def test_a_node_that_ends_has_no_other_cookie(self):
        daemon = self.serve()
        self.fake("good@localhost")
        ending = self.fake("ending@localhost", push=ends_on_the_proof)
        daemon.wait_for_log("unregistered 'ending'")
        self.assertEqual(ending.pushes(), 1)
        self.wait_for_rounds(3)
        self.assertNotIn(self.line("ending", ""), daemon.log())

    def test_an_impostor_is_told_nothing(self):
        daemon = self.serve()
        impostor = self.fake("i@localhost", push=BAD["wrong"][0])
        self.fake("good@localhost")
        daemon.wait_for_log(self.line("i", IMPOSTOR))
        self.assertEqual(impostor.took, b"")

    def test_those_who_are_refused_are_tried_ever_less_often(self):
        self.serve()
        nodes = [self.fake(f"{name}@localhost", push=BAD[name][0])
                 for name in ("status", "closes", "wrong", "denies")]
        wait_until(lambda: all(node.pushes() for node in nodes), "each is tried")
        self.wait_for_rounds(15)
        self.assertEqual([node.pushes() for node in nodes], [1] * len(nodes))

    def test_answers_that_are_none_do_no_harm(self):
        daemon = self.serve()
        terms = {"a": (Atom("badrpc"), Atom("nodedown")), "b": [1, 2], "c": b"x" * 500_000,
                 "d": [Atom("x" * 255)] * 1000}
        odd = [self.fake(f"{name}@localhost", push=answers(term)) for name, term in terms.items()]
        good = [self.fake(f"good{number}@localhost") for number in (1, 2)]
        self.assert_pushed(*good)
        for node in odd:
            wait_until(lambda: len(set(node.told())) == 5,  # pylint: disable=cell-var-from-loop
                       "it is told of all")
        self.wait_for_rounds(5)
        self.assertEqual(read_names(self.port), 6)
        self.assertNotIn("pushed: a@localhost", daemon.log())


def read_names(port):
    """How many names are registered."""
    daemon = daemons.Serve.__new__(daemons.Serve)
    daemon.port, daemon.address = port, "127.0.0.1"
    return len(daemon.names())


if __name__ == "__main__":
    unittest.main()
