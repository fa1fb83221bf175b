"""Face 2 as a script sees it: what the commands print, and with which status they end."""

import json
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

import daemons
import discovery_world
import needs
import network
import packets


def setUpModule():
    network.enter_private_network()


def portolan(*words, environment=None, stdout=subprocess.PIPE, stderr=subprocess.PIPE):
    return subprocess.run([daemons.portolan(), *map(str, words)], stdout=stdout,
                          stderr=stderr, text=True, timeout=30, check=False,
                          env=daemons.clean_environment(environment))


class Serve(daemons.Daemon):
    """`portolan serve …`."""

    def command(self):
        return [daemons.portolan(), "serve"]

    def port_arguments(self):
        return ["--port", str(self.port)]


class CommandsTest(unittest.TestCase):
    def serve(self, *arguments, **options):
        daemon = Serve(*arguments, **options)
        self.addCleanup(daemon.stop)
        return daemon

    def register(self, daemon, name, **fields):
        connection = daemon.connect()
        self.addCleanup(connection.close)
        connection.sendall(packets.alive(name, **fields))
        self.assertEqual(connection.recv(100)[1], 0)
        return connection

    def assert_says(self, result, status, stderr_has="", stdout=""):
        self.assertEqual((result.returncode, result.stdout), (status, stdout), result.stderr)
        self.assertIn(stderr_has, result.stderr)
        if stderr_has:
            self.assertEqual(result.stderr.count("\n"), 1, "one line says what is wrong")

    def assert_cannot_print(self, *words):
        with open("/dev/full", "w", encoding="ascii") as full:
            result = portolan(*words, stdout=full)
        self.assert_says(result, 1, "cannot print to standard output", stdout=None)


class Asking(CommandsTest):
    def test_names_are_listed_newest_first_with_port_and_place(self):
        daemon = self.serve()
        self.register(daemon, b"one", port=1001)
        self.register(daemon, b"two", port=1002)
        place = f"127.0.0.1:{daemon.port}"
        self.assert_says(portolan("names", place), 0,
                         stdout=f"two\t1002\t{place}\none\t1001\t{place}\n")

    def test_a_full_standard_error_changes_no_exit_status(self):
        port = str(network.free_port())
        for words in (("names", "--port", port), ("epmd", "-port", port, "-names")):
            with self.subTest(words[0]), open("/dev/full", "w", encoding="ascii") as full:
                self.assertEqual(portolan(*words, stderr=full).returncode, 1)

    def test_names_as_json_are_an_object_for_each_epmd(self):
        first, second = self.serve(), self.serve()
        self.register(first, b"here", port=1001)
        result = portolan("names", "--json", f"127.0.0.1:{first.port}", f"[::1]:{second.port}")
        self.assertEqual([json.loads(line) for line in result.stdout.splitlines()], [
            {"host": "127.0.0.1", "port": first.port, "names": [{"name": "here", "port": 1001}]},
            {"host": "::1", "port": second.port, "names": []}])
        self.assertEqual(result.returncode, 0)

    def test_one_epmd_that_does_not_answer_does_not_hide_the_others(self):
        daemon, nobody = self.serve(), network.free_port()
        self.register(daemon, b"here", port=1001)
        result = portolan("names", f"127.0.0.1:{nobody}", f"127.0.0.1:{daemon.port}")
        self.assert_says(result, 1, f"cannot connect to 127.0.0.1:{nobody}",
                         stdout=f"here\t1001\t127.0.0.1:{daemon.port}\n")

    def test_every_address_behind_a_name_is_asked(self):
        port = network.free_port()
        for address, name in (("127.0.0.2", b"one"), ("127.0.0.3", b"two")):
            self.listing(address, port, b"name %s at port 1001\n" % name)
        with tempfile.NamedTemporaryFile("w", encoding="ascii") as hosts:
            hosts.write("127.0.0.2 web\n127.0.0.3 web\n127.0.0.4 web db\n")
            hosts.flush()
            told = self.with_hosts(hosts.name, "names", f"web:{port}")
            as_json = self.with_hosts(hosts.name, "names", "--json", f"web:{port}")
            alone = self.with_hosts(hosts.name, "names", "--json", f"db:{port}")
        self.assertEqual(told.stdout, f"one\t1001\t127.0.0.2:{port}\ntwo\t1001\t127.0.0.3:{port}\n")
        self.assertEqual(told.returncode, 1)
        self.assertIn(f"cannot connect to 127.0.0.4:{port}", told.stderr)
        lines = [json.loads(line) for line in as_json.stdout.splitlines()]
        self.assertEqual(lines[0], {"host": "web", "port": port, "address": "127.0.0.2",
                                    "names": [{"name": "one", "port": 1001}]})
        self.assertEqual((lines[2]["address"], lines[2]["reason"]),
                         ("127.0.0.4", "connection_refused"))
        self.assertNotIn("address", json.loads(alone.stdout))

    def test_a_name_is_looked_for_at_every_address_until_one_has_it(self):
        port = network.free_port()
        for address, reply in (("127.0.0.2", packets.PORT2_UNKNOWN),
                               ("127.0.0.4", packets.port2(b"here", 1001))):
            self.answering(address, port, reply)
        with tempfile.NamedTemporaryFile("w", encoding="ascii") as hosts:
            hosts.write("127.0.0.2 web db\n127.0.0.3 web ill\n127.0.0.4 web\n127.0.0.2 ill\n")
            hosts.flush()
            told = self.with_hosts(hosts.name, "lookup", f"here@web:{port}")
            as_json = self.with_hosts(hosts.name, "lookup", "--json", f"here@web:{port}")
            alone = self.with_hosts(hosts.name, "lookup", f"here@db:{port}")
            ill = self.with_hosts(hosts.name, "lookup", f"here@ill:{port}")
        self.assert_says(told, 0, stdout="here\tport 1001\tnormal\ttcp\tversions 5 to 6\t"
                         f"at 127.0.0.4:{port}\n")
        self.assertEqual(json.loads(as_json.stdout)["address"], "127.0.0.4")
        self.assert_says(alone, 1, "no node is registered as 'here' at db (`portolan names`")
        self.assert_says(ill, 1, f"cannot connect to 127.0.0.3:{port}: Connection refused")
        self.assertIn("no node is registered as 'here' at 127.0.0.2 (", ill.stderr)

    def answering(self, address, port, reply):
        """An EPMD that answers this to whatever it is asked, at this address alone."""
        def answer(connection):
            connection.recv(100)
            connection.sendall(reply)
        self.addCleanup(discovery_world.Server((address, port), answer).close)

    def listing(self, address, port, lines):
        """An EPMD with these names, at this address alone."""
        def answer(connection):
            connection.recv(3)
            connection.sendall(struct.pack(">I", port) + lines)
        self.addCleanup(discovery_world.Server((address, port), answer).close)

    @staticmethod
    def with_hosts(hosts, *words):
        script = 'mount --bind "$1" /etc/hosts; shift; exec "$@"'
        return subprocess.run(
            [needs.program("unshare"), "--mount", "sh", "-ec", script, "sh", hosts,
             daemons.portolan(), *words], capture_output=True, text=True, timeout=30, check=False,
            env=daemons.clean_environment())

    def test_a_failure_is_an_object_on_standard_output_too_with_json(self):
        daemon = self.serve()
        nobody = network.free_port()
        for words, reason in (
                (("names", "--port", nobody), "connection_refused"),
                (("names", "no-such-host.invalid"), "unresolved"),
                (("lookup", "none", "--port", daemon.port), "not_registered"),
                (("lookup", "none", "--port", nobody), "connection_refused"),
                (("check", "--port", nobody), "not_healthy"),
                (("doctor", "a@127.0.0.1", "--port", nobody), "epmd"),
                (("stop", "none", "--port", daemon.port), "refused"),
                (("kill", "--port", nobody), "connection_refused")):
            with self.subTest(words):
                result = portolan(*words, "--json")
                told = json.loads(result.stdout)
                self.assertEqual((result.returncode, told["reason"]), (1, reason))
                self.assertEqual(result.stderr, f"portolan {words[0]}: {told['error']}\n")
                self.assertEqual(portolan(*words).stderr, result.stderr)

    def test_the_version_as_json_says_what_it_is_made_of(self):
        told = json.loads(portolan("--version", "--json").stdout)
        self.assertEqual(portolan("version", "--json").stdout,
                         portolan("--version", "--json").stdout)
        self.assertEqual(portolan("--version").stdout, f"portolan {told['version']}\n")
        for key in ("commit", "compiler", "build_type"):
            self.assertTrue(told[key], key)
        self.assertEqual(list(told["libraries"]), ["libuv", "c-ares", "spdlog", "fmt", "CLI11",
                                                   "nlohmann_json", "Boost"])
        for name, version in told["libraries"].items():
            self.assertRegex(version, r"^\d+\.\d+", name)

    def test_the_environment_gives_the_port(self):
        daemon = self.serve()
        self.register(daemon, b"here", port=1001)
        result = portolan("names", environment={"ERL_EPMD_PORT": str(daemon.port)})
        self.assert_says(result, 0, stdout=f"here\t1001\tlocalhost:{daemon.port}\n")

    def test_names_that_would_forge_lines_are_shown_escaped(self):
        daemon = self.serve()
        self.register(daemon, b"\x1b[2Jx\tat", port=1001)
        place = f"127.0.0.1:{daemon.port}"
        self.assert_says(portolan("names", place), 0, stdout=f"\\x1b[2Jx\\x09at\t1001\t{place}\n")

    def test_a_name_with_a_line_feed_hides_no_other(self):
        daemon = self.serve()
        self.register(daemon, b"line\nfeed", port=1001)
        self.register(daemon, b"good", port=1002)
        place = f"127.0.0.1:{daemon.port}"
        self.assert_says(portolan("names", place), 0, f"{place}: 2 lines of its list cannot be read",
                         stdout=f"good\t1002\t{place}\n")
        told = json.loads(portolan("names", "--json", place).stdout)
        self.assertEqual((told["names"], told["unreadable_lines"]),
                         ([{"name": "good", "port": 1002}], 2))
        said = portolan("doctor", "--port", daemon.port).stdout
        self.assertIn("with 1 name, and 2 lines that cannot be read", said)

    def test_names_that_would_turn_or_hide_text_are_shown_escaped(self):
        daemon = self.serve()
        self.register(daemon, "web\u202enimda\u200b".encode(), port=1001)
        place = f"127.0.0.1:{daemon.port}"
        self.assert_says(portolan("names", place), 0,
                         stdout=f"web\\xe2\\x80\\xaenimda\\xe2\\x80\\x8b\t1001\t{place}\n")

    def test_an_epmd_that_says_nonsense_is_told_from_one_that_is_empty(self):
        with socket.create_server(("127.0.0.1", 0)) as nonsense:
            place = "127.0.0.1:%d" % nonsense.getsockname()[1]
            asking = subprocess.Popen([daemons.portolan(), "names", place], text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            peer, _ = nonsense.accept()
            with peer:
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            stdout, stderr = asking.communicate(timeout=30)
        self.assertEqual((asking.returncode, stdout), (1, ""))
        self.assertIn("did not answer as an EPMD does", stderr)

    def test_one_that_never_answers_is_given_up(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            place = "127.0.0.1:%d" % silent.getsockname()[1]
            result = portolan("names", "--timeout", "100ms", place)
        self.assert_says(result, 1, f"cannot read from {place}: Connection timed out")

    def test_lookup_tells_all_that_was_registered(self):
        daemon = self.serve()
        self.register(daemon, b"here", port=1001, node_type=72, high=6, low=5, extra=b"\x01")
        place = f"here@127.0.0.1:{daemon.port}"
        self.assert_says(portolan("lookup", place), 0,
                         stdout="here\tport 1001\thidden\ttcp\tversions 5 to 6\n")
        self.assertEqual(json.loads(portolan("lookup", "--json", place).stdout), {
            "name": "here", "port": 1001, "type": "hidden", "protocol": "tcp",
            "lowest_version": 5, "highest_version": 6, "extra": "\\x01"})

    def test_a_lookup_of_nobody_is_a_no(self):
        daemon = self.serve()
        self.assert_says(portolan("lookup", "none", "--port", daemon.port), 1,
                         "no node is registered as 'none'")

    def test_results_that_cannot_be_printed_are_a_failure(self):
        daemon = self.serve()
        # More than a buffer holds, which fails elsewhere than what is left in it at the end.
        for number in range(30):
            self.register(daemon, b"n%d" % number + b"x" * 200)
        self.register(daemon, b"here")
        place = f"127.0.0.1:{daemon.port}"
        for words in (["names", place], ["lookup", f"here@{place}"]):
            for form in ([], ["--json"]):
                with self.subTest(words=words, form=form):
                    self.assert_cannot_print(*words, *form)


class Ordering(CommandsTest):
    def test_stop_unregisters_where_checks_are_relaxed(self):
        daemon = self.serve("--relaxed-command-check")
        owner = self.register(daemon, b"here")
        self.assert_says(portolan("stop", "here", "--port", daemon.port), 0,
                         stdout="unregistered here\n")
        self.assertEqual(owner.recv(1), b"")
        self.assert_says(portolan("stop", "here", "--port", daemon.port), 1,
                         "no node is registered as 'here'")

    def test_stop_and_kill_say_what_they_need(self):
        daemon = self.serve()
        self.register(daemon, b"here")
        self.assert_says(portolan("stop", "here", "--port", daemon.port), 1,
                         "--relaxed-command-check")
        self.assert_says(portolan("kill", "--port", daemon.port), 1, "nodes are registered")
        self.assertEqual(daemon.names(), [(b"here", 4321)])

    def test_what_answers_and_is_no_epmd_has_not_refused(self):
        def serve(connection):
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        server = discovery_world.Server(("127.0.0.1", network.free_port()), serve)
        self.addCleanup(server.close)
        for words in (["stop", "here"], ["kill"]):
            self.assert_says(portolan(*words, "--port", server.server_address[1]), 1,
                             "is no EPMD")

    def test_kill_ends_an_empty_daemon_with_status_0(self):
        daemon = self.serve()
        result = portolan("kill", "--json", "--port", daemon.port)
        self.assertEqual(json.loads(result.stdout), {"killed": True})
        self.assertEqual(daemon.wait_until_ended(), 0)

    def test_what_was_done_and_cannot_be_printed_is_a_failure(self):
        daemon = self.serve("--relaxed-command-check")
        self.register(daemon, b"here")
        self.assert_cannot_print("stop", "here", "--port", daemon.port)
        self.assertEqual(daemon.names(), [])
        self.assert_cannot_print("kill", "--port", daemon.port)
        self.assertEqual(daemon.wait_until_ended(), 0)


class Serving(CommandsTest):
    def test_sigterm_and_sigint_end_it_with_status_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            daemon = self.serve()
            daemon.signal(number)
            self.assertEqual(daemon.wait_until_ended(), 0)

    def test_a_taken_port_is_an_error_that_names_it(self):
        daemon = self.serve()
        self.assert_says(portolan("serve", "--port", daemon.port), 1,
                         f"cannot listen on 0.0.0.0:{daemon.port}: the port is in use")

    def test_an_address_that_is_not_ours_is_an_error_that_names_it(self):
        self.assert_says(portolan("serve", "--address", "192.0.2.1"), 1,
                         "cannot listen on 192.0.2.1:4369")

    def test_who_is_outside_allow_gets_no_answer(self):
        network.ip("addr", "replace", "10.1.0.1/24", "dev", "lo")
        network.ip("addr", "replace", "10.1.0.2/24", "dev", "lo")
        network.ip("addr", "replace", "10.1.0.3/24", "dev", "lo")
        daemon = self.serve("--allow", "10.1.0.3", "--allow", "192.168.0.0/16")
        def ask(source):
            return daemon.ask(b"n", address="10.1.0.1", source=source)
        self.assertEqual(ask("10.1.0.2"), b"")
        self.assertEqual(ask("10.1.0.3"), daemon.port.to_bytes(4, "big"))
        self.assertEqual(ask("10.1.0.1"), daemon.port.to_bytes(4, "big"), "this host may ask")

    def test_the_log_is_json_on_request_an_object_a_line(self):
        daemon = self.serve("--log-format", "json")
        self.register(daemon, b"her\xc3\xa9")
        daemons.wait_until(lambda: "registered" in daemon.output(), "the registration is logged")
        lines = [json.loads(line) for line in daemon.output().splitlines()]
        self.assertTrue(all({"time", "level", "event", "message"} <= set(line) for line in lines))
        self.assertIn("registered 'her\u00e9' at port 4321", lines[-1]["message"])


class WrongCommandLines(CommandsTest):
    def test_each_is_one_line_and_status_2(self):
        for words, said in ((["serve", "--port", "0"], "'0' is not a port"),
                            (["serve", "--port", "65536"], "'65536' is not a port"),
                            (["serve", "--packet-timeout", "soon"], "'soon' is not a duration"),
                            (["serve", "--allow", "10.0.0.0/33"], "'10.0.0.0/33' is not a range"),
                            (["serve", "--max-connections", "-1"], "'-1' is not a number"),
                            (["serve", "--log-level", "loud"], "loud"),
                            (["serve", "--nonsense"], "--nonsense"),
                            (["names", "host:port"], "'host:port' is not an EPMD"),
                            (["lookup"], "NAME[@HOST[:PORT]] is missing"),
                            (["lookup", "--json="], "--json: '' is not true or false"),
                            (["nonsense"], "nonsense"),
                            ([], "a command is missing")):
            with self.subTest(words=words):
                self.assert_says(portolan(*words), 2, said)

    def test_help_and_version_are_results(self):
        self.assert_says(portolan("--version"), 0, stdout="portolan 0.1.0\n")
        for command in ("serve", "names", "lookup", "check", "doctor", "stop", "kill"):
            result = portolan(command, "--help")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn(f"portolan {command}", result.stdout)


if __name__ == "__main__":
    unittest.main()
