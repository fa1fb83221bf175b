"""`portolan run -- CMD`: a container's entrypoint, with real commands, as the first process of a
container and elsewhere."""

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
import nodes
from daemons import Serve, children_of, wait_until
from discovery_world import WorldTest
from packets import KILL, NAMES
from programs import Program, run

# Says which signals it gets, one a line.
LISTENER = """
import os, signal, sys
def tell(number, _):
    os.write(1, signal.Signals(number).name.encode() + b"\\n")
for name in ("TERM", "INT", "QUIT", "USR1", "USR2", "HUP"):
    signal.signal(getattr(signal, "SIG" + name), tell)
os.write(1, b"ready\\n")
while True:
    signal.pause()
"""
PASSED_ON = ("TERM", "INT", "QUIT", "USR1", "USR2")


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()


def tearDownModule():
    background.end_children()


class RunTest(WorldTest):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.port = network.free_port()

    def start(self, *command, options=(), **running):
        program = Program("run", "--port", self.port, *options, "--", *command, **running)
        return self.enterContext(program)

    def listen(self, *options):
        """With a command that says which signals it gets."""
        program = self.start(sys.executable, "-c", LISTENER, options=options)
        program.wait_for("ready")
        self.addCleanup(lambda: [os.kill(pid, signal.SIGKILL) for pid in commands_of(program)])
        return program

    def status(self, *command, options=(), **running):
        return run("run", "--port", self.port, *options, "--", *command, **running)

    def ask(self, request):
        with socket.create_connection(("127.0.0.1", self.port), 10) as client:
            client.sendall(request)
            return daemons.read_to_end(client)


class Statuses(RunTest):
    def test_it_ends_with_the_commands(self):
        for script, status in (("exit 0", 0), ("exit 7", 7), ("exit 255", 255),
                               ("kill -TERM $$", 128 + 15), ("kill -KILL $$", 128 + 9)):
            with self.subTest(script):
                self.assertEqual(self.status("sh", "-c", script).returncode, status)

    def test_a_command_that_is_not_there(self):
        for command in ("no-such-command", "/no/such/command"):
            done = self.status(command)
            self.assertEqual(done.returncode, 127)
            self.assertIn(f"cannot run {command}: No such file or directory", done.stderr)

    def test_a_command_that_cannot_be_executed(self):
        text = self.folder / "text"
        text.write_text("no program")
        for command in (text, self.folder):
            done = self.status(command)
            self.assertEqual(done.returncode, 126)
            self.assertIn(f"cannot run {command}: Permission denied", done.stderr)

    def test_without_a_command(self):
        for words in (["run"], ["run", "--"], ["run", "--port", "1"]):
            done = run(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("a command is missing", done.stderr)

    def test_what_stands_behind_the_dashes_is_the_commands(self):
        done = self.status("sh", "-c", 'echo "$@"', "sh", "--port", "x", "--", "--help", "")
        self.assertEqual((done.returncode, done.stdout), (0, "--port x -- --help \n"))

    def test_a_port_that_is_held(self):
        started = self.folder / "started"
        with Serve(port=self.port) as holder:
            done = self.status("touch", started)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"the port is in use by portolan (process {holder.pid})", done.stderr)
        self.assertFalse(started.exists())

    def test_it_listens_before_the_command_starts(self):
        for _ in range(10):
            done = self.status(daemons.portolan(), "lookup", f"nobody@localhost:{self.port}")
            self.assertIn("nobody", done.stderr + done.stdout)
            self.assertNotIn("refused", done.stderr)

    def test_standard_input_and_output_are_the_commands(self):
        told = self.folder / "in"
        told.write_text("from outside")
        with open(told, encoding="ascii") as stream:
            done = self.status("sh", "-c", "cat; echo wrong >&2", stdin=stream)
        self.assertEqual(done.stdout, "from outside")
        self.assertIn("wrong", done.stderr)

    def test_what_is_only_for_us_is_not_passed_on(self):
        ours = {"PORTOLAN_COOKIE": "secret", "NOTIFY_SOCKET": "/no/such", "LISTEN_FDS": "1",
                "LISTEN_PID": "1", "LISTEN_FDNAMES": "x"}
        done = self.status("env", environment=ours | {"PORTOLAN_LOG_LEVEL": "info", "MINE": "1"})
        names = {line.partition("=")[0] for line in done.stdout.splitlines()}
        self.assertEqual(names & set(ours), set())
        self.assertLessEqual({"PORTOLAN_LOG_LEVEL", "MINE", "PATH"}, names)


class Signals(RunTest):
    def test_those_for_the_command_reach_it_once(self):
        program = self.listen()
        for count, name in enumerate(PASSED_ON * 2, 1):
            program.send(getattr(signal, f"SIG{name}"))
            program.wait_for("SIG", count)
        self.assertEqual(program.said().split(), ["ready"] + [f"SIG{name}" for name in
                                                             PASSED_ON * 2])

    def test_what_is_passed_on_is_logged_with_the_process_that_gets_it(self):
        for options, receiver in (((), "process"), (("--signal-group",), "process group")):
            with self.subTest(receiver):
                program = self.listen(*options)
                (child,) = commands_of(program)
                for number in (signal.SIGTERM, signal.SIGUSR1):
                    program.send(number)
                    program.wait_for_log(f"info signal {int(number)} ({signal.strsignal(number)}) "
                                         f"is passed on to the command, {receiver} {child}\n")
                os.kill(child, signal.SIGKILL)
                program.end(0)

    def test_hangup_is_for_the_daemon(self):
        self.add("a@h1")
        program = self.listen("--discover", f"web:{self.cluster.epmd_port}", "--nameservers",
                              self.dns.address, "--interval", "1h", "--log-level", "debug")
        self.wait_for_rounds(5)  # more than 3 s before the next one
        before = self.rounds()
        program.send(signal.SIGHUP)
        wait_until(lambda: self.rounds() > before, "a round now", 3)
        program.send(signal.SIGUSR1)
        program.wait_for("SIGUSR1")
        self.assertNotIn("SIGHUP", program.said())

    def test_a_command_that_stays_goes_on_being_served(self):
        program = self.listen()
        program.send(signal.SIGTERM)
        program.wait_for("SIGTERM")
        self.assertEqual(len(self.ask(NAMES)), 4)
        (child,) = commands_of(program)
        os.kill(child, signal.SIGKILL)
        self.assertEqual(program.end(0), 128 + 9)
        self.assertIn("died of signal 9", program.log())

    def test_it_ends_when_the_command_has_and_not_before(self):
        program = self.start("sh", "-c", 'trap "exit 3" TERM; echo ready; while :; do sleep .05; '
                             "done")
        program.wait_for("ready")
        self.assertEqual(program.end(), 3)

    def test_who_may_kill_the_daemon_asks_the_command_to_end(self):
        program = self.listen("--relaxed-command-check")
        self.assertEqual(self.ask(KILL), b"OK")
        program.wait_for("SIGTERM")
        self.assertEqual(len(self.ask(NAMES)), 4)

    def test_signals_that_were_blocked_or_ignored_are_the_commands_again(self):
        """Ignored by whoever started us, as nohup does, or by us, as SIGPIPE is."""
        program = self.start(
            "sh", "-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status",
            prefix=[needs.program("env"), "--ignore-signal=HUP,QUIT", "--block-signal=USR1"])
        program.end(0)
        _, blocked, _, ignored = program.said().split()
        of_the_c_library = 3 << 31  # glibc's posix_spawn ignores these two, which nobody can use
        self.assertEqual((int(blocked, 16), int(ignored, 16) & ~of_the_c_library), (0, 0))


def commands_of(program):
    """What the daemon has started; nothing if it has ended."""
    try:
        return children_of(program.server)
    except OSError:
        return []


# Leaves a process behind and says which, then another, and another …
ORPHANS = "for each in 1 2 3 4 5; do (sleep 1000 & echo $!); done; echo done; exec sleep 1000"
# The same, from within: 0 if all is as it is to be where we are the first process.
FIRST_PROCESS = """
set -e
[ "$(cat /proc/1/comm)" = portolan ]
for each in 1 2 3 4 5 6 7 8 9 10; do
  orphan=$(sleep 1000 >/dev/null & echo $!)
  kill -KILL "$orphan"
  tries=0
  while [ -e "/proc/$orphan" ]; do
    tries=$((tries + 1)); [ "$tries" -lt 1000 ] || exit 9
    sleep 0.01
  done
done
exit 4
"""


class Orphans(RunTest):
    def test_who_is_left_behind_is_taken_in_and_reaped(self):
        program = self.start("sh", "-c", ORPHANS)
        orphans = [int(pid) for pid in program.wait_for("done").split()[:-1]]
        self.assertEqual([background.parent_of(pid) for pid in orphans], [program.pid] * 5)
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(children_of(program.pid)) == 1, "all are reaped")

    def test_many_that_end_at_once(self):
        program = self.start("sh", "-c", "for each in $(seq 200); do (true &); done; echo done; "
                             "exec sleep 1000")
        program.wait_for("done", patience=30)
        wait_until(lambda: len(children_of(program.pid)) == 1, "all are reaped")

    def test_as_the_first_process(self):
        needs.root()
        program = self.start("sh", "-c", FIRST_PROCESS, prefix=[
            needs.program("unshare"), "--pid", "--fork", "--kill-child", "--mount-proc"])
        self.assertEqual(program.end(0, patience=60), 4)

    def test_while_commands_of_our_own_run(self):
        """Theirs are not taken from whoever waits for them."""
        self.add(*(f"n{number}@h{number}" for number in range(1, 11)))
        program = self.start(
            "sh", "-c", "while :; do (true &); (true &); done", options=[
                "--discover", f"web:{self.cluster.epmd_port}", "--nameservers", self.dns.address,
                "--interval", "200ms", "--on-change", "(sleep 0.01 &); exit 7"])
        program.wait_for_log("--on-change: exited with 7", 10, patience=60)
        self.assertNotIn("killed after", program.log())
        self.wait_for_rounds(2)
        self.assertEqual(program.log().count("--on-change"), 10)

    def test_who_is_left_behind_when_the_command_ends_is_not_waited_for(self):
        done = self.status("sh", "-c", "sleep 1000 >/dev/null 2>&1 & exit 5")
        self.assertEqual(done.returncode, 5)


class Nodes(RunTest):
    def setUp(self):
        super().setUp()
        for name in ("erl", "erl_call"):
            needs.program(name)
        self.port = 4369

    def erl(self):
        program = self.start(*nodes.Node.erl("a@localhost", ()), environment=nodes.environment())
        program.wait_for_log("registered 'a'", patience=30)
        # While it is still starting, Erlang drops a SIGTERM.
        wait_until(lambda: "{started, started}" in self.call("init get_status []"),
                   "it has started", 30)
        return program

    @staticmethod
    def call(function):
        return nodes.erl_call("-n", "a@localhost", "-a", function)

    def test_one_that_is_told_to_stop(self):
        program = self.erl()
        self.call("init stop []")
        self.assertEqual(program.end(0, patience=30), 0)
        self.assertEqual(program.said(), "")

    def test_one_that_ends_with_a_status(self):
        program = self.erl()
        self.call("init stop [3]")
        self.assertEqual(program.end(0, patience=30), 3)

    def test_sigterm_ends_it_as_it_ends_by_itself(self):
        program = self.erl()
        self.assertEqual(program.end(patience=30), 0)
        self.assertIn("unregistered 'a'", program.log())
        self.assertIn("SIGTERM received - shutting down", program.said())

    def test_the_epmd_that_it_starts_finds_ours(self):
        program = self.erl()
        self.assertEqual(background.daemons_at(4369), {program.pid})


if __name__ == "__main__":
    unittest.main()
