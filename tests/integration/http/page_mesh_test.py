"""What the status page shows of who is connected to whom, in a real browser."""

import os
import pathlib
import unittest

import daemons
import needs
import network
from browser import Browser
from daemons import wait_until
from hosts import HostsTest
from nodes import COOKIE
from page_world import MEETING, StatesTest

HOSTS = ("genoa", "venice", "palma", "messina", "lisbon")


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class MeshTest(StatesTest):
    interval = "100ms"

    def connect(self, count, is_connected, unknown=()):
        """So many nodes, each pair of which is connected as a function of their numbers says."""
        self.grow(count, words=("--mesh",))
        hosts = list(self.cluster.hosts.values())
        for i, host in enumerate(hosts):
            if i not in unknown:
                host.peers = {other.name for j, other in enumerate(hosts)
                              if i != j and is_connected(min(i, j), max(i, j))}

    def wait_for_mesh(self, **connections):
        def told():
            return self.json("/v1/mesh")["connections"]
        wait_until(lambda: connections.items() <= told().items(), f"it knows {connections}", 60)

    def links(self, kind):
        return self.count(f"#links > path.{kind}")


class Few(MeshTest):
    def test_all_connections_of_a_few_are_drawn(self):
        self.connect(5, lambda *_: True)
        self.wait_for_mesh(seen=10, expected=10)
        self.look_at("mesh-whole")
        self.assertEqual((self.links("seen"), self.count("#links > path")), (10, 10))
        self.assertEqual(self.count("#bands > path"), 0)
        self.assertIn("10 of 10 connections", self.browser.text("#summary"))
        self.assertIn("No problem is known", self.browser.text("#problems"))
        self.assertIn("5 nodes, all 10 connections", self.browser.text("#connections"))

    def test_a_split_is_told_first_and_its_groups_are_apart(self):
        self.connect(8, lambda one, other: (one < 5) == (other < 5))
        self.wait_for_mesh(seen=13, missing=15)
        self.look_at("mesh-split")
        self.assertEqual((self.links("seen"), self.links("missing")), (13, 15))
        self.assertEqual(self.count("#bands > path"), 2)
        self.assertIn("2 groups: the cluster is split", self.browser.text("#summary"))
        first = self.browser.text("#problems tbody tr")
        self.assertIn("split into 2 groups", first)
        self.assertIn("a group of 5: node@m1, node@m2, node@m3 and 2 more; a group of 3", first)
        self.assertEqual(self.dashes("path.link.seen"), "none")
        self.assertNotEqual(self.dashes("path.link.missing"), "none")

    def dashes(self, selector):
        """For those who cannot tell the colours apart."""
        return self.browser.evaluate(
            f"getComputedStyle(document.querySelector('{selector}')).strokeDasharray")

    def test_what_is_one_sided_or_not_known_is_told_with_the_reason(self):
        self.connect(4, lambda *pair: pair == (0, 1), unknown=(2, 3))
        self.cluster.hosts["127.1.0.2"].peers = set()
        self.wait_for_mesh(seen=1, missing=4, unknown=1, one_sided=1)
        self.look_at("mesh-unknown")
        self.assertEqual([self.links(kind) for kind in ("seen", "missing", "unknown")], [1, 4, 1])
        self.assertIn("says that it is connected to node@m2, which denies it",
                      self.browser.text("#connections"))
        self.assertIn("its connections are not known: its EPMD does not tell",
                      self.browser.text("#problems"))

    def test_one_node_has_none_to_be_connected_to(self):
        self.connect(1, lambda *_: True)
        wait_until(lambda: len(self.json("/v1/mesh")["nodes"]) == 1, "it is drawn")
        self.look_at("mesh-1")
        self.assertEqual(self.count("#links > path"), 0)
        self.assertNotIn("connections", self.browser.text("#summary"))
        self.assertIn("1 node, no connection expected", self.browser.text("#connections"))

    def test_it_is_seen_without_a_reload_when_a_connection_is_lost(self):
        self.connect(3, lambda *_: True)
        self.wait_for_mesh(seen=3)
        self.open()
        self.browser.evaluate("window.mark = 1")
        for host in self.cluster.hosts.values():
            host.peers -= {"node@m3"} if host.name != "node@m3" else {"node@m1", "node@m2"}
        self.browser.wait_for_text("#summary", "1 of 3 connections")
        self.assertEqual((self.links("seen"), self.links("missing")), (1, 2))
        self.assertEqual(self.browser.evaluate("window.mark"), 1)


class Many(MeshTest):
    def test_of_thirty_only_what_is_missing_is_drawn(self):
        self.connect(30, lambda one, other: other != 29 or one > 3)
        self.wait_for_mesh(seen=431, missing=4)
        self.look_at("mesh-30")
        self.assertEqual((self.links("missing"), self.count("#links > path")), (4, 4))
        self.assertIn("only missing connections are drawn", self.browser.text("figcaption"))
        self.assertIn("node@m30", self.browser.text("#connections td"))

    def test_thirty_that_are_split_are_two_bands(self):
        self.connect(30, lambda one, other: (one < 20) == (other < 20))
        self.wait_for_mesh(seen=235, missing=200)
        self.look_at("mesh-30-split")
        self.assertEqual((self.count("#bands > path"), self.count("#links > path")), (2, 0))

    def test_three_hundred_that_are_split_are_grouped_as_they_are_connected(self):
        self.connect(300, lambda one, other: (one < 250) == (other < 250))
        self.wait_for_mesh(seen=250 * 249 // 2 + 50 * 49 // 2, missing=250 * 50)
        self.look_at("mesh-300-split")
        self.assertEqual(self.count("#bands > path"), 2)
        self.assertLess(len(self.get("/")[2]), 500_000)
        self.assertIn("split into 2 groups", self.browser.text("#problems tbody tr"))


class Real(HostsTest):
    """Five hosts with a daemon and a real node each, and one whose name leads elsewhere."""

    def setUp(self):
        super().setUp()
        for name in ("erl", "erl_call", "nsenter"):
            needs.program(name)
        addresses = {name: f"10.77.0.{at}" for at, name in enumerate((*HOSTS, "cadiz"), 1)}
        for name, address in addresses.items():
            self.dns.set(name, address)
        self.dns.set("cadiz", "10.77.0.99")
        self.dns.set("web", *addresses.values())
        self.hosts = {name: self.host(name, address) for name, address in addresses.items()}
        self.browser = self.enterContext(Browser())
        self.browser.show(1200, 900)

    def start_all(self, *words):
        for name, host in self.hosts.items():
            host.write_hosts(*(["10.77.0.6 cadiz"] if name == "cadiz" else []))
            self.start(host, f"node@{name}",
                       serve=("--discover", "web", "--interval", "200ms", "--http", ":9370", *words))
        self.browser.open("http://10.77.0.1:9370")

    def ties(self, kind):
        return self.browser.evaluate(f"document.querySelectorAll('.way.{kind}').length")

    def test_the_nodes_of_this_host_are_connected_from_the_middle(self):
        self.start_all("--push", "connect")
        self.browser.wait_for_text("#summary", "10 of 10 connections")
        wait_until(lambda: self.ties("seen") == 4, "all ways are solid")
        self.browser.wait_for_text("#non-members", "node@cadiz")
        self.assertEqual(self.browser.evaluate(MEETING), [])
        self.shoot("page")  # that of the documents

    def test_a_split_from_this_host(self):
        self.start_all("--mesh")
        for one, other in (("genoa", "venice"), ("palma", "messina"), ("palma", "lisbon")):
            self.hosts[one].call("erl_call", "-c", COOKIE, "-n", f"node@{one}", "-a",
                                 f"net_adm ping ['node@{other}']")
        self.browser.wait_for_text("#summary", "4 of 10 connections")
        self.browser.wait_for_text("#problems", "split into 2 groups")
        wait_until(lambda: (self.ties("seen"), self.ties("missing")) == (1, 3), "the ways differ")
        self.shoot("page-split")

    def shoot(self, name):
        if folder := os.environ.get("PORTOLAN_SCREENSHOTS"):
            self.browser.prefer("light")
            self.browser.screenshot(pathlib.Path(folder, f"{name}.png"), most=950)


if __name__ == "__main__":
    unittest.main()
