"""`portolan serve --discover` in a world of loopback addresses."""

import pathlib
import socket
import tempfile

import daemons
import network
from daemons import wait_until
from discovery_world import WorldTest
from packets import NAMES
from programs import Program


class ServingTest(WorldTest):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.port = network.free_port()

    def serve(self, *words, query="web", interval="100ms", **running):
        """Our daemon, which looks for the EPMDs of the world behind a query."""
        queries = ["--discover", f"{query}:{self.cluster.epmd_port}"] if query else []
        program = Program("serve", "--port", self.port, "--nameservers", self.dns.address,
                          "--interval", interval, *queries, *words, **running)
        self.enterContext(program)
        program.wait_for_log("listening on")
        return program

    def line(self, event, name, at=1):
        return (f"{event} {name} 127.0.1.{at}:{self.cluster.node_port} "
                f"via web:{self.cluster.epmd_port}\n")

    def wait_for_slow_rounds(self):
        """After 100, 200, … 3200 ms the next one would come by itself in 6400 ms."""
        self.wait_for_rounds(7)

    def assert_a_round_now(self, do):
        before = self.rounds()
        do()
        wait_until(lambda: self.rounds() > before, "a round now", 3)

    def ask_names(self):
        with socket.create_connection(("127.0.0.1", self.port), 10) as client:
            client.sendall(NAMES)
            return daemons.read_to_end(client)
