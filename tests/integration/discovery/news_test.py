"""A node that comes or goes is told to the other hosts at once, between rounds that are seconds apart."""

import time
import unittest

import daemons
import needs
import network
from hosts import HostsTest


def setUpModule():
    network.enter_private_network()
    for name in ("erl", "nsenter"):
        needs.program(name)
    daemons.portolan()


class News(HostsTest):
    def setUp(self):
        super().setUp()
        self.dns.set("web", "10.77.0.1", "10.77.0.2")
        self.hosts = [self.host(f"h{at}", f"10.77.0.{at}") for at in (1, 2)]
        # After the first fast rounds the next one would come by itself in a minute.
        self.daemons = [self.enterContext(host.serve("--discover", "web", "--interval", "60s",
                                                     "--log-level", "trace"))
                        for host in self.hosts]

    def wait_for_quiet(self, daemon, rounds=8):
        """After 100, 200, … 6400 ms the waits are longer than what is measured."""
        daemon.wait_for_log("a round in ", rounds, patience=60)

    def test_a_node_that_registers_and_one_that_ends_are_told_within_a_second(self):
        self.wait_for_quiet(self.daemons[0])
        with self.hosts[1].node("n2@10.77.0.2"):
            self.daemons[1].wait_for_log("registered 'n2'", patience=30)
            registered = time.monotonic()
            self.daemons[0].wait_for("joined n2@10.77.0.2 ")
            self.assertLess(time.monotonic() - registered, 1.5)
        ended = time.monotonic()
        self.daemons[0].wait_for("left n2@10.77.0.2 ")
        self.assertLess(time.monotonic() - ended, 1.5)
        self.assertIn("a node has come or gone at its host", self.daemons[0].log())

    def test_what_it_asks_otherwise_says_nothing(self):
        self.wait_for_quiet(self.daemons[1], 5)
        self.assertNotIn("a node has come or gone at its host", self.daemons[0].log())


if __name__ == "__main__":
    unittest.main()
