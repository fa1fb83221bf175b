"""The two processes of a daemon that keeps names: signals, descriptors, crashes, the service manager."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import daemons
import deny
import needs
import network
from daemons import children_of, read_to_end, wait_until
from kept import Kept, KeptTest, stopped


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Processes(KeptTest):
    def test_a_keeper_that_hangs_harms_nobody(self):
        daemon = self.start()
        with stopped(daemon.pid):
            nodes = [self.register(daemon, b"n%d" % i) for i in range(100)]
            self.assertEqual(len(daemon.names()), 100)
            daemon.kill_server()
        self.assertEqual(len(daemon.names()), 100)
        self.assertTrue(all(node.is_connected() for node in nodes))

    def test_a_server_that_hangs_is_replaced(self):
        daemon = self.start()
        node, server = self.register(daemon, b"n"), daemon.server
        daemon.pause()
        began = time.monotonic()
        self.assertEqual(daemon.ask(b"n", timeout=40)[4:14], b"name n at ")
        self.assertGreater(time.monotonic() - began, 15)
        self.assertFalse(os.path.exists(f"/proc/{server}"))
        self.assertTrue(node.is_connected())
        self.assertIn("the server had not answered its keeper for 20 s, and was killed",
                      daemon.output())

    def test_three_crashes_let_the_names_go(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        for _ in range(3):
            self.assertTrue(node.is_connected())
            daemon.replace_server()
        self.assertEqual(daemon.names(), [])
        self.assertFalse(node.is_connected())
        self.assertIn("the server has crashed 3 times in 10 s, and begins without its names: 1 lost",
                      daemon.output())
        self.assertTrue(self.register(daemon, b"n").is_accepted)

    def test_the_fourth_ends_the_daemon(self):
        daemon = self.start()
        for _ in range(3):
            daemon.replace_server()
        daemon.kill_server()
        self.assertEqual(daemon.wait_until_ended(), -signal.SIGKILL)

    def test_no_server_outlives_its_keeper(self):
        daemon = self.start()
        server = daemon.server
        daemon.signal(signal.SIGKILL)
        daemon.wait_until_ended()
        wait_until(lambda: not os.path.exists(f"/proc/{server}"), "the server is gone")

    def test_a_signal_is_heard_once(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            daemon = self.start("--http", f"127.0.0.1:{network.free_port()}", "--drain", "300ms")
            server = daemon.server
            os.kill(server, number)  # as systemd and the terminal do
            daemon.signal(number)
            began = time.monotonic()
            for _ in range(2000):  # some of them while the server hears the keeper's
                os.kill(server, number)
            self.assertEqual(daemon.wait_until_ended(), 0)
            self.assertGreater(time.monotonic() - began, 0.2)
            self.assertIn(f"ended by signal {number.value}", daemon.output())

    def test_a_signal_to_the_server_alone_is_nothing(self):
        daemon = self.start()
        server = daemon.server
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(server, number)
        self.assertEqual(daemon.names(), [])
        self.assertEqual(daemon.server, server)

    def test_a_signal_waits_for_a_server_that_is_stopped(self):
        daemon = self.start()
        with stopped(daemon.server):
            daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait_until_ended(), 0)

    def test_a_server_that_dies_after_it_was_asked_to_end_is_not_replaced(self):
        daemon = self.start()
        os.kill(daemon.server, signal.SIGSTOP)
        daemon.signal(signal.SIGTERM)
        wait_until(lambda: not self.is_pending(daemon.pid, signal.SIGTERM), "the keeper heard it")
        daemon.kill_server()
        self.assertEqual(daemon.wait_until_ended(), -signal.SIGKILL)
        self.assertNotIn("the server died", daemon.output())

    @staticmethod
    def is_pending(pid, number):
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        pending = status.partition("ShdPnd:")[2].split()[0]
        return int(pending, 16) >> (number - 1) & 1

    def test_the_status_of_a_server_is_the_daemons(self):
        daemon = self.start("--relaxed-command-check")
        self.assertEqual(daemon.ask(b"k"), b"OK")
        self.assertEqual(daemon.wait_until_ended(), 0)

    def test_orphans_are_reaped(self):
        with subprocess.Popen(
                [needs.program("unshare"), "--pid", "--fork", "--mount-proc", daemons.portolan(),
                 "serve", "--port", str(network.free_port())],
                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as first:
            self.addCleanup(first.kill)
            first.stderr.readline()
            (keeper,) = children_of(first.pid)
            subprocess.run([needs.program("nsenter"), "-t", str(keeper), "-p", "--", "sh", "-c",
                            "sleep 0.01 & sleep 0.01 &"], check=True)
            wait_until(lambda: len(children_of(keeper)) == 1, "only the server is left")
            os.kill(keeper, signal.SIGTERM)
            self.assertEqual(first.wait(10), 0)


class Descriptors(KeptTest):
    def test_each_server_has_as_many_as_the_first(self):
        daemon = self.start("--http", f"127.0.0.1:{network.free_port()}")
        counts = set()
        for _ in range(3):
            wait_until(lambda: daemon.names() == [], "it answers")
            self.settle(daemon)
            counts.add(daemon.descriptors())
            if len(counts) < 3:
                daemon.replace_server()
        self.assertEqual(len(counts), 1, counts)

    @staticmethod
    def settle(daemon):
        before = None
        while before != (before := daemon.descriptors()):
            time.sleep(0.01)

    def test_http_answers_again(self):
        port = network.free_port()
        daemon = self.start("--http", f"127.0.0.1:{port}")
        self.register(daemon, b"n")
        with socket.create_connection(("127.0.0.1", port), 10) as reader:
            reader.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            reader.recv(100)
            daemon.replace_server()
            read_to_end(reader)  # it is closed
        metrics = self.get(port, "/metrics")
        for line in ("portolan_names 1", "portolan_server_restarts_total 1",
                     "portolan_names_kept_total 1", "portolan_names_lost_total 0"):
            self.assertIn(f"\n{line}\n", metrics)

    @staticmethod
    def get(port, path):
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return read_to_end(client).decode()

    def test_the_log_file_is_opened_again(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        log = folder / "log"
        daemon = self.start("--log-file", str(log))
        log.rename(folder / "old")
        daemon.signal(signal.SIGHUP)
        wait_until(log.exists, "the log is opened again")
        nodes = [self.register(daemon, b"n%d" % i) for i in range(20)]
        daemon.replace_server()
        wait_until(lambda: "names kept: 20," in log.read_text(encoding="utf-8"), "it says so")
        self.assertTrue(all(node.is_connected() for node in nodes))
        self.assertNotIn(str(folder / "old"), self.open_files(daemon.server))
        self.assertIn(str(log), self.open_files(daemon.server))

    @staticmethod
    def open_files(pid):
        found = []
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):  # a client's, that has ended meanwhile
                found.append(os.readlink(f"/proc/{pid}/fd/{number}"))
        return found

    def test_in_json(self):
        daemon = self.start("--log-format", "json")
        self.register(daemon, b"n")
        daemon.replace_server()
        (line,) = [line for line in map(json.loads, daemon.output().splitlines())
                   if line["event"] == "server_restarted"]
        self.assertEqual({name: line[name] for name in
                          ("level", "signal", "names_kept", "names_ended", "names_lost")},
                         {"level": "warning", "signal": 9, "names_kept": 1, "names_ended": 0,
                          "names_lost": 0})

    def test_what_the_daemon_was_started_with_stays_open(self):
        read_end, write_end = os.pipe()
        daemon = self.start(pass_fds=[write_end])
        os.close(write_end)
        daemon.replace_server()
        os.set_blocking(read_end, False)
        with self.assertRaises(BlockingIOError):
            os.read(read_end, 1)
        os.close(read_end)


class ServiceManager(KeptTest):
    def test_the_main_process_says_that_it_is_ready(self):
        with tempfile.TemporaryDirectory() as folder, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(f"{folder}/notify")
            told.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            told.settimeout(10)
            daemon = self.start(environment={"NOTIFY_SOCKET": f"{folder}/notify"})
            self.assertEqual(self.note(told), (b"READY=1", daemon.pid))
            daemon.replace_server()
            self.assertEqual(self.note(told), (b"READY=1", daemon.pid))
            daemon.stop()
            self.assertEqual(self.note(told), (b"STOPPING=1", daemon.pid))

    @staticmethod
    def note(told):
        """What is told next, but for what is to be stored, and by which process."""
        text = b"FDSTORE=1"
        while text.startswith(b"FDSTORE=1"):
            text, ancillary, _, _ = told.recvmsg(1000, 1000)
        (data,) = [data for _, kind, data in ancillary if kind == socket.SCM_CREDENTIALS]
        return text.split(b"\n")[0], int.from_bytes(data[:4], sys.byteorder)

    def test_a_socket_that_systemd_has_opened_is_kept(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            given = server.fileno()
            port = server.getsockname()[1]
            activate = ("import os, sys; os.dup2(int(sys.argv[1]), 3); "
                        "os.environ['LISTEN_PID'] = str(os.getpid()); "
                        "os.execv(sys.argv[2], sys.argv[2:])")

            class Activated(Kept):
                def command(self):
                    return [sys.executable, "-c", activate, str(given), daemons.portolan(), "serve"]

                def port_arguments(self):
                    return []
            daemon = self.enterContext(Activated(port=port, environment={"LISTEN_FDS": "1"},
                                                 pass_fds=[given]))
        node = self.register(daemon, b"n")
        daemon.replace_server()
        self.assertEqual(daemon.names(), [(b"n", 4321)])
        self.assertTrue(node.is_connected())


class Refused(KeptTest):
    def test_without_a_memfd_it_serves_on_and_says_so(self):
        class Denied(Kept):
            def command(self):
                return [*deny.prefix("memfd"), *super().command()]
        daemon = self.enterContext(Denied())
        self.assertTrue(self.register(daemon, b"n").is_accepted)
        self.assertEqual(children_of(daemon.pid), [])
        self.assertIn("a crash of the daemon will end all names: memfd_create: Operation not "
                      "permitted", daemon.output())

    def test_a_limit_of_file_sizes_is_no_crash(self):
        class Limited(Kept):
            def command(self):
                return [needs.program("prlimit"), "--fsize=8192", *super().command()]
        daemon = self.enterContext(Limited())
        nodes = [self.register(daemon, b"n%d" % i) for i in range(3)]
        self.assertTrue(all(node.is_accepted for node in nodes))
        wait_until(lambda: "there is no memory to keep n0 and perhaps further names" in
                   daemon.output(), "it says so")
        self.assertEqual(daemon.output().count("there is no memory"), 1)
        daemon.replace_server()
        self.assertEqual(daemon.names(), [])


if __name__ == "__main__":
    unittest.main()
