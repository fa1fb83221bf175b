"""Names outlive the server that has registered them: the keeper.

KILLS= says how often the servers under load are killed (20).
"""

import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import unittest

import daemons
import needs
import network
from daemons import children_of, read_to_end, wait_until
from kernel import connections_to
from kept import Kept, KeptTest, Registered, stopped
from nodes import Node
from packets import DUMP, NAMES, lookup

DAEMONS = 10
KILLS = int(os.environ.get("KILLS", "20"))
# Three crashes within ten seconds end the names.
APART = 5.1


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


def is_traced(pid):
    """Or was, and is dead of it."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return True
    return "TracerPid:\t0" not in status


class Names(KeptTest):
    def test_names_stay_with_all_that_belongs_to_them(self):
        daemon = self.start()
        nodes = [self.register(daemon, b"n%d" % i, port=100 + i, extra=b"e" * (i * 100))
                 for i in range(10)]
        nodes.append(self.register(daemon, "\N{ELEPHANT}".encode() * 255))
        asked = [NAMES, DUMP] + [lookup(node.name) for node in nodes]
        before = [daemon.ask(request[2:]) for request in asked]
        for _ in range(2):
            daemon.replace_server()
            self.assertEqual([daemon.ask(request[2:]) for request in asked], before)
        self.assertTrue(all(node.is_connected() for node in nodes))
        again = self.register(daemon, nodes[0].name)
        self.assertFalse(again.is_accepted)

    def test_a_kept_name_goes_with_its_node_and_comes_back_with_the_next_creation(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        daemon.replace_server()
        node.end()
        wait_until(lambda: daemon.names() == [], "the name has gone")
        again = self.register(daemon, b"n")
        self.assertEqual(again.creation, node.creation + 1)

    def test_a_node_that_ends_while_no_server_runs_is_gone(self):
        daemon = self.start()
        nodes = [self.register(daemon, name) for name in (b"stays", b"ends")]
        with stopped(daemon.pid):
            daemon.kill_server()
            nodes[1].end()
        self.assertEqual(daemon.names(), [(b"stays", 4321)])
        self.assertIn("names kept: 1, ended meanwhile: 1, lost: 0", daemon.output())

    def test_a_refused_node_is_closed_or_after_another_request_reset(self):
        daemon = self.start()
        self.register(daemon, b"n")
        refused = self.register(daemon, b"n")
        self.assertEqual(refused.answer[:2], b"v\1")
        daemon.replace_server()
        self.assertEqual(refused.connection.recv(1), b"")
        refused = self.register(daemon, b"n")
        daemon.names()
        daemon.replace_server()
        with self.assertRaises(ConnectionResetError):
            refused.connection.recv(1)

    def test_an_order_of_names_is_continued(self):
        daemon = self.start()
        self.register(daemon, b"first")
        daemon.replace_server()
        self.register(daemon, b"second")
        daemon.replace_server()
        self.assertEqual([name for name, _ in daemon.names()], [b"second", b"first"])

    def test_without_the_option_there_is_one_process(self):
        with daemons.Serve("--keep-names", "no") as daemon:
            self.assertEqual(children_of(daemon.pid), [])


class Requests(KeptTest):
    def test_what_waits_while_no_server_runs_is_answered(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        with daemon.connect() as accepted, daemon.connect() as half:
            half.sendall(lookup(b"n")[:3])
            daemon.names()  # the server has seen both
            with stopped(daemon.pid):
                daemon.kill_server()
                accepted.sendall(lookup(b"n"))
                late = daemon.connect()
                late.sendall(lookup(b"n"))
            with late:
                self.assertEqual(read_to_end(accepted)[:2], b"w\0")
                self.assertEqual(read_to_end(late)[:2], b"w\0")
            # Its first part was read before another request was: nobody knows it any more.
            self.assertEqual(read_to_end(half), b"")
        self.assertTrue(node.is_connected())

    def test_a_request_in_two_parts_is_answered_if_it_was_the_last_that_was_read(self):
        daemon = self.start()
        self.register(daemon, b"n")
        with daemon.connect() as client:
            client.sendall(lookup(b"n")[:3])
            wait_until(lambda: self.is_read(daemon, client), "the first part was read")
            daemon.replace_server(is_asked=False)
            client.sendall(lookup(b"n")[3:])
            self.assertEqual(read_to_end(client)[:2], b"w\0")

    @staticmethod
    def is_read(daemon, client):
        """Whether the daemon's end has no unread bytes, as the kernel says."""
        port = client.getsockname()[1]
        for line in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if int(fields[1].split(":")[1], 16) == daemon.port and \
                    int(fields[2].split(":")[1], 16) == port:
                return int(fields[4].split(":")[1], 16) == 0
        return False

    def test_a_list_that_was_cut_is_no_whole_list(self):
        daemon = self.start()
        long = "\N{ELEPHANT}".encode() * 250
        nodes = [self.register(daemon, long + b"%d" % i) for i in range(5000)]
        with daemon.connect() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(NAMES)
            daemon.names()
            daemon.replace_server()
            with self.assertRaises(ConnectionResetError):
                while slow.recv(65536):
                    pass
        self.assertEqual(len(daemon.names()), len(nodes))


class Steps(KeptTest):
    """The server is killed at one system call of a registration or a look-up."""

    CALLS = ("accept4", "getsockopt", "recvfrom", "sendto", "epoll_ctl", "close", "epoll_wait",
             "epoll_pwait")

    def kill_at(self, daemon, call, when):
        server = daemon.server
        tracer = subprocess.Popen(
            [needs.program("strace"), "-f", "-qq", "-e", f"trace={call}", "-e",
             f"inject={call}:signal=KILL:when={when}", "-p", str(server)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(tracer.wait)
        self.addCleanup(tracer.kill)
        wait_until(lambda: is_traced(server), "it is traced")
        return tracer

    def test_a_registration_is_answered_once_and_is_then_kept(self):
        crashed = set()
        for call in self.CALLS:
            for when in (1, 2):
                with self.subTest(call, when=when):
                    if self.crash_at(call, when):
                        crashed.add(call)
        self.assertGreater(crashed, {"accept4", "getsockopt", "recvfrom", "sendto", "epoll_ctl"})

    def crash_at(self, call, when):
        with Kept() as daemon:
            first, server = Registered(daemon, b"first"), daemon.server
            tracer = self.kill_at(daemon, call, when)
            second, refused = Registered(daemon, b"second"), Registered(daemon, b"first")
            found = daemon.ask(b"zfirst")
            tracer.kill()
            tracer.wait()
            self.assertEqual([len(first.answer), len(second.answer), refused.answer[:2]],
                             [6, 6, b"v\1"])
            self.assertEqual(found[:2], b"w\0")
            self.assertEqual([name for name, _ in daemon.names()], [b"second", b"first"])
            second.connection.setblocking(False)
            with self.assertRaises(BlockingIOError):  # no second answer
                second.connection.recv(1)
            for node in (first, second, refused):
                node.end()
            return daemon.server != server


class Load(KeptTest):
    """Ten daemons, so that each may be killed rarely."""

    def under_kills(self, work):
        running = [self.start() for _ in range(DAEMONS)]
        self.count, self.failed, self.is_over = 0, [], False
        threads = [threading.Thread(target=self.repeat, args=(work, daemon)) for daemon in running]
        for thread in threads:
            thread.start()
        for left in range(KILLS // DAEMONS, 0, -1):
            began = time.monotonic()
            for daemon in running:
                daemon.replace_server()
            if left > 1 and KILLS > 2 * DAEMONS:
                time.sleep(max(0, APART - (time.monotonic() - began)))
        self.is_over = True
        for thread in threads:
            thread.join()
        self.assertEqual(self.failed, [])
        print(f"{self.count} requests, {KILLS} kills", file=sys.stderr)
        return running

    def repeat(self, work, daemon):
        number = 0
        while not self.is_over:
            number += 1
            try:
                work(daemon, number)
            except (AssertionError, OSError) as fault:
                self.failed.append(repr(fault))
            self.count += 1

    def test_no_look_up_fails(self):
        kept = {}

        def look_up(daemon, number):
            if number == 1:
                kept[daemon.port] = Registered(daemon, b"n")
            self.assertEqual(daemon.ask(b"zn")[:4], b"w\0\x10\xe1")
        self.under_kills(look_up)
        self.assertTrue(all(node.is_connected() for node in kept.values()))
        for node in kept.values():
            node.end()

    def test_no_registration_fails(self):
        last = {}

        def register(daemon, number):
            node = Registered(daemon, b"n%d" % (number % 50))
            before = last.pop((daemon.port, number % 50 + 1), None)
            self.assertEqual(len(node.answer), 6)
            if before:
                self.assertTrue(before.is_connected())
                before.end()
            last[daemon.port, number % 50] = node
        running = self.under_kills(register)
        for daemon in running:
            expected = {b"n%d" % number for port, number in last if port == daemon.port
                        and last[port, number].is_accepted}
            wait_until(lambda: {name for name, _ in daemon.names()} == expected,
                       f"{expected} are registered")
        for node in last.values():
            node.end()


class RealNodes(KeptTest):
    def test_nodes_do_not_notice(self):
        daemon = self.start(port=4369)
        first, second = (self.enterContext(Node(f"{name}@127.0.0.1", "-start_epmd", "false"))
                         .wait_until_registered(daemon) for name in ("first", "second"))
        before = daemon.ask(b"d"), connections_to(4369)
        self.assertEqual(len(before[1]), 2)
        for _ in range(2):
            daemon.replace_server()
        self.assertEqual((daemon.ask(b"d"), connections_to(4369)), before)
        self.assertEqual(first.ping(second), "pong")
        self.assertEqual(second.leave(), 0)
        wait_until(lambda: [name for name, _ in daemon.names()] == [b"first"], "one has left")


if __name__ == "__main__":
    unittest.main()
