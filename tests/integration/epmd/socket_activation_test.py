"""epmd -systemd: sockets that somebody else has opened, and what is told about it."""

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import daemons
import network
from daemons import wait_until
from packets import DUMP, KILL, NAMES, alive, lookup

# Puts the given descriptors at 3 and above and becomes the given command.
_ACTIVATE = """import os, sys
count = int(sys.argv[1])
for number in range(count):
    os.dup2(int(sys.argv[2 + number]), 3 + number)
os.environ["LISTEN_PID"] = os.environ.pop("PID", "") or str(os.getpid())
os.execvp(sys.argv[2 + count], sys.argv[2 + count:])
"""


def setUpModule():
    network.enter_private_network()
    reference_and_ours()


def reference_and_ours():
    return daemons.reference_epmd(), daemons.our_epmd()


@contextlib.contextmanager
def notified():
    """A socket for what a service tells its manager, and its path."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(f"{folder}/notify")
            told.settimeout(10)
            yield f"{folder}/notify", told


def listen(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, 0), family=family)


def moved_up(number):
    """A duplicate above the range that the daemon's sockets will take."""
    return fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 100)


class Systemd(unittest.TestCase):
    maxDiff = None

    @contextlib.contextmanager
    def activated(self, command, servers, arguments=(), **environment):
        """The daemon as systemd starts it, and the socket on which it tells its state."""
        with contextlib.ExitStack() as closed:
            path, told = closed.enter_context(notified())
            given = [moved_up(server.fileno()) for server in servers]
            for number in given:
                closed.callback(os.close, number)
            steering = {"LISTEN_FDS": str(len(given)), "NOTIFY_SOCKET": path} | environment
            process = subprocess.Popen(
                [sys.executable, "-c", _ACTIVATE, str(len(given)), *map(str, given), *command,
                 "-systemd", *arguments], pass_fds=given, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=daemons.clean_environment(steering))
            closed.callback(process.communicate)
            closed.callback(process.kill)
            yield process, told

    def test_it_serves_on_the_given_sockets(self):
        for addresses in (["127.0.0.1"], ["127.0.0.1", "::1"], ["127.0.0.2", "127.0.0.3"]):
            for arguments in ([], ["-port", "5"], ["-address", "10.99.99.99"], ["-d"]):
                with self.subTest(addresses, arguments=arguments):
                    theirs, ours = (self.served(command, addresses, arguments)
                                    for command in reference_and_ours())
                    self.assertEqual(ours, theirs)

    def served(self, command, addresses, arguments):
        servers = [listen(address) for address in addresses]
        with contextlib.ExitStack() as closed:
            for server in servers:
                closed.enter_context(server)
            with self.activated(command, servers, arguments) as (process, told):
                notes = [self.note(told, process.pid)]
                answers = [self.ask(server, NAMES) for server in servers]
                answers.append(self.ask(servers[0], KILL))
                status = process.wait(10)
                notes += self.left(told, process.pid)
                return notes, answers, status

    @staticmethod
    def ask(server, request):
        address = server.getsockname()[:2]
        with socket.create_connection(address, 10) as client:
            client.sendall(request)
            return daemons.read_to_end(client)

    @staticmethod
    def left(told, pid):
        told.settimeout(0)
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(Systemd.note(told, pid))
        return found

    @staticmethod
    def note(told, pid):
        """What is told next, but for what we have stored: see D6."""
        while (note := told.recv(1000)).startswith(b"FDSTORE=1"):
            continue
        return note.replace(b"%d" % pid, b"PID")

    def test_mapped_peers_of_a_dual_stack_socket(self):
        theirs, ours = map(self.mapped, reference_and_ours())
        self.assertEqual(ours, theirs)

    def mapped(self, command):
        server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        with server, self.activated(command, [server]) as (_, told):
            told.recv(1000)
            port, answers = server.getsockname()[1], []
            for source, target in (("127.0.0.1", "127.0.0.1"), ("127.8.9.10", "127.0.0.1"),
                                   ("127.0.0.1", "127.8.9.10"), ("127.8.9.10", "127.8.9.10"),
                                   ("::1", "::1")):
                for request in (DUMP, NAMES, lookup(b"n"), alive(b"\xff")):
                    with socket.create_connection((target, port), 10, (source, 0)) as client:
                        client.sendall(request)
                        client.shutdown(socket.SHUT_WR)
                        answers.append((source, target, daemons.read_to_end(client)))
            return answers

    def test_what_is_wrong_ends_it(self):
        for environment in ({"LISTEN_FDS": ""}, {"LISTEN_FDS": "0"}, {"LISTEN_FDS": "x"},
                            {"LISTEN_FDS": "-1"}, {"LISTEN_FDS": "1x"}, {"PID": "1"}, {"PID": "x"},
                            {"LISTEN_FDS": "17"}, {"LISTEN_FDS": "2"}):
            with self.subTest(environment):
                theirs, ours = (self.refused(command, environment)
                                for command in reference_and_ours())
                self.assertEqual(ours, theirs)

    def refused(self, command, environment):
        with listen("127.0.0.1") as server:
            with self.activated(command, [server], **environment) as (process, _):
                out, err = process.communicate(timeout=10)
                return process.returncode, out, re.sub(rb": .* \d\d:\d\d:\d\d \d+: ", b": ", err)

    def test_too_many_sockets(self):
        def given(command, count):
            with contextlib.ExitStack() as closed:
                servers = [closed.enter_context(listen("127.0.0.1")) for _ in range(count)]
                with self.activated(command, servers) as (process, told):
                    has_room = count <= 16  # else it ends, perhaps a moment after it has said so
                    wait_until(lambda: process.poll() is not None or
                               (has_room and self.left(told, 0)), "it acts")
                    return process.poll()
        for count in (16, 17):
            theirs, ours = (given(command, count) for command in reference_and_ours())
            self.assertEqual(ours, theirs)

    def test_d6_the_service_manager_is_told_of_an_end_by_a_signal(self):
        for command, notes in zip(reference_and_ours(), ([], [b"STATUS=Exited.\nERRNO=0"])):
            with listen("127.0.0.1") as server, self.activated(command, [server]) as running:
                process, told = running
                self.note(told, process.pid)  # that it is ready
                process.terminate()
                self.assertEqual(process.wait(10), -signal.SIGTERM)
                self.assertEqual(self.left(told, process.pid), notes)

    def test_without_systemd(self):
        results = []
        for command in reference_and_ours():
            done = subprocess.run([*command, "-systemd"], env=daemons.clean_environment(),
                                  capture_output=True, timeout=10, check=False)
            results.append((done.returncode, done.stdout,
                            re.sub(rb": .* \d\d:\d\d:\d\d \d+: ", b": ", done.stderr)))
        self.assertEqual(*results)


if __name__ == "__main__":
    unittest.main()
