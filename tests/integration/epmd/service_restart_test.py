"""Names outlive a restart of the service: a service manager keeps their sockets meanwhile.

The manager is played here; package_systemd_test has the real one.
"""

import os
import signal
import socket
import tempfile
import unittest

import background
import daemons
import network
from daemons import Reference, read_to_end, wait_until
from kernel import listening_inodes
from kept import Registered
from packets import DUMP, NAMES, lookup
from programs import run
from service_manager import Manager, Service
from taken import Taken


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()
    daemons.reference_epmd()


def tearDownModule():
    background.end_children()


class Restart(unittest.TestCase):
    def setUp(self):
        self.manager = Manager(self.enterContext(tempfile.TemporaryDirectory()))
        self.addCleanup(self.manager.close)
        self.listening = self.enterContext(socket.create_server(("127.0.0.1", 0)))

    def start(self, *arguments):
        return self.enterContext(Service(self.manager, self.listening, *arguments))

    def register(self, daemon, name, **fields):
        node = Registered(daemon, name, **fields)
        self.addCleanup(node.end)
        return node

    def answers(self, daemon, nodes):
        asked = [NAMES, DUMP] + [lookup(node.name) for node in nodes]
        return [daemon.ask(request[2:]) for request in asked]

    @staticmethod
    def without_descriptors(answers):
        return [answer.split(b"fd = ")[0] for answer in answers]

    def test_the_names_are_there_again(self):
        daemon = self.start()
        nodes = [self.register(daemon, b"n%d" % i, port=100 + i, extra=b"e" * i)
                 for i in range(600)]  # more than a message carries
        for _ in range(3):
            before = self.answers(daemon, nodes[:3])
            self.assertEqual(daemon.stop(), 0)
            daemon = self.start()
            self.assertEqual(self.without_descriptors(self.answers(daemon, nodes[:3])),
                             self.without_descriptors(before))
            self.assertEqual(len(self.manager.store), 3)
        self.assertEqual(len(daemon.names()), 600)
        self.assertTrue(all(node.is_connected() for node in nodes))
        self.assertFalse(self.register(daemon, b"n0").is_accepted)
        nodes[0].end()
        wait_until(lambda: len(daemon.names()) == 599, "one has ended")
        self.assertEqual(self.register(daemon, b"n0").creation, nodes[0].creation + 1)

    def test_a_client_that_has_said_nothing_is_served_by_the_next(self):
        daemon = self.start()
        self.register(daemon, b"n")
        with daemon.connect() as silent, daemon.connect() as half:
            half.sendall(lookup(b"n")[:3])
            daemon.names()  # both are accepted
            daemon.stop()
            daemon = self.start()
            silent.sendall(lookup(b"n"))
            self.assertEqual(read_to_end(silent)[:2], b"w\0")
            self.assertEqual(read_to_end(half), b"")

    def test_so_they_are_after_the_keeper_was_killed(self):
        daemon = self.start()
        node, server = self.register(daemon, b"n"), daemon.server
        daemon.signal(signal.SIGKILL)
        daemon.wait_until_ended()
        wait_until(lambda: not background.is_running(server), "the server has ended too")
        daemon = self.start()
        self.assertEqual(daemon.names(), [(b"n", 4321)])
        self.assertTrue(node.is_connected())
        daemon.replace_server()
        self.assertEqual(daemon.names(), [(b"n", 4321)])

    def test_an_upgrade_goes_between(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        self.assertIn("names kept: 1,", self.upgraded(daemon))
        daemon.stop()
        daemon = self.start()
        self.assertIn("names kept: 1,", self.upgraded(daemon))
        self.assertEqual(daemon.names(), [(b"n", 4321)])
        self.assertTrue(node.is_connected())
        self.assertEqual(len(self.manager.store), 3)

    @staticmethod
    def upgraded(daemon):
        return run("upgrade", daemon.pid).stdout

    def test_a_node_that_ends_meanwhile_is_gone(self):
        daemon = self.start()
        nodes = [self.register(daemon, name) for name in (b"stays", b"ends")]
        daemon.stop()
        nodes[1].end()
        daemon = self.start()
        self.assertEqual(daemon.names(), [(b"stays", 4321)])
        self.assertIn("the service was restarted, and goes on; names kept: 1, ended meanwhile: 1, "
                      "lost: 0", daemon.output())

    def test_one_that_was_told_to_keep_none(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        daemon.stop()
        daemon = self.start("--keep-names", "no")
        self.assertEqual(daemon.names(), [])
        self.assertFalse(node.is_connected())

    def test_a_manager_that_stores_nothing(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        for _, number in self.manager.store:
            os.close(number)
        self.manager.store.clear()
        daemon.stop()
        self.assertFalse(node.is_connected())
        self.assertEqual(self.start().names(), [])

    def test_where_not_all_sockets_fit_those_that_do_stay(self):
        daemon = self.start()
        nodes = [self.register(daemon, b"n%d" % i) for i in range(600)]
        self.leave_room_for_one_message()
        daemon.stop()
        daemon = self.start()
        stayed = {node.name for node in nodes if node.is_connected()}
        self.assertEqual(len(stayed), 253)  # as many as a message carries
        self.assertEqual({name for name, _ in daemon.names()}, stayed)
        self.assertIn("names kept: 253, ended meanwhile: 0, lost: 347", daemon.output())
        ended = next(node.name for node in nodes if node.name not in stayed)
        self.assertTrue(self.register(daemon, ended).is_accepted)

    def leave_room_for_one_message(self):
        """Fills both ends: which of them is sent into is not known here."""
        ends = [socket.socket(fileno=os.dup(number)) for name, number in self.manager.store
                if "sockets" in name]
        for end in ends:
            self.addCleanup(end.close)
            with self.assertRaises(BlockingIOError):
                while True:
                    end.send(b"x")
        for end in ends:
            end.recv(1)

    def test_names_of_another_form_are_let_go(self):
        daemon = self.start()
        node = self.register(daemon, b"n")
        daemon.stop()
        (memory,) = [number for name, number in self.manager.store if "memory" in name]
        os.pwrite(memory, b"another", 0)
        daemon = self.start()
        self.assertEqual(daemon.names(), [])
        self.assertFalse(node.is_connected())


class AfterATakeover(unittest.TestCase):
    """No socket unit holds the port: that was another EPMD's."""

    def setUp(self):
        self.manager = Manager(self.enterContext(tempfile.TemporaryDirectory()))
        self.addCleanup(self.manager.close)
        self.old = self.enterContext(Reference())
        self.node = Registered(self.old, b"n")
        self.addCleanup(self.node.end)
        self.before = listening_inodes(self.old.port)
        environment = {"NOTIFY_SOCKET": self.manager.path}
        self.daemon = self.enterContext(Taken(self.old, environment=environment))
        self.manager.take("READY=1")

    def restart(self):
        return self.enterContext(Service(self.manager, None, port=self.old.port))

    def assert_it_goes_on(self, daemon):
        self.assertEqual(daemon.names(), [(b"n", 4321)])
        self.assertTrue(self.node.is_connected())
        self.assertEqual(listening_inodes(self.old.port), self.before)
        self.assertEqual([name for name, _ in self.manager.store].count("taken-port"), 2)

    def test_the_port_is_stored_too_and_open_meanwhile(self):
        daemon = self.daemon
        for _ in range(2):
            self.assertEqual(daemon.stop(), 0)
            with daemon.connect() as waiting:
                waiting.sendall(lookup(b"n"))
                daemon = self.restart()
                self.assertEqual(read_to_end(waiting)[:2], b"w\0")
            self.assert_it_goes_on(daemon)

    def test_an_upgrade_goes_between(self):
        self.daemon.stop()
        daemon = self.restart()
        self.assertIn("names kept: 1,", run("upgrade", daemon.pid).stdout)
        daemon.stop()
        self.assert_it_goes_on(self.restart())

    def test_so_is_the_keeper_killed(self):
        server = self.daemon.server
        self.daemon.signal(signal.SIGKILL)
        self.daemon.wait_until_ended()
        wait_until(lambda: not background.is_running(server), "the server has ended too")
        self.assert_it_goes_on(self.restart())


if __name__ == "__main__":
    unittest.main()
