"""`portolan doctor NODE`: for each fault on the way, the step that is broken and its remedy."""

import json
import os
import re
import signal
import socket
import struct
import time
import unittest

import daemons
import network
from daemons import wait_until
from discovery_world import Host, Server, challenge, hold
from doctor_world import HTTP, DoctorTest, closes, says
from nodes import COOKIE
from push_world import OTP_23, FakeNode, frame, named, read_frame
from tls_nodes import TlsNode

# The steps of a way on which nothing is broken.
STEPS = ["name", "host", "epmd", "registered", "port", "handshake", "true name", "ours",
         "transport", "family", "long, short", "release", "cookie"]


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


def takes_any_cookie(node, connection):
    connection.sendall(named() + challenge(Host(node.name)))
    read_frame(connection)
    connection.sendall(frame(b"a" + bytes(16)))
    hold(connection)


class Whole(DoctorTest):
    def test_a_way_on_which_nothing_is_broken(self):
        web, other = self.node("web@node1"), self.node("other@localhost")
        result = self.run_doctor("web@node1", cookie=COOKIE)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        lines = result.stdout.splitlines()
        self.assertEqual(lines[-2:], ["", "Nothing is broken on the way to web@node1."])
        steps = [re.fullmatch(r"ok    (.{11}) +\d+\.\d ms  (\S.*)", line) for line in lines[:-2]]
        self.assertTrue(all(steps), result.stdout)
        self.assertEqual([step[1].rstrip() for step in steps], STEPS)
        self.assertIn(f"node1 is 127.0.1.1, says 127.0.0.53 port {self.dns.port}", steps[1][2])
        self.assertIn("the node proves that it has it", steps[-1][2])
        self.assertEqual((web.output(), other.output()), ("", ""))

    def test_what_is_broken_is_explained_where_it_is_met(self):
        result = self.run_doctor("web@node1")
        self.assertEqual(result.returncode, 1)
        place = f"127.0.1.1:{self.port}"
        said = re.sub(r" +\d+\.\d ms", " TIME", result.stdout)
        self.assertEqual(said, "\n".join((
            "ok    name TIME  alive name 'web', host part 'node1': a short name",
            f"ok    host TIME  node1 is 127.0.1.1, says 127.0.0.53 port {self.dns.port}",
            f"ok    epmd TIME  {place} answers, with 0 names",
            f"FAIL  registered TIME  'web' is not registered at {place}; nobody is",
            "",
            "      it means: the node does not run there, or has another name, or has lost its EPMD",
            "      to do:    start it (-sname or -name), or ask for a name that is there; up to OTP 23, a",
            "                node whose EPMD was restarted must be started anew", "", "")))
        self.assertEqual(result.stderr,
                         f"portolan doctor: web@node1: 'web' is not registered at {place}; nobody "
                         "is; what to do stands with the step 'registered'\n")

    def test_as_json_one_object(self):
        self.node("web@node1")
        told = json.loads(self.run_doctor("web@node1", "--json").stdout)
        self.assertEqual((list(told), told["node"], told["healthy"]),
                         (["node", "healthy", "steps"], "web@node1", True))
        for step in told["steps"]:
            self.assertEqual(list(step), ["step", "result", "ms", "found"])

    def test_what_cannot_be_printed_is_a_failure(self):
        self.node("web@node1")
        for words in (["web@node1"], ["web@node1", "--json"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                result = self.run_doctor(*words, stdout=full)
            self.assertEqual(result.returncode, 1)
            self.assertIn("cannot print to standard output", result.stderr)

    def test_names_that_would_forge_lines_are_shown_escaped(self):
        self.play(b"web", says(frame(b"sok"), challenge(Host("web@\x1b[2J\n"))))
        self.register(b"\x1b[2J", 1001)
        for name in ("web@node1", "db@node1", "d\x1b\n@node1"):
            result = self.run_doctor(name)
            self.assertEqual(result.returncode, 1)
            self.assertNotIn("\x1b", result.stdout + result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1)


class NameAndHost(DoctorTest):
    def test_a_name_without_a_host(self):
        self.assert_broken("web", step="name", found="'web' is an alive name",
                           remedy="write web@HOST")
        self.assert_broken("web@a@b", step="name", found="is no node name", remedy="web@node1")

    def test_a_host_that_does_not_resolve(self):
        self.assert_broken("web@nowhere", step="host", found="'nowhere' does not resolve, says 127",
                           remedy="docker run --hostname")

    def test_a_nameserver_that_does_not_answer(self):
        for mode in ("silent", "servfail"):
            self.dns.mode = mode
            self.assert_broken("web@node1", "--timeout", "1s", step="host",
                               found="cannot be told", remedy="/etc/resolv.conf")
        self.dns.mode = "silent"
        # The resolver itself would give up after 2 s.
        self.assertLess(self.steps("web@node1", "--timeout", "100ms")["host"]["ms"], 1500)

    def test_a_host_that_is_several(self):
        self.dns.set("node1", "127.0.1.1", "127.0.1.2")
        self.node("web@node1")
        self.assert_unclear("web@node1", step="host", found="a connection goes to any of them")

    def test_an_address_is_a_host(self):
        self.node("web@127.0.1.1")
        self.assertEqual(self.steps("web@127.0.1.1")["host"]["found"], "127.0.1.1 is an address")


class Epmds(DoctorTest):
    def test_one_that_does_not_run(self):
        self.daemon.stop()
        self.assert_broken("web@node1", step="epmd", remedy="start one there",
                           found=f"nothing listens on 127.0.1.1:{self.port}")

    def test_one_that_is_stopped(self):
        self.daemon.pause()
        begun = time.monotonic()
        self.assert_broken("web@node1", "--timeout", "1s", step="epmd",
                           found="says nothing in time", remedy="`docker ps`")
        self.assertLess(time.monotonic() - begun, 3)

    def test_a_network_that_no_way_leads_to(self):
        self.dns.set("far", "198.51.100.1")
        self.assert_broken("web@far", step="epmd", found="no way leads to 198.51.100.1",
                           remedy="docker network connect")

    def test_what_is_no_epmd_and_who_may_not_ask(self):
        self.assert_broken("web@node1", port=self.serve(says(HTTP), "0.0.0.0"), step="epmd",
                           found="not as an EPMD does", remedy="--port")
        self.assert_broken("web@node1", port=self.serve(closes, "0.0.0.0"), step="epmd",
                           found="closes without an answer", remedy="--allow")

    def test_of_several_the_one_that_has_the_name_is_taken(self):
        self.dns.set("node1", "127.0.1.1", "127.0.1.2", "127.0.1.3")
        node = self.serve(says(frame(b"sok"), challenge(Host("web@node1"))), "127.0.1.3")
        port = network.free_port()
        for address, names in (("127.0.1.2", ""), ("127.0.1.3", f"name web at port {node}\n")):
            server = Server((address, port), lambda connection, names=names:
                            connection.sendall(struct.pack(">I", port) + names.encode()))
            self.addCleanup(server.close)
        steps = self.steps("web@node1", port=port)
        self.assertEqual(steps["true name"]["result"], "ok", steps)
        self.assertIn(f"127.0.1.3:{port} answers", steps["epmd"]["found"])
        self.assert_broken("db@node1", port=port, step="registered", remedy="-sname or -name",
                           found=f"not registered at 127.0.1.2:{port}; nobody is")

    def test_a_name_that_it_does_not_list(self):
        self.node("db@node1")
        self.assert_broken("web@node1", step="registered", found="there are db",
                           remedy="-sname or -name")


class Ports(DoctorTest):
    def test_one_that_nobody_listens_on(self):
        self.register(b"web", network.free_port())
        self.assert_broken("web@node1", step="port", found="nobody listens at 127.0.1.1",
                           remedy="let the node listen on that address")

    def test_a_node_that_listens_at_loopback_only(self):
        node = self.node("web@node1", "-kernel", "inet_dist_use_interface", "{127,0,0,1}")
        self.assert_broken("web@node1", step="port", found="nobody listens at 127.0.1.1",
                           remedy="let the node listen on that address")
        self.assertEqual(node.output(), "")

    def test_one_that_takes_no_connection_in_time(self):
        full = self.enterContext(socket.socket())
        full.bind(("127.0.1.1", 0))
        full.listen(0)
        for _ in range(8):
            waiting = self.enterContext(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        self.register(b"web", full.getsockname()[1])
        self.assert_broken("web@node1", "--timeout", "1s", step="port",
                           found="takes no connection in time", remedy="inet_dist_listen_min")

    def test_a_node_that_is_stopped(self):
        node = self.node("web@node1")
        os.kill(node.pid, signal.SIGSTOP)
        self.assert_broken("web@node1", "--timeout", "1s", step="handshake",
                           found="takes the connection and then says nothing",
                           remedy="kill -CONT")

    def test_what_is_no_node(self):
        self.play(b"web", says(HTTP))
        self.assert_broken("web@node1", step="handshake", found="is no node of OTP 23 or later",
                           remedy="who listens there")

    def test_those_of_which_nothing_more_can_be_seen(self):
        self.node("deaf@node1", "-eval", "net_kernel:allow(['friend@node9']).")
        self.play(b"shy", closes)
        self.play(b"busy", says(frame(b"snok")))
        wait_until(lambda: self.steps("deaf@node1")["handshake"]["result"] == "unknown",
                   "it is deaf")
        for name, found in (("deaf", "net_kernel:allow/1"), ("shy", "closes without a word"),
                            ("busy", "just talking with another")):
            self.assert_unclear(f"{name}@node1", step="handshake", found=found)
            # Nor is a cookie for somebody who does not say who it is.
            self.assertEqual(list(self.steps(f"{name}@node1", cookie=COOKIE))[-1], "handshake")


class Names(DoctorTest):
    def test_another_name_than_its_own(self):
        self.node("web@localhost")
        self.assert_broken("web@node1", step="true name", found="web@localhost, not web@node1",
                           remedy="connect to web@localhost, or start the node as web@node1")

    def test_another_node_at_its_port(self):
        self.node("web@node1")
        self.register(b"db", dict(self.daemon.names())[b"web"])
        self.assert_broken("db@node1", step="true name", found="it calls itself web@node1",
                           remedy="start the node anew")


class Ours(DoctorTest):
    def test_no_node_here(self):
        self.node("web@node1")
        steps = self.steps("web@node1")
        self.assertEqual(steps["ours"]["result"], "unknown")
        self.assertNotIn("transport", steps)

    def test_long_names_and_short_ones(self):
        self.node("web@127.0.1.1")
        self.node("me@localhost")
        self.assert_broken("web@127.0.1.1", step="long, short", remedy="both with -sname",
                           found="it has a long name, and me@localhost here a short one")
        self.dns.set("localhost", "127.0.0.1")
        self.assert_broken("me@localhost", step="long, short", remedy="both with -name",
                           found="it has a short name, and web@127.0.1.1 here a long one")

    def test_releases_that_do_not_go_together(self):
        self.enterContext(FakeNode("old@localhost", self.port, flags=OTP_23))
        self.node("me@localhost")
        self.assert_broken("old@localhost", step="release", remedy="from OTP 24 on",
                           found="it is OTP 23 or earlier, and me@localhost here OTP 24 or later")

    def test_plain_and_tls(self):
        self.node("safe@node1", kind=TlsNode)
        # It registers before it is quite ready.
        wait_until(lambda: "TLS" in self.steps("safe@node1")["handshake"]["found"], "it answers")
        self.assertEqual(self.steps("safe@node1")["ours"]["result"], "unknown")
        self.node("me@localhost")
        self.assert_broken("safe@node1", step="transport", remedy="-proto_dist inet_tls",
                           found="it speaks TLS distribution, and me@localhost here plain")
        self.assert_broken("me@localhost", step="transport", remedy="-proto_dist inet_tls",
                           found="it speaks plain distribution, and safe here TLS")

    def test_a_node_here_that_hangs_is_told_and_left_out(self):
        self.node("web@node1")
        node = self.node("me@localhost")
        os.kill(node.pid, signal.SIGSTOP)
        steps = self.steps("web@node1", "--timeout", "1s")
        self.assertIn("me (does not say who it is)", steps["ours"]["found"])
        self.assertEqual(steps["long, short"]["result"], "unknown")


class Cookies(DoctorTest):
    def test_another_cookie_costs_the_node_one_error(self):
        node = self.node("web@node1")
        self.assert_broken("web@node1", cookie="another", step="cookie",
                           found="it has another cookie than that of PORTOLAN_COOKIE",
                           remedy="give all nodes of the cluster one cookie")
        wait_until(lambda: "Invalid challenge reply" in node.output(), "it is logged")
        self.assertEqual(len(set(re.findall("=ERROR REPORT==== (\\S+)", node.output()))), 1)

    def test_the_right_one_from_each_source(self):
        self.node("web@node1")
        file = self.folder / ".erlang.cookie"
        file.write_text(COOKIE + "\n", encoding="ascii")
        file.chmod(0o400)
        named_file = file.rename(self.folder / "cookie")
        for words, environment in (([], {"PORTOLAN_COOKIE": COOKIE}),
                                   ([], {"RELEASE_COOKIE": COOKIE}),
                                   (["--cookie-file", named_file], {"PORTOLAN_COOKIE": "another"})):
            found = self.steps("web@node1", *words, environment=environment)["cookie"]
            self.assertEqual(found["result"], "ok", found)
        named_file.rename(file)
        self.assertIn(str(file), self.steps("web@node1")["cookie"]["found"])

    def test_none_at_all_is_no_fault_unless_it_was_named(self):
        self.node("web@node1")
        self.assert_unclear("web@node1", step="cookie", found="not tried: cannot read the cookie")
        self.assert_broken("web@node1", "--cookie-file", self.folder / "none", step="cookie",
                           found="cannot read the cookie file", remedy="ask again")

    def test_one_that_is_open_to_others(self):
        self.node("web@node1")
        file = self.folder / ".erlang.cookie"
        file.write_text(COOKIE, encoding="ascii")
        file.chmod(0o644)
        self.assert_broken("web@node1", step="cookie", found="run chmod 400 on it",
                           remedy="ask again")

    def test_who_takes_any_cookie_is_not_trusted(self):
        self.enterContext(FakeNode("web@localhost", self.port, push=takes_any_cookie))
        self.assert_broken("web@localhost", cookie=COOKIE, step="cookie",
                           found="does not have the cookie of PORTOLAN_COOKIE itself",
                           remedy="trust it with nothing")

    def test_the_cookie_is_shown_nowhere(self):
        self.node("web@node1")
        for cookie in (COOKIE, "seldom-seen"):
            result = self.run_doctor("web@node1", cookie=cookie)
            self.assertNotIn(cookie, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
