"""What the doctor is tested with: a DNS, a daemon of this host, nodes that are real or played, and
what is told of each step."""

import json
import pathlib
import tempfile
import unittest

import daemons
import network
import packets
from discovery_world import Dns, Server, hold
from nodes import Node
from programs import run

HTTP = b"HTTP/1.1 400 Bad Request\r\n\r\n"


def says(*pieces):
    """Says this to whoever says something, and holds the line."""
    def play(connection):
        connection.recv(1000)
        connection.sendall(b"".join(pieces))
        hold(connection)
    return play


def closes(connection):
    connection.recv(1000)


class DoctorTest(unittest.TestCase):
    """A DNS of the test's own, in which node1 is this host, and a daemon here."""

    def setUp(self):
        self.dns = Dns()
        self.addCleanup(self.dns.close)
        self.dns.set("node1", "127.0.1.1")
        self.daemon = daemons.Serve()
        self.addCleanup(self.daemon.stop)
        self.port = self.daemon.port
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_doctor(self, *words, cookie=None, environment=None, port=None, **running):
        given = {"HOME": str(self.folder)} | (environment or {})
        if cookie:
            given["PORTOLAN_COOKIE"] = cookie
        return run("doctor", *words, "--port", port or self.port, "--nameservers",
                   self.dns.address, environment=given, **running)

    def node(self, name, *flags, kind=Node):
        node = kind(name, "-start_epmd", "false", *flags,
                    further={"ERL_EPMD_PORT": str(self.port)})
        self.addCleanup(node.end)
        return node.wait_until_registered(self.daemon)

    def serve(self, handle, address="127.0.0.1"):
        server = Server((address, network.free_port()), handle)
        self.addCleanup(server.close)
        return server.server_address[1]

    def register(self, name, port):
        connection = self.daemon.connect()
        self.addCleanup(connection.close)
        connection.sendall(packets.alive(name, port=port))
        self.assertEqual(connection.recv(100)[1], 0)

    def play(self, name, handle):
        """A node that is played by a function."""
        self.register(name, self.serve(handle, address="0.0.0.0"))

    def steps(self, *words, **further):
        """By their names, those that were taken, as JSON has them."""
        result = self.run_doctor(*words, "--json", **further)
        told = json.loads(result.stdout)
        self.assertEqual(result.returncode, 0 if told["healthy"] else 1)
        return {step["step"]: step for step in told["steps"]}

    def assert_broken(self, name, *words, step, found, remedy, **further):
        """Exactly this step, it is the last one, and it says so."""
        steps = self.steps(name, *words, **further)
        broken = [each for each in steps if steps[each]["result"] == "failed"]
        self.assertEqual((broken, list(steps)[-1]), ([step], step), steps)
        self.assertIn(found, steps[step]["found"])
        self.assertIn(remedy, steps[step]["remedy"])
        self.assertGreater(len(steps[step]["meaning"]), 10)

    def assert_unclear(self, name, *words, step, found, **further):
        steps = self.steps(name, *words, **further)
        self.assertEqual({each["result"] for each in steps.values()}, {"ok", "unknown"}, steps)
        self.assertEqual(steps[step]["result"], "unknown", steps)
        self.assertIn(found, steps[step]["found"])
