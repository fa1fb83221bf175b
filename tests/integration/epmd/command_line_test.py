"""Our first face takes epmd's command line: the same arguments, the same outcome.

What deviates on purpose is in deviations_test.py, the commands such as -names in
interactive_commands_test.py.
"""

import socket
import time
import unittest

import background
import daemons
import needs
import network
from command_line import outcome
from packets import alive

USAGE = [
    ["-help"], ["-h"], ["--help"], ["-version"], ["--version"], ["-foo"], ["foo"], [""], ["-"],
    ["--"], ["-D"], ["-n"], ["-no_daemon"], ["/"], ["-NAMES"], ["names"], ["-name"], ["-namess"],
    ["-port"], ["-port", "0"], ["-port", "x"], ["-port", ""], ["-port", "-x"], ["-port", "-0"],
    ["-packet_timeout"], ["-packet_timeout", "0"], ["-packet_timeout", "x"],
    ["-delay_accept"], ["-delay_accept", "0"], ["-delay_accept", "x"],
    ["-delay_write"], ["-delay_write", "0"], ["-delay_write", "x"],
    ["-address"], ["-stop"], ["-names", "-port", "5"], ["-names", "extra"], ["-kill", "-d"],
    ["-dump", "x"], ["-started", "x"], ["-stop", "a", "b"], ["-d", "foo"], ["-d", "-d", "-foo"],
    ["-debug", "foo"], ["-daemon", "foo"], ["-relaxed_command_check", "foo"],
    ["-systemd", "foo"], ["-port", "5", "-foo"], ["-port", "-foo"], ["-address", "x", "-foo"],
    ["-packet_timeout", "5", "-port"], ["-port=5"], ["-d", ""], ["-help", "-names"],
]
ADDRESSES = [
    "127.0.0.1", "::1", "127.0.0.1,::1", "::1 127.0.0.1", "127.0.0.2", "127.0.0.2,127.0.0.3",
    "127.0.0.2 127.0.0.3", ",, 127.0.0.2 ,", "", " ", ",", " , ,", "127.0.0.1,127.0.0.1,::1,::1",
    "127.0.0.2\t127.0.0.3", "localhost", "127.1", "1.2.3", "::1%lo", "256.0.0.1", "127.0.0.2:80",
    "0127.0.0.2", "127.0.0.2,x", "x,y", "[::1]", "10.99.99.99", "fd00::99", "10.0.0.1", "fd00::1",
    "10.0.0.1,fd00::1", "127.0.0.2,10.99.99.99", "0:0:0:0:0:0:0:1", "127.0.0.2;127.0.0.3",
    ",".join(f"127.0.1.{number}" for number in range(1, 14)),
    ",".join(f"127.0.1.{number}" for number in range(1, 15)),
    ",".join(f"127.0.1.{number}" for number in range(1, 15)) + ",x",
    ",".join(["127.0.0.1", "::1"] * 9), "x" * 300,
]
PORTS = ["PORT", "00PORT", "+PORT", " PORT", "PORTx", "PORT.9", "PORT+65536", "PORT-65536",
         "PORT+4294967296"]


def setUpModule():
    network.enter_private_network()
    network.add_addresses("10.0.0.1/24", "fd00::1/64")
    daemons.reference_epmd()
    daemons.our_epmd()


class Compared(unittest.TestCase):
    maxDiff = None

    def assert_same(self, arguments, environment=None, **running):
        """Both programs do the same; on a port each of their own, or the given one."""
        results = []
        for command in (daemons.reference_epmd(), daemons.our_epmd()):
            port = running.get("port") or network.free_port()
            results.append(outcome(command, [with_port(port, word) for word in arguments],
                                   {name: with_port(port, word) for name, word in
                                    (environment or {}).items()}, **running | {"port": port}))
        self.assertEqual(results[1], results[0])
        return results[0]


def with_port(port, word):
    for shift in (4294967296, 65536, -65536):
        word = word.replace(f"PORT{shift:+}", str(port + shift))
    return word.replace("PORT", str(port))


class Usage(Compared):
    def test_what_is_wrong_gets_the_usage_text(self):
        for arguments in USAGE:
            with self.subTest(arguments):
                expected = self.assert_same(arguments)
                self.assertEqual((expected.exit_status, expected.stdout), (1, ""))

    def test_the_usage_text_is_the_one_that_was_measured(self):
        self.assertEqual(len(outcome(daemons.reference_epmd(), ["-help"]).stderr), 2008)


class Ports(Compared):
    def test_values_of_port(self):
        for value in PORTS:
            with self.subTest(value):
                self.assertTrue(self.assert_same(["-port", value]).listens)

    def test_values_of_the_environment(self):
        for value in (*PORTS, "x", "", "0", "65536"):
            with self.subTest(value):
                self.assertTrue(self.assert_same([], {"ERL_EPMD_PORT": value}).listens)

    def test_without_either(self):
        self.assertTrue(self.assert_same([], port=4369).listens)

    def test_the_option_wins_and_the_last_one(self):
        self.assert_same(["-port", "PORT"], {"ERL_EPMD_PORT": "5555"})
        self.assert_same(["-port", "5555", "-port", "PORT"])

    def test_a_low_port_without_the_right(self):
        needs.root()
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        limit = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
        with open(limit, encoding="ascii") as file:
            self.assertGreater(int(file.read()), 99)
        for arguments in ([], ["-address", "127.0.0.2"], ["-d"]):
            with self.subTest(arguments):
                self.assert_same(["-port", "99", *arguments], prefix=nobody, port=99)


class Addresses(Compared):
    def test_values_of_address(self):
        for value in ADDRESSES:
            with self.subTest(value):
                self.assert_same(["-port", "PORT", "-address", value])

    def test_values_of_the_environment(self):
        for value in ADDRESSES:
            with self.subTest(value):
                self.assert_same(["-port", "PORT"], {"ERL_EPMD_ADDRESS": value})

    def test_the_option_wins_and_the_last_one(self):
        there = {"ERL_EPMD_ADDRESS": "127.0.0.9"}
        for options in (["-address", "127.0.0.2"], ["-address", ""],
                        ["-address", "127.0.0.2", "-address", "127.0.0.3"],
                        ["-address", "127.0.0.2", "-address", ""], ["-address", "x"]):
            with self.subTest(options):
                self.assert_same(["-port", "PORT", *options], there)

    def test_with_debug(self):
        for value in ("127.0.0.2", "x", "10.99.99.99", ADDRESSES[-4]):
            with self.subTest(value):
                self.assert_same(["-d", "-port", "PORT", "-address", value])

    def test_without_ipv6(self):
        switches = [f"/proc/sys/net/ipv6/conf/{device}/disable_ipv6" for device in ("lo", "all")]
        for path in switches:
            self.addCleanup(self.write, path, "0")
            self.write(path, "1")
        for arguments in ([], ["-address", "127.0.0.1"], ["-address", "127.0.0.2"],
                          ["-address", "fd00::1"]):
            with self.subTest(arguments):
                self.assert_same(["-port", "PORT", *arguments])

    @staticmethod
    def write(path, text):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)


class TakenAddresses(Compared):
    def compare_while_taken(self, address):
        port = network.free_port()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.create_server((address, port), family=family):
            for arguments in ([], ["-d"], ["-address", "127.0.0.1"], ["-d", "-address", "::1"],
                              ["-address", "127.0.0.2"], ["-d", "-address", "127.0.0.2"],
                              ["-daemon", "-address", "x"]):
                with self.subTest(arguments):
                    self.assert_same(["-port", str(port), *arguments], port=port)

    def test_each_of_them_ends_it_with_success(self):
        for address in ("0.0.0.0", "127.0.0.1", "127.0.0.2", "::1", "::"):
            with self.subTest(address):
                self.compare_while_taken(address)

    def test_a_running_epmd_is_enough_for_the_next(self):
        for kind in (daemons.Reference, daemons.Ours):
            with self.subTest(kind), kind() as running:
                for arguments in ([], ["-d"], ["-daemon"], ["-address", "127.0.0.1"]):
                    expected = self.assert_same(["-port", str(running.port), *arguments],
                                                port=running.port)
                    self.assertEqual(expected.exit_status, 0)


class Options(Compared):
    """Options that change how the daemon serves."""

    def test_nothing_is_said_on_success(self):
        for arguments in ([], ["-relaxed_command_check"], ["-packet_timeout", "5"],
                          ["-packet_timeout", "5x"], ["-packet_timeout", "-5"]):
            with self.subTest(arguments):
                expected = self.assert_same(["-port", "PORT", *arguments])
                self.assertEqual((expected.stdout, expected.stderr), ("", ""))

    def test_debug_says_that_it_starts(self):
        for arguments in (["-d"], ["-debug"]):
            with self.subTest(arguments):
                self.assert_same(["-port", "PORT", *arguments])

    def test_relaxed_by_option_or_environment(self):
        there = "ERL_EPMD_RELAXED_COMMAND_CHECK"
        relaxed = ["-relaxed_command_check"]
        for arguments, environment in (([], {}), (relaxed, {}), ([], {there: ""}),
                                       ([], {there: "0"}), ([], {there: "true"})):
            with self.subTest(environment, arguments=arguments):
                answers = [self.stop_nobody(kind, arguments, environment)
                           for kind in (daemons.Reference, daemons.Ours)]
                self.assertEqual(*answers)

    @staticmethod
    def stop_nobody(kind, arguments, environment):
        with kind(*arguments, environment=environment) as daemon:
            return daemon.ask(b"sn")

    def test_idle_connections_end_after_the_packet_timeout(self):
        for kind in (daemons.Reference, daemons.Ours):
            with self.subTest(kind), kind("-packet_timeout", "1") as daemon:
                with daemon.connect() as silent, daemon.connect() as begun:
                    begun.sendall(b"\0")
                    started = time.monotonic()
                    self.assertEqual((silent.recv(1), begun.recv(1)), (b"", b""))
                    self.assertGreater(time.monotonic() - started, 0.9)
                    self.assertLess(time.monotonic() - started, 3.5)

    def test_delay_write_delays_each_write(self):
        for kind in (daemons.Reference, daemons.Ours):
            with self.subTest(kind), kind("-delay_write", "1") as daemon:
                with daemon.connect() as node:
                    node.sendall(alive(b"n"))
                    node.recv(6)
                    self.assertEqual(self.seconds_of_names(daemon), 2)

    def test_delay_accept_delays_the_answer(self):
        for kind in (daemons.Reference, daemons.Ours):
            with self.subTest(kind), kind("-delay_accept", "1", ready=False) as daemon:
                daemons.wait_until(lambda: background.owners(daemon.port), "it listens")
                self.assertIn(self.seconds_of_names(daemon), (1, 2, 3))

    def seconds_of_names(self, daemon):
        started = time.monotonic()
        self.assertGreaterEqual(len(daemon.ask(b"n")), 4)
        return round(time.monotonic() - started)


if __name__ == "__main__":
    unittest.main()
