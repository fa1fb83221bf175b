"""The example of RabbitMQ as it stands, with RabbitMQ 3.10, where brokers join in another way than in
RabbitMQ 4. What a cluster lives through after that, rabbitmq4_docker_test.py shows."""

import unittest

from rabbit_cases import IN_ORDER, Machine, wait_for_line
from warren import THREE, Warren, nodes, wait_until


def setUpModule():
    Machine.start("bookworm")


class Joining(unittest.TestCase):
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
        self.assertEqual(self.warren.cluster_name("rabbit-1"), self.id)

    def test_of_three_that_start_at_once_one_founds_the_cluster(self):
        founders = [host for host in THREE if "founds a cluster" in self.warren.log(host)]
        self.assertEqual(founders, ["rabbit-1"])
        self.assertIn("rabbit@rabbit-2 joins rabbit@rabbit-1", self.warren.log("rabbit-2"))

    def test_who_depends_on_their_health_starts_when_they_are_one_cluster(self):
        state = lambda: self.warren.harbour.inspect(self.warren.container("app"))["State"]
        wait_until(lambda: state()["Status"] == "exited", "the app has run")
        self.assertEqual(state()["ExitCode"], 0)
        self.assertEqual(set(self.warren.log("app").split()) & nodes(THREE), nodes(THREE))

    def test_a_fourth_joins_and_stops_in_order(self):
        self.warren.compose("up", "--detach", "rabbit-4")
        self.warren.wait_for_cluster((*THREE, "rabbit-4"))
        self.assertEqual(self.warren.cluster_name("rabbit-4"), self.id)
        self.warren.compose("stop", "rabbit-4")
        self.warren.control("rabbit-1", "forget_cluster_node", "rabbit@rabbit-4")
        self.assertIn(IN_ORDER, self.warren.own_log("rabbit-4"))

    def test_the_first_without_its_data_joins_the_others(self):
        self.warren.lose_data("rabbit-1")
        self.warren.compose("up", "--detach", "rabbit-1")


class ColdStart(unittest.TestCase):
    def test_others_wait_for_the_first_which_dies_when_they_are_about_to_join(self):
        warren = Warren(Machine.harbour, "cold")
        self.addCleanup(warren.end)
        warren.compose("up", "--build", "--detach", *THREE[1:])
        for host in THREE[1:]:
            wait_for_line(warren, host, "listening on")
        warren.compose("up", "--detach", "rabbit-1")
        wait_for_line(warren, "rabbit-2", "rabbit@rabbit-2 joins rabbit@rabbit-1")
        warren.engine("kill", "rabbit-1")
        self.assertIn("founds a cluster", warren.log("rabbit-1"))
        # By default it would found a cluster of its own after ten times.
        tries = lambda: warren.own_log("rabbit-2").count("Could not auto-cluster")
        wait_until(lambda: tries() > 10, "rabbit-2 looks for rabbit-1")
        warren.engine("start", "rabbit-1")
        warren.wait_for_cluster()


if __name__ == "__main__":
    unittest.main()
