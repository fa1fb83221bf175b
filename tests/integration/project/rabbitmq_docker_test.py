"""The example of RabbitMQ as it stands, with RabbitMQ 3.10, where brokers join in another way than in
RabbitMQ 4. What a cluster lives through after that, rabbitmq4_docker_test.py shows."""

import unittest

import rabbit_cases
from docker_nodes import wait_until
from rabbit_cases import Machine
from warren import PATIENCE, THREE


def setUpModule():
    Machine.start("bookworm")


class Joining(rabbit_cases.Joining, unittest.TestCase):
    def test_the_first_without_its_data_joins_the_others(self):
        self.warren.lose_data("rabbit-1")
        self.warren.compose("up", "--detach", "rabbit-1")


class ColdStart(rabbit_cases.ColdStart, unittest.TestCase):
    def test_the_first_dies_when_another_is_about_to_join(self):
        self.kill_the_first_when_another_is_about_to_join()
        # By default it would found a cluster of its own after ten times.
        tries = lambda: self.warren.own_log("rabbit-2").count("Could not auto-cluster")
        wait_until(lambda: tries() > 10, "rabbit-2 looks for rabbit-1", PATIENCE)
        self.warren.engine("start", "rabbit-1")
        self.warren.wait_for_cluster(THREE[:2])


if __name__ == "__main__":
    unittest.main()
