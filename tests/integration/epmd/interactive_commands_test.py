"""epmd's commands (-names, -dump, -started, -kill, -stop): the same texts and exit statuses.

Both programs run against the same servers: daemons of either kind, and puppets that answer what
a script says. What deviates on purpose is in deviations_test.py.
"""

import contextlib
import itertools
import socket
import struct
import subprocess
import unittest

import daemons
import kernel
import network
from daemons import Ours, Reference, wait_until
from packets import alive
from player import LINGER_RESET

RESET = object()
ASKING = (["-names"], ["-dump"], ["-started"])
COMMANDS = (*ASKING, ["-kill"], ["-stop", "n"])
HEADER = struct.pack(">i", 4369)


def setUpModule():
    network.enter_private_network()
    reference_and_ours()


def reference_and_ours():
    return daemons.reference_epmd(), daemons.our_epmd()


class Puppet:
    """A server on loopback that answers one client piece by piece; it notes what was asked."""

    def __init__(self, pieces, addresses=("127.0.0.1",)):
        self._pieces = pieces
        self.port = network.free_port()
        self._servers = [self._listen(address) for address in addresses]
        self.asked = None

    def _listen(self, address):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        server = socket.create_server((address, self.port), family=family)
        server.settimeout(0)
        return server

    def serve(self, process):
        """Serves one client, unless the process ends before it has connected."""
        wait_until(lambda: self._try_accept() or process.poll() is not None, "somebody comes")

    def _try_accept(self):
        for server in self._servers:
            with contextlib.suppress(BlockingIOError):
                client, _ = server.accept()
                self._answer(client)
                return True
        return False

    def _answer(self, client):
        far_end = kernel.FarEnd(client)
        # A client that has its answer may go before the last piece.
        with client, contextlib.suppress(ConnectionError):
            client.settimeout(10)
            self.asked = (client.getsockname()[0], client.recv(65536))
            for piece in self._pieces:
                if piece is RESET:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
                else:
                    client.sendall(piece)
                    wait_until(far_end.is_settled, "it is read")

    def close(self):
        for server in self._servers:
            server.close()


def start(command, port, arguments, environment=None):
    return subprocess.Popen([*command, "-port", str(port), *arguments], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=daemons.clean_environment(environment))


def finish(process, port):
    try:
        out, err = process.communicate(timeout=15)
    finally:
        process.kill()
        process.communicate()
    shown = str(port).encode()
    return process.returncode, out.replace(shown, b"PORT"), err.replace(shown, b"PORT")


def against_puppet(command, arguments, pieces, **puppet):
    with contextlib.closing(Puppet(pieces, **puppet)) as server:
        process = start(command, server.port, arguments)
        try:
            server.serve(process)
        finally:
            result = finish(process, server.port)
        return result, server.asked


def against(daemon, command, arguments):
    return finish(start(command, daemon.port, arguments), daemon.port)


class AgainstPuppets(unittest.TestCase):
    maxDiff = None

    def assert_same(self, arguments, pieces, **puppet):
        with self.subTest(command=arguments[0], pieces=pieces):
            theirs, ours = (against_puppet(command, arguments, pieces, **puppet)
                            for command in reference_and_ours())
            self.assertEqual(ours, theirs)

    def test_tables(self):
        for command, pieces in itertools.product(ASKING, (
                [HEADER], [HEADER + b"name n at port 1\n"], [HEADER, b"name n ", b"at port 1\n"],
                [HEADER + b"any\0thing \xff%s%n"], [struct.pack(">i", -5) + b"x"],
                [b"\0\0"], [b""], [b"\0"], [b"\0\0\x11"], [HEADER[:2], HEADER[2:] + b"x"],
                [HEADER[:1], HEADER[1:]], [HEADER + b"n" * 20000], [HEADER, b"n" * 3000] * 3,
                [RESET], [b"\0\0", RESET], [HEADER, RESET])):
            self.assert_same(command, pieces)

    def test_kill(self):
        for pieces in ([b"OK"], [b"O", b"K"], [b"NO"], [b"N", b"O"], [b"XX"], [b"ok"], [b"OKOK"],
                       [b"O\0"], [b""], [], [RESET], [b"O", RESET], [b"OK", RESET]):
            self.assert_same(["-kill"], pieces)

    def test_stop(self):
        for pieces in ([b"STOPPED"], [b"STO", b"PPED"], [b"NOEXIST"], [b"NOEXISTSTOPPED"],
                       [b"S", b"TOPPEDmore"], [b"abc\0efg"], [b"abc\nefg"], [b"\xff" * 7], [],
                       [RESET], [b"STO", RESET], [b"STOPPED", RESET]):
            self.assert_same(["-stop", "n"], pieces)

    def test_names_to_stop(self):
        for name in ("", "n", "a b", "ä€", "-names", "n" * 999, "n" * 1000, "n" * 1001,
                     "n" * 5000):
            self.assert_same(["-stop", name], [b"STOPPED"])

    def test_ipv6_is_asked_first(self):
        for addresses in (("::1",), ("127.0.0.1",), ("::1", "127.0.0.1"), ("127.0.0.2",)):
            for command, answer in ((["-names"], HEADER), (["-started"], HEADER),
                                    (["-kill"], b"OK"), (["-stop", "n"], b"STOPPED")):
                self.assert_same(command, [answer], addresses=addresses)


class AgainstDaemons(unittest.TestCase):
    """Every client with every server: we talk to them and they talk to us."""
    maxDiff = None

    def every_pair(self, act, *arguments, names=()):
        """act(command, daemon), against a fresh daemon each; all four results are the same."""
        results = []
        for kind, command in itertools.product((Reference, Ours), reference_and_ours()):
            with kind(*arguments) as daemon, contextlib.ExitStack() as closed:
                for name in names:
                    node = closed.enter_context(daemon.connect())
                    node.sendall(alive(name))
                    node.recv(6)
                results.append(act(command, daemon))
        for result in results[1:]:
            self.assertEqual(result, results[0])
        return results[0]

    def test_nobody_listens(self):
        port = network.free_port()
        for arguments in COMMANDS:
            with self.subTest(arguments):
                theirs, ours = (finish(start(command, port, arguments), port)
                                for command in reference_and_ours())
                self.assertEqual(ours, theirs)
                self.assertEqual(ours[0], 1)

    def test_names_and_started(self):
        for names in ((), (b"n",), (b"one", "ä".encode(), b"a b\nc")):
            for arguments in (["-names"], ["-started"]):
                def asked(command, daemon, arguments=arguments):
                    return against(daemon, command, arguments)
                self.assertEqual(self.every_pair(asked, names=names)[0], 0)

    def test_names_far_longer_than_a_buffer(self):
        names = [b"%d" % number + b"n" * 240 for number in range(300)]
        result = self.every_pair(lambda command, daemon: against(daemon, command, ["-names"]),
                                 names=names)
        self.assertEqual(result[1].count(b"\n"), 301)

    def test_dump(self):
        def without_descriptors(command, daemon):
            status, out, err = against(daemon, command, ["-dump"])
            return status, [line.split(b", fd")[0] for line in out.split(b"\n")], err
        self.every_pair(without_descriptors, names=(b"n", b"m"))

    def test_kill(self):
        def then_look(command, daemon):
            result = against(daemon, command, ["-kill"])
            return result, daemon.wait_until_ended() if result[0] == 0 else daemon.exit_status
        self.assertEqual(self.every_pair(then_look), ((0, b"Killed\n", b""), 0))
        self.every_pair(then_look, names=(b"n",))
        self.every_pair(then_look, "-relaxed_command_check", names=(b"n",))

    def test_stop(self):
        for name in ("n", "nobody", "", "ä"):
            for relaxed in ((), ("-relaxed_command_check",)):
                def then_names(command, daemon, name=name):
                    return against(daemon, command, ["-stop", name]), daemon.names()
                with self.subTest(name, relaxed=relaxed):
                    self.every_pair(then_names, *relaxed, names=(b"n", "ä".encode()))

    def test_options_before_a_command_do_not_matter(self):
        options = (["-d"], ["-d", "-debug"], ["-daemon"], ["-systemd"], ["-packet_timeout", "5"],
                   ["-relaxed_command_check"], ["-address", "127.0.0.9"], ["-address", "x"],
                   ["-delay_write", "1"], ["-delay_accept", "1"])
        with Reference("-relaxed_command_check") as daemon:
            for option, command in itertools.product(options, COMMANDS[:-2] + (["-stop", "n"],)):
                with self.subTest(option, command=command):
                    theirs, ours = (against(daemon, program, option + command)
                                    for program in reference_and_ours())
                    self.assertEqual(ours[:2], theirs[:2])

    def test_the_environment_says_which_port(self):
        with Reference() as daemon:
            for value in (str(daemon.port), "x", ""):
                theirs, ours = (self.started(program, value) for program in reference_and_ours())
                self.assertEqual(ours, theirs)

    @staticmethod
    def started(program, port):
        done = subprocess.run([*program, "-names"], check=False, capture_output=True, timeout=15,
                              env=daemons.clean_environment({"ERL_EPMD_PORT": port}))
        return done.returncode, done.stdout, done.stderr


if __name__ == "__main__":
    unittest.main()
