"""Hosts that have IPv6 addresses alone, and a DNS with AAAA records alone: nodes are found, connected
and seen. And nodes over different families of addresses, which are told of."""

import json
import unittest

import daemons
import needs
import network
from daemons import wait_until
from hosts import HostsTest

NAMESERVER = "fd77::53"
OVER_IPV6 = ("-proto_dist", "inet6_tcp")
PUSH = ("--push", "connect", "--discover", "web", "--interval", "200ms")
ADDRESSES = ("fd77::1", "fd77::2", "fd77::3")


def setUpModule():
    network.enter_private_network()
    for name in ("erl", "nsenter"):
        needs.program(name)
    daemons.portolan()


class Ipv6Test(HostsTest):
    def setUp(self):
        super().setUp()
        network.ip("address", "add", f"{NAMESERVER}/64", "dev", "bridge", "nodad")
        self.dns = self.nameserver(NAMESERVER)

    def host_with(self, name, *addresses):
        """The DNS knows it by its addresses."""
        host = self.host(name, *addresses)
        host.write_resolv(f"nameserver {NAMESERVER}")
        self.dns.set(name, *addresses)
        return host


class Alone(Ipv6Test):
    def setUp(self):
        super().setUp()
        self.hosts = [self.host_with(f"h{at}", address) for at, address in enumerate(ADDRESSES, 1)]
        self.dns.set("web", *ADDRESSES)

    def check(self, *names):
        """Nodes by these names become a cluster, and all that looks at them sees it."""
        running = [self.start(host, name, *OVER_IPV6, serve=PUSH)
                   for host, name in zip(self.hosts, names)]
        mesh = lambda: self.hosts[0].portolan("mesh", "web").stdout
        wait_until(lambda: mesh() == "3 nodes, all 3 connections\n", "the mesh is whole", 30)
        for daemon, name in zip(running, names):
            others = [other for other in names if other != name]
            for other in others:
                daemon.wait_for(f"joined {other} [fd77::", patience=30)
            for line in daemon.log().splitlines():
                self.assertNotRegex(line, "^[^ ]+ (warning|error) ")
        found = self.hosts[0].portolan("discover", "web")
        self.assertEqual((found.stdout.split(), found.stderr), (sorted(names), ""))
        steps = self.hosts[0].doctor(names[1])
        self.assertEqual({step["result"] for step in steps.values()}, {"ok"}, steps)
        self.assertEqual(steps["family"]["found"].partition(" has ")[2].partition(",")[0],
                         "IPv6 addresses")
        here = self.hosts[0].portolan("doctor", "--discover", "web")
        self.assertEqual(here.returncode, 0, here.stdout)

    def test_by_host_name(self):
        self.check("n1@h1", "n2@h2", "n3@h3")

    def test_by_address(self):
        self.check(*(f"app@{address}" for address in ADDRESSES))

    def test_nodes_without_an_epmd(self):
        found = [self.enterContext(host.node(f"n@h{at}", *OVER_IPV6, "-erl_epmd_port", "9100"))
                 for at, host in enumerate(self.hosts, 1)]
        wait_until(lambda: len(self.hosts[0].portolan("discover", "dist:web:9100").stdout.split())
                   == len(found), "they are found", 30)


class Different(Ipv6Test):
    """A node over each family, on hosts that have both."""

    def setUp(self):
        super().setUp()
        self.here = self.host_with("h1", "10.77.0.1", "fd77::1")
        self.there = self.host_with("h2", "10.77.0.2", "fd77::2")
        self.dns.set("web", "10.77.0.1", "fd77::1", "10.77.0.2", "fd77::2")

    def test_the_one_over_ipv4_connects(self):
        four = self.start(self.here, "four@h1", serve=PUSH)
        six = self.start(self.there, "six@h2", *OVER_IPV6, serve=PUSH)
        four.wait_for_log("pushed: four@h1 is connected to six@h2", patience=30)
        six.wait_for("joined four@h1", patience=30)
        self.assertNotIn("cannot connect", six.log())

    def test_one_that_listens_over_ipv6_alone_is_found_at_once(self):
        self.start(self.there, "six@h2", *OVER_IPV6, "-kernel", "inet_dist_use_interface",
                   "{64887,0,0,0,0,0,0,2}")
        self.dns.set("web", "10.77.0.2", "fd77::2")
        done = self.here.portolan("discover", "web", "--json")
        self.assertEqual((json.loads(done.stdout)["address"], done.stderr), ("fd77::2", ""))

    def test_one_over_ipv6_whose_peer_does_not_connect_is_told_of_and_does_not_try(self):
        four = self.start(self.here, "four@h1", serve=("--log-level", "debug"))
        six = self.start(self.there, "six@h2", *OVER_IPV6, serve=PUSH)
        six.wait_for_log("six@h2 connects over IPv6 only, and four@h1 was found over IPv4 only; "
                         "start both with -proto_dist inet6_tcp, or neither", patience=30)
        # A node that tries asks the other host's EPMD, and that would be seen.
        self.assertNotIn("looked up 'four' (from [fd77::2]", four.log())
        self.assertFalse(self.there.connects("t@h2", "four@h1", *OVER_IPV6))
        self.assertIn("looked up 'four' (from [fd77::2]", four.log())
        step = self.there.doctor("four@h1")["family"]
        self.assertEqual((step["result"], step["found"]), (
            "failed", "four@h1 listens at IPv4 addresses only, and six@h2 here connects to IPv6 "
            "only"))


if __name__ == "__main__":
    unittest.main()
