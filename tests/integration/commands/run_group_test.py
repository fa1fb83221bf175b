"""`portolan run --signal-group`: signals reach the whole process group of the command, and `run`
ends when all of it has, also at a terminal."""

import os
import pathlib
import signal
import socket
import sys
import tempfile
import unittest

import background
import daemons
import needs
import network
from daemons import wait_until
from packets import NAMES
from programs import Program
from terminals import Terminal

# As RabbitMQ's: a script that starts another and has no trap of its own, so it dies first.
WRAPPER = '"$@"\nexit $?'
# A server that takes its time to stop, and says so. TERM asks it to.
SERVER = """
import os, signal, sys, time
def stop(*_):
    os.write(1, b"stopping\\n")
    time.sleep(float(sys.argv[1]))
    os.write(1, b"stopped in order\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
for name in ("INT", "QUIT", "USR1", "HUP"):
    signal.signal(getattr(signal, "SIG" + name),
                  lambda number, _: os.write(1, signal.Signals(number).name.encode() + b"\\n"))
os.write(1, b"ready %d\\n" % (os.tcgetpgrp(0) == os.getpgrp() if os.isatty(0) else 0))
while True:
    signal.pause()
"""
# Says when the process that started it, which it is told, has ended, and each time that it is continued.
LEFT = """
import os, signal, sys, time
signal.signal(signal.SIGCONT, lambda *_: os.write(1, b"woken\\n"))
signal.signal(signal.SIGQUIT, lambda *_: os._exit(0))
while os.getppid() == int(sys.argv[1]):
    time.sleep(0.01)
os.write(1, b"left behind\\n")
while True:
    signal.pause()
"""
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"not yet\\n"))
os.write(1, b"ready\\n")
while True:
    signal.pause()
"""
LISTENING = (sys.executable, "-c", SERVER)


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()


def tearDownModule():
    background.end_children()


class GroupTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.port = network.free_port()

    def words(self, *command, options=("--signal-group",)):
        return ["run", "--port", self.port, *options, "--", *command]

    def start(self, *command, options=("--signal-group",)):
        return self.enterContext(Program(*self.words(*command, options=options)))

    def wrapped(self, seconds, options=("--signal-group",)):
        """The server behind the wrapper."""
        program = self.start("sh", "-c", WRAPPER, "sh", *LISTENING, seconds, options=options)
        program.wait_for("ready")
        return program

    def names(self):
        with socket.create_connection(("127.0.0.1", self.port), 10) as client:
            client.sendall(NAMES)
            return daemons.read_to_end(client)


class Group(GroupTest):
    def test_a_server_behind_a_script_stops_in_order(self):
        """The status is the command's, which is the script's: it died of the signal."""
        program = self.wrapped(0.5)
        self.assertEqual(program.end(), 128 + signal.SIGTERM)
        self.assertIn("stopped in order", program.said())
        self.assertIn("the command died of signal 15 (Terminated); waiting for the other processes "
                      "of its group", program.log())

    def test_without_the_option_it_is_taken_down(self):
        program = self.wrapped(0.5, options=())
        self.assertEqual(program.end(), 128 + signal.SIGTERM)
        self.assertNotIn("stopped in order", program.said())

    def test_the_epmd_serves_until_the_last_has_ended(self):
        program = self.wrapped(1)
        program.send(signal.SIGTERM)
        program.wait_for_log("waiting for the other processes")
        self.assertEqual(len(self.names()), 4)
        self.assertEqual(program.end(0), 128 + signal.SIGTERM)

    def test_other_signals_reach_the_whole_group(self):
        # The shell has traps, and so lives on.
        program = self.start("sh", "-c", 'trap : QUIT USR1; "$@" & while :; do wait; done', "sh",
                             *LISTENING, 0)
        program.wait_for("ready")
        for name in ("SIGUSR1", "SIGQUIT"):
            program.send(getattr(signal, name))
            program.wait_for(name)
        program.end(signal.SIGKILL)

    def test_a_second_signal_reaches_those_who_are_left(self):
        program = self.start("sh", "-c", WRAPPER, "sh", sys.executable, "-c", """
import os, signal
signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"not yet\\n"))
os.write(1, b"ready\\n")
while True:
    signal.pause()
""")
        program.wait_for("ready")
        for count in (1, 2, 3):
            program.send(signal.SIGTERM)
            program.wait_for("not yet", count)
        # What ends it is a signal that it does not handle.
        self.assertEqual(program.end(signal.SIGQUIT), 128 + signal.SIGTERM)

    def test_a_command_that_ends_by_itself_is_not_all(self):
        program = self.start("sh", "-c", "(sleep 0.3; echo last) & exit 5")
        self.assertEqual(program.end(0), 5)
        self.assertIn("last", program.said())
        self.assertIn("has exited with 5; waiting", program.log())

    def test_one_who_has_left_the_group_is_not_waited_for(self):
        program = self.start("sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & exit 5")
        self.assertEqual(program.end(0), 5)

    def test_one_who_is_nobody_of_ours_is_waited_for(self):
        """Its parent has left the group, so its end is told to another than us."""
        script = """
import os, subprocess, time
child = subprocess.Popen(["sh", "-c", "sleep 0.5; echo last"])
if os.fork():
    os._exit(3)
os.setsid()
"""
        program = self.start(sys.executable, "-c", script)
        self.assertEqual(program.end(0), 3)
        self.assertIn("last", program.said())

    def test_a_command_that_is_not_there(self):
        done = self.start("no-such-command")
        self.assertEqual(done.end(0), 127)

    def test_as_the_first_process(self):
        needs.root()
        program = self.enterContext(Program(
            *self.words("sh", "-c", WRAPPER, "sh", *LISTENING, 0.3), prefix=[
                needs.program("unshare"), "--pid", "--fork", "--kill-child",
                "--mount-proc"]))
        program.wait_for("ready")
        (first,) = pathlib.Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text(
            "ascii").split()
        os.kill(int(first), signal.SIGTERM)
        self.assertEqual(program.end(0), 128 + signal.SIGTERM)
        self.assertIn("stopped in order", program.said())


class Terminals(GroupTest):
    def at_terminal(self, *command):
        words = [daemons.portolan(), *map(str, self.words(
            *command, options=("--signal-group", "--log-level", "error")))]
        return self.enterContext(Terminal(*words))

    def test_a_key_reaches_each_process_once(self):
        """The terminal sends it to the group; we do not send it again."""
        terminal = self.at_terminal("sh", "-c", 'trap : INT; "$@" & while :; do wait; done', "sh",
                                    *LISTENING, "0")
        terminal.wait_for("ready")
        terminal.type("\x03")
        terminal.wait_for("SIGINT")
        os.kill(terminal.pid, signal.SIGUSR1)
        shown = terminal.wait_for("SIGUSR1")
        self.assertEqual(shown.count("SIGINT"), 1)
        os.kill(terminal.pid, signal.SIGTERM)
        terminal.wait_for("stopped in order")

    def test_those_who_are_left_keep_the_terminal(self):
        terminal = self.at_terminal("sh", "-c", WRAPPER, "sh", *LISTENING, "0.2")
        terminal.wait_for("ready 1")
        os.kill(terminal.pid, signal.SIGTERM)
        terminal.wait_for("stopped in order")
        self.assertEqual(terminal.status(), 128 + signal.SIGTERM)

    def test_those_who_are_left_go_on_where_no_shell_would_wake_them(self):
        """By Ctrl-Z they are stopped, and we are the first process of the session."""
        terminal = self.at_terminal("sh", "-c", '"$@" $$ & exit 0', "sh", sys.executable, "-c",
                                    LEFT)
        terminal.wait_for("left behind")
        terminal.type("\x1a")
        terminal.wait_for("woken")
        terminal.type("\x1c")
        self.assertEqual(terminal.status(), 0)

    def test_the_terminal_is_given_back_when_all_have_ended(self):
        words = [daemons.portolan(), *map(str, self.words(
            "sh", "-c", "(sleep 0.3; echo last) & exit 3",
            options=("--signal-group", "--log-level", "error")))]
        terminal = self.enterContext(Terminal(
            "sh", "-c", '"$@"; echo "ended with $?"; read -r line; echo "<$line>"', "sh", *words))
        shown = terminal.wait_for("ended with 3")
        self.assertIn("last", shown)
        terminal.type("typed\n")
        terminal.wait_for("<typed>")
        self.assertEqual(terminal.status(), 0)


if __name__ == "__main__":
    unittest.main()
