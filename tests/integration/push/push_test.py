"""`--push connect` with real nodes: they become a cluster, lose nobody for good, and notice nothing
else of it."""

import re
import signal
import time
import unittest
import urllib.request

import daemons
import needs
import network
import nodes
from daemons import wait_until
from discovery_world import hold
from nodes import COOKIE
from push_world import (OTP_23, PushTest, errors_in, nodes_of, receiver, wait_until_meshed)

OTHER_COOKIE = "another-one"


def setUpModule():
    network.enter_private_network()
    for name in ("erl", "erl_call"):
        needs.program(name)
    daemons.portolan()


class Cluster(PushTest):
    def test_nodes_of_one_host_are_connected(self):
        daemon = self.serve()
        group = [self.node(f"{name}@localhost") for name in "abc"]
        wait_until_meshed(*group)
        self.assertIn("pushed: ", daemon.log())
        self.assertEqual([node.output() for node in group], ["", "", ""])

    def test_pairs_are_counted_as_long_as_they_are_wanted(self):
        port = network.free_port()
        self.serve("--http", f"127.0.0.1:{port}")

        def pairs():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                found = re.findall(r'^portolan_push_pairs{state="(\w+)"} (\d+)$',
                                   answer.read().decode(), re.M)
            return {state: int(count) for state, count in found}

        group = [self.node(f"{name}@localhost") for name in "abc"]
        wait_until(lambda: pairs() == {"connected": 6, "not_connected": 0}, "each has two")
        group.pop().end()
        wait_until(lambda: pairs() == {"connected": 2, "not_connected": 0}, "each has one")
        group.pop().end()
        wait_until(lambda: pairs() == {"connected": 0, "not_connected": 0}, "there is none")

    def test_the_push_leaves_nothing_behind(self):
        self.serve()
        group = [self.node(f"{name}@localhost") for name in "ab"]
        wait_until_meshed(*group)
        self.wait_for_rounds(5)
        for node in group:
            wait_until(lambda: nodes_of(node, "hidden") == [],  # pylint: disable=cell-var-from-loop
                       "it has gone")
        self.assertEqual([node.output() for node in group], ["", ""])

    def test_who_watches_nodes_sees_real_ones_only(self):
        self.serve()
        watching = self.node("a@localhost", *receiver(monitor="net_kernel:monitor_nodes(true),"))
        wait_until(lambda: watching.output() == "ready\n", "it watches")
        other = self.node("b@localhost")
        wait_until_meshed(watching, other)
        self.wait_for_rounds(5)
        other.end()
        wait_until(lambda: "nodedown" in watching.output(), "it has left")
        self.assertEqual(watching.output(),
                         "ready\n{nodeup,b@localhost}\n{nodedown,b@localhost}\n")

    def test_every_round_has_the_same_name_at_a_node(self):
        """Each other one would cost it an atom for ever."""
        self.serve()
        watch = "net_kernel:monitor_nodes(true, [{node_type, hidden}]),"
        watching = self.node("a@localhost", *receiver(monitor=watch))
        self.node("b@localhost")
        wait_until(lambda: watching.output().count("{nodeup,") >= 10, "ten rounds")
        ups = [line for line in watching.output().splitlines() if line.startswith("{nodeup,")]
        self.assertEqual(len(set(ups)), 1, ups)

    def test_who_was_disconnected_is_connected_again(self):
        daemon = self.serve()
        first, second = (self.node(f"{name}@localhost") for name in "ab")
        wait_until_meshed(first, second)
        pushed = daemon.log().count("pushed: ")
        self.assertIn("true", first.call("erlang disconnect_node ['b@localhost']"))
        daemon.wait_for_log("pushed: ", pushed + 1)
        wait_until_meshed(first, second)

    def test_a_node_that_is_started_anew_is_connected_again(self):
        self.serve()
        first, second = (self.node(f"{name}@localhost") for name in "ab")
        wait_until_meshed(first, second)
        second.end()
        wait_until(lambda: nodes_of(first) == [], "it has left")
        wait_until_meshed(first, self.node("b@localhost"))

    def test_elixir(self):
        needs.program("elixir")
        self.serve()
        iex = self.enterContext(nodes.elixir("e@localhost"))
        wait_until_meshed(self.node("a@localhost"), iex)
        self.assertEqual(iex.output(), "")


class Left(PushTest):
    """Who is left alone."""

    def test_hidden_and_ignored_nodes_and_those_of_the_other_kind(self):
        self.serve()
        alone = [self.node("h@localhost", "-hidden"), self.node("rem-x@localhost"),
                 self.node("l@127.0.0.1")]
        group = [self.node(f"{name}@localhost") for name in "ab"]
        wait_until_meshed(*group)
        self.wait_for_rounds(5)
        wait_until_meshed(*group)
        for node in alone:
            self.assertEqual(nodes_of(node), [])
        self.assertEqual([node.output() for node in group + alone], [""] * 5)

    def test_nodes_of_the_other_generation(self):
        self.serve()
        real = self.node("a@localhost")
        old, older = (self.fake(f"{name}@localhost", flags=OTP_23) for name in ("old", "older"))
        new = self.fake("new@localhost", peer=lambda connection: None)
        wait_until(lambda: "a@localhost" in new.peers(), "a connects to new")
        wait_until(lambda: old.told() and older.told(), "the old ones know each other")
        self.wait_for_rounds(5)
        self.assertEqual(set(old.told()), {"older@localhost"})
        self.assertEqual(set(new.told()), {"a@localhost"})
        self.assertEqual(old.peers(), [])
        self.assertEqual(real.output(), "")

    def test_members_that_are_of_the_other_generation_or_not_verified(self):
        self.add("old@h1", flags=OTP_23)
        self.add("tls@h2", node=lambda connection: connection.sendall(b"\x15\x03\x03\0\2\2\x0a"))
        self.add("new@h3")
        self.dns.set_reverse("127.0.1.2", "h2")
        self.add("rem-x@h4")
        daemon = self.serve()
        node = self.fake("a@localhost")
        wait_until(lambda: "new@h3" in node.told(), "it is told of the one")
        daemon.wait_for("joined old@h1")
        daemon.wait_for("joined tls@h2")
        self.wait_for_rounds(5)
        self.assertEqual(set(node.told()), {"new@h3"})


class Lost(PushTest):
    def test_whom_a_node_has_lost_is_looked_for_at_once(self):
        (host,) = self.add("peer@h1")
        daemon = self.serve("--log-level", "debug", interval="4s")
        local = self.fake("a@localhost")
        wait_until(local.told, "it is told of the other")
        local.connected = ["peer@h1"]
        # After 100, 200, … 3200 ms the next round would be 4 s away.
        daemon.wait_for_log("a round in ", 9, patience=40)
        answer, lost = local.answer, []

        def lose(function, arguments):
            """Just after the round that has seen the other."""
            if function == "nodes" and not lost:
                local.connected = []
                host.epmd = lambda connection: connection.sendall(self.cluster.listing())
                lost.append(time.monotonic())
            return answer(function, arguments)
        local.answer = lose
        wait_until(lambda: lost, "it has been asked")
        daemon.wait_for("left peer@h1 ")
        self.assertLess(time.monotonic() - lost[0], 2)


class Gone(PushTest):
    """To look up a name that is gone takes a node seconds in which nobody can connect with it."""

    def setUp(self):
        super().setUp()
        self.add("peer@h1")
        # Whoever is missing stays a member: rounds that follow each other so fast do not count.
        self.daemon = self.serve(interval="60s")
        self.local = self.fake("a@localhost")
        wait_until(self.local.told, "it is told of the other")

    def hurry(self, rounds):
        """That many whole rounds, with their pushes."""
        for _ in range(rounds):
            pushes = self.local.pushes()
            self.daemon.send(signal.SIGHUP)
            # A connection that is left open is none that is made.
            wait_until(lambda: self.local.pushes() > pushes, "it has been asked")

    def assert_not_told(self):
        self.hurry(2)
        told = len(self.local.told())
        self.hurry(3)
        self.assertEqual(len(self.local.told()), told)
        self.assertNotIn("left ", self.daemon.said())

    def test_nobody_is_told_of_one_that_is_missing(self):
        self.dns.set("web")
        self.assert_not_told()
        self.dns.set("web", "127.0.1.1")
        told = len(self.local.told())
        self.hurry(1)
        wait_until(lambda: len(self.local.told()) > told, "it is told again")

    def test_one_that_has_moved_to_this_host_is_told_of(self):
        self.dns.set("web")
        self.assert_not_told()
        told = len(self.local.told())
        self.dns.set("h1", "127.0.0.1")
        self.fake("peer@h1")
        wait_until(lambda: len(self.local.told()) > told, "it is told of its neighbour")

    def test_nobody_is_told_of_one_whose_host_part_is_gone(self):
        del self.dns.records["h1"]
        self.assert_not_told()
        self.assertNotIn(" warning ", self.daemon.log())
        self.dns.set("h1", "127.0.1.1")
        told = len(self.local.told())
        self.hurry(1)
        wait_until(lambda: len(self.local.told()) > told, "it is told again")

    def test_nobody_is_told_of_one_that_has_died_since_the_round(self):
        """The DNS knows its name for a moment longer."""
        hosts, answer = dict(self.cluster.hosts), self.local.answer

        def answer_and_die(function, arguments):
            if function == "nodes":
                self.cluster.hosts.clear()
            return answer(function, arguments)
        told = len(self.local.told())
        self.local.answer = answer_and_die
        self.hurry(3)
        self.assertEqual(len(self.local.told()), told)
        self.local.answer = answer
        self.cluster.hosts.update(hosts)
        self.hurry(1)
        wait_until(lambda: len(self.local.told()) > told, "it is told again")


class Slow(PushTest):
    def test_one_that_cannot_be_reached_keeps_nobody_waiting(self):
        """A node needs 7 s to find out that a peer does not answer."""
        open_connections = []

        def hang(connection):
            open_connections.append(connection)
            hold(connection)
            open_connections.remove(connection)
        self.serve()
        first = self.node("a@localhost")
        self.fake("mute@localhost", peer=hang)
        wait_until(lambda: open_connections, "a tries to connect to mute")
        second = self.node("b@localhost")
        wait_until(lambda: "b@localhost" in nodes_of(first), "it has the other")
        self.assertTrue(open_connections, "and still tries")
        self.assertEqual(errors_in(second), 0)

    def test_who_cannot_be_reached_is_tried_ever_less_often_and_logged_once(self):
        daemon = self.serve()
        node = self.fake("a@localhost")
        node.can_connect = lambda peer: peer != "b@localhost"
        self.fake("b@localhost")
        self.assert_once(daemon, "a@localhost cannot connect to b@localhost, and is told", 10)
        self.assertEqual(node.told().count("b@localhost"), 2)


class WrongCookie(PushTest):
    def test_a_node_with_another_cookie_logs_once(self):
        daemon = self.serve()
        peer = self.fake("good@localhost")
        peer.can_connect = lambda _: False  # as when the cookie is wrong
        node = self.node("a@localhost", cookie=OTHER_COOKIE)
        self.assert_once(daemon, "nothing is pushed to a@localhost: it has another cookie", 10)
        self.assertIn("--cookie-file", daemon.log())
        self.assertEqual(daemon.log().count(" error "), 1, daemon.log())
        self.assertEqual(errors_in(node), 1, node.output())

    def test_a_node_that_comes_back_with_the_right_one_is_pushed(self):
        daemon = self.serve()
        self.fake("good@localhost", peer=lambda connection: None)
        node = self.node("a@localhost", cookie=OTHER_COOKIE)
        daemon.wait_for_log("it has another cookie")
        node.end()
        other = self.node("b@localhost")
        wait_until_meshed(self.node("a@localhost"), other)

    def test_a_cookie_that_was_mended_is_tried(self):
        self.write_cookie(OTHER_COOKIE)
        daemon = self.serve()
        group = [self.node(f"{name}@localhost") for name in "ab"]
        for node in group:
            daemon.wait_for_log(f"nothing is pushed to {node.name}: it has another cookie")
        self.write_cookie("no-better")
        for node in group:
            line = f"nothing is pushed to {node.name}: it has another cookie"
            daemon.wait_for_log(line, 2, patience=30)
        self.write_cookie(COOKIE)
        wait_until_meshed(*group)
        self.assertEqual([errors_in(node) for node in group], [2, 2])

    def test_one_with_another_cookie_among_good_ones(self):
        daemon = self.serve()
        bad = self.node("bad@localhost", cookie=OTHER_COOKIE)
        group = [self.node(f"{name}@localhost") for name in "ab"]
        wait_until_meshed(*group)
        daemon.wait_for_log("bad@localhost")
        self.wait_for_rounds(5)
        before = errors_in(bad)
        self.assertLessEqual(before, 1 + len(group))  # our own link, and an attempt of each
        self.wait_for_rounds(20)
        self.assertEqual(errors_in(bad), before)
        self.assertEqual([node.output() for node in group], ["", ""])


if __name__ == "__main__":
    unittest.main()
