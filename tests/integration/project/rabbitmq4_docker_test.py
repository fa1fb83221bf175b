"""The example of RabbitMQ as it stands, with RabbitMQ 4: what a cluster lives through, with Mnesia
and then with Khepri. That three start at once, rabbitmq_page_docker_test.py shows."""

import unittest

from rabbit_cases import IN_ORDER, Machine, wait_for_line
from warren import THREE, Client, Warren, wait_until


def setUpModule():
    Machine.start("trixie")


class Life(unittest.TestCase):
    """Each step leaves one cluster, which is the one that was founded first."""

    def setUp(self):
        self.warren = Warren(Machine.harbour, "life")
        self.addCleanup(self.warren.end)

    def test_it_stays_one_cluster(self):
        self.warren.compose("up", "--build", "--detach", "rabbit-1")
        self.warren.wait_for_cluster(THREE[:1])
        name = self.warren.cluster_name("rabbit-1")
        for step in (self.kill_the_first_while_another_is_held, self.restart_one_after_the_other,
                     self.stop_all, self.kill_all, self.change_to_khepri, self.kill_all,
                     self.lose_the_first_volume):
            with self.subTest(step.__name__):
                step()
                self.warren.wait_for_cluster()
                self.assertEqual(self.warren.cluster_name("rabbit-1"), name)

    def kill_the_first_while_another_is_held(self):
        """Then it is younger than the one that looks for it, which RabbitMQ itself would prefer."""
        self.warren.compose("up", "--detach", "rabbit-2")
        wait_for_line(self.warren, "rabbit-2", "registered 'rabbit' at port")
        self.warren.engine("kill", "rabbit-1")
        tries = lambda: self.warren.log("rabbit-2").count("Clustering node")
        wait_until(lambda: tries() > 1, "rabbit-2 cannot join")
        own_log = self.warren.own_log("rabbit-2")
        self.assertIn("virgin node -> run peer discovery", own_log)
        self.assertNotIn("started TCP listener on", own_log)
        self.warren.engine("start", "rabbit-1")
        self.warren.wait_for_cluster(THREE[:2])
        self.warren.compose("up", "--detach", "rabbit-3")

    def restart_one_after_the_other(self):
        """A quorum queue takes messages all the time."""
        self.warren.control("rabbit-1", "add_user", "test", "test")
        self.warren.control("rabbit-1", "set_permissions", "test", ".*", ".*", ".*")
        client = Client(self.warren)
        for host in THREE:
            client.wait_for_more()
            self.warren.engine("stop", host)
            self.assertIn(IN_ORDER, self.warren.own_log(host))
            client.wait_for_more()
            self.warren.engine("start", host)
            self.warren.wait_for_cluster()
        confirmed, read = client.end()
        self.assertEqual(set(confirmed) - set(read), set())

    def stop_all(self):
        for host in THREE:
            self.warren.engine("stop", host)
        # The first to stop is the first to start: it has to wait for the last.
        self.warren.engine("start", *THREE)

    def kill_all(self):
        self.warren.engine("kill", *THREE)
        self.warren.engine("start", *reversed(THREE))

    def change_to_khepri(self):
        self.warren.control("rabbit-1", "enable_feature_flag", "--experimental", "khepri_db")

    def lose_the_first_volume(self):
        """The cluster has to forget it before it joins again."""
        self.warren.lose_data("rabbit-1")
        self.warren.compose("up", "--detach", "rabbit-1")
        wait_for_line(self.warren, "rabbit-1",
                      "rabbit@rabbit-1 has no data, but rabbit@rabbit-2 knows it")
        self.warren.wait_for_cluster(THREE[1:], of=THREE)
        self.warren.compose("stop", "rabbit-1")
        self.warren.control("rabbit-2", "forget_cluster_node", "rabbit@rabbit-1")
        self.warren.engine("start", "rabbit-1")


if __name__ == "__main__":
    unittest.main()
