"""`epmd`, in the foreground and as a daemon, after a crash of its server and after an upgrade."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

import background
import daemons
import network
from daemons import Ours, children_of, server_of, wait_until
from kept import Registered
from nodes import Node


def setUpModule():
    network.enter_private_network()
    daemons.our_epmd()


def tearDownModule():
    background.end_children()


class Reached:
    """A daemon that runs already, at a port."""

    connect, ask, names = Ours.connect, Ours.ask, Ours.names
    address = "127.0.0.1"

    def __init__(self, pid, port):
        self.pid, self.port = pid, port


def replace_server(daemon):
    before = server_of(daemon.pid)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: server_of(daemon.pid) not in (before, daemon.pid), "there is another server")


class SurvivalTest(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.program = folder / "epmd"
        self.install()

    def install(self):
        new = self.program.with_suffix(".new")
        shutil.copy(daemons.portolan(), new)
        new.rename(self.program)

    def upgrade(self, daemon):
        done = subprocess.run([daemons.portolan(), "upgrade", str(daemon.pid)], check=False,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def register(self, daemon, name):
        node = Registered(daemon, name)
        self.addCleanup(node.end)
        return node

    def start_daemon(self, cwd=None, **environment):
        done, pid = background.start_in_background(
            ["./epmd" if cwd else self.program, "-daemon", "-port", str(self.port())],
            self.port(), environment, cwd=cwd)
        self.assertEqual(done.returncode, 0)
        return Reached(pid, self.port())

    def port(self):
        if not hasattr(self, "_port"):
            self._port = network.free_port()
        return self._port


class Foreground(SurvivalTest):
    def test_a_crash_and_an_upgrade_keep_the_names(self):
        daemon = self.enterContext(Ours())
        node = self.register(daemon, b"n")
        replace_server(daemon)
        self.assertEqual(daemon.names(), [(b"n", 4321)])
        self.assertIn("names kept: 1, ended meanwhile: 0, lost: 0\r\n", daemon.output())
        self.upgrade(daemon)
        self.assertEqual(daemon.names(), [(b"n", 4321)])
        self.assertTrue(node.is_connected())

    def test_it_dies_of_a_signal_as_the_reference_does(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            with self.subTest(number):
                daemon = self.enterContext(Ours())
                replace_server(daemon)
                daemon.names()
                server = daemon.server
                daemon.signal(number)
                self.assertEqual(daemon.wait_until_ended(), -number)
                wait_until(lambda: not background.is_running(server), "the server is gone")

    def test_without_a_keeper_it_is_one_process(self):
        daemon = self.enterContext(Ours(environment={"PORTOLAN_KEEP_NAMES": "no"}))
        self.assertEqual(children_of(daemon.pid), [])


class Background(SurvivalTest):
    def test_a_crash_and_an_upgrade_keep_the_names(self):
        daemon = self.start_daemon()
        nodes = [self.register(daemon, b"n%d" % i) for i in range(5)]
        for number in range(2):
            replace_server(daemon)
            self.assertEqual(len(daemon.names()), 5)
            self.install()
            self.assertIn("names kept: 5,", self.upgrade(daemon), number)
            self.assertEqual(len(daemon.names()), 5)
        self.assertTrue(all(node.is_connected() for node in nodes))
        nodes[0].end()
        wait_until(lambda: len(daemon.names()) == 4, "its name is gone")

    def test_one_that_was_started_by_a_path_from_its_folder(self):
        daemon = self.start_daemon(cwd=self.program.parent)
        node = self.register(daemon, b"n")
        self.upgrade(daemon)
        self.assertEqual(daemon.names(), [(b"n", 4321)])
        self.assertTrue(node.is_connected())

    def test_a_real_node_does_not_notice(self):
        self._port = 4369
        daemon = self.start_daemon()
        node = self.enterContext(Node("first@127.0.0.1", "-start_epmd", "false"))
        node.wait_until_registered(daemon)
        # One of OTP 25 that is told to end while it starts may never do so.
        wait_until(lambda: node.call("init get_status") == "{started, started}", "it has started")
        before = daemon.ask(b"d")
        replace_server(daemon)
        self.upgrade(daemon)
        self.assertEqual(daemon.ask(b"d"), before)
        self.assertEqual(node.leave(), 0)
        wait_until(lambda: daemon.names() == [], "it has left")


if __name__ == "__main__":
    unittest.main()
