"""Answers of the DNS that cannot be read, and aliases that lead in a circle: nobody leaves for them,
and the log says what is wrong. In a world of loopback addresses, played by Python."""

import socket
import unittest

import daemons
import network
from discovery_world import A, SRV, WorldTest, encode_name, encode_record
from programs import Program

CNAME = 5
CIRCLE = "its CNAME records lead in a circle"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


def alias(target, owner="web"):
    return encode_record(CNAME, encode_name(target), encode_name(owner))


# What is wrong with an answer to any question: how many records it announces, and bytes.
BODIES = {
    "a count that lies": (lambda _: (2, b""), "a name in it cannot be read"),
    "more than announced": (lambda kind: (0, encode_record(kind, b"1234")),
                            "there is more than it announces"),
    "a record cut off": (lambda kind: (1, encode_record(kind, b"1234")[:-3]), "it is cut off"),
    "a header of a record cut off": (lambda kind: (1, encode_record(kind, b"")[:7]),
                                     "it is cut off"),
    "pointers in a circle": (lambda kind: (1, encode_record(kind, b"1234", b"\xc0\x15")),
                             "a name in it cannot be read"),
    "an address of three bytes": (lambda kind: (1, encode_record(kind, b"123")), "3 bytes"),
    "an alias of itself": (lambda _: (1, alias("web")), CIRCLE),
    "aliases in a circle": (lambda _: (2, alias("b") + alias("WEB", "b")), CIRCLE),
    "an alias that cannot be read": (lambda _: (1, encode_record(CNAME, b"\xc0\xff")),
                                     "the target of a CNAME record cannot be read"),
}


class MalformedAnswers(WorldTest):
    def watch(self, query="web"):
        words = ["--port", self.cluster.epmd_port] if ":" not in query else []
        program = Program("discover", query, "--watch", "--nameservers", self.dns.address,
                          "--interval", "100ms", "--log-level", "info", *words)
        self.enterContext(program)
        return program

    def test_nobody_leaves_for_an_answer_that_cannot_be_read(self):
        self.add("a@h1", "b@h2")
        watch = self.watch()
        watch.wait_for("joined b@h2")
        for number, (what, (body, why)) in enumerate(BODIES.items(), 1):
            with self.subTest(what):
                self.dns.bodies["web"] = body
                watch.wait_for_log("cannot resolve web: 127.0.0.53", number)
                self.wait_for_rounds(5)
                line = watch.log().splitlines()[-1]
                self.assertIn("its answer cannot be relied on: ", line)
                self.assertIn(why, line)
                self.dns.bodies.clear()
                watch.wait_for_log("web resolves again", number)
        self.assertEqual(watch.said().count("\n"), 2, watch.said())

    def test_nobody_leaves_for_a_service_that_cannot_be_read(self):
        self.cluster.add("127.0.1.1", "a@h1")
        self.dns.set_service("svc", ("h1", self.cluster.epmd_port))
        watch = self.watch("srv:svc")
        watch.wait_for("joined a@h1")
        for number, record in enumerate((b"", b"123456", b"123456\xc0\xff"), 1):
            self.dns.bodies["svc"] = lambda kind, data=record: (1, encode_record(kind, data))
            watch.wait_for_log("cannot resolve srv:svc", number)
            asked = self.dns.asked.count(("svc", SRV))
            daemons.wait_until(lambda: self.dns.asked.count(("svc", SRV)) > asked + 5, "5 rounds")
            self.assertIn("an SRV record cannot be read", watch.log().splitlines()[-1])
            self.dns.bodies.clear()
            watch.wait_for_log("srv:svc resolves again", number)
        self.assertEqual(watch.said().count("\n"), 1, watch.said())

    def test_a_record_that_cannot_be_read_spoils_no_other(self):
        self.add("a@h1", "b@h2")
        watch = self.watch()
        watch.wait_for("joined b@h2")
        self.cluster.add("127.0.1.3", "c@h3")
        good = encode_record(A, socket.inet_aton("127.0.1.3"))
        self.dns.bodies["web"] = lambda kind: (
            (2, encode_record(A, b"123") + good) if kind == A else (0, b""))
        watch.wait_for("joined c@h3")
        self.wait_for_rounds(5)
        self.assertEqual(watch.said().count("\n"), 3, watch.said())
        self.assertIn("an A record in it has 3 bytes", watch.log())

    def test_an_alias_whose_target_has_no_address_is_empty(self):
        self.add("a@h1")
        watch = self.watch()
        watch.wait_for("joined a@h1")
        self.dns.bodies["web"] = lambda _: (1, alias("nobody"))
        watch.wait_for("left a@h1")
        self.assertNotIn("cannot resolve", watch.log())


if __name__ == "__main__":
    unittest.main()
