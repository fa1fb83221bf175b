"""Resolvers that lead elsewhere: search domains and `ndots`, as a real resolv.conf has them, and
nameservers that answer a part only."""

import unittest

import daemons
import network
from discovery_world import WorldTest
from hosts import NAMESERVER, HostsTest
from programs import Program, run

# An address of the company that has a wildcard, and of the host that is meant.
COMPANY, MEANT = "10.77.0.80", "10.77.0.2"
PARTIAL = ("its answer is too long for UDP, and over TCP it gives none; only 2 of its records are "
           "known")


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class SearchLists(HostsTest):
    """A host in a company whose domain has an address for every name."""

    def setUp(self):
        super().setUp()
        self.here = self.host("h1", "10.77.0.1")
        self.dns.set("web", MEANT)
        self.dns.set("*.corp.test", COMPANY)
        self.add_address(COMPANY)

    def add_address(self, address):
        """At which nothing listens, and this is seen at once."""
        network.ip("address", "add", f"{address}/24", "dev", "bridge")

    def resolv(self, ndots):
        self.here.write_resolv(f"nameserver {NAMESERVER}", "search corp.test",
                               f"options ndots:{ndots}")

    def step(self, *words, name="search list"):
        return self.here.doctor(*words).get(name)

    def test_a_wildcard_that_comes_first_is_broken(self):
        self.add_address(MEANT)
        self.resolv(ndots=1)
        self.assertIn(COMPANY, self.here.call("getent", "ahosts", "web"))
        step = self.step("--discover", "web")
        self.assertEqual((step["result"], step["found"]), (
            "failed", f"web leads to web.corp.test ({COMPANY}), as its domain has an address for "
            f"every name, but web. to {MEANT}"))
        self.assertIn("write 'web.', with a dot at its end", step["remedy"])
        found = self.step("--discover", "web", name="discover")["found"]
        self.assertTrue(found.startswith(f"web is {COMPANY}: 0 of 1"), found)
        # As it is told to.
        found = self.step("--discover", "web.", name="discover")["found"]
        self.assertTrue(found.startswith(f"web. is {MEANT}: 0 of 1"), found)
        self.assertIsNone(self.step("--discover", "web."))

    def test_a_wildcard_that_waits_for_the_name_to_go_is_told_of(self):
        self.add_address(MEANT)
        self.resolv(ndots=0)
        step = self.step("--discover", "web")
        self.assertEqual(step["result"], "unknown")
        self.assertIn(f"web is {MEANT}, and web.corp.test is {COMPANY}", step["found"])
        del self.dns.records["web"]
        step = self.step("--discover", "web")
        self.assertEqual(step["result"], "failed")
        self.assertIn("web itself has no address", step["meaning"])

    def test_one_name_of_another_domain(self):
        del self.dns.records["*.corp.test"]
        self.dns.set("web.corp.test", COMPANY)
        self.resolv(ndots=1)
        found = self.step("--discover", "web")["found"]
        self.assertEqual(found, f"web leads to web.corp.test ({COMPANY}), but web. to {MEANT}")
        # As Kubernetes has it: there is no other.
        del self.dns.records["web"]
        step = self.step("--discover", "web")
        self.assertEqual((step["result"], step["found"]),
                         ("ok", f"web leads to web.corp.test ({COMPANY})"))

    def test_a_domain_that_has_no_such_name(self):
        self.add_address(MEANT)
        del self.dns.records["*.corp.test"]
        self.resolv(ndots=1)
        self.assertEqual(self.step("--discover", "web")["found"],
                         "no search domain has another address for web")

    def test_the_host_part_of_a_node(self):
        self.add_address(MEANT)
        self.resolv(ndots=1)
        steps = self.here.doctor("node@web")
        self.assertEqual([each for each in steps if steps[each]["result"] == "failed"],
                         ["search list"])
        self.assertIn("docker run --dns-search .", steps["search list"]["remedy"])
        self.here.write_hosts(f"{MEANT} web")
        self.assertIsNone(self.step("node@web"))

    def test_discovery_finds_the_node_by_the_name_with_a_dot_at_its_end(self):
        self.resolv(ndots=1)
        self.start(self.host("h2", MEANT), f"node@{MEANT}")
        self.assertEqual(self.here.portolan("discover", "web").stdout, "")
        self.assertEqual(self.here.portolan("discover", "web.").stdout, f"node@{MEANT}\n")


class Parts(WorldTest):
    """A nameserver that marks its answers as truncated, and that has no TCP."""

    def setUp(self):
        super().setUp()
        self.names = [f"n{at}@h{at}" for at in range(1, 5)]
        self.add(*self.names)
        self.dns.refuse_tcp()

    def addresses(self, *numbers):
        self.dns.set("web", *(f"127.0.1.{number}" for number in numbers))

    def options(self):
        return f"web:{self.cluster.epmd_port}", "--nameservers", self.dns.address

    def test_a_part_is_used_and_the_others_stay(self):
        query, *nameservers = self.options()
        daemon = self.enterContext(Program("serve", "--port", network.free_port(), "--discover",
                                           query, *nameservers, "--interval", "100ms"))
        daemon.wait_for("joined", len(self.names))
        self.dns.udp_records_max = 2
        daemon.wait_for_log(f"cannot resolve {query}: 127.0.0.53 port {self.dns.port}: {PARTIAL}; "
                            "the members behind it stay as they are until the DNS answers")
        self.add("n5@h5")
        self.addresses(5, 1, 2, 3)
        daemon.wait_for("joined n5@h5")
        self.wait_for_rounds(8)
        self.assertNotIn("left", daemon.said())
        # A whole answer counts.
        self.dns.udp_records_max = None
        daemon.wait_for("left n4@h4")
        self.assertEqual(daemon.said().count("left"), 1)

    def test_the_commands_say_that_it_is_a_part(self):
        self.dns.udp_records_max = 2
        query, *nameservers = self.options()
        done = run("discover", query, *nameservers)
        self.assertEqual(done.stdout.split(), self.names[:2])
        self.assertIn(f"cannot resolve {query}: ", done.stderr)
        self.assertIn(PARTIAL, done.stderr)
        told = run("doctor", "--discover", query, *nameservers).stdout
        self.assertIn("2 of 2 EPMDs answer; there may be more: ", told)
        self.assertIn(PARTIAL, told)


if __name__ == "__main__":
    unittest.main()
