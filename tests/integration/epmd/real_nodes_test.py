"""Real nodes live with our EPMD as they do with OTP's: register, find each other, leave, return."""

import contextlib
import os
import subprocess
import tempfile
import unittest

import background
import daemons
import needs
import network
import nodes
from daemons import Ours, Reference, wait_until
from nodes import Node
from packets import lookup

PORT = 4369
NO_EPMD = ("-start_epmd", "false")
# What erl says of itself, hidden or not; what the interface library says.
ERL_NODE, C_NODE = 77, 104

# Registers through the library's client of EPMD, and stays.
_C_NODE = r"""
#include <ei.h>
#include <stdio.h>
#include <unistd.h>
int main(int count, char** words) {
  ei_cnode node;
  struct in_addr here = {0x0100007f};
  char name[200];
  (void)count;
  snprintf(name, sizeof name, "%s@%s", words[1], words[2]);
  ei_init();
  if (ei_connect_xinit(&node, words[2], words[1], name, &here, "c", 0) < 0) return 1;
  if (ei_publish(&node, 5678) < 0) return 2;
  pause();
  return 0;
}
"""


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    for name in ("erl", "erl_call"):
        needs.program(name)
    daemons.our_epmd()


def tearDownModule():
    background.end_children()


@contextlib.contextmanager
def together(daemon, *group):
    """Several nodes that all stand in the daemon's list, and are ended in the end."""
    with contextlib.ExitStack() as ended:
        for node in group:
            ended.enter_context(node)
        yield [node.wait_until_registered(daemon) for node in group]


class Living(unittest.TestCase):
    def assert_they_meet(self, daemon, first, second):
        self.assertEqual(first.ping(second), "pong")
        self.assertEqual(second.ping(first), "pong")
        named = first.call("net_adm names []")
        for name, port in daemon.names():
            self.assertIn(f'{{"{name.decode()}", {port}}}', named)

    def meet_and_leave(self, names, *flags):
        with Ours(port=PORT) as daemon:
            with together(daemon, *(Node(name, *NO_EPMD, *flags) for name in names)) as pair:
                self.assert_they_meet(daemon, *pair)
                self.assertEqual(pair[0].leave(), 0)
                wait_until(lambda: len(daemon.names()) == 1, "one has left")
                self.assertEqual(pair[1].ping(pair[0]), "pang")
            wait_until(lambda: daemon.names() == [], "both have left")

    def test_short_names(self):
        self.meet_and_leave(["a@localhost", "b@localhost"])

    def test_long_names(self):
        self.meet_and_leave(["a@127.0.0.1", "b@127.0.0.1"])

    def test_hidden_nodes(self):
        with Ours(port=PORT) as daemon:
            seen, unseen = Node("a@localhost", *NO_EPMD), Node("b@localhost", *NO_EPMD, "-hidden")
            with together(daemon, seen, unseen):
                self.assert_they_meet(daemon, seen, unseen)
                for name in (b"a", b"b"):
                    self.assertEqual(daemon.ask(lookup(name)[2:])[4], ERL_NODE)
                self.assertEqual(seen.call("erlang nodes []"), "[]")
                self.assertIn("b@localhost", seen.call("erlang nodes [hidden]"))

    def test_over_ipv6(self):
        with Ours(port=PORT) as daemon:
            flags = (*NO_EPMD, "-proto_dist", "inet6_tcp")
            with together(daemon, Node("a@::1", *flags), Node("b@::1", *flags)):
                pings = "[net_adm:ping('a@::1'), rpc:call('a@::1', net_adm, ping, ['b@::1'])]"
                self.assertEqual(nodes.evaluate(pings, "-name", "c@::1", "-hidden", *flags),
                                 "[pong,pong]")

    def test_a_node_of_distribution_version_5(self):
        old = {"ERL_EPMD_DIST_HIGH": "5", "ERL_EPMD_DIST_LOW": "5"}
        with Ours(port=PORT) as daemon, together(
                daemon, Node("a@localhost", *NO_EPMD, further=old),
                Node("b@localhost", *NO_EPMD)) as (first, second):
            self.assertEqual(daemon.ask(lookup(b"a")[2:])[6:10], bytes([0, 5, 0, 5]))
            self.assertEqual(second.ping(first), "pong")
            creation = second.call("rpc call ['a@localhost', erlang, system_info, [creation]]")
            self.assertIn(int(creation), (1, 2, 3))

    def test_nodes_that_do_not_listen_or_have_no_name_yet(self):
        connect = "{net_kernel:connect_node('a@localhost'), element(1, net_adm:names())}"
        with Ours(port=PORT) as daemon, together(daemon, Node("a@localhost", *NO_EPMD)):
            for flags in (["-sname", "b@localhost", "-dist_listen", "false"],
                          ["-sname", "undefined"]):
                with self.subTest(flags):
                    self.assertEqual(nodes.evaluate(connect, *NO_EPMD, *flags), "{true,ok}")

    def test_a_name_is_given_once(self):
        with Ours(port=PORT) as daemon, together(daemon, Node("a@localhost", *NO_EPMD)):
            second = nodes.evaluate("node()", "-sname", "a@localhost", *NO_EPMD)
            self.assertIn("seems to be in use by another Erlang node", second)
            self.assertEqual([name for name, _ in daemon.names()], [b"a"])

    def test_a_killed_node_may_come_back_at_once(self):
        with Ours(port=PORT) as daemon:
            creations = []
            for _ in range(5):
                with together(daemon, Node("a@localhost", *NO_EPMD)) as (node,):
                    creations.append(int(node.call("erlang system_info [creation]")))
            first = creations[0]
            self.assertEqual(creations, list(range(first, first + 5)))

    def test_many_nodes_at_once(self):
        with Ours(port=PORT) as daemon:
            group = [Node(f"n{number}@localhost", *NO_EPMD) for number in range(8)]
            with together(daemon, *group):
                for node in group[1:]:
                    self.assertEqual(group[0].ping(node), "pong")

    def test_elixir(self):
        needs.program("elixir")
        with Ours(port=PORT) as daemon:
            with together(daemon, nodes.elixir("e@localhost"), Node("a@localhost")) as pair:
                self.assert_they_meet(daemon, *pair)

    def test_a_c_node_of_the_interface_library(self):
        with Ours(port=PORT) as daemon, tempfile.TemporaryDirectory() as folder:
            program = self.compiled_c_node(folder)
            with together(daemon, Node("c@localhost", command=[program, "c", "localhost"])):
                self.assertEqual(daemon.ask(lookup(b"c")[2:])[4], C_NODE)
            wait_until(lambda: daemon.names() == [], "it has left")

    def compiled_c_node(self, folder):
        root = nodes.evaluate("code:root_dir()").strip('"')
        header = needs.file(f"{root}/usr/include/ei.h", "install erlang-dev")
        done = subprocess.run(
            [needs.program("cc"), "-I", os.path.dirname(header), "-x", "c", "-", "-o",
             f"{folder}/c_node", "-L", f"{root}/usr/lib", "-lei", "-lpthread"],
            input=_C_NODE, text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return f"{folder}/c_node"

    def test_a_node_returns_by_itself_after_the_daemon_restarted(self):
        for first, second in ((Ours, Ours), (Ours, Reference), (Reference, Ours)):
            with self.subTest(first=first, second=second):
                with first(port=PORT) as daemon:
                    node = Node("a@localhost", *NO_EPMD)
                    self.addCleanup(node.end)
                    node.wait_until_registered(daemon)
                with second(port=PORT) as daemon:
                    node.wait_until_registered(daemon)
                    self.assertEqual(node.call("erlang node []"), "a@localhost")
                node.end()


class Reading(unittest.TestCase):
    """Each program's commands read the other's daemon."""

    def test_names(self):
        for kind in (Ours, Reference):
            with self.subTest(kind), kind(port=PORT) as daemon:
                with together(daemon, Node("a@localhost", *NO_EPMD),
                              Node("b@localhost", *NO_EPMD)):
                    theirs, ours = map(self.names, (daemons.reference_epmd(), daemons.our_epmd()))
                    self.assertEqual(ours, theirs)
                    for name, port in daemon.names():
                        self.assertIn(f"name {name.decode()} at port {port}\n", ours)

    @staticmethod
    def names(command):
        return subprocess.run([*command, "-names"], text=True, check=True, timeout=30,
                              env=daemons.clean_environment(), stdout=subprocess.PIPE).stdout


class Starting(unittest.TestCase):
    """`erl` starts an EPMD by itself, and notices no difference."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(self.end_daemons)
        self.folder = folder.name

    def end_daemons(self):
        background.end_children()
        self.assertEqual(background.owners(PORT), set())

    def program(self, command):
        """A program called epmd that is the given command."""
        path = f"{self.folder}/epmd"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        if command[1:] in ([], ["epmd"]):
            # Called by this name it has to know by itself which face is wanted.
            os.symlink(command[0], path)
        else:
            self.fail(f"cannot be called epmd: {command}")
        return path

    def both(self):
        return daemons.reference_epmd(), daemons.our_epmd()

    def run_node(self, flags, further=None, erl=None):
        """Starts a node, which starts an EPMD; what both showed, and the daemon's program."""
        command = erl and [erl, "-noinput", "-sname", "a@localhost", "-setcookie", nodes.COOKIE]
        with Node("a@localhost", *flags, command=command, further=further) as node:
            (pid,) = wait_until(lambda: background.daemons_at(PORT), "erl starts an EPMD")
            daemon = Started(PORT)
            node.wait_until_registered(daemon)
            self.assertEqual(node.call("erlang node []"), "a@localhost")
            program = os.path.realpath(f"/proc/{pid}/exe")
            shown = node.output()
        wait_until(lambda: daemon.names() == [], "the node has left")
        self.assertTrue(background.is_running(pid), "the EPMD stays")
        background.end_children()
        return program, shown

    def assert_erl_starts(self, command, program_and_output):
        program, shown = program_and_output
        self.assertEqual(program, os.path.realpath(command[0]))
        self.assertEqual(shown, "")

    def test_as_the_command_it_is_told(self):
        for command in self.both():
            with self.subTest(command):
                path = self.program(command)
                self.assert_erl_starts(command, self.run_node(["-epmd", f"{path} -daemon"]))

    def test_as_the_epmd_beside_the_emulator(self):
        for command in self.both():
            with self.subTest(command):
                emulator, environment = self.emulator_with(self.program(command))
                self.assert_erl_starts(command, self.run_node([], environment, emulator))

    def emulator_with(self, epmd):
        """erlexec in a folder of its own, in which everything but epmd is the system's."""
        root = nodes.evaluate("code:root_dir()").strip('"')
        version = nodes.evaluate("erlang:system_info(version)").strip('"')
        for name in os.listdir(f"{root}/erts-{version}/bin"):
            if name != "epmd" and not os.path.lexists(f"{self.folder}/{name}"):
                os.symlink(f"{root}/erts-{version}/bin/{name}", f"{self.folder}/{name}")
        self.assertEqual(os.path.dirname(epmd), self.folder)
        return f"{self.folder}/erlexec", {"ROOTDIR": root, "BINDIR": self.folder, "EMU": "beam",
                                          "PROGNAME": "erl"}

    def test_two_nodes_that_start_at_the_same_time_share_one(self):
        path = self.program(daemons.our_epmd())
        group = [Node(f"n{number}@localhost", "-epmd", f"{path} -daemon") for number in range(4)]
        with contextlib.ExitStack() as ended:
            for node in group:
                ended.enter_context(node)
            wait_until(lambda: background.owners(PORT), "erl starts an EPMD")
            for node in group:
                node.wait_until_registered(Started(PORT))
            self.assertEqual([node.output() for node in group], [""] * 4)
            self.assertEqual(len(background.daemons_at(PORT)), 1)


class Started(daemons.Daemon):
    """A daemon that somebody else has started."""

    def __init__(self, port):  # pylint: disable=super-init-not-called
        self.port, self.address = port, "127.0.0.1"

    def names(self):
        try:
            return super().names()
        except OSError:
            return None


if __name__ == "__main__":
    unittest.main()
