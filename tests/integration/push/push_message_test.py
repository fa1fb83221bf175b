"""`--push message`: a registered process hears who is there, who joins and who leaves, once."""

import unittest

import daemons
import needs
import network
from daemons import wait_until
from dist_terms import Atom
from programs import kill_server
from push_world import PushTest, receiver

MEMBERS, JOINED, LEFT = Atom("members"), Atom("joined"), Atom("left")


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Played(PushTest):
    """The node and its members are played by Python."""

    def serve(self, *words, **further):
        return super().serve(*words, push="message", **further)

    def listener(self, process=100):
        node = self.fake("a@localhost")
        node.process = process
        return node

    def wait_for_messages(self, node, count):
        wait_until(lambda: len(node.messages) >= count, f"{count} messages", 30)
        self.wait_for_rounds(4)
        self.assertEqual(len(node.messages), count, node.messages)
        return [message for _, message in node.messages]

    def info(self, at, **further):
        return {"address": f"127.0.1.{at}".encode(), "port": self.cluster.node_port,
                "creation": 7, "verified": "true",
                "queries": [f"web:{self.cluster.epmd_port}".encode()], **further}

    def test_who_is_there_who_joins_and_who_leaves(self):
        self.add("b@h1")
        daemon = self.serve()
        daemon.wait_for("joined b@h1")
        node = self.listener()
        self.wait_for_messages(node, 1)
        self.add("c@h2")
        self.wait_for_messages(node, 2)
        self.cluster.hosts["127.0.1.1"].name = ""
        self.assertEqual(self.wait_for_messages(node, 3), [
            ("portolan", MEMBERS, ["b@h1"]), ("portolan", JOINED, "c@h2", self.info(2)),
            ("portolan", LEFT, "b@h1", self.info(1, reason=b"its EPMD no longer lists it"))])
        self.assertEqual({name for name, _ in node.messages}, {"portolan"})
        for message in (message for _, message in node.messages):
            self.assertIsInstance(message[0], Atom)
            self.assertIsInstance(message[1], Atom)
        self.assertIn("pushed: portolan of a@localhost was told 1 members", daemon.log())

    def test_the_server_that_follows_a_crash_goes_on_telling(self):
        self.add("b@h1")
        daemon = self.serve()
        node = self.listener()
        self.wait_for_messages(node, 1)
        kill_server(daemon)
        self.add("c@h2")
        self.assertEqual(self.wait_for_messages(node, 2), [
            ("portolan", MEMBERS, ["b@h1"]), ("portolan", JOINED, "c@h2", self.info(2))])

    def test_a_node_that_was_started_anew_leaves_and_joins(self):
        (host,) = self.add("b@h1")
        self.serve().wait_for("joined")
        node = self.listener()
        self.wait_for_messages(node, 1)
        self.move(host)
        told = self.wait_for_messages(node, 3)
        self.assertEqual([message[1:3] for message in told[1:]], [(LEFT, "b@h1"), (JOINED, "b@h1")])
        self.assertEqual([message[3]["creation"] for message in told[1:]], [7, 8])

    def move(self, host):
        """Away for a round, and back with another creation."""
        host.name, host.creation = "", 8
        self.wait_for_rounds(2)
        host.name = "b@h1"

    def test_a_guess_is_told_as_one(self):
        self.add("b@h1", node=lambda connection: connection.sendall(b"\x15\x03\x03\0\2\2\x0a"))
        self.dns.set_reverse("127.0.1.1", "h1")
        node_before = self.serve()
        node = self.listener()
        node_before.wait_for("joined b@h1")
        told = self.wait_for_messages(node, 1)
        if told[0][2] == []:  # it came before
            told = self.wait_for_messages(node, 2)
            self.assertEqual(told[1][3], self.info(1, verified="false", creation=0))

    def test_neighbours_of_the_same_host_are_members(self):
        self.serve()
        node = self.listener()
        self.wait_for_messages(node, 1)
        other = self.fake("b@localhost")
        self.wait_for_messages(node, 2)
        other.close()
        told = self.wait_for_messages(node, 3)
        self.assertEqual(told[0], ("portolan", MEMBERS, []))
        self.assertEqual(told[1][1:3], (JOINED, "b@localhost"))
        self.assertEqual(told[1][3]["queries"], [])
        self.assertEqual(told[2][3]["reason"], b"its name was unregistered here")

    def test_a_process_that_comes_late_misses_nothing(self):
        self.add("b@h1")
        daemon = self.serve()
        node = self.listener(None)
        self.assert_once(daemon, "a@localhost has no process registered as portolan (yet)")
        self.add("c@h2")
        daemon.wait_for("joined c@h2")
        self.assertEqual(node.messages, [])
        node.process = 100
        self.assertEqual(self.wait_for_messages(node, 1), [("portolan", MEMBERS, ["b@h1", "c@h2"])])

    def test_a_process_that_was_restarted_hears_all(self):
        self.add("b@h1")
        self.serve().wait_for("joined")
        node = self.listener()
        self.wait_for_messages(node, 1)
        node.process = 101
        self.wait_for_messages(node, 2)
        node.process = None
        self.wait_for_rounds(3)
        node.process = 102
        self.assertEqual(self.wait_for_messages(node, 3), [("portolan", MEMBERS, ["b@h1"])] * 3)

    def test_a_name_of_ones_own(self):
        self.serve("--push-to", "Elixir.My.Listener")
        node = self.listener()
        self.wait_for_messages(node, 1)
        self.assertEqual(node.messages[0][0], "Elixir.My.Listener")
        self.assertIn(("whereis", ["Elixir.My.Listener"]), node.calls)

    def test_what_may_have_been_lost_is_told_again(self):
        self.add("b@h1")
        self.serve().wait_for("joined")

        def close_after_the_message(node, connection):
            """The second time it stays."""
            node.let_in(connection)
            while asked := node.take_packet(connection):
                node.reply(connection, asked)
            if len(node.messages) > 1:
                while True:
                    if asked := node.take_packet(connection):
                        node.reply(connection, asked)
        node = self.fake("a@localhost", push=close_after_the_message)
        node.process = 100
        self.assertEqual(self.wait_for_messages(node, 2), [("portolan", MEMBERS, ["b@h1"])] * 2)


class Real(PushTest):
    def test_a_process_of_a_real_node(self):
        for program in ("erl", "erl_call"):
            needs.program(program)
        self.serve("--push-to", "listener", push="message")
        node = self.node("a@localhost", *receiver(register="listener"))
        first = "{portolan,members,[]}\n"
        wait_until(lambda: first in node.output(), "it hears who is there", 30)
        other = self.node("b@localhost")
        wait_until(lambda: "joined" in node.output(), "it hears who joins", 30)
        other.end()
        wait_until(lambda: "left" in node.output(), "it hears who leaves", 30)
        self.wait_for_rounds(4)
        number = r"\d+"
        info = (rf"address => <<\"127.0.0.1\">>,creation => {number},port => {number},"
                rf"queries => \[\]")
        self.assertRegex(node.output(), (
            r"\Aready\n\{portolan,members,\[\]\}\n"
            rf"\{{portolan,joined,b@localhost,#\{{{info},verified => true\}}\}}\n"
            rf"\{{portolan,left,b@localhost,#\{{{info},"
            r"reason => <<\"its name was unregistered here\">>,verified => true\}\}\n\Z"))


if __name__ == "__main__":
    unittest.main()
