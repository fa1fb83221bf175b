"""`portolan takeover`: another EPMD's names and connections go on in our daemon."""

import os
import pathlib
import signal
import socket
import subprocess
import threading
import unittest

import background
import daemons
import needs
import network
from daemons import Reference, Serve, children_of, read_to_end, wait_until
from kernel import connections_to, listening_inodes
from kept import Kept, Registered
from nodes import Node
from packets import NAMES, alive, lookup
from taken import Taken

NODES = int(os.environ.get("NODES", "20"))
PORT = 4369
NO_EPMD = ("-start_epmd", "false")


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()
    daemons.reference_epmd()


def tearDownModule():
    background.end_children()


def state_of(pid):
    """The letter in /proc: T if it is stopped."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return text.rpartition(")")[2].split()[0]


class TakeoverTest(unittest.TestCase):
    def start(self, kind, *arguments, **running):
        return self.enterContext(kind(*arguments, **running))

    def register(self, daemon, name, **fields):
        node = Registered(daemon, name, **fields)
        self.addCleanup(node.end)
        self.assertTrue(node.is_accepted)
        return node

    def take_over(self, old, *arguments, **running):
        return self.enterContext(Taken(old, *arguments, **running))

    def refused(self, *arguments, prefix=()):
        """What a takeover says that does not come about."""
        done = subprocess.run(
            [*prefix, daemons.portolan(), "takeover", *map(str, arguments)], text=True,
            env=daemons.clean_environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=60, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr

    def assert_goes_on(self, old):
        wait_until(lambda: state_of(old.server) in "SR", f"{old} runs")
        self.assertIsNotNone(old.names())
        self.assertEqual(background.owners(old.port), {old.pid})


class RealNodes(TakeoverTest):
    def test_nodes_and_clients_do_not_notice(self):
        old = self.start(Reference, port=PORT)
        nodes = [self.enterContext(Node(f"n{number}@localhost", *NO_EPMD))
                 for number in range(NODES)]
        for node in nodes:
            node.wait_until_registered(old)
        asked = [NAMES] + [lookup(node.alive) for node in nodes]
        before = [old.ask(request[2:]) for request in asked], connections_to(PORT)
        self.assertEqual(len(before[1]), NODES)
        with Load(old, nodes[0].alive) as load:
            new = self.take_over(old)
            load.wait_for_more()
        self.assertEqual(load.failed, [])
        self.assertEqual(([new.ask(request[2:]) for request in asked], connections_to(PORT)), before)
        self.assertEqual(old.exit_status, -signal.SIGKILL)
        self.assert_they_live_on(new, nodes)

    def assert_they_live_on(self, new, nodes):
        self.assertEqual(nodes[0].ping(nodes[1]), "pong")
        creation = int(nodes[2].call("erlang system_info [creation]"))
        self.assertEqual(nodes[2].leave(), 0)
        wait_until(lambda: nodes[2].alive not in dict(new.names()), "its name is free")
        with Node(nodes[2].name, *NO_EPMD) as again, Node("new@localhost", *NO_EPMD) as further:
            again.wait_until_registered(new)
            further.wait_until_registered(new)
            self.assertNotEqual(int(again.call("erlang system_info [creation]")), creation)
            self.assertEqual(further.ping(nodes[0]), "pong")


class Load:
    """A client that looks a name up, again and again."""

    def __init__(self, daemon, name):
        self._daemon, self._name, self._is_over = daemon, name, False
        self.count, self.failed = 0, []
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._is_over:
            try:
                answer = self._daemon.ask(lookup(self._name)[2:])
                if answer[:2] != b"w\0":
                    self.failed.append(answer)
            except OSError as fault:
                self.failed.append(repr(fault))
            self.count += 1

    def wait_for_more(self):
        enough = self.count + 100
        wait_until(lambda: self.count > enough, "more is asked")

    def __enter__(self):
        self._thread.start()
        self.wait_for_more()
        return self

    def __exit__(self, *_):
        self._is_over = True
        self._thread.join()


class Sockets(TakeoverTest):
    def test_fields_and_order_of_names_stay(self):
        for kind in (Reference, OneProcess, Kept):
            with self.subTest(kind):
                old = self.start(kind)
                nodes = [self.register(old, b"n%d" % i, port=100 + i, extra=b"e" * (i * 100))
                         for i in range(10)]
                nodes.append(self.register(old, "\N{ELEPHANT}".encode() * 254))
                nodes.append(self.register(old, b"x> at port 5, fd = 6\nactive name     <y"))
                asked = [NAMES] + [lookup(node.name) for node in nodes]
                before = [old.ask(request[2:]) for request in asked]
                new = self.take_over(old)
                self.assertEqual([new.ask(request[2:]) for request in asked], before)
                self.assertTrue(all(node.is_connected() for node in nodes))
                self.assert_names_are_alive(new, nodes)

    def assert_names_are_alive(self, new, nodes):
        twin = Registered(new, nodes[0].name)
        self.assertFalse(twin.is_accepted)
        twin.end()
        nodes[0].end()
        wait_until(lambda: nodes[0].name not in dict(new.names()), "its name is free")
        self.assertNotEqual(self.register(new, nodes[0].name).creation, nodes[0].creation)

    def test_names_then_outlive_a_crash_an_upgrade_and_another_takeover(self):
        old = self.start(Reference)
        node = self.register(old, b"n")
        new = self.take_over(old)
        before = new.server
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: new.server not in (new.pid, before), "there is another server")
        self.assertEqual([name for name, _ in new.names()], [b"n"])
        subprocess.run([daemons.portolan(), "upgrade", str(new.pid)], check=True, timeout=60,
                       env=daemons.clean_environment(), stdout=subprocess.DEVNULL)
        newest = self.take_over(new)
        self.assertEqual([name for name, _ in newest.names()], [b"n"])
        self.assertTrue(node.is_connected())

    def test_clients_that_have_said_nothing_or_half(self):
        old = self.start(Reference)
        node = self.register(old, b"n")
        with old.connect() as silent, old.connect() as half, old.connect() as refused:
            half.sendall(lookup(b"n")[:3])
            refused.sendall(alive(node.name))
            self.assertEqual(refused.recv(2), b"v\1")
            old.names()  # it has read all of that
            new = self.take_over(old)
            silent.sendall(lookup(b"n"))
            self.assertEqual(read_to_end(silent)[:2], b"w\0")
            self.assertEqual(read_to_end(half), b"")
        self.assertEqual([name for name, _ in new.names()], [b"n"])

    def test_a_request_that_is_completed_is_waited_for(self):
        old = self.start(Reference)
        self.register(old, b"n")
        with old.connect() as half:
            half.sendall(lookup(b"n")[:3])
            old.names()
            new = Taken(old, ready=False)
            self.enterContext(new)
            wait_until(lambda: state_of(old.pid) == "T", "it is stopped, in vain")
            half.sendall(lookup(b"n")[3:])
            self.assertEqual(read_to_end(half)[:2], b"w\0")
            new.wait_until_ready()

    def test_sockets_that_systemd_has_opened(self):
        port = network.free_port()
        old = self.start(Activated, port=port)
        node = self.register(old, b"n")
        before = listening_inodes(port)
        new = self.take_over(old)
        self.assertEqual(listening_inodes(port), before)
        self.assertEqual([name for name, _ in new.names()], [b"n"])
        self.assertTrue(node.is_connected())

    def test_http_goes_on_where_it_listens(self):
        http = network.free_port()
        words = ["--http", f"127.0.0.1:{http}"]
        old = self.start(Serve, *words)
        self.register(old, b"n")
        self.take_over(old, words=words)
        with socket.create_connection(("127.0.0.1", http), 10) as client:
            client.sendall(b"GET /v1/names HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertIn(b'"n"', read_to_end(client))


class OneProcess(Serve):
    """Without a keeper."""

    def port_arguments(self):
        return ["--keep-names", "no", *super().port_arguments()]


class Activated(Reference):
    """OTP's epmd on a socket of systemd's, which starts it at the first connection."""

    def command(self):
        return [needs.program("systemd-socket-activate"), "-l", f"127.0.0.1:{self.port}",
                *super().command(), "-systemd"]


class Churn:
    """Nodes that come and go, a hundred a second; fifty are there."""

    def __init__(self, daemon):
        self._daemon, self._is_over = daemon, threading.Event()
        self.count, self.nodes, self.failed = 0, [], []
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._is_over.wait(0.01):
            self.count += 1
            node = Registered(self._daemon, b"n%d" % self.count)
            if not node.is_accepted:
                self.failed.append(node.answer)
            self.nodes.append(node)
            if len(self.nodes) > 50:
                self.nodes.pop(0).end()

    def wait_for_more(self, count):
        enough = self.count + count
        wait_until(lambda: self.count > enough, "nodes come and go")

    def __enter__(self):
        self._thread.start()
        self.wait_for_more(60)
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()


class Registering(TakeoverTest):
    def test_nodes_that_come_and_go_meanwhile(self):
        for kind in (Reference, OneProcess, Kept):
            with self.subTest(kind):
                old = self.start(kind)
                with Churn(old) as churn:
                    new = self.take_over(old)
                    churn.wait_for_more(20)
                for node in churn.nodes:
                    self.addCleanup(node.end)
                self.assertEqual(churn.failed, [])
                self.assertTrue(all(node.is_connected() for node in churn.nodes))
                expected = {node.name for node in churn.nodes}
                wait_until(lambda: {name for name, _ in new.names()} == expected, "all are there")


class Refusals(TakeoverTest):
    def test_a_dry_run_changes_nothing(self):
        old = self.start(Reference)
        node = self.register(old, b"n")
        before = old.ask(b"d"), old.descriptors(), old.cpu()
        for words in (["--port", old.port], [old.pid]):
            done = subprocess.run(
                [daemons.portolan(), "takeover", "--dry-run", *map(str, words)], text=True,
                env=daemons.clean_environment(), capture_output=True, timeout=30, check=True)
            self.assertIn(f"process {old.pid} (epmd)", done.stdout)
            self.assertIn("  1 names, with their connections\n", done.stdout)
            self.assertIn(f"  listens on 0.0.0.0:{old.port}", done.stdout)
            self.assertEqual(done.stderr, "")
        self.assertEqual((old.ask(b"d"), old.descriptors()), before[:2])
        self.assertTrue(node.is_connected())
        self.assert_goes_on(old)

    def test_another_user_has_no_right_to_it(self):
        needs.root()
        old = self.start(Reference)
        stranger = [needs.program("setpriv"), "--reuid", "65534", "--clear-groups"]
        for dry_run in ([], ["--dry-run"]):
            said = self.refused(*dry_run, old.pid, prefix=stranger)
            self.assertIn("is of user 0: run the takeover as root", said)
        self.assert_goes_on(old)

    def test_root_without_a_capability_is_told_which(self):
        needs.root()
        old = self.start(Reference)
        weak = [needs.program("setpriv"), "--bounding-set", "-sys_ptrace"]
        self.assertIn("CAP_SYS_PTRACE", self.refused(old.pid, prefix=weak))
        self.assert_goes_on(old)

    def test_an_epmd_of_another_network_is_left_alone(self):
        needs.root()
        elsewhere = [needs.program("unshare"), "--net", *daemons.reference_epmd()]
        with subprocess.Popen(elsewhere, env=daemons.clean_environment()) as old:
            try:
                program = f"/proc/{old.pid}/exe"
                wait_until(lambda: os.path.basename(os.readlink(program)) == "epmd", "it is epmd")
                self.assertIn("is in another container", self.refused(old.pid))
                self.assertNotEqual(state_of(old.pid), "T")
            finally:
                old.kill()

    def test_too_few_descriptors(self):
        old = self.start(Reference)
        for i in range(10):
            self.register(old, b"n%d" % i)
        few = [needs.program("prlimit"), "--nofile=40:40"]
        self.assertIn("LimitNOFILE=", self.refused(old.pid, prefix=few))
        self.assert_goes_on(old)

    def test_what_is_no_epmd_is_left_alone(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            said = self.refused("--port", server.getsockname()[1])
            self.assertIn("is neither epmd nor portolan", said)
        said = self.refused("--port", network.free_port())
        self.assertIn("no process is seen to listen on port", said)
        self.assertIn("in the container of that process", said)
        self.assertIn("there is no process", self.refused(4194305))

    def test_an_epmd_that_does_not_answer_is_left_alone(self):
        old = self.start(Reference)
        os.kill(old.pid, signal.SIGSTOP)
        try:
            self.assertIn("does not answer as an EPMD does", self.refused(old.pid))
            self.assertEqual(state_of(old.pid), "T")
        finally:
            os.kill(old.pid, signal.SIGCONT)
        self.assert_goes_on(old)

    def test_the_epmd_of_a_command_is_left_alone(self):
        port = network.free_port()
        with subprocess.Popen([daemons.portolan(), "run", "--port", str(port), "--", "sleep", "1000"],
                              env=daemons.clean_environment(), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as run:
            try:
                wait_until(lambda: background.owners(port) and children_of(run.pid), "it listens")
                self.assertIn("which would lose its parent", self.refused(run.pid))
            finally:
                run.terminate()

    def test_wrong_options_for_the_daemon(self):
        old = self.start(Reference)
        for words, said in ((["--colour"], b"portolan serve: "), (["--check-config"], b"no daemon"),
                            (["--keep-names", "no"], b"would lose the names")):
            done = subprocess.run([daemons.portolan(), "takeover", str(old.pid), "--", *words],
                                  env=daemons.clean_environment(), capture_output=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr)
        self.assert_goes_on(old)


class Undone(TakeoverTest):
    def test_a_daemon_that_does_not_come_up(self):
        for kind in (Reference, Kept):
            with self.subTest(kind):
                old = self.start(kind)
                node = self.register(old, b"n")
                with socket.create_server(("127.0.0.1", 0)) as taken:
                    place = f"127.0.0.1:{taken.getsockname()[1]}"
                    said = self.refused(old.pid, "--", "--http", place)
                self.assertIn("in use", said)
                self.assertIn("goes on as before", said)
                self.assertTrue(node.is_connected())
                self.assertEqual([name for name, _ in old.names()], [b"n"])
                node.end()
                wait_until(lambda: old.names() == [], "its name is free")

    def test_a_takeover_that_is_killed_at_any_step(self):
        for call, when in (("pidfd_send_signal", 1), ("memfd_create", 1), ("execve", 1),
                           ("pidfd_getfd", 11)):
            with self.subTest(call):
                old = self.start(Reference)
                node = self.register(old, b"n")
                subprocess.run(
                    [needs.program("strace"), "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                     f"inject={call}:signal=KILL:when={when}", daemons.portolan(), "takeover",
                     str(old.pid)], env=daemons.clean_environment(), check=False, timeout=60,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.assert_goes_on(old)
                self.assertTrue(node.is_connected())
                self.assertEqual([name for name, _ in old.names()], [b"n"])


if __name__ == "__main__":
    unittest.main()
