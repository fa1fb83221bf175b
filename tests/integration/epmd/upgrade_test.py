"""`portolan upgrade`: another program goes on with the names, and no node notices."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import daemons
import needs
import network
from daemons import read_to_end, wait_until
from kept import Kept, KeptTest, Registered
from nodes import Node
from packets import DUMP, NAMES, lookup


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


def upgrade(*words, before=()):
    return subprocess.run([*before, daemons.portolan(), "upgrade", *map(str, words)], check=False,
                          text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


class Installed(Kept):
    """Runs from a path of its own, where another program can be put."""

    def __init__(self, *arguments, **running):
        self._folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self._folder.name, "portolan")
        self.install(daemons.portolan())
        super().__init__(*arguments, **running)

    def command(self):
        return [self.path, "serve"]

    def install(self, program):
        """As a package does: the file that runs stays as it is, and loses its name."""
        new = self.path.with_suffix(".new")
        shutil.copy(program, new)
        new.rename(self.path)

    def install_script(self, text):
        new = self.path.with_suffix(".new")
        new.write_text("#!/bin/sh\n" + text, encoding="ascii")
        new.chmod(0o755)
        new.rename(self.path)

    def program(self):
        """The file that the daemon's process runs."""
        return os.stat(f"/proc/{self.pid}/exe").st_ino

    def stop(self):
        try:
            return super().stop()
        finally:
            self._folder.cleanup()


class UpgradeTest(KeptTest):
    def start(self, *arguments, **running):
        return self.enterContext(Installed(*arguments, **running))

    def upgrade(self, daemon):
        done = upgrade(daemon.pid)
        self.assertEqual((done.returncode, done.stderr), (0, ""), daemon.output())
        return done.stdout

    def assert_refused(self, daemon, why):
        """It says why to who asked and in its log, and goes on."""
        server = daemon.server
        refused = upgrade(daemon.pid)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertRegex(refused.stderr, f"process {daemon.pid} goes on as it is: .*{why}")
        wait_until(lambda: "the upgrade was refused" in daemon.output(), "the log says so")
        self.assertEqual(daemon.server, server)
        self.assertIsNotNone(daemon.names())


class Upgrade(UpgradeTest):
    def test_another_program_goes_on_with_all_names(self):
        daemon = self.start()
        nodes = [self.register(daemon, b"n%d" % i, port=100 + i, extra=b"e" * i) for i in range(5)]
        asked = [NAMES, DUMP] + [lookup(node.name) for node in nodes]
        before = [daemon.ask(request[2:]) for request in asked]
        for _ in range(2):
            old = daemon.program()
            daemon.install(daemons.portolan())
            self.assertRegex(self.upgrade(daemon), rf"^process {daemon.pid}: portolan \S+ goes on; "
                             r"names kept: 5, ended meanwhile: 0, lost: 0\n$")
            self.assertNotEqual(daemon.program(), old)
            self.assertEqual([daemon.ask(request[2:]) for request in asked], before)
        self.assertTrue(all(node.is_connected() for node in nodes))
        self.assertFalse(self.register(daemon, b"n0").is_accepted)
        nodes[0].end()
        wait_until(lambda: len(daemon.names()) == 4, "one has ended")
        self.assertEqual(self.register(daemon, b"n0").creation, nodes[0].creation + 1)
        daemon.replace_server()
        self.assertEqual(len(daemon.names()), 5)

    def test_no_request_fails(self):
        daemon = self.start()
        node, failed, is_over = self.register(daemon, b"n"), [], threading.Event()

        def ask():
            number = 0
            while not is_over.is_set():
                number += 1
                try:
                    other = Registered(daemon, b"%d" % number)
                    found = daemon.ask(b"zn")
                    other.end()
                    if found[:4] != b"w\0\x10\xe1" or not other.is_accepted:
                        failed.append((number, found, other.answer))
                except OSError as fault:
                    failed.append((number, fault))
        asking = threading.Thread(target=ask)
        asking.start()
        try:
            for _ in range(10):
                self.upgrade(daemon)
        finally:
            is_over.set()
            asking.join()
        self.assertEqual(failed, [])
        self.assertTrue(node.is_connected())

    def test_real_nodes_do_not_notice(self):
        daemon = self.start(port=4369)
        first, second = (self.enterContext(Node(f"{name}@127.0.0.1", "-start_epmd", "false"))
                         .wait_until_registered(daemon) for name in ("first", "second"))
        before = daemon.ask(b"d")
        self.upgrade(daemon)
        self.assertEqual(daemon.ask(b"d"), before)
        self.assertEqual(first.ping(second), "pong")
        self.assertEqual(second.leave(), 0)
        wait_until(lambda: [name for name, _ in daemon.names()] == [b"first"], "one has left")

    def test_it_leaves_no_descriptors(self):
        daemon = self.start("--http", f"127.0.0.1:{network.free_port()}")
        counts = []
        for _ in range(4):
            self.upgrade(daemon)
            wait_until(lambda: daemon.names() == [], "it answers")
            counts.append(daemon.descriptors())
        self.assertEqual(counts, counts[:1] * 4)

    def test_options_are_read_again(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
            daemon = self.start("--config", config.name)
            node = self.register(daemon, b"n")
            port = network.free_port()
            config.write(f'http = "127.0.0.1:{port}"\n')
            config.flush()
            self.upgrade(daemon)
            with socket.create_connection(("127.0.0.1", port), 10) as client:
                client.sendall(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
                self.assertIn(b"\nportolan_names 1\n", read_to_end(client))
            self.assertTrue(node.is_connected())
            config.write('interval = "x"\n')
            config.flush()
            self.assert_refused(daemon, "status 2: .*interval")
            self.assertTrue(node.is_connected())

    def test_one_that_is_to_keep_no_names_from_now_on(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
            daemon = self.start("--config", config.name)
            node = self.register(daemon, b"n")
            config.write('keep-names = "no"\n')
            config.flush()
            self.assertIn("keeps no names: all are lost", self.upgrade(daemon))
        self.assertEqual(daemon.names(), [])
        self.assertFalse(node.is_connected())
        self.assertEqual(daemon.server, None)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait_until_ended(), 0)

    def test_a_socket_that_systemd_has_opened_is_kept(self):
        activate = ("import os, sys; os.dup2(int(sys.argv[1]), 3); "
                    "os.environ['LISTEN_PID'] = str(os.getpid()); "
                    "os.execv(sys.argv[2], sys.argv[2:])")
        with socket.create_server(("127.0.0.1", 0)) as server:
            given, port = server.fileno(), server.getsockname()[1]

            class Activated(Installed):
                def command(self):
                    return [sys.executable, "-c", activate, str(given), *super().command()]

                def port_arguments(self):
                    return []
            daemon = self.enterContext(Activated(port=port, environment={"LISTEN_FDS": "1"},
                                                 pass_fds=[given]))
        node = self.register(daemon, b"n")
        for _ in range(2):
            self.upgrade(daemon)
            self.assertEqual(daemon.names(), [(b"n", 4321)])
        self.assertTrue(node.is_connected())


class Refused(UpgradeTest):
    def test_a_program_that_cannot_go_on(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        daemon.path.unlink()
        self.assert_refused(daemon, "No such file or directory")
        for text, why in (("exit 3", "it ended with status 3"),
                          ("echo far too old >&2; exit 1", "it ended with status 1: far too old"),
                          ("kill -SEGV $$", "it died of signal 11")):
            daemon.install_script(text)
            self.assert_refused(daemon, why)
        daemon.path.write_bytes(b"\x7fELF")
        self.assert_refused(daemon, "Exec format error")
        self.assertTrue(node.is_connected())
        daemon.install(daemons.portolan())
        self.upgrade(daemon)
        self.assertTrue(node.is_connected())

    def test_a_program_that_takes_too_long(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        daemon.install_script("exec sleep 60")
        self.assert_refused(daemon, "it took longer than 10 s to start")
        self.assertTrue(node.is_connected())

    def test_a_program_that_ends_after_its_trial_ends_the_daemon_and_it_is_said(self):
        daemon = self.start()
        daemon.install_script('[ "$1" = try-handover ] || exit 3')
        ended = upgrade(daemon.pid)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("the daemon has ended", ended.stderr)
        self.assertEqual(daemon.wait_until_ended(), 3)

    def test_names_of_another_form(self):
        memory = os.memfd_create("names", 0)
        os.write(memory, b"x" * 4096)
        done = subprocess.run(
            [daemons.portolan(), "serve", "--port", str(network.free_port())], text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            pass_fds=[memory], env=daemons.clean_environment(
                {"PORTOLAN_HANDOVER": f"{memory} -1 -1 -1 0 1 2"}))
        os.close(memory)
        self.assertEqual(done.returncode, 1)
        self.assertIn("a form that this program does not know", done.stdout)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_another_user(self):
        daemon = self.start()
        nobody = [needs.program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"]
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            program = shutil.copy(daemons.portolan(), folder)
            refused = subprocess.run([*nobody, program, "upgrade", str(daemon.pid)], check=False,
                                     text=True, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("only root and our user may ask", refused.stderr)


class Which(UpgradeTest):
    def test_the_only_one_needs_no_pid(self):
        self.assertIn("there is no daemon here that can be upgraded", upgrade().stderr)
        first = self.start()
        self.assertIn(f"process {first.pid}: ", upgrade().stdout)
        second = self.start()
        both = ", ".join(map(str, sorted((first.pid, second.pid))))
        self.assertIn(f"several daemons here, the processes {both}", upgrade().stderr)
        self.assertIn('"upgraded":true', upgrade(second.pid, "--json").stdout)
        self.assertIn("process 1 cannot be upgraded", upgrade(1).stderr)


class Meanwhile(UpgradeTest):
    """The trial takes its time, and something else happens."""

    def slow(self, daemon):
        """Begins an upgrade, and returns when the new program is on trial."""
        daemon.install_script(f"""
            case $1 in try-handover)
                touch "$0.tried"; until [ -e "$0.go" ]; do sleep 0.01; done ;; esac
            exec {daemons.portolan()} "$@" """)
        asking = subprocess.Popen([daemons.portolan(), "upgrade", str(daemon.pid)], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(asking.communicate)
        self.addCleanup(asking.kill)
        wait_until(daemon.path.with_suffix(".tried").exists, "it is tried")
        return asking

    @staticmethod
    def go_on(daemon):
        daemon.path.with_suffix(".go").touch()

    def test_the_server_crashes(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        asking = self.slow(daemon)
        daemon.replace_server()
        self.go_on(daemon)
        self.assertIn("names kept: 1,", asking.communicate()[0])
        self.assertTrue(node.is_connected())

    def test_another_one_asks(self):
        daemon = self.start()
        asking = self.slow(daemon)
        self.assertIn("an upgrade is under way", upgrade(daemon.pid).stderr)
        self.go_on(daemon)
        self.assertEqual(asking.communicate()[1], "")

    def test_the_daemon_is_asked_to_end(self):
        daemon = self.start()
        self.slow(daemon)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait_until_ended(), 0)

    def test_who_has_asked_ends(self):
        daemon = self.start()
        node, old = self.register(daemon, b"n"), daemon.program()
        asking = self.slow(daemon)
        asking.kill()
        self.go_on(daemon)
        wait_until(lambda: daemon.program() != old, "it was upgraded")
        self.assertEqual(daemon.names(), [(b"n", 4321)])
        self.assertTrue(node.is_connected())


if __name__ == "__main__":
    unittest.main()
