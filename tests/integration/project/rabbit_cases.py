"""What brokers of RabbitMQ's example live through, in each version: a test takes these cases on."""

import unittest

import example_engine
import warren
from docker_nodes import wait_until
from warren import PATIENCE, THREE, Client, Warren, nodes

# From RabbitMQ's own log, when it stops in order.
IN_ORDER = "stopped TCP listener on"


class Machine:
    """The engine of all cases of a test."""

    harbour = None

    @classmethod
    def start(cls, suite):
        """With the RabbitMQ of a Debian release."""
        cls.harbour = example_engine.start(suite)
        unittest.addModuleCleanup(cls.harbour.end)
        example_engine.provide_rabbits(cls.harbour)
        warren.provide_nameserver(cls.harbour)


class Joining:
    """How three brokers become a cluster; each test leaves them as one."""

    @classmethod
    def setUpClass(cls):
        cls.warren = Warren(Machine.harbour, "life")
        cls.addClassCleanup(cls.warren.end)
        cls.warren.compose("up", "--build", "--detach")
        cls.warren.wait_for_cluster()
        cls.id = cls.warren.cluster_name("rabbit-1")

    def tearDown(self):
        self.warren.wait_for_cluster()
        for host in THREE:
            self.assertEqual(self.warren.cluster_name(host), self.id)

    def test_of_three_that_start_at_once_one_founds_the_cluster(self):
        founders = [host for host in THREE if "founds a cluster" in self.warren.log(host)]
        self.assertEqual(founders, ["rabbit-1"])
        self.assertIn("rabbit@rabbit-2 joins rabbit@rabbit-1", self.warren.log("rabbit-2"))

    def test_who_depends_on_their_health_starts_when_they_are_one_cluster(self):
        state = lambda: self.warren.harbour.inspect(self.warren.container("app"))["State"]
        wait_until(lambda: state()["Status"] == "exited", "the app has run", PATIENCE)
        self.assertEqual(state()["ExitCode"], 0)
        self.assertEqual(set(self.warren.log("app").split()) & nodes(THREE), nodes(THREE))

    def test_a_fourth_joins_and_stops_in_order(self):
        self.warren.compose("up", "--detach", "rabbit-4")
        self.warren.wait_for_cluster((*THREE, "rabbit-4"))
        self.assertEqual(self.warren.cluster_name("rabbit-4"), self.id)
        self.warren.compose("stop", "rabbit-4")
        self.warren.control("rabbit-1", "forget_cluster_node", "rabbit@rabbit-4")
        self.assertIn(IN_ORDER, self.warren.own_log("rabbit-4"))


class Cluster(Joining):
    """And what follows in its life, which is the same in each version."""

    def test_each_comes_back_after_a_restart(self):
        for host in THREE:
            with self.subTest(host):
                self.warren.engine("restart", host)
                self.warren.wait_for_cluster()
                self.assertIn(IN_ORDER, self.warren.own_log(host))

    def test_all_come_back_when_all_have_stopped(self):
        for host in THREE:
            self.warren.engine("stop", host)
        # The first to stop is the first to start: it has to wait for the last.
        self.warren.engine("start", *THREE)

    def test_all_come_back_in_another_order_when_all_were_killed(self):
        self.warren.engine("kill", *THREE)
        self.warren.engine("start", *reversed(THREE))

    def test_a_quorum_queue_takes_messages_during_a_rolling_restart(self):
        self.warren.control("rabbit-1", "add_user", "test", "test")
        self.warren.control("rabbit-1", "set_permissions", "test", ".*", ".*", ".*")
        client = Client(self.warren)
        for host in THREE:
            client.wait_for_more()
            self.warren.engine("stop", host)
            client.wait_for_more()
            self.warren.engine("start", host)
            self.warren.wait_for_cluster()
        confirmed, read = client.end()
        self.assertEqual(set(confirmed) - set(read), set())


class ColdStart:
    def setUp(self):
        self.warren = Warren(Machine.harbour, "cold")
        self.addCleanup(self.warren.end)
        self.warren.compose("build")

    def test_others_wait_for_the_first(self):
        self.warren.compose("up", "--detach", "rabbit-2", "rabbit-3")
        for host in ("rabbit-2", "rabbit-3"):
            wait_until(lambda host=host: "listening on" in self.warren.log(host), f"{host} is up")
        self.warren.compose("up", "--detach", "rabbit-1")
        self.warren.wait_for_cluster()
        self.assertIn("founds a cluster", self.warren.log("rabbit-1"))

    def kill_the_first_when_another_is_about_to_join(self):
        self.warren.compose("up", "--detach", "rabbit-1")
        self.warren.wait_for_cluster(THREE[:1])
        self.warren.compose("up", "--detach", "rabbit-2")
        wait_until(lambda: "joins" in self.warren.log("rabbit-2"), "rabbit-2 is about to join",
                   PATIENCE)
        self.warren.engine("kill", "rabbit-1")

    def test_one_after_the_other(self):
        for count in (1, 2, 3):
            self.warren.compose("up", "--detach", THREE[count - 1])
            self.warren.wait_for_cluster(THREE[:count])
