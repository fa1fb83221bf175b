"""What kind of process our first face is: signals, -daemon, the system's log."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import unittest

import background
import daemons
import kernel
import network
import private_dev
from daemons import Ours, Reference, Serve, wait_until
from deviations_test import paused, reset
from packets import DUMP, KILL, NAMES, alive, lookup, packet, stop

WATCHED = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGPIPE", "SIGTERM", "SIGCHLD", "SIGALRM", "SIGUSR1")


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    reference_and_ours()


def tearDownModule():
    background.end_children()


def reference_and_ours():
    return daemons.reference_epmd(), daemons.our_epmd()


def properties(pid):
    """What can be seen of a process, as far as two correct daemons must agree."""
    process = pathlib.Path(f"/proc/{pid}")
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
    session, terminal = (process / "stat").read_text().rpartition(")")[2].split()[3:5]
    ignored = int(status["SigIgn"], 16)
    return {
        "directory": os.readlink(process / "cwd"), "umask": status["Umask"],
        "ignores": [name for name in WATCHED if ignored >> (signal.Signals[name] - 1) & 1],
        "leads its session": int(session) == pid, "in our session": int(session) == os.getsid(0),
        "terminal": terminal, "standard": [descriptor(process, number) for number in range(3)]}


def descriptor(process, number):
    flags = re.search(r"flags:\t(\d+)", (process / f"fdinfo/{number}").read_text())[1]
    return os.readlink(process / f"fd/{number}"), int(flags, 8) & os.O_ACCMODE


def open_files(pid):
    return {os.readlink(path) for path in pathlib.Path(f"/proc/{pid}/fd").iterdir()}


@contextlib.contextmanager
def in_background(command, *arguments, port=None, **popen):
    port = port or network.free_port()
    done, pid = background.start_in_background(
        [*command, "-daemon", "-port", str(port), *arguments], port, **popen)
    try:
        yield done, pid, port
    finally:
        if background.is_running(pid):
            background.end(pid)


def ask(port, request, end=False):
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(request)
        if end:
            client.shutdown(socket.SHUT_WR)
        return daemons.read_to_end(client)


class InTheForeground(unittest.TestCase):
    def test_it_leaves_everything_as_it_was(self):
        with Reference() as theirs, Ours() as ours:
            expected, found = properties(theirs.pid), properties(ours.pid)
        # The two outputs are files of their own.
        found.pop("standard")
        expected.pop("standard")
        self.assertEqual(found, expected)
        self.assertTrue(found["in our session"])

    def test_signals_end_it(self):
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            ends = []
            for kind in (Reference, Ours):
                with kind() as daemon:
                    daemon.signal(number)
                    ends.append((daemon.wait_until_ended(), daemon.output()))
            self.assertEqual(*ends)

    def test_a_broken_pipe_does_not(self):
        for kind in (Reference, Ours):
            with kind() as daemon:
                daemon.signal(signal.SIGPIPE)
                self.assertEqual(daemon.names(), [])


class InTheBackground(unittest.TestCase):
    def seen(self, command):
        reading, writing = os.pipe()
        try:
            with in_background(command, pass_fds=(writing,)) as (done, pid, port):
                pipe = os.readlink(f"/proc/self/fd/{writing}")
                return {"result": (done.returncode, done.stdout, done.stderr),
                        "leaked": pipe in open_files(pid), "answer": len(ask(port, NAMES)),
                        **properties(pid)}
        finally:
            os.close(reading)
            os.close(writing)

    def test_it_cuts_all_ties(self):
        theirs, ours = map(self.seen, reference_and_ours())
        self.assertEqual(ours, theirs)
        self.assertFalse(ours["leaked"])
        self.assertEqual(ours["standard"], [("/dev/null", os.O_RDONLY), ("/dev/null", os.O_WRONLY),
                                            ("/dev/null", os.O_WRONLY)])

    def test_it_starts_with_closed_standard_descriptors(self):
        closing = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
        for command in reference_and_ours():
            with self.subTest(command), in_background([*closing, *command]) as (done, pid, port):
                self.assertEqual(done.returncode, 0)
                self.assertEqual(len(ask(port, NAMES)), 4)
                self.assertEqual(open_files(pid) & {"/dev/null"}, {"/dev/null"})

    def test_a_hangup_does_not_end_it_and_a_termination_does(self):
        for command in reference_and_ours():
            with self.subTest(command), in_background(command) as (_, pid, port):
                os.kill(pid, signal.SIGHUP)
                self.assertEqual(len(ask(port, NAMES)), 4)
                os.kill(pid, signal.SIGTERM)
                wait_until(lambda: not background.is_running(pid), "it has ended")

    def test_kill_ends_it_also_when_its_sender_is_gone(self):
        for kind in (Reference, Ours, Serve):
            with self.subTest(kind), kind() as daemon:
                sender = daemon.connect()
                wait_until(kernel.FarEnd(sender).is_settled, "it is accepted")
                with paused(daemon):
                    sender.sendall(KILL)
                    reset(sender)
                self.assertEqual(daemon.wait_until_ended(), 0)

    def test_kill_ends_it_with_success(self):
        for command in reference_and_ours():
            with self.subTest(command), in_background(command) as (_, pid, port):
                self.assertEqual(ask(port, KILL), b"OK")
                self.assertEqual(os.waitpid(pid, 0), (pid, 0))

    def test_nothing_is_left_but_the_daemon(self):
        for command in reference_and_ours():
            with self.subTest(command), in_background(command) as (_, pid, _):
                wait_until(lambda: self.reaped() == {pid}, "only the daemon is left")

    @staticmethod
    def reaped():
        for pid in background.children():
            if not background.is_running(pid):
                os.waitpid(pid, 0)
        return background.children()

    def test_start_up_errors_do_not_show(self):
        for arguments in (["-address", "x"], ["-address", "10.99.99.99"]):
            results = []
            for command in reference_and_ours():
                done = subprocess.run(
                    [*command, "-daemon", "-port", str(network.free_port()), *arguments],
                    env=daemons.clean_environment(), capture_output=True, timeout=15, check=False)
                results.append((done.returncode, done.stdout, done.stderr))
                background.end_children()
            with self.subTest(arguments):
                self.assertEqual(*results)


REQUESTS = {
    "nothing": (b"", True), "half a header": (b"\0", True), "no body": (b"\0\5", True),
    "half a body": (alive(b"n")[:-1], True), "length zero": b"\0\0", "too long": b"\x0b\xf2",
    "trailing": NAMES + NAMES, "unknown": packet(b"q"), "unknown, long": packet(b"y" * 500),
    "short alive": packet(b"x"), "lying nlen": alive(b"n", nlen=9),
    "lying elen": alive(b"n", elen=9),
    "NUL in a name": alive(b"n\0n"), "bad UTF-8": (alive(b"\xff"), True),
    "long name": (alive(b"n" * 256), True), "very long name": (alive(b"n" * 1021), True),
    "long extra": (alive(b"n", extra=b"e" * 1021), True), "good": (alive(b"n"), True),
    "lookup of nothing": lookup(b""), "lookup with NUL": lookup(b"a\0b"),
    "lookup of bad UTF-8": lookup(b"\xff"), "lookup of a long name": lookup(b"n" * 255),
    "lookup of nobody": lookup(b"nobody"), "names": NAMES, "dump": DUMP, "stop": stop(b"n"),
    "short stop": stop(b""), "kill": KILL}


class SystemLog(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        private_dev.enter_private_dev()

    def test_bad_requests(self):
        for what, request in REQUESTS.items():
            with self.subTest(what):
                theirs, ours = (self.logged(command, *(request if isinstance(request, tuple)
                                                       else (request, False)))
                                for command in reference_and_ours())
                self.assertEqual(ours, theirs)

    def logged(self, command, request, end, *arguments):
        with private_dev.SystemLog() as log:
            with in_background(command, *arguments) as (_, pid, port):
                log.lines()
                if ask(port, request, end) == b"OK":
                    os.waitpid(pid, 0)
                else:
                    ask(port, NAMES)
                return log.lines()

    def test_a_taken_name(self):
        self.assert_same(self.taken)

    def taken(self, command):
        with private_dev.SystemLog() as log, in_background(command) as (_, _, port):
            with socket.create_connection(("127.0.0.1", port)) as owner:
                owner.sendall(alive(b"n"))
                owner.recv(6)
                log.lines()
                ask(port, alive(b"n"), True)
                ask(port, KILL)
                return log.lines()

    def test_a_relaxed_kill_and_stop(self):
        for request in (KILL, stop(b"n"), stop(b"")):
            theirs, ours = (self.logged(command, request, False, "-relaxed_command_check")
                            for command in reference_and_ours())
            self.assertEqual(ours, theirs)

    def test_start_up_errors(self):
        for arguments in (["-address", "x"], ["-address", "10.99.99.99"]):
            with self.subTest(arguments):
                self.assert_same(lambda command, given=arguments: self.failed(command, given))

    def failed(self, command, arguments):
        with private_dev.SystemLog() as log:
            subprocess.run([*command, "-daemon", "-port", "10000", *arguments], timeout=15,
                           env=daemons.clean_environment(), capture_output=True, check=False)
            wait_until(lambda: not InTheBackground.reaped(), "it has given up")
            return log.lines()

    def assert_same(self, act):
        theirs, ours = map(act, reference_and_ours())
        self.assertEqual(ours, theirs)


if __name__ == "__main__":
    unittest.main()
