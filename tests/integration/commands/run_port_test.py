"""`portolan run --port`: its command's nodes find the daemon at that port."""

import unittest

import background
import daemons
import network
import nodes
from programs import run


def setUpModule():
    network.enter_private_network()
    # Of a node that does not find the daemon, the EPMD that it starts.
    background.adopt_orphans()
    daemons.portolan()


def tearDownModule():
    background.end_children()


class Port(unittest.TestCase):
    def test_the_command_is_told_whatever_its_environment_says(self):
        port = network.free_port()
        done = run("run", "--port", port, "--", "sh", "-c", "echo $ERL_EPMD_PORT",
                   environment={"ERL_EPMD_PORT": "1"})
        self.assertEqual(done.stdout, f"{port}\n", done.stderr)

    def test_its_node_registers_there(self):
        ask = ("-eval", 'io:format("~0p", [erl_epmd:names()]), halt().')
        done = run("run", "--port", network.free_port(), "--",
                   *nodes.Node.erl("a@localhost", ask), environment=nodes.environment())
        self.assertRegex(done.stdout, r'^\{ok,\[\{"a",\d+\}\]\}$')
        self.assertIn("registered 'a'", done.stderr)
        self.assertEqual(background.owners(4369), set())


if __name__ == "__main__":
    unittest.main()
