"""Where ours is better than OTP's epmd on purpose, each deviation under its number.

Every test here fails against the reference's behaviour; see it with
PORTOLAN_EPMD=/usr/bin/epmd python3 tests/integration/epmd/deviations_test.py
"""

import contextlib
import pathlib
import re
import socket
import struct
import subprocess
import time
import unittest

import background
import daemons
import kernel
import needs
import network
from daemons import Ours, Serve, wait_until
from packets import NAMES, alive, lookup, packet
from player import LINGER_RESET

MANY = 1500
DESCRIPTORS = 4096
HISTORY_MAX = 1001
HISTORY_MAX_DEBUG = 6


def setUpModule():
    network.enter_private_network()
    daemons.our_epmd()


def register(daemon, name, **fields):
    """The connection that holds the name, and its creation; no creation when it was refused."""
    connection = daemon.connect()
    connection.sendall(alive(name, **fields))
    reply = connection.recv(6)
    creation = struct.unpack(">I", reply[2:])[0] if reply[:2] == b"v\0" else None
    return connection, creation


def visit(daemon, name):
    """Registers and leaves; returns the creation once the name is gone."""
    connection, creation = register(daemon, name)
    leave(connection)
    return creation


def leave(connection):
    far_end = kernel.FarEnd(connection)
    connection.close()
    wait_until(far_end.is_closed, "the daemon closes too")


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
    connection.close()


@contextlib.contextmanager
def paused(daemon):
    """Everything that happens meanwhile meets the daemon in one go."""
    daemon.pause()
    stat = pathlib.Path(f"/proc/{daemon.server}/stat")
    wait_until(lambda: ") T " in stat.read_text(encoding="ascii"), "it is stopped")
    try:
        yield
    finally:
        daemon.go_on()


def history(daemon):
    return re.findall(rb"old/unused name <(.*?)>, port", daemon.ask(b"d"))


class Registrations(unittest.TestCase):
    def test_w2_a_refused_duplicate_that_resets_does_not_unregister_the_owner(self):
        with Ours() as daemon:
            owner, _ = register(daemon, b"n")
            with owner:
                for _ in range(10):
                    self.come_second_and_reset(daemon)
                    self.assertEqual(daemon.names(), [(b"n", 4321)])

    def come_second_and_reset(self, daemon):
        second = daemon.connect()
        wait_until(kernel.FarEnd(second).is_settled, "it is accepted")
        with paused(daemon):
            second.sendall(alive(b"n"))
            reset(second)
        daemon.ask(b"n")

    def test_w15_close_then_register_is_never_a_duplicate(self):
        with Ours() as daemon:
            holder, _ = register(daemon, b"n")
            for _ in range(2000):
                holder.close()
                holder, creation = register(daemon, b"n")
                self.assertIsNotNone(creation, "refused, although its owner had closed")
            holder.close()

    def test_w15_close_and_register_in_one_go_is_no_duplicate(self):
        # The next connection takes the lower slot, so that the reference serves it first.
        with Ours() as daemon:
            for end in (socket.socket.close, reset):
                for _ in range(20):
                    self.close_and_register_in_one_go(daemon, end)

    def close_and_register_in_one_go(self, daemon, end):
        lower = daemon.connect()
        wait_until(kernel.FarEnd(lower).is_settled, "it is accepted")
        holder, creation = register(daemon, b"n")
        self.assertIsNotNone(creation)
        leave(lower)
        daemon.ask(b"n")
        second = daemon.connect()
        wait_until(kernel.FarEnd(second).is_settled, "it is accepted")
        with paused(daemon):
            end(holder)
            second.sendall(alive(b"n"))
        self.assertEqual(second.recv(6)[:2], b"v\0")
        leave(second)


class History(unittest.TestCase):
    def test_w8_the_history_stays_bounded_when_many_leave_at_once(self):
        self.addCleanup(needs.descriptors(DESCRIPTORS))
        with Ours(nofile=DESCRIPTORS) as daemon:
            for batch in (b"first", b"second"):
                self.leave_at_once(daemon, [b"%s%d" % (batch, number) for number in range(800)])
            self.assertEqual(len(history(daemon)), HISTORY_MAX)
            self.assertEqual(daemon.names(), [])

    def test_w8_the_history_stays_bounded_with_debug(self):
        with Ours("-d") as daemon:
            self.leave_at_once(daemon, [b"n%d" % number for number in range(30)])
            self.assertEqual(len(history(daemon)), HISTORY_MAX_DEBUG)

    def leave_at_once(self, daemon, names):
        holders = [register(daemon, name)[0] for name in names]
        with paused(daemon):
            for holder in holders:
                holder.close()
        wait_until(lambda: daemon.names() == [], "all have left")

    def test_w9_a_forgotten_name_never_gets_a_creation_again(self):
        with Ours("-d") as daemon:
            names = [b"n%d" % number for number in range(HISTORY_MAX_DEBUG + 2)]
            seen = {name: [] for name in names}
            for name in names * 20:
                seen[name].append(visit(daemon, name))
            for name in names:
                self.assertEqual(len(set(seen[name])), 20, seen[name])

    def test_w9_a_restart_gives_another_creation(self):
        creations = []
        for _ in range(5):
            with Ours() as daemon:
                creations.append(visit(daemon, b"n"))
        self.assertEqual(len(set(creations)), 5, creations)


class Descriptors(unittest.TestCase):
    def test_w16_more_than_1024_nodes_are_served(self):
        self.addCleanup(needs.descriptors(DESCRIPTORS))
        with Ours(nofile=DESCRIPTORS) as daemon, contextlib.ExitStack() as closed:
            for number in range(MANY):
                holder, creation = register(daemon, b"n%d" % number)
                closed.enter_context(holder)
                self.assertIsNotNone(creation, number)
            self.assertEqual(len(daemon.names()), MANY)
            self.assertEqual(daemon.ask(lookup(b"n1499")[2:])[:2], b"w\0")

    def test_w16_inherited_descriptors_do_not_make_it_deaf(self):
        self.addCleanup(needs.descriptors(DESCRIPTORS))
        with contextlib.ExitStack() as closed:
            files = [closed.enter_context(open("/dev/null", "rb")).fileno() for _ in range(1100)]
            with Ours(pass_fds=files) as daemon:
                self.assertEqual(daemon.names(), [])


class Patience(unittest.TestCase):
    def test_w18_bytes_prolong_a_request_for_ten_packet_timeouts(self):
        with Ours("-packet_timeout", "1") as daemon, daemon.connect() as slow:
            slow.sendall(b"\x01\0n")
            started = time.monotonic()
            far_end = kernel.FarEnd(slow)
            while time.monotonic() < started + 15 and not far_end.is_closed():
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    slow.sendall(b".")
                time.sleep(0.2)
            self.assertTrue(far_end.is_closed(), "a byte now and then prolongs it for ever")
            self.assertGreater(time.monotonic() - started, 9.9)

    def test_w18_a_request_in_pieces_a_packet_timeout_apart_is_answered(self):
        # Not a deviation: OTP's own tests do it (slow_get_port_nr of epmd_SUITE).
        for kind, option in ((Ours, "-packet_timeout"), (Serve, "--packet-timeout")):
            with self.subTest(kind), kind(option, "1") as daemon, daemon.connect() as slow:
                for piece in (b"\0\5z", b"n", b"o", b"n"):
                    slow.sendall(piece)
                    time.sleep(1)
                slow.sendall(b"e")
                self.assertEqual(daemons.read_to_end(slow), b"w\1")

    def test_d5_a_packet_timeout_below_a_second_is_a_second(self):
        for seconds in ("-5", "-1"):
            with self.subTest(seconds), Ours("-packet_timeout", seconds) as daemon:
                with daemon.connect() as silent:
                    silent.settimeout(5)
                    started = time.monotonic()
                    self.assertEqual(silent.recv(1), b"")
                    self.assertGreater(time.monotonic() - started, 0.9)

    def test_w18_a_node_is_kept_beyond_the_packet_timeout(self):
        # Not a deviation: what the shorter patience must not touch.
        with Ours("-packet_timeout", "1") as daemon:
            holder, _ = register(daemon, b"n")
            with holder, daemon.connect() as idle:
                idle.settimeout(5)
                self.assertEqual(idle.recv(1), b"")
                self.assertEqual(daemon.names(), [(b"n", 4321)])

    def test_w20_a_silent_server_does_not_hang_the_commands(self):
        with socket.create_server(("127.0.0.1", network.free_port())) as silent:
            port = str(silent.getsockname()[1])
            commands = (["-names"], ["-dump"], ["-kill"], ["-stop", "n"], ["-started"])
            running = [subprocess.Popen([*daemons.our_epmd(), "-port", port, *command],
                                        env=daemons.clean_environment(), stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE) for command in commands]
            deadline = time.monotonic() + 15
            for process, command in zip(running, commands):
                self.ends_with_an_error(process, command, deadline)

    def ends_with_an_error(self, process, command, deadline):
        try:
            out, err = process.communicate(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.fail(f"{command} hangs")
        finally:
            process.kill()
            process.communicate()
        self.assertEqual(process.returncode, 1)
        self.assertTrue(out + err or command == ["-started"], f"{command} says nothing")

    def test_w20_a_partial_answer_is_shown(self):
        for command, answer in ((["-stop", "n"], b"STO"), (["-kill"], b"O")):
            with socket.create_server(("127.0.0.1", network.free_port())) as server:
                port = str(server.getsockname()[1])
                process = subprocess.Popen([*daemons.our_epmd(), "-port", port, *command],
                                           stdout=subprocess.PIPE, env=daemons.clean_environment())
                self.answer(server, answer)
                out, _ = process.communicate(timeout=15)
            self.assertEqual(out, b"epmd: local epmd responded with <%s>\n" % answer)
            self.assertEqual(process.returncode, 1)

    @staticmethod
    def answer(server, answer):
        server.settimeout(10)
        client, _ = server.accept()
        with client:
            client.recv(100)
            client.sendall(answer)


class Logs(unittest.TestCase):
    def test_w19_bad_requests_cannot_flood_the_log(self):
        with Ours() as daemon:
            for _ in range(5000):
                daemon.ask(b"q")
            wait_until(lambda: "suppressed" in daemon.output(), "it tells of suppressed lines", 20)
            output = daemon.output()
        self.assertLess(output.count("\n"), 200)
        self.assertRegex(output, r"\d+[^\n]*suppressed|suppressed[^\n]*\d+")


    def test_w11_a_name_cannot_forge_a_line(self):
        with Ours("-d") as daemon:
            visit(daemon, b"x\nepmd: forged")
            output = daemon.output()
        self.assertIn("registering", output)
        self.assertFalse([line for line in output.splitlines() if line.startswith("epmd: forged")])


class Starting(unittest.TestCase):
    def test_w13_serve_says_that_its_address_is_taken(self):
        with Ours() as daemon:
            command = [daemons.portolan(), "serve", "--port", str(daemon.port)]
            done = subprocess.run(command, env=daemons.clean_environment(), capture_output=True,
                                  text=True, timeout=15, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, rf"(0\.0\.0\.0|127\.0\.0\.1|::)\S*:{daemon.port}")

    def test_w13_epmd_is_content_with_a_taken_port(self):
        # Not a deviation: what erl and scripts rely on.
        with Ours() as daemon:
            for arguments in ([], ["-daemon"]):
                command = [*daemons.our_epmd(), "-port", str(daemon.port), *arguments]
                done = subprocess.run(command, env=daemons.clean_environment(), timeout=15,
                                      capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_w14_a_connect_right_after_daemon_succeeds(self):
        background.adopt_orphans()
        self.addCleanup(background.end_children)
        for _ in range(20):
            port = network.free_port()
            subprocess.run([*daemons.our_epmd(), "-daemon", "-port", str(port)], check=True,
                           env=daemons.clean_environment(), timeout=15)
            with socket.create_connection(("127.0.0.1", port), 5) as client:
                client.sendall(NAMES)
                self.assertEqual(client.recv(4), struct.pack(">I", port))

    def test_a_wildcard_does_not_collide_with_its_own_loopback(self):
        for address, answering in (("0.0.0.0", {"127.0.0.1", "127.9.9.9", "::1"}),
                                   ("::", {"127.0.0.1", "::1"}),
                                   ("0.0.0.0,::", {"127.9.9.9", "::1"}),
                                   ("::,0.0.0.0", {"127.9.9.9", "::1"}),
                                   ("127.0.0.1 0.0.0.0", {"127.9.9.9", "::1"})):
            with self.subTest(address), Ours("-address", address) as daemon:
                for there in answering:
                    self.assertEqual(len(daemon.ask(b"n", address=there)), 4)

    def test_a_missing_ipv6_loopback_is_not_fatal(self):
        # The reference of OTP 25 agrees; the releases in between did not.
        switch = "/proc/sys/net/ipv6/conf/lo/disable_ipv6"
        self.write(switch, "1")
        self.addCleanup(self.write, switch, "0")
        self.assertFalse(network.has_ipv6())
        with Ours("-address", "127.0.0.1") as daemon:
            self.assertEqual(daemon.names(), [])

    def test_an_address_that_was_asked_for_is_fatal_also_when_it_is_a_loopback(self):
        # The reference takes both loopbacks as its own and goes on without them.
        switch = "/proc/sys/net/ipv6/conf/lo/disable_ipv6"
        self.write(switch, "1")
        self.addCleanup(self.write, switch, "0")
        with Ours("-address", "::1", ready=False) as daemon:
            self.assertEqual(daemon.wait_until_ended(), 1)
            self.assertIn("failed to bind on ipaddr ::1: Cannot assign", daemon.output())

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)


if __name__ == "__main__":
    unittest.main()
