"""`--peers`: which addresses can be members."""

import pathlib
import signal
import tempfile
import unittest

import daemons
import network
from discovery_world import WorldTest
from programs import Program, run

WHY = "its address is outside --peers, and nothing is asked of it"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Peers(WorldTest):
    """Two hosts behind the alias, of which one is outside."""

    def setUp(self):
        super().setUp()
        self.asked = []
        self.add("a@h1")
        self.cluster.add("127.0.2.1", "b@h2", epmd=self.answer)
        self.dns.set("web", "127.0.1.1", "127.0.2.1")
        self.query = f"web:{self.cluster.epmd_port}"
        self.line = f"a host at 127.0.2.1:{self.cluster.epmd_port} via {self.query} is not a member: {WHY}"

    def answer(self, connection):
        self.asked.append("names")
        connection.sendall(self.cluster.listing("b"))

    def run_portolan(self, command, *words, **further):
        return run(command, *words, "--nameservers", self.dns.address, **further)

    def test_discover_leaves_it_out_and_says_why(self):
        done = self.run_portolan("discover", self.query, "--peers", "127.0.1.0/24")
        self.assertEqual((done.stdout, done.returncode), ("a@h1\n", 0), done.stderr)
        self.assertIn(self.line, done.stderr)
        self.assertEqual((self.asked, self.cluster.hosts["127.0.2.1"].probes), ([], 0))

    def test_several_networks_and_the_variable(self):
        for words, variable in ((("--peers", "127.0.1.1,127.0.2.0/24"), {}),
                                ((), {"PORTOLAN_PEERS": "127.0.1.1,127.0.2.0/24"})):
            done = self.run_portolan("discover", self.query, *words, environment=variable)
            self.assertEqual(done.stdout, "a@h1\nb@h2\n", done.stderr)

    def test_wait_does_not_count_it(self):
        done = self.run_portolan("wait", self.query, "--min", "2", "--timeout", "500ms", "--peers",
                                 "127.0.1.0/24")
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.line, done.stderr)

    def test_what_is_no_network_is_refused(self):
        done = self.run_portolan("discover", self.query, "--peers", "10.0.0.0/33")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--peers: '10.0.0.0/33' is not a range of addresses", done.stderr)

    def test_serve_logs_it_once_and_takes_another_list_on_sighup(self):
        config = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "portolan.conf")
        config.write_text('peers = "127.0.1.0/24"\n', "utf-8")
        daemon = self.enterContext(Program(
            "serve", "--port", network.free_port(), "--nameservers", self.dns.address, "--discover",
            self.query, "--interval", "200ms", "--config", config))
        daemon.wait_for("joined a@h1")
        daemon.wait_for_log(self.line)
        self.wait_for_rounds(5)
        self.assertEqual(daemon.log().count(WHY), 1)
        self.assertEqual(self.asked, [])
        config.write_text('peers = ["127.0.1.0/24", "127.0.2.0/24"]\n', "utf-8")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("joined b@h2")
        config.write_text('peers = "127.0.2.0/24"\n', "utf-8")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("left a@h1")
        self.assertIn(f"a@h1 left: {WHY}", daemon.wait_for_log("a@h1 left"))
        self.assertNotIn("cannot change while the daemon runs", daemon.log())

    def test_the_doctor_says_so(self):
        done = self.run_portolan("doctor", "--discover", self.query, "--peers", "127.0.1.0/24")
        self.assertIn(f"1 of 2 addresses of {self.query} are outside --peers: 127.0.2.1",
                      done.stdout)
        self.assertEqual(self.asked, [])
        done = self.run_portolan("doctor", "--discover", self.query, "--peers", "10.0.0.0/8")
        self.assertIn(f"2 of 2 addresses of {self.query} are outside --peers", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_the_doctor_stops_at_a_node_that_is_outside(self):
        done = self.run_portolan("doctor", "b@h2", "--peers", "127.0.1.0/24")
        self.assertIn("1 of 1 addresses of h2 are outside --peers: 127.0.2.1", done.stdout)
        self.assertEqual((done.returncode, self.asked), (1, []))


if __name__ == "__main__":
    unittest.main()
