"""`portolan check`: whether the local EPMD and a node of it are well, as a container's health check
asks, without a VM and without a cookie."""

import json
import os
import re
import resource
import signal
import subprocess
import time
import unittest

import daemons
import needs
import network
import packets
from daemons import wait_until
from discovery_world import Host, Server, challenge
from nodes import Node
from programs import run
from tls_nodes import TlsNode

# A whole process, and with sanitizers.
QUICK = 0.25
# One that is told to give up after 300 ms.
IN_TIME = 1.5
OPERATING = daemons.CHECKOUT / "docs/OPERATING.md"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.daemon = daemons.Serve()
        self.addCleanup(self.daemon.stop)
        self.port = self.daemon.port

    def check(self, *words, **running):
        return run("check", *words, "--port", self.port, **running)

    def node(self, name, kind=Node):
        node = kind(name, "-start_epmd", "false",
                    further={"ERL_EPMD_PORT": str(self.port)})
        self.addCleanup(node.end)
        return node.wait_until_registered(self.daemon)

    def register(self, name, port):
        connection = self.daemon.connect()
        self.addCleanup(connection.close)
        connection.sendall(packets.alive(name, port=port))
        self.assertEqual(connection.recv(100)[1], 0)

    def play(self, name, handle):
        """A node that is played by a function."""
        server = Server(("127.0.0.1", network.free_port()), handle)
        self.addCleanup(server.close)
        self.register(name, server.server_address[1])

    def assert_well(self, result, says):
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn(says, result.stdout)
        self.assertEqual(result.stdout.count("\n"), 1)

    def assert_ill(self, result, *says):
        """One line says what is wrong, on what, and what to do."""
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for text in says:
            self.assertIn(text, result.stderr)


class Epmd(CheckTest):
    def test_one_that_answers_is_well(self):
        self.assert_well(self.check(), f"127.0.0.1:{self.port} answers, with 0 names")
        self.register(b"here", 1001)
        self.assert_well(self.check(), f"127.0.0.1:{self.port} answers, with 1 name")

    def test_otps_epmd_is_checked_as_well(self):
        with daemons.Reference() as reference:
            self.assert_well(run("check", "--port", reference.port), "answers, with 0 names")

    def test_a_held_check_lasts_once_the_container_is_older(self):
        # The first process of this machine or container has run for a while.
        self.assertGreater(self.lasts("--hold", "1s"), 1)
        self.assertLess(self.lasts(), 1)

    def test_a_held_check_is_quick_in_a_young_container(self):
        needs.root()
        young = [needs.program("unshare"), "--pid", "--fork", "--kill-child", "--mount-proc",
                 daemons.portolan()]
        began = time.monotonic()
        done = subprocess.run([*young, "check", "--hold", "1h", "--port", str(self.port)],
                              env=daemons.clean_environment(), check=False, timeout=30)
        self.assertEqual(done.returncode, 0)
        self.assertLess(time.monotonic() - began, 10)

    def lasts(self, *words):
        began = time.monotonic()
        self.assertEqual(self.check(*words).returncode, 0)
        return time.monotonic() - began

    def test_the_environment_gives_the_port(self):
        result = run("check", environment={"ERL_EPMD_PORT": str(self.port)})
        self.assert_well(result, f"127.0.0.1:{self.port}")

    def test_one_that_is_not_there(self):
        self.daemon.stop()
        self.assert_ill(self.check(), f"nothing listens on 127.0.0.1:{self.port}",
                        "start one (`portolan serve`")

    def test_one_that_is_stopped(self):
        self.daemon.pause()
        begun = time.monotonic()
        self.assert_ill(self.check("--timeout", "300ms"),
                        f"127.0.0.1:{self.port} says nothing in time", "start it anew")
        self.assertLess(time.monotonic() - begun, IN_TIME)

    def test_what_is_no_epmd(self):
        for said, found in ((b"HTTP/1.1 400 Bad Request\r\n\r\n", "not as an EPMD does"),
                            (b"\0\0\0\1name", "not as an EPMD does"),
                            (b"", "closes without an answer")):
            with self.subTest(said):
                self.check_answer(said, found)

    def check_answer(self, said, found):
        def answer(connection):
            connection.recv(100)
            connection.sendall(said)
        server = Server(("127.0.0.1", network.free_port()), answer)
        self.addCleanup(server.close)
        result = run("check", "--port", server.server_address[1])
        self.assert_ill(result, found, "--port")

    def test_as_json_an_object_that_says_the_same(self):
        result = self.check("--json")
        self.assertEqual(json.loads(result.stdout), {
            "healthy": True, "epmd": f"127.0.0.1:{self.port}", "names": 0,
            "found": f"127.0.0.1:{self.port} answers, with 0 names"})
        self.daemon.stop()
        result = self.check("--json")
        told = json.loads(result.stdout)
        self.assertEqual((result.returncode, told["healthy"], told["names"]), (1, False, None))
        self.assertEqual(result.stderr, f"portolan check: {told['found']}; {told['remedy']}\n")


class Nodes(CheckTest):
    def test_a_node_is_well_by_either_name_and_notices_nothing(self):
        node = self.node("web@localhost")
        for name in ("web", "web@localhost"):
            self.assert_well(self.check(name), "'" + name + "': web@localhost shakes hands at ")
        self.assertEqual(node.output(), "")
        told = json.loads(self.check("web", "--json").stdout)
        self.assertEqual((told["healthy"], told["name"], told["node"], told["port"]),
                         (True, "web", "web@localhost", dict(self.daemon.names())[b"web"]))

    def test_a_hidden_node_is_a_node(self):
        with Node("dark@localhost", "-hidden", "-start_epmd", "false",
                  further={"ERL_EPMD_PORT": str(self.port)}) as node:
            node.wait_until_registered(self.daemon)
            self.assert_well(self.check("dark"), "dark@localhost shakes hands")

    def test_no_cookie_is_needed_and_none_read(self):
        self.node("web@localhost")
        self.assert_well(self.check("web", environment={"HOME": "/nonexistent"}), "shakes hands")

    def test_one_that_is_not_registered(self):
        self.assert_ill(self.check("web"), f"'web' is not registered at 127.0.0.1:{self.port}; "
                        "nobody is", "-sname")
        self.register(b"db", 1001)
        self.assert_ill(self.check("web"), "there are db")

    def test_one_that_is_stopped_is_registered_and_ill(self):
        node = self.node("web@localhost")
        os.kill(node.pid, signal.SIGSTOP)
        begun = time.monotonic()
        result = self.check("web", "--timeout", "300ms")
        self.assertLess(time.monotonic() - begun, IN_TIME)
        self.assert_ill(result, "'web': 127.0.0.1:", "says nothing", "`docker unpause`")
        shown = re.sub(r"127.0.0.1:\d+", "127.0.0.1:41031", result.stderr)
        self.assertIn(f"```text\n{shown}```", OPERATING.read_text(encoding="utf-8"))
        os.kill(node.pid, signal.SIGCONT)
        wait_until(lambda: self.check("web").returncode == 0, "it is well again")

    def test_one_that_does_not_listen_at_its_port(self):
        port = network.free_port()
        self.register(b"web", port)
        self.assert_ill(self.check("web"), f"nobody listens at 127.0.0.1:{port}",
                        "let the node listen")

    def test_another_that_is_at_its_port(self):
        self.node("web@localhost")
        self.register(b"db", dict(self.daemon.names())[b"web"])
        self.assert_ill(self.check("db"), "another node is at that port: it calls itself "
                        "web@localhost", "start the node anew")

    def test_a_host_part_that_is_not_its_own(self):
        self.node("web@localhost")
        self.assert_ill(self.check("web@node1"), "it calls itself web@localhost, not web@node1",
                        "connect to web@localhost, or start the node as web@node1")

    def test_one_that_speaks_something_else(self):
        def answer(connection):
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.recv(1000)
        self.play(b"web", answer)
        self.assert_ill(self.check("web"), "is no node of OTP 23 or later", "who listens there")

    def test_a_node_with_tls_is_well_when_it_answers_with_an_alert(self):
        self.node("web@localhost", TlsNode)
        # It registers before it is quite ready.
        wait_until(lambda: self.check("web").returncode == 0, "it answers")
        self.assert_well(self.check("web"), "TLS distribution")

    def test_those_that_answer_and_do_not_say_who_they_are_are_well(self):
        for name, said, found in ((b"deaf", b"\0\x0csnot_allowed", "net_kernel:allow/1"),
                                  (b"busy", b"\0\4snok", "just talking with another"),
                                  (b"shy", b"", "closes without a word")):
            def answer(connection, said=said):
                connection.recv(1000)
                connection.sendall(said)
            self.play(name, answer)
            with self.subTest(name):
                self.assert_well(self.check(name.decode()), found)

    def test_one_that_listens_on_another_address_of_this_host_is_found(self):
        network.ip("address", "replace", "10.1.1.1/24", "dev", "lo")
        def answer(connection):
            connection.sendall(b"\0\3sok" + challenge(Host("web@far")))
            connection.recv(1000)
        server = Server(("10.1.1.1", network.free_port()), answer)
        self.addCleanup(server.close)
        self.register(b"web", server.server_address[1])
        self.assert_well(self.check("web"), "web@far shakes hands at 10.1.1.1:")

    def test_names_that_would_forge_lines_are_shown_escaped(self):
        self.register(b"\x1b[2J", 1001)
        self.assert_ill(self.check("web"), "there are \\x1b[2J")
        def answer(connection):
            connection.sendall(b"\0\3sok" + challenge(Host("web@\x1b[2J\n")))
            connection.recv(1000)
        self.play(b"web", answer)
        self.assert_well(self.check("web"), "web@\\x1b[2J\\x0a shakes hands")


class Command(CheckTest):
    def test_it_costs_milliseconds_and_waits_for_milliseconds(self):
        """Apart, as a sanitizer makes it dear, and a busy machine makes it wait."""
        self.node("web@localhost")
        def used():
            usage = resource.getrusage(resource.RUSAGE_CHILDREN)
            return usage.ru_utime + usage.ru_stime
        def one():
            begun, before = time.monotonic(), used()
            self.assert_well(self.check("web"), "shakes hands")
            cost = used() - before
            return cost, time.monotonic() - begun - cost
        costs, waits = zip(*(one() for _ in range(5)))
        self.assertLess(min(costs), QUICK)
        self.assertLess(min(waits), QUICK)

    def test_a_wrong_command_line_is_one_line_and_status_2(self):
        for words, said in ((["@host"], "'@host' is no name"), (["web@"], "'web@' is no name"),
                            ([""], "'' is no name"), (["web", "db"], "db"),
                            (["--timeout", "soon"], "'soon' is not a duration")):
            result = run("check", *words)
            with self.subTest(words):
                self.assertEqual((result.returncode, result.stdout, result.stderr.count("\n")),
                                 (2, "", 1))
                self.assertIn(said, result.stderr)

    def test_a_result_that_cannot_be_printed_is_a_failure(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            result = self.check(stdout=full)
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot print to standard output", result.stderr)

    def test_a_full_standard_error_changes_no_exit_status(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            self.assertEqual(self.check("nobody", stderr=full).returncode, 1)


if __name__ == "__main__":
    unittest.main()
