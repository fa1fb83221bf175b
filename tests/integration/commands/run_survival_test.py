"""`portolan run` after a crash of its server, and after an upgrade: the command goes on."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import background
import daemons
import needs
import network
import nodes
from daemons import children_of, wait_until
from packets import NAMES, alive
from programs import Program
from terminals import Terminal

# Says each SIGTERM and SIGUSR1, and ends by SIGUSR2.
COMMAND = ("trap 'echo TERM' TERM; trap 'echo USR1' USR1; trap 'echo bye; exit 7' USR2; "
           "echo ready; while :; do sleep 0.01; done")


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()


def tearDownModule():
    background.end_children()


class Survival(unittest.TestCase):
    def setUp(self):
        self.port = network.free_port()

    def start(self, *command, options=(), **running):
        return self.enterContext(
            Program("run", "--port", self.port, *options, "--", *command, **running))

    def listen(self, *options, **running):
        program = self.start("sh", "-c", COMMAND, options=options, **running)
        program.wait_for("ready")
        return program

    def crash(self, program):
        self.replace_server_of(program.pid)
        self.assertTrue(self.ask(NAMES))

    def replace_server_of(self, keeper):
        self.ask(NAMES)  # a server that is killed while it starts the command is not replaced
        before = daemons.server_of(keeper)
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: daemons.server_of(keeper) not in (before, keeper),
                   "there is another server")

    def ask(self, request):
        with socket.create_connection(("127.0.0.1", self.port), 10) as client:
            client.sendall(request)
            return daemons.read_to_end(client)

    def register(self, name):
        node = self.enterContext(socket.create_connection(("127.0.0.1", self.port), 10))
        node.sendall(alive(name))
        self.assertEqual(node.recv(100)[:2], b"v\0")
        return node


class Crashes(Survival):
    def test_the_command_goes_on_and_is_not_started_again(self):
        program = self.listen()
        self.register(b"n")
        (command,) = children_of(program.server)
        for _ in range(2):
            self.crash(program)
            self.assertIn(command, children_of(program.pid))
            self.assertIn(b"name n at", self.ask(NAMES))
        self.assertEqual(program.said().count("ready"), 1)
        self.assertEqual(program.end(signal.SIGUSR2), 7)

    def test_signals_reach_it_and_its_status_is_ours(self):
        program = self.listen()
        self.crash(program)
        for name in ("TERM", "USR1"):
            program.send(getattr(signal, f"SIG{name}"))
            program.wait_for(name)
        self.assertEqual(program.end(signal.SIGUSR2), 7)
        self.assertIn("the command has exited with 7", program.log())

    def test_it_ends_of_a_signal(self):
        program = self.listen()
        (command,) = children_of(program.server)
        self.crash(program)
        os.kill(command, signal.SIGKILL)
        self.assertEqual(program.end(0), 128 + 9)

    def test_it_ends_while_no_server_runs(self):
        program = self.listen()
        (command,) = children_of(program.server)
        self.ask(NAMES)  # it has started the command
        os.kill(program.pid, signal.SIGSTOP)
        os.kill(program.server, signal.SIGKILL)
        os.kill(command, signal.SIGUSR2)
        program.wait_for("bye")
        os.kill(program.pid, signal.SIGCONT)
        self.assertEqual(program.end(0), 7)

    def test_one_that_was_asked_to_end_and_stays_goes_on_being_served(self):
        program = self.listen()
        program.send(signal.SIGTERM)
        program.wait_for("TERM")
        self.crash(program)
        self.assertEqual(program.end(signal.SIGUSR2), 7)

    def test_its_whole_group_is_waited_for(self):
        program = self.start("sh", "-c", "(trap '' TERM; sleep 1; echo last) & echo ready; exit 5",
                             options=["--signal-group"])
        program.wait_for("ready")
        self.crash(program)
        self.assertEqual(program.end(0), 5)
        self.assertIn("last", program.said())

    def test_as_the_first_process(self):
        needs.root()
        program = self.listen(prefix=[needs.program("unshare"), "--pid", "--fork", "--kill-child",
                                      "--mount-proc"])
        (keeper,) = children_of(program.pid)
        self.replace_server_of(keeper)
        os.kill(keeper, signal.SIGUSR2)
        self.assertEqual(program.end(0), 7)

    def test_a_real_node(self):
        self.port = 4369
        program = self.start(*nodes.Node.erl("a@localhost", ()), environment=nodes.environment())
        program.wait_for_log("registered 'a'", patience=30)
        before = self.ask(NAMES)
        self.crash(program)
        self.assertEqual(self.ask(NAMES), before)
        wait_until(lambda: "{started, started}" in nodes.erl_call("-n", "a@localhost", "-a",
                                                                  "init get_status []"),
                   "it has started", 30)
        self.assertEqual(program.end(patience=30), 0)
        self.assertIn("unregistered 'a'", program.log())


class Upgrades(Survival):
    def test_the_command_goes_on(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        installed = shutil.copy(daemons.portolan(), folder / "portolan")
        program = self.listen(program=installed)
        node = self.register(b"n")
        (command,) = children_of(program.server)
        for _ in range(2):
            done = subprocess.run([daemons.portolan(), "upgrade", str(program.pid)], check=False,
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertIn("names kept: 1,", done.stdout)
            self.assertIn(command, children_of(program.pid))
        self.assertIn(b"name n at", self.ask(NAMES))
        node.close()
        wait_until(lambda: b"name n at" not in self.ask(NAMES), "its name is gone")
        self.assertEqual(program.said().count("ready"), 1)
        program.send(signal.SIGTERM)
        program.wait_for("TERM")
        self.assertEqual(program.end(signal.SIGUSR2), 7)


class Terminals(Survival):
    def in_a_shell(self, script, *command):
        terminal = self.enterContext(Terminal("bash", "-c", script, "bash", daemons.portolan(),
                                              "run", "--port", str(self.port), "--", *command))
        return terminal

    def test_a_command_is_stopped_and_continued_after_a_crash(self):
        terminal = self.in_a_shell(
            'set -m; "$@"; echo "stopped with $?"; read -r line; echo "<$line>"; fg >/dev/null; '
            'echo "ended with $?"', "sh", "-c", 'echo ready; read -r line; echo "[$line]"; exit 4')
        terminal.wait_for("ready")
        (keeper,) = children_of(terminal.pid)
        self.replace_server_of(keeper)
        self.assertTrue(self.ask(NAMES))
        terminal.type("\x1a")
        terminal.wait_for(f"stopped with {128 + signal.SIGSTOP}")
        self.assertTrue(self.ask(NAMES))  # it is served meanwhile
        terminal.type("one\n")
        terminal.wait_for("<one>")
        terminal.type("two\n")
        terminal.wait_for("[two]")
        terminal.wait_for("ended with 4")


if __name__ == "__main__":
    unittest.main()
