"""The example of RabbitMQ as it stands, with RabbitMQ 4: three brokers become one cluster, and stay
one, with Mnesia and with Khepri."""

import unittest

import rabbit_cases
from docker_nodes import wait_until
from rabbit_cases import Machine
from warren import PATIENCE, THREE, Warren, nodes


def setUpModule():
    Machine.start("trixie")


def lose_data_and_come_back(warren):
    """The cluster has to forget the first before."""
    warren.lose_data("rabbit-1")
    warren.compose("up", "--detach", "rabbit-1")
    refused = "rabbit@rabbit-1 has no data, but rabbit@rabbit-2 knows it"
    wait_until(lambda: refused in warren.log("rabbit-1"), "rabbit-1 is refused", PATIENCE)
    assert warren.status("rabbit-2") == (nodes(THREE), nodes(THREE[1:]))
    warren.compose("stop", "rabbit-1")
    warren.control("rabbit-2", "forget_cluster_node", "rabbit@rabbit-1")
    warren.engine("start", "rabbit-1")
    warren.wait_for_cluster()


class Cluster(rabbit_cases.Cluster, unittest.TestCase):
    def test_the_first_without_its_data_joins_when_it_is_forgotten(self):
        lose_data_and_come_back(self.warren)


class ColdStart(rabbit_cases.ColdStart, unittest.TestCase):
    def test_the_first_dies_when_another_is_about_to_join(self):
        self.kill_the_first_when_another_is_about_to_join()
        # It is younger then than the one that looks for it, which RabbitMQ by itself would prefer.
        self.warren.engine("start", "rabbit-1")
        self.warren.wait_for_cluster(THREE[:2])


class Khepri(unittest.TestCase):
    def test_it_takes_the_place_of_mnesia(self):
        warren = Warren(Machine.harbour, "khepri")
        self.addCleanup(warren.end)
        warren.compose("up", "--build", "--detach", "rabbit-1")
        warren.wait_for_cluster(THREE[:1])
        warren.control("rabbit-1", "enable_feature_flag", "--experimental", "khepri_db")
        warren.compose("up", "--detach", "rabbit-2", "rabbit-3")
        warren.wait_for_cluster()
        warren.engine("kill", *THREE)
        warren.engine("start", *reversed(THREE))
        warren.wait_for_cluster()
        lose_data_and_come_back(warren)


if __name__ == "__main__":
    unittest.main()
