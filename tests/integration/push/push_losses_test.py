"""`--push connect` and pairs that do not hold, and nodes that are held back: who is told of whom, and
when. Played on loopback; partial_mesh_docker_test has real nodes."""

import time
import unittest

import daemons
import network
from daemons import wait_until
from programs import kill_server
from push_world import FakeNode, PushTest
from web_world import WebTest

LOST = "{} and {} were connected and are not any more, although both run"
SILENT = "127.0.1.9"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Losses(PushTest):
    """A local node that says whom it has, and peers behind the alias."""

    def meshed(self, *peers):
        self.add(*peers)
        self.daemon = self.serve()
        self.local = self.fake("a@localhost")
        wait_until(lambda: set(self.local.told()) == set(peers), "it is told of all")
        self.local.connected = list(peers)
        self.wait_for_rounds(3)
        return self.local

    def times(self, peer, count, patience=30):
        """When it was told of a peer for the count-th time."""
        wait_until(lambda: self.local.told().count(peer) >= count, f"{peer} for the {count}. time",
                   patience)
        return time.monotonic()

    def test_a_pair_that_does_not_hold_is_tried_ever_less_often_and_named_once(self):
        local = self.meshed("peer@h1")
        local.connected = []
        self.daemon.wait_for_log(LOST.format("a@localhost", "peer@h1"))
        lost = time.monotonic()
        again = self.times("peer@h1", 2)
        self.assertGreater(again - lost, 4)
        self.daemon.wait_for_log("pushed: a@localhost is connected to peer@h1", 2)
        third = self.times("peer@h1", 3)
        self.assertGreater(third - again, 9)
        self.assertEqual(self.daemon.log().count(LOST.format("a@localhost", "peer@h1")), 1)
        self.assertNotIn("from here nobody answers", self.daemon.log())

    def test_the_server_that_follows_a_crash_goes_on_waiting(self):
        """Or each crash would begin the storm anew, where one node cannot reach another."""
        local = self.meshed("peer@h1", "other@h2")
        local.connected = ["other@h2"]
        self.daemon.wait_for_log(LOST.format("a@localhost", "peer@h1"))
        self.wait_for_rounds(3)
        kill_server(self.daemon)
        self.wait_for_rounds(10)
        self.assertEqual(local.told().count("peer@h1"), 1)
        self.assertEqual(local.told().count("other@h2"), 1)
        self.assertEqual(self.daemon.log().count(LOST.format("a@localhost", "peer@h1")), 1)

    def test_a_node_that_has_most_of_its_peers_leaves_it_to_the_other_first(self):
        local = self.meshed("one@h1", "two@h2", "three@h3")
        local.connected = ["one@h1", "two@h2"]
        self.daemon.wait_for_log(LOST.format("a@localhost", "three@h3"))
        lost = time.monotonic()
        self.assertGreater(self.times("three@h3", 2) - lost, 19)
        self.assertEqual({local.told().count(name) for name in ("one@h1", "two@h2")}, {1})

    def test_a_peer_that_was_away_is_tried_at_once(self):
        local = self.meshed("peer@h1")
        self.dns.set("web")
        wait_until(lambda: "left peer@h1" in self.daemon.said(), "it is away")
        local.connected = []
        self.dns.set("web", "127.0.1.1")
        back = time.monotonic()
        self.assertLess(self.times("peer@h1", 2) - back, 4)
        self.assertNotIn("were connected and are not any more", self.daemon.log())

    def test_a_peer_that_dies_is_no_pair_that_does_not_hold(self):
        local = self.meshed("peer@h1")
        host = self.cluster.hosts["127.0.1.1"]
        host.name, local.connected = "", []
        wait_until(lambda: "left peer@h1" in self.daemon.said(), "it is gone")
        self.wait_for_rounds(3)
        self.assertNotIn("were connected and are not any more", self.daemon.log())

    def test_who_sees_where_nobody_answers_waits_until_that_has_changed(self):
        """Perhaps others are connected to who is there: then `global` cuts this node off."""
        self.cluster.hosts[SILENT] = None  # its EPMD closes without a word
        local = self.meshed("peer@h1", "other@h2")
        local.connected = []
        self.daemon.wait_for_log(LOST.format("a@localhost", "peer@h1"))
        wait_until(lambda: "from here nobody answers at " + SILENT in self.daemon.log(), "it says so")
        lost = time.monotonic()
        while time.monotonic() < lost + 8:
            self.wait_for_rounds(1)
        self.assertEqual(sorted(local.told()), ["other@h2", "peer@h1"])
        self.cluster.add(SILENT, "late@h9")
        self.assertLess(self.times("peer@h1", 2) - time.monotonic(), 4)
        self.times("other@h2", 2, 4)


class Held(PushTest):
    """A local node that other hosts cannot reach by its name."""

    WHY = "me@me is held back, and connects to nobody: "

    def begin(self, **further):
        self.daemon = self.serve(**further)
        self.local = self.fake("me@me")

    def test_a_node_that_the_dns_does_not_know_waits_for_it(self):
        self.add("peer@h1")
        self.begin(interval="60s")
        self.daemon.wait_for_log(self.WHY + "the DNS does not know its host part 'me'")
        self.assertEqual(self.local.pushes(), 0)
        self.dns.set("me", "127.0.0.1")
        known = time.monotonic()
        wait_until(lambda: self.local.told() == ["peer@h1"], "it is told of the other")
        self.assertLess(time.monotonic() - known, 3)
        self.daemon.wait_for_log("me@me is held back no more")
        self.assertEqual(self.daemon.log().count(self.WHY), 1)

    def test_a_node_whose_name_another_has_is_held_back(self):
        twin, _ = self.add("me@me", "peer@h1")
        self.dns.set("me", "127.0.0.1", "127.0.1.1")
        self.begin()
        self.daemon.wait_for_log(self.WHY + "several nodes have this name, at ")
        line, = [line for line in self.daemon.log().splitlines() if self.WHY in line]
        self.assertIn("127.0.0.1:", line)
        self.assertIn("127.0.1.1:", line)
        self.wait_for_rounds(10)
        self.assertEqual(self.local.pushes(), 0)
        twin.name = ""
        self.dns.set("me", "127.0.0.1")
        wait_until(lambda: self.local.told() == ["peer@h1"], "it is told of the other")

    def test_messages_wait_as_well(self):
        self.add("peer@h1")
        self.begin(push="message")
        self.local.process = 1
        self.daemon.wait_for_log(self.WHY)
        self.assertEqual(self.local.messages, [])
        self.dns.set("me", "127.0.0.1")
        wait_until(lambda: self.local.messages, "it is told of the other")

    def test_a_node_that_is_held_back_later_keeps_what_it_has_and_is_told_of_nothing(self):
        self.add("peer@h1")
        self.dns.set("me", "127.0.0.1")
        self.begin(push="message")
        self.local.process = 1
        wait_until(lambda: self.local.messages, "it is told of the other")
        told = list(self.local.messages)
        twin, = self.add("me@me")
        self.dns.set("me", "127.0.0.1", "127.0.1.2")
        self.daemon.wait_for_log(self.WHY)
        self.add("new@h3")
        self.wait_for_rounds(3)
        self.assertEqual(self.local.messages, told)
        twin.name = ""
        self.dns.set("me", "127.0.0.1")
        wait_until(lambda: len(self.local.messages) > len(told), "it is told of the new one")

    def test_where_nobody_else_is_nobody_is_held_back(self):
        self.dns.set("web")
        self.begin()
        self.fake("you@me")
        wait_until(lambda: self.local.told() == ["you@me"], "it is told of its neighbour")


class Shown(WebTest):
    """Where else it is said that a node is held back."""

    def test_http_tells_who_is_held_back_and_why(self):
        self.add("peer@h1")
        self.serve()
        self.enterContext(FakeNode("me@me", self.port))
        told, = wait_until(lambda: self.json("/v1/members")["held_back"], "it is held back")
        self.assertEqual(told["node"], "me@me")
        self.assertIn("the DNS does not know its host part 'me'", told["why"])
        self.assertIn("the DNS does not know its host part", self.get("/")[2])
        self.assertEqual(self.metrics()["portolan_held_back"], 1)
        self.dns.set("me", "127.0.0.1")
        wait_until(lambda: self.metrics()["portolan_held_back"] == 0, "it is released")
        self.assertEqual(self.json("/v1/members")["held_back"], [])


if __name__ == "__main__":
    unittest.main()
