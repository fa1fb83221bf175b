"""`portolan mesh`: who is connected to whom, as the nodes themselves say."""

import json
import re
import socket
import subprocess
import time
import unittest

import daemons
import needs
import network
import packets
from daemons import wait_until
from hosts import HostsTest
from nodes import COOKIE, Node

MESH_REQ = b"\x00\x01M"
# Registers what it is given, and stays until its standard input ends.
REGISTER = ("import socket,sys; s=socket.create_connection(('127.0.0.1',4369),10);"
            "s.sendall(bytes.fromhex(sys.argv[1])); s.recv(4); sys.stdin.read()")
# Reads until it is ended.
HTTP_READ = "import sys,urllib.request; [0 for _ in urllib.request.urlopen(sys.argv[1])]"
# As often as it can, for some seconds.
HTTP_GET_AGAIN = ("import sys,time,urllib.request\nend = time.monotonic() + 5\n"
                  "while time.monotonic() < end: urllib.request.urlopen(sys.argv[1]).read()")
HTTP_GET = "import sys,urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"


def setUpModule():
    network.enter_private_network()
    for name in ("erl", "erl_call", "nsenter"):
        needs.program(name)
    daemons.portolan()


class Foreign(Node):
    """A node with another cookie."""

    @staticmethod
    def erl(name, flags, program="erl"):
        return [word if word != COOKIE else "another-one"
                for word in Node.erl(name, flags, program)]


class Mesh(HostsTest):
    """Three hosts with a daemon and a real node each."""

    OPTIONS = ("--discover", "web", "--interval", "200ms")

    def setUp(self):
        super().setUp()
        self.dns.set("web", *(f"10.77.0.{at}" for at in (1, 2, 3)))
        self.hosts = [self.host(f"h{at}", f"10.77.0.{at}") for at in (1, 2, 3)]
        self.names = [f"n{at}@10.77.0.{at}" for at in (1, 2, 3)]

    def start_all(self, *options):
        return [self.start(host, name, serve=(*self.OPTIONS, *options))
                for host, name in zip(self.hosts, self.names)]

    def mesh(self, *words, at=0):
        return self.hosts[at].portolan("mesh", "web", *words)

    def wait_for_mesh(self, text, status, at=0):
        wait_until(lambda: (done := self.mesh(at=at)).stdout.startswith(text) and
                   done.returncode == status, f"the mesh is {text!r}", 30)
        return self.mesh(at=at)

    def call(self, at, function):
        return self.hosts[at].call("erl_call", "-c", COOKIE, "-n", self.names[at], "-a", function)

    def test_groups_and_missing_connections_and_then_all(self):
        self.start_all("--mesh")
        wait_until(lambda: "unknown: " not in self.mesh().stdout, "all have been asked", 30)
        done = self.wait_for_mesh("3 nodes, 0 of 3 connections; 3 missing\n", 1)
        self.assertIn("split into 3 groups:\n", done.stdout)
        self.assertEqual(done.stderr, "")
        self.call(0, f"net_adm ping ['{self.names[1]}']")
        first, second, third = self.names
        self.wait_for_mesh(
            "3 nodes, 1 of 3 connections; 2 missing\n"
            f"split into 2 groups:\ngroup of 2: {first}, {second}\nalone: {third}\n"
            f"missing: {third} is not connected to {first}, {second}\n"
            f"look first: where {first} runs, `portolan doctor {third}`\n", 1, at=2)
        self.call(2, f"net_adm ping ['{self.names[1]}']")
        done = self.wait_for_mesh("3 nodes, all 3 connections\n", 0)
        self.assertEqual(done.stdout.count("\n"), 1)
        told = json.loads(self.mesh("--json").stdout)
        self.assertEqual(told["connections"],
                         {"expected": 3, "seen": 3, "missing": 0, "unknown": 0, "one_sided": 0})
        self.assertEqual(told["groups"], [self.names])
        self.assertIn(f" ++  {first}\n", self.mesh("--all").stdout)

    def test_with_the_push_the_daemons_know_it_without_asking_anew(self):
        self.start_all("--push", "connect")
        self.wait_for_mesh("3 nodes, all 3 connections\n", 0)

    def test_each_daemon_knows_the_mesh_of_all(self):
        self.start_all("--mesh", "--http", ":9370")
        self.wait_for_http({"expected": 3, "seen": 0, "missing": 3, "unknown": 0, "one_sided": 0})
        self.call(0, f"net_adm ping ['{self.names[1]}']")
        told = self.wait_for_http(
            {"expected": 3, "seen": 1, "missing": 2, "unknown": 0, "one_sided": 0})
        self.assertEqual(told["groups"], [self.names[:2], self.names[2:]])
        self.assertEqual(told["nodes"][2], {"node": self.names[2], "expected": 2, "seen": 0})
        local, = told["local"]
        self.assertEqual((local["node"], local["peers"]), (self.names[2], []))

    def test_a_daemon_asks_others_each_second_while_somebody_reads_its_events(self):
        """As a page does that is open."""
        self.start_with_rounds_far_apart()
        before = self.times_asked()
        reader = subprocess.Popen([*self.hosts[2].prefix, needs.program("python3"), "-c", HTTP_READ,
                                   "http://10.77.0.3:9370/v1/events"])
        self.addCleanup(reader.wait)
        self.addCleanup(reader.kill)
        # The rounds, ever farther apart, come to six at most.
        wait_until(lambda: self.times_asked() >= before + 9, "it asks", 20)
        reader.kill()
        wait_until(self.is_left_alone, "it stops asking", 30)

    def test_who_looks_without_end_causes_a_question_each_second(self):
        self.start_with_rounds_far_apart()
        before, begun = self.times_asked(), time.monotonic()
        self.hosts[2].call("python3", "-c", HTTP_GET_AGAIN, "http://10.77.0.3:9370/v1/mesh")
        asked = self.times_asked() - before
        self.assertGreater(asked, 1)
        self.assertLess(asked, 8 + time.monotonic() - begun)  # some are of the rounds

    def start_with_rounds_far_apart(self):
        """The first daemon asks nobody."""
        for host, name, mesh in zip(self.hosts, self.names, ([], ["--mesh"], ["--mesh"])):
            self.start(host, name, serve=("--discover", "web", "--interval", "1h", "--http", ":9370",
                                          *mesh))
        wait_until(lambda: self.times_asked() > 0, "it is asked in the first rounds", 30)
        wait_until(self.is_left_alone, "the first rounds are over", 30)

    def times_asked(self):
        """How often the first daemon, which does not know, was asked whom its nodes have."""
        metrics = self.hosts[0].call("python3", "-c", HTTP_GET, "http://10.77.0.1:9370/metrics")
        return int(re.search(r'^portolan_requests_total{kind="any",outcome="opcode_unknown"} (\d+)$',
                             metrics, re.MULTILINE)[1])

    def is_left_alone(self):
        before = self.times_asked()
        time.sleep(2)
        return self.times_asked() == before

    def test_ready_means_joined(self):
        """Of the third, whose node is connected to nobody, then to one, then to all."""
        self.start_all("--ready-min", "2", "--http", ":9370")
        third = self.names[2]
        self.wait_for_readiness(f"not ready: {third} is connected to 0 of the 2 members that are "
                                "there")
        check = self.hosts[2].portolan("check", "n3", "--min", "1")
        self.assertEqual(check.returncode, 1)
        self.assertIn(f"{third} is connected to 0 of the 2 members that are there", check.stderr)
        waited = self.hosts[2].portolan("wait", "web", "--min", "3", "--connected", "--interval",
                                        "100ms", "--timeout", "1s")
        self.assertEqual(waited.returncode, 1)
        self.assertIn("after 1000 ms not all are connected: 3 nodes, 0 of 3 connections; 3 missing",
                      waited.stderr)
        self.call(0, f"net_adm ping ['{self.names[1]}']")
        self.call(2, f"net_adm ping ['{self.names[1]}']")
        self.wait_for_readiness("ready")
        for words in (["check", "n3", "--min", "2"], ["check", "--min", "9"]):
            check = self.hosts[2].portolan(*words)
            self.assertEqual(check.returncode, 0, check)
            self.assertIn("; connected to the members\n", check.stdout)
        waited = self.hosts[2].portolan("wait", "web", "--min", "3", "--connected")
        self.assertEqual((waited.returncode, waited.stdout.split()), (0, self.names))

    def test_who_is_alone_is_ready_once_its_node_is_there(self):
        self.dns.set("web", "10.77.0.3")
        with self.hosts[2].serve(*self.OPTIONS, "--ready-min", "1", "--http", ":9370"):
            self.wait_for_readiness("not ready: no node is registered here that has told its name")
            with self.hosts[2].node(self.names[2]):
                self.wait_for_readiness("ready")

    def test_a_node_that_has_registered_and_not_told_its_name_is_not_ready(self):
        """Unless it is hidden or ignored: these are there before it, and are not waited for."""
        self.start_all("--ready-min", "1", "--push", "connect", "--http", ":9370")
        self.wait_for_readiness("ready")
        self.register(packets.alive(b"hidden", node_type=72))
        self.register(packets.alive(b"rem-1"))
        self.wait_for_readiness("ready")
        node = self.register(packets.alive(b"mute"))
        why = "it is not known whom mute has: it has not told its name yet"
        self.wait_for_readiness(f"not ready: {why}")
        self.assertIn(why, self.hosts[2].portolan("check", "--min", "1").stderr)
        self.assertEqual(self.hosts[2].portolan("check", "n3", "--min", "1").returncode, 0)
        node.stdin.close()
        self.wait_for_readiness("ready")

    def register(self, request):
        """A name at the third daemon, where no node is that could be asked."""
        client = subprocess.Popen([*self.hosts[2].prefix, needs.program("python3"), "-c", REGISTER,
                                   request.hex()], stdin=subprocess.PIPE)
        self.addCleanup(client.wait)
        self.addCleanup(client.stdin.close)
        alive_name = packets.alive_name_of(request).decode()
        wait_until(lambda: alive_name in self.hosts[2].portolan("names").stdout.split(),
                   f"{alive_name} is registered")
        return client

    def test_check_says_what_the_daemon_must_be_told(self):
        with self.hosts[2].serve(*self.OPTIONS):
            check = self.hosts[2].portolan("check", "--min", "1")
        self.assertEqual(check.returncode, 1)
        self.assertIn("the EPMD does not tell whom its nodes have; give the daemon --ready-min",
                      check.stderr)

    def wait_for_readiness(self, text):
        """Of the third daemon."""
        script = ("import http.client; c=http.client.HTTPConnection('10.77.0.3', 9370, timeout=10);"
                  "c.request('GET', '/readyz'); r=c.getresponse(); print(r.status,"
                  " r.read().decode(), end='')")
        status = 200 if text == "ready" else 503
        wait_until(lambda: self.hosts[2].call("python3", "-c", script) == f"{status} {text}\n",
                   f"it says {text!r}", 30)

    def wait_for_http(self, connections):
        """Of the third daemon."""
        def told():
            return json.loads(self.hosts[2].call("python3", "-c", HTTP_GET,
                                                 "http://10.77.0.3:9370/v1/mesh"))
        wait_until(lambda: told()["connections"] == connections, f"it knows {connections}", 30)
        return told()

    def test_who_looks_is_connected_to_nobody(self):
        self.start_all("--mesh")
        self.wait_for_mesh("3 nodes, 0 of 3 connections; 3 missing\n", 1)
        for at in range(3):
            self.assertEqual(self.call(at, "erlang nodes []").strip(), "[]")

    def test_of_whom_nothing_is_known_and_why(self):
        """One has another cookie, one a daemon that does not look."""
        self.start(self.hosts[0], self.names[0], serve=(*self.OPTIONS, "--mesh"))
        self.start(self.hosts[1], self.names[1], kind=Foreign, serve=(*self.OPTIONS, "--mesh"))
        self.start(self.hosts[2], self.names[2], serve=self.OPTIONS)
        first, second, third = self.names
        done = self.wait_for_mesh("3 nodes, 0 of 3 connections; 2 missing; 1 unknown\n", 1)
        self.assertIn(f"unknown: whom {third} has: its EPMD does not tell; it is no Portolan, or is "
                      "to be given --mesh\n", done.stdout)
        self.assertIn(f"unknown: whom {second} has: it has another cookie", done.stdout)
        self.assertIn(f"look first: where {second} runs, `portolan doctor {first}`", done.stdout)

    def test_who_may_not_ask_for_names_may_not_ask_for_this(self):
        daemon = self.start(self.hosts[0], self.names[0],
                            serve=(*self.OPTIONS, "--mesh", "--allow", "10.77.0.2"))
        wait_until(lambda: b'"node":"n1@10.77.0.1"' in self.ask("10.77.0.1", self.hosts[1]),
                   "who is allowed is told", 30)
        self.assertEqual(self.ask("10.77.0.1"), b"")
        daemon.wait_for_log("its address is outside --allow")

    def ask(self, address, host=None):
        if host:
            script = ("import socket,sys; s=socket.create_connection((sys.argv[1],4369),10); "
                      "s.sendall(b'\\x00\\x01M'); "
                      "sys.stdout.buffer.write(b''.join(iter(lambda: s.recv(4096), b'')))")
            return host.call("python3", "-c", script, address).encode()
        with socket.create_connection((address, 4369), 10) as client:
            client.sendall(MESH_REQ)
            return daemons.read_to_end(client)

    def test_nobody_is_there(self):
        done = self.mesh()
        self.assertEqual((done.returncode, done.stdout), (1, "0 nodes, no connection expected\n"))
        self.assertIn("no node is there that could be connected to from here", done.stderr)
        picture, failure = map(json.loads, self.mesh("--json").stdout.splitlines())
        self.assertEqual((picture["nodes"], failure["reason"]), ([], "no_members"))

    def test_a_name_that_the_dns_does_not_answer_for_is_not_all_well(self):
        self.start(self.hosts[0], self.names[0], serve=(*self.OPTIONS, "--mesh"))
        self.dns.set("web", "10.77.0.1")
        wait_until(lambda: self.mesh().returncode == 0, "a single node is all well", 30)
        done = self.hosts[0].portolan("mesh", "10.77.0.1", "web", "--timeout", "2s",
                                      "--nameservers", "10.77.0.99")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot resolve web", done.stderr)
        self.assertIn("1 node, no connection expected", done.stdout)


if __name__ == "__main__":
    unittest.main()
