"""`portolan doctor` on a host that a query does not lead to."""

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


class Absence(HostsTest):
    """Two hosts with a daemon and a real node each."""

    ADDRESSES = ("10.77.0.1", "10.77.0.2")

    def setUp(self):
        super().setUp()
        self.hosts = [self.host(f"h{at}", address) for at, address in enumerate(self.ADDRESSES, 1)]
        for at, host in enumerate(self.hosts, 1):
            self.start(host, f"n{at}@{self.ADDRESSES[at - 1]}")

    def discover(self, host):
        return host.doctor("--discover", "web")["discover"]

    def test_a_host_without_the_alias_is_told_that_others_do_not_find_its_nodes(self):
        self.dns.set("web", self.ADDRESSES[0])
        with_alias, without = map(self.discover, self.hosts)
        self.assertEqual(with_alias["result"], "ok", with_alias)
        self.assertEqual(without["result"], "unknown", without)
        self.assertIn("this host (10.77.0.2) is not among them", without["found"])

    def test_with_the_alias_on_both_all_is_well(self):
        self.dns.set("web", *self.ADDRESSES)
        for step in map(self.discover, self.hosts):
            self.assertEqual(step["result"], "ok", step)


if __name__ == "__main__":
    unittest.main()
