"""`portolan run` at a terminal: the command has it, with its keys, and gives it back."""

import os
import pathlib
import re
import signal
import sys
import tempfile
import unittest

import background
import daemons
import needs
import network
import nodes
from daemons import wait_until
from terminals import Terminal

# Says which signals it gets, and whether the terminal is its own.
LISTENER = """
import os, signal
def tell(number, _):
    os.write(1, signal.Signals(number).name.encode() + b"\\n")
for name in ("TERM", "INT", "QUIT", "USR1", "WINCH"):
    signal.signal(getattr(signal, "SIG" + name), tell)
is_ours = os.tcgetpgrp(0) == os.getpgrp() == os.getpid() != os.getsid(0)
os.write(1, b"ready %d\\n" % is_ours)
while True:
    signal.pause()
"""

MORTAL = """
import os, signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.write(1, b"ready\\n")
while True:
    signal.pause()
"""


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()


def tearDownModule():
    background.end_children()


class TerminalTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.port = network.free_port()

    def words(self, *command):
        return [daemons.portolan(), "run", "--port", str(self.port), "--log-level", "error", "--",
                *command]

    def run_at_terminal(self, *command, **further):
        return self.enterContext(Terminal(*self.words(*command), **further))

    def in_a_shell(self, script, *command):
        """With what `portolan run -- command` is as "$@"."""
        return self.enterContext(Terminal("sh", "-c", script, "sh", *self.words(*command)))


class Keys(TerminalTest):
    def test_the_terminal_is_the_commands(self):
        terminal = self.run_at_terminal(sys.executable, "-c", LISTENER)
        terminal.wait_for("ready 1")

    def test_its_keys_reach_the_command_once(self):
        terminal = self.run_at_terminal(sys.executable, "-c", LISTENER)
        terminal.wait_for("ready")
        for count, key in enumerate(("\x03", "\x1c", "\x03"), 1):
            terminal.type(key)
            terminal.wait_for("SIG", count)
        os.kill(terminal.pid, signal.SIGUSR1)
        shown = terminal.wait_for("SIGUSR1")
        self.assertEqual(re.findall("SIG[A-Z0-9]+", shown),
                         ["SIGINT", "SIGQUIT", "SIGINT", "SIGUSR1"])

    def test_what_is_typed_is_the_commands(self):
        terminal = self.run_at_terminal("sh", "-c", 'read -r line; echo "<$line>"; exit 6')
        terminal.type("typed\n")
        terminal.wait_for("<typed>")
        self.assertEqual(terminal.status(), 6)

    def test_a_command_that_ends_by_a_key(self):
        # Not a shell: dash may lose a signal on the way to its next command.
        terminal = self.run_at_terminal(sys.executable, "-c", MORTAL)
        terminal.wait_for("ready")
        terminal.type("\x03")
        self.assertEqual(terminal.status(), 128 + signal.SIGINT)


    def test_a_terminal_that_is_closed(self):
        """The kernel tells the first of the session only."""
        terminal = self.run_at_terminal("sh", "-c", "echo ready; exec sleep 1000")
        terminal.wait_for("ready")
        terminal.hang_up()
        self.assertEqual(terminal.status(), 128 + signal.SIGHUP)


class Shells(TerminalTest):
    """What a script of a shell has behind it has the terminal again."""
    THEN_READ = '"$@"; echo "ended with $?"; read -r line; echo "<$line>"'

    def assert_terminal_is_back(self, status, *command):
        terminal = self.in_a_shell(self.THEN_READ, *command)
        terminal.wait_for(f"ended with {status}")
        terminal.type("typed\n")
        terminal.wait_for("<typed>")
        self.assertEqual(terminal.status(), 0)

    def test_after_a_command(self):
        self.assert_terminal_is_back(3, "sh", "-c", "exit 3")

    def test_after_a_command_that_died(self):
        self.assert_terminal_is_back(128 + 9, "sh", "-c", "kill -KILL $$")

    def test_after_a_command_that_cannot_be_run(self):
        self.assert_terminal_is_back(127, "no-such-command")

    def test_when_the_command_is_stopped_and_continued(self):
        terminal = self.in_a_shell(
            'set -m; "$@"; echo "stopped with $?"; read -r line; echo "<$line>"; fg >/dev/null; '
            'echo "ended with $?"', "sh", "-c", 'echo ready; read -r line; echo "[$line]"; exit 4')
        terminal.wait_for("ready")
        terminal.type("\x1a")
        terminal.wait_for(f"stopped with {128 + signal.SIGSTOP}")
        terminal.type("one\n")
        terminal.wait_for("<one>")
        terminal.type("two\n")
        terminal.wait_for("[two]")
        terminal.wait_for("ended with 4")

    def test_in_the_background_the_terminal_stays_the_shells(self):
        told = self.folder / "told"
        terminal = self.in_a_shell(
            'set -m; "$@" & echo started; read -r line; echo "<$line>"; wait; echo "ended $?"',
            "sh", "-c", f"echo here > {told}; sleep 0.2; exit 4")
        wait_until(lambda: told.exists() and told.read_text(), "it runs")
        terminal.type("typed\n")
        terminal.wait_for("<typed>")
        terminal.wait_for("ended")


class Prompts(TerminalTest):
    def test_erl(self):
        terminal = self.run_at_terminal(
            needs.program("erl"), "-sname", "a@localhost", "-start_epmd", "false",
            environment=nodes.environment({"ERL_EPMD_PORT": str(self.port)}))
        terminal.wait_for("(a@localhost)1> ")
        terminal.type("20 + 22.\r")
        terminal.wait_for("\n42\n")
        terminal.type("halt(5).\r")
        self.assertEqual(terminal.status(), 5)

    def test_a_node_is_not_stopped_where_nobody_would_wake_it(self):
        terminal = self.run_at_terminal(needs.program("erl"), environment=nodes.environment())
        terminal.wait_for("1> ")
        terminal.type("\x1a")
        terminal.type("20 + 22.\r")
        terminal.wait_for("\n42\n")
        terminal.type("halt(5).\r")
        self.assertEqual(terminal.status(), 5)

    def test_its_break_menu(self):
        terminal = self.run_at_terminal(needs.program("erl"), environment=nodes.environment())
        terminal.wait_for("1> ")
        terminal.type("\x03")
        terminal.wait_for("(a)bort")
        terminal.type("a\r")
        self.assertEqual(terminal.status(), 0)

    def test_iex(self):
        terminal = self.run_at_terminal(needs.program("iex"), environment=nodes.environment())
        terminal.wait_for("iex(1)> ")
        terminal.type("20 + 22\r")
        terminal.wait_for("\n42\n")
        terminal.type("System.halt(5)\r")
        self.assertEqual(terminal.status(), 5)


if __name__ == "__main__":
    unittest.main()
