"""`portolan doctor`: names and families that nodes never connect with, next to real nodes that show
it."""

import json
import socket
import unittest

import daemons
import network
import nodes
from doctor_world import DoctorTest
from hosts import HostsTest
from nodes import Node

IPV6 = ("-proto_dist", "inet6_tcp")
AT_LOOPBACK = ("-kernel", "inet_dist_use_interface", "{127,0,0,1}")


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class NameNode(Node):
    """Started with -name, whatever its host part."""

    @staticmethod
    def erl(name, flags, program="erl"):
        return ["-name" if word == "-sname" else word for word in Node.erl(name, flags, program)]


class Names(DoctorTest):
    def test_a_host_part_of_digits(self):
        self.assertEqual(nodes.evaluate('inet:getaddr("2", inet)'), "{ok,{0,0,0,2}}")
        for host, number in (("2", "0.0.0.2"), ("104857600123", "no address")):
            with self.subTest(host):
                self.dns.set(host, "127.0.1.1")
                self.assert_broken(f"app@{host}", step="host",
                                   found=f"'{host}' is a number to Erlang: {number}",
                                   remedy="a host name with a letter")


class Starts(DoctorTest):
    """What the command lines of the nodes here say."""

    def test_nodes_that_connect_to_no_peers_of_their_peers(self):
        self.node("plain@localhost")
        self.assertNotIn("connect all", self.steps("plain@localhost"))
        self.node("a@localhost", "-connect_all", "false")
        self.node("b@localhost", "-kernel", "connect_all", "false")
        self.assert_unclear("plain@localhost", step="connect all", found="connect_all false")
        self.assert_unclear("a@localhost", step="connect all", found="connect_all false")
        told = self.steps("a@localhost")["connect all"]["found"].rpartition(": ")[2]
        self.assertEqual(set(told.split(", ")), {"a@localhost", "b@localhost"})


class Loopback(DoctorTest):
    """Of a host that has another address too."""

    def setUp(self):
        super().setUp()
        network.ip("address", "add", "10.1.2.3/24", "dev", "lo")
        self.addCleanup(network.ip, "address", "del", "10.1.2.3/24", "dev", "lo")

    def assert_told(self, step, said):
        """Unclear as long as no other host is looked for, and then wrong."""
        for words, result in (((), "unknown"), (("--discover", "node1"), "failed")):
            told = json.loads(self.run_doctor(*words, "--json").stdout)
            results = [each["result"] for each in told["steps"]
                       if each["step"] == step and said in each["found"]]
            self.assertEqual(results, [result], told)

    def test_names_that_are_each_host_itself(self):
        self.node("a@127.0.0.1")
        self.node("b@localhost")
        for host in ("127.0.0.1", "localhost"):
            self.assert_told("for others", f"'{host}' leads every host to itself")

    def test_a_node_that_listens_at_loopback_only(self):
        self.node("everywhere@node1")
        self.node("inside@node1", *AT_LOOPBACK)
        ports = dict(self.daemon.names())
        socket.create_connection(("10.1.2.3", ports[b"everywhere"])).close()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("10.1.2.3", ports[b"inside"]))
        self.assert_told("node", "it listens at loopback only")


class Between(HostsTest):
    """Two hosts, each with a node."""

    def hosts(self, *addresses_there):
        here = self.host("n1", "10.77.0.1", "fd77::1")
        there = self.host("n2", "10.77.0.2", "fd77::2")
        self.dns.set("n1", "10.77.0.1", "fd77::1")
        self.dns.set("n2", *addresses_there)
        return here, there

    def assert_broken(self, here, step, found):
        steps = here.doctor("b@n2")
        self.assertEqual([each for each in steps if steps[each]["result"] == "failed"], [step],
                         steps)
        self.assertEqual(steps[step]["found"], found)

    def test_host_parts_without_a_dot_after_name(self):
        here, there = self.hosts("10.77.0.2")
        self.start(here, "a@n1", kind=NameNode)
        self.start(there, "b@n2", kind=NameNode)
        self.assertFalse(here.connects("t@n1", "b@n2", kind=NameNode))
        self.assert_broken(here, "long, short", "its host part 'n2' has no dot, and a@n1 here was "
                           "started with -name")

    def assert_of_another_family(self, here_flags, there_flags, address, found):
        here, there = self.hosts(address)
        self.start(here, "a@n1", *here_flags)
        self.start(there, "b@n2", *there_flags)
        self.assertFalse(here.connects("t@n1", "b@n2", *here_flags))
        self.assert_broken(here, "family", found)

    def test_a_host_with_ipv6_only_for_nodes_of_ipv4(self):
        self.assert_of_another_family(
            (), IPV6, "fd77::2",
            "n2 has IPv6 addresses only, and a@n1 here connects to IPv4 only")

    def test_a_host_with_ipv4_only_for_nodes_of_ipv6(self):
        self.assert_of_another_family(
            IPV6, (), "10.77.0.2",
            "n2 has IPv4 addresses only, and a@n1 here connects to IPv6 only")


if __name__ == "__main__":
    unittest.main()
