"""Real nodes of OTP 23, 25, 27 and 29 with our EPMD: they register, find each other and connect.

Then the push connects those that go together.
"""

import contextlib
import json
import unittest

import daemons
import needs
import network
import releases
from daemons import Ours, wait_until
from hosts import HostsTest

OTPS = (23, 25, 27, 29)
# OTP 26 and later insist on what OTP 23 and earlier lack.
STRANGERS = ({23, 27}, {23, 29})
made = {}


def setUpModule():
    releases.fetch(*OTPS)
    network.enter_private_network()
    for name in ("erl_call", "nsenter"):
        needs.program(name)
    daemons.portolan()
    for otp in OTPS:
        made[otp] = unittest.enterModuleContext(releases.Release(otp))


def hidden(otp):
    """A node that does not connect the others, and cuts off nobody whom they cannot reach."""
    return made[otp].node(f"n{otp}@127.0.0.1", "-hidden")


class OneHost(unittest.TestCase):
    def setUp(self):
        self.ended = self.enterContext(contextlib.ExitStack())
        self.daemon = self.ended.enter_context(Ours(port=4369))
        self.nodes = {otp: self.enterContext(hidden(otp)) for otp in OTPS}
        for node in self.nodes.values():
            node.wait_until_registered(self.daemon)

    def test_each_lists_all(self):
        listed = self.daemon.names()
        self.assertEqual(sorted(name for name, _ in listed), [b"n23", b"n25", b"n27", b"n29"])
        for otp, node in self.nodes.items():
            told = node.call("net_adm names []")
            for name, port in listed:
                with self.subTest(otp, name=name):
                    self.assertIn(f'{{"{name.decode()}", {port}}}', told)

    def test_who_connects_to_whom(self):
        for otp, node in self.nodes.items():
            for other in set(OTPS) - {otp}:
                with self.subTest(f"{otp} to {other}"):
                    wanted = "pang" if {otp, other} in STRANGERS else "pong"
                    self.assertEqual(node.ping(self.nodes[other]), wanted)
        for otp in (27, 29):
            # They found each other, and refused.
            wait_until(lambda: self.nodes[otp].output().count("since it cannot handle") == 2,
                       f"{otp} tells of both attempts")  # pylint: disable=cell-var-from-loop

    def test_all_but_23_register_again_when_the_daemon_has_ended(self):
        self.ended.close()
        with Ours(port=4369) as daemon:
            for otp in (25, 27, 29):
                self.nodes[otp].wait_until_registered(daemon)
            self.assertNotIn(b"n23", dict(daemon.names()))


class Push(HostsTest):
    """Each node on a host of its own, with a daemon that pushes."""

    OPTIONS = ("--discover", "web", "--interval", "200ms", "--push", "connect")

    def place(self, otp, at):
        address = f"10.77.0.{at}"
        host = self.host(f"h{at}", address)
        self.enterContext(host.serve(*self.OPTIONS))
        node = self.enterContext(made[otp].node(f"n{otp}@{address}", prefix=host.prefix))
        return host, node

    def become_one_cluster(self, *otps):
        self.dns.set("web", *(f"10.77.0.{at}" for at, _ in enumerate(otps, 1)))
        placed = [self.place(otp, at) for at, otp in enumerate(otps, 1)]
        for host, _ in placed:
            wait_until(lambda: self.is_full(host, len(otps)),  # pylint: disable=cell-var-from-loop
                       f"the mesh of {otps} is full", 30)
        self.assertEqual([node.output() for _, node in placed], [""] * len(otps))

    @staticmethod
    def is_full(host, count):
        """As `portolan mesh` says there."""
        told = json.loads(host.portolan("mesh", "web", "--json").stdout.splitlines()[0])
        connections = count * (count - 1) // 2
        return len(told["nodes"]) == count and told["connections"] == {
            "expected": connections, "seen": connections, "missing": 0, "unknown": 0,
            "one_sided": 0}

    def test_25_27_and_29(self):
        self.become_one_cluster(25, 27, 29)

    def test_two_of_23(self):
        self.become_one_cluster(23, 23)

    def test_two_of_29(self):
        self.become_one_cluster(29, 29)


if __name__ == "__main__":
    unittest.main()
