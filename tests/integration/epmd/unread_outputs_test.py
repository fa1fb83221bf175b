"""Nothing that the daemon writes makes it wait: not for a pipe or a terminal that nobody reads, not
for the system's log, not for a file that cannot be written to its end. And what anybody can cause
in a loop does not fill its log."""

import contextlib
import fcntl
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import termios
import unittest

import background
import daemons
import needs
import network
import private_dev
from daemons import Serve, wait_until
from packets import NAMES, alive, lookup, packet, stop
from serving_world import ServingTest

LOST = re.compile(r" warning (\d+) log lines were lost, as standard error did not take them: ")


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()


def tearDownModule():
    background.end_children()


def ask(port, request):
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)  # a registration that was refused stays open else
        return daemons.read_to_end(client)


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def come_and_go(port, name):
    with socket.create_connection(("127.0.0.1", port), 10) as node:
        node.sendall(alive(name))
        if node.recv(6)[:2] != b"v\0":
            raise AssertionError("not registered")


@contextlib.contextmanager
def serve_to(stderr, *words, face="serve"):
    """A daemon whose standard error is a descriptor of the test's own; its port."""
    port = network.free_port()
    command = {"serve": ["serve", "--port"], "epmd": ["epmd", "-d", "-d", "-port"]}[face]
    daemon = subprocess.Popen(
        [needs.program("setpriv"), "--pdeathsig", "KILL", daemons.portolan(), *command, str(port),
         *words], env=daemons.clean_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=stderr)
    try:
        wait_until(lambda: listens(port), "it listens")
        yield daemon, port
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(10)
    finally:
        daemon.kill()
        daemon.wait()


def read_now(descriptor):
    """All that can be read without waiting."""
    os.set_blocking(descriptor, False)
    text = b""
    with contextlib.suppress(BlockingIOError, OSError):
        while piece := os.read(descriptor, 65536):
            text += piece
    return text.decode(errors="replace")


class StandardError(unittest.TestCase):
    def small_pipe(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        return reading, writing

    def assert_serves(self, port):
        for number in range(90):
            come_and_go(port, b"n%d" % number)
        # The last of them has gone, and has been logged, a moment after it hung up.
        wait_until(lambda: ask(port, NAMES) == struct.pack(">I", port), "it serves, and all went")

    def test_a_pipe_that_nobody_reads_holds_up_nobody_and_the_loss_is_told(self):
        reading, writing = self.small_pipe()
        with serve_to(writing) as (_, port):
            os.close(writing)
            self.assert_serves(port)
            before = read_now(reading)
            told = wait_until(lambda: read_now(reading), "the loss is told")
            self.assertRegex(told, LOST.pattern + "nobody reads it\n$")
            lines = before.count("\n") + int(LOST.search(told)[1])
            self.assertEqual(lines, 1 + 2 * 90, before)
            self.assertNotRegex(before, "lost")
            self.assertTrue(before.endswith("\n"))

    def test_a_socket_and_a_terminal_that_nobody_reads_hold_up_nobody(self):
        near, far = socket.socketpair()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        controller, terminal = pty.openpty()
        termios.tcflow(terminal, termios.TCOOFF)
        for stderr in (near.fileno(), terminal):
            with serve_to(stderr) as (_, port):
                self.assert_serves(port)
        termios.tcflow(terminal, termios.TCOON)
        for descriptor in (controller, terminal):
            os.close(descriptor)
        near.close()
        far.close()

    def test_a_disk_that_is_full_holds_up_nobody(self):
        with open("/dev/full", "wb") as full, serve_to(full) as (_, port):
            self.assert_serves(port)

    def test_options_that_are_wrong_at_sighup_hold_up_nobody(self):
        reading, writing = self.small_pipe()
        config = self.enterContext(open(os.memfd_create("config"), "w", encoding="ascii"))
        path = f"/proc/{os.getpid()}/fd/{config.fileno()}"
        with serve_to(writing, "--config", path) as (daemon, port):
            os.close(writing)
            wait_until(lambda: "listening on" in read_now(reading), "it hears signals")
            config.write("nonsense=1\n")
            config.flush()
            for _ in range(100):
                daemon.send_signal(signal.SIGHUP)
                ask(port, NAMES)
            wait_until(lambda: "nonsense" in read_now(reading), "it has said why")

    def test_the_epmd_face_holds_up_nobody(self):
        reading, writing = self.small_pipe()
        with serve_to(writing, face="epmd") as (_, port):
            os.close(writing)
            self.assert_serves(port)
            read_now(reading)
            ask(port, NAMES)
            self.assertRegex(read_now(reading), r"epmd: .*: \d+ log lines were lost: nobody reads it")


BAD = (packet(b"?"), packet(b"z\0"), packet(b"x"), packet(b""), packet(b"z"),
       packet(b"x" + 30 * b"\xff"), alive(b"n" * 256), alive(b"\xff"), alive(b"a\0b"), packet(b"s"),
       stop(b"n"), lookup(b"\xff"), alive(b"n", extra=b"x" * 2000))


class TheSystemsLog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        private_dev.enter_private_dev()

    def test_a_log_that_nobody_reads_holds_up_nobody_and_the_loss_is_told(self):
        port = network.free_port()
        with private_dev.SystemLog() as log:
            _, pid = background.start_in_background(
                [daemons.portolan(), "epmd", "-daemon", "-port", str(port)], port)
            for request in BAD:
                for _ in range(5):
                    ask(port, request)
            self.assertEqual(ask(port, NAMES), struct.pack(">I", port))
            log.lines()
            for request in BAD:
                ask(port, request)
            lines = log.lines(wait=True)
            self.assertRegex(lines[0], rb"<11>DATE epmd: \d+ log lines were lost: the system's log")
            background.end(pid)


class Files(ServingTest):
    def test_a_file_that_cannot_be_written_to_its_end_holds_up_nobody(self):
        """A pipe without a reader, mounted where a file should be: to open it is to wait."""
        needs.root()
        self.add("a@h1")
        script = (f"cd {self.folder}; mkdir inner; mkfifo inner/hosts; mount --bind inner inner; "
                  "mount -o remount,bind,ro inner; exec \"$@\"")
        prefix = [needs.program("unshare"), "--mount", needs.program("sh"), "-ec", script, "sh"]
        daemon = self.serve("--hosts-file", self.folder / "inner/hosts", prefix=prefix)
        daemon.wait_for("joined a@h1")
        self.wait_for_rounds(5)
        self.assertEqual(self.ask_names()[:4], struct.pack(">I", self.port))
        self.add("b@h2")
        daemon.wait_for("joined b@h2")
        self.assertEqual(daemon.end(), 0)


class Limits(unittest.TestCase):
    def test_names_that_come_and_go_in_a_loop_do_not_fill_the_log(self):
        rounds = 5000
        with Serve() as daemon:
            for _ in range(rounds):
                come_and_go(daemon.port, b"n")
            ask(daemon.port, NAMES)
            daemon.stop()
            log = daemon.output()
        self.assertLess(len(log), 100 * 1024)
        for kind, line in (("registered", " registered 'n' at"),
                           ("unregistered", " unregistered 'n',")):
            left_out = sum(map(int, re.findall(rf" {kind}: (\d+) more in the last", log)))
            logged = len(re.findall(line, log))
            self.assertEqual(logged + left_out, rounds, log[-1000:])

    def test_a_usual_start_is_logged_name_by_name(self):
        with Serve() as daemon, contextlib.ExitStack() as nodes:
            for number in range(30):
                node = nodes.enter_context(daemon.connect())
                node.sendall(alive(b"n%d" % number))
                node.recv(6)
            self.assertEqual(daemon.output().count("registered '"), 30)


if __name__ == "__main__":
    unittest.main()
