"""Where the DNS, the EPMDs or the names of nodes are odd: who is a member, as real nodes see it,
and what discovery says of the others. In worlds of loopback addresses and of several hosts."""

import contextlib
import json
import unittest

import daemons
import network
import nodes
from discovery_world import Server, WorldTest, hold
from hosts import NAMESERVER, NAMESERVER_LINK_LOCAL, HostsTest
from programs import run

TLS_ALERT = b"\x15\x03\x03\0\2\2\x0a"
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\n\r\n"
IPV6 = ("-proto_dist", "inet6_tcp")
PUSH = ("--push", "connect", "--interval", "200ms")


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


def says(answer):
    def play(connection):
        connection.recv(1000)
        connection.sendall(answer)
        hold(connection)
    return play


class VerdictsTest(WorldTest):
    def discover(self, *words):
        return run("discover", *words, "--nameservers", self.dns.address)

    def web(self):
        return f"web:{self.cluster.epmd_port}"

    def diagnosis(self, query):
        """What the doctor finds of a query."""
        told = json.loads(run("doctor", "--discover", query, "--nameservers", self.dns.address,
                              "--json").stdout)
        (step,) = [step for step in told["steps"] if step["step"] == "discover"]
        self.assertEqual(step["result"], "failed")
        return step["found"]


class Names(VerdictsTest):
    def test_a_host_part_of_digits_is_a_number_and_no_member(self):
        numbers = {"2": "0.0.0.2", "104857600123": "no address"}
        self.assertEqual(nodes.evaluate('inet:getaddr("2", inet)'), "{ok,{0,0,0,2}}")
        self.add("good@h1", *(f"app@{host}" for host in numbers))
        done = self.discover(self.web())
        self.assertEqual(done.stdout, "good@h1\n")
        for host, number in numbers.items():
            self.assertIn(f"its host part '{host}' is a number to Erlang, which takes it for "
                          f"{number} and never asks the DNS", done.stderr)

    def test_an_address_as_host_part_is_a_member(self):
        self.add("app@127.0.1.1")
        self.assertEqual(self.discover(self.web()).stdout, "app@127.0.1.1\n")

    def test_the_helpers_of_a_release_are_no_members_where_their_names_are_guessed(self):
        def list_all(connection):
            connection.sendall(self.cluster.listing("app", "rpc-1a2b-app", "rem-1a2b-app",
                                                    "app_maint_77"))
        self.add("app@h1", epmd=list_all, node=says(TLS_ALERT))
        self.dns.set_reverse("127.0.1.1", "h1.net_poc")
        self.assertEqual(self.discover(self.web()).stdout, "app@h1\n")
        everybody = self.discover(self.web(), "--ignore", "nobody").stdout.split()
        self.assertEqual(len(everybody), 4, "the names are not guessed")


class Services(VerdictsTest):
    """SRV records with the port of another service than EPMD."""

    def setUp(self):
        super().setUp()
        self.add("app@h1")
        self.port = network.free_port()
        self.dns.set_service("_db._tcp.web", ("h1", self.port))
        self.place = f"127.0.1.1:{self.port}"

    def assert_told(self, said):
        done = self.discover("srv:_db._tcp.web")
        self.assertEqual((done.stdout, done.returncode), ("", 1))
        self.assertIn(said, done.stderr)
        self.assertIn("from an SRV record, of another service?", done.stderr)
        self.assertIn(f"0 of 1 EPMDs answer, and none at {self.place}",
                      self.diagnosis("srv:_db._tcp.web"))

    def test_nobody_listens_there(self):
        self.assert_told(f"no EPMD listens at {self.place}")

    def test_a_web_server_is_there(self):
        for handle, said in ((says(BAD_REQUEST), f"what listens at {self.place} is no EPMD"),
                             (hold, f"nothing answers at {self.place}")):
            with self.subTest(said), contextlib.closing(
                    Server(("127.0.1.1", self.port), handle)):
                self.assert_told(said)


class Nameservers(VerdictsTest):
    def test_what_a_nameserver_answers_is_named(self):
        self.add("app@h1")
        for mode, said in (("servfail", "it answers SERVFAIL"), ("refused", "it answers REFUSED"),
                           ("truncate without tcp", "its answer is too long for UDP")):
            with self.subTest(mode):
                self.dns.mode = mode
                done = self.discover(self.web())
                self.assertEqual((done.stdout, done.returncode), ("", 1))
                self.assertIn(f"cannot resolve {self.web()}: ", done.stderr)
                self.assertIn(said, done.stderr)
                self.assertIn(said, self.diagnosis(self.web()))

    def test_one_that_knows_no_edns_is_asked_without(self):
        self.add("app@h1")
        self.dns.mode = "no edns"
        found = [self.discover(self.web()) for _ in range(10)]
        self.assertEqual([(done.stdout, done.stderr) for done in found], [("app@h1\n", "")] * 10)


class Hosts(HostsTest):
    """Between hosts, where nodes look up names by themselves."""

    def test_a_long_name_and_a_name_with_an_ipv6_address_connect(self):
        here, there = self.host("n1", "fd77::1", "10.77.0.1"), self.host("n2", "fd77::2")
        self.dns.set("n1.example.org", "fd77::1")
        self.dns.set("web", "fd77::2")
        self.start(there, "app@fd77::2", *IPV6)
        daemon = self.start(here, "a@n1.example.org", *IPV6, serve=(*PUSH, "--discover", "web"))
        daemon.wait_for("joined app@fd77::2")
        daemon.wait_for_log("pushed: a@n1.example.org is connected to app@fd77::2", patience=30)
        self.assertEqual(here.portolan("discover", "web").stdout, "app@fd77::2\n")
        self.assertTrue(here.connects("t@n1.example.org", "app@fd77::2", *IPV6))
        self.assertEqual({step["result"] for step in here.doctor("app@fd77::2").values()}, {"ok"})

    def test_nodes_whose_epmd_has_another_port_are_told_of_with_both_ports(self):
        here, there = self.host("n1", "10.77.0.1"), self.host("n2", "10.77.0.2")
        self.dns.set("n1", "10.77.0.1")
        for name in ("n2", "web"):
            self.dns.set(name, "10.77.0.2")
        self.start(there, "b@n2", serve=("--port", "4370"), further={"ERL_EPMD_PORT": "4370"})
        daemon = self.start(here, "a@n1", serve=(*PUSH, "--discover", "web:4370"))
        daemon.wait_for_log("b@n2 has an EPMD at port 4370, and a@n1 asks port 4369 on every host",
                            patience=30)

    def test_who_is_elsewhere_for_the_hosts_file_is_no_member(self):
        here, there = self.host("n1", "10.77.0.1"), self.host("n2", "10.77.0.2")
        for name in ("n2", "web"):
            self.dns.set(name, "10.77.0.2")
        self.start(there, "b@n2")
        self.assertEqual(here.portolan("discover", "web").stdout, "b@n2\n")
        here.write_hosts("10.77.0.1 n1", f"{NAMESERVER} n2")
        self.enterContext(here.serve())
        self.assertFalse(here.connects("t@n1", "b@n2"))
        done = here.portolan("discover", "web")
        self.assertEqual(done.stdout, "")
        self.assertIn("its host part 'n2' resolves here, but not to 10.77.0.2", done.stderr)

    def test_a_nameserver_at_a_link_local_address_is_asked(self):
        here, there = self.host("n1", "10.77.0.1", "fe80::1"), self.host("n2", "10.77.0.2")
        dns = self.nameserver(f"{NAMESERVER_LINK_LOCAL}%bridge")
        for name in ("n2", "web"):
            dns.set(name, "10.77.0.2")
        here.write_resolv(f"nameserver {NAMESERVER_LINK_LOCAL}%eth0")
        there.write_hosts("10.77.0.2 n2")
        self.start(there, "b@n2")
        self.assertIn("10.77.0.2", here.call("getent", "ahosts", "web"))
        done = here.portolan("discover", "web")
        self.assertEqual((done.stdout, done.stderr), ("b@n2\n", ""))
        self.assertEqual(self.dns.asked, [])


if __name__ == "__main__":
    unittest.main()
