"""`portolan doctor` where several nodes have one name."""

import json
import unittest

import daemons
import network
from discovery_world import Cluster
from doctor_world import DoctorTest
from push_world import FakeNode


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class OneName(DoctorTest):
    def setUp(self):
        super().setUp()
        self.cluster = Cluster(self.dns)
        self.addCleanup(self.cluster.close)

    def twins(self, *creations):
        """Nodes that all call themselves me@dup, at 127.0.1.1, 127.0.1.2, …"""
        addresses = [f"127.0.1.{at}" for at, _ in enumerate(creations, 1)]
        for address, creation in zip(addresses, creations):
            self.cluster.add(address, "me@dup", creation=creation)
        self.dns.set("dup", *addresses)
        self.dns.set("web", *addresses)
        return addresses

    def test_two_nodes_of_one_name_are_told_with_their_addresses(self):
        addresses = self.twins(7, 8)
        port = self.cluster.epmd_port
        self.assert_broken("me@dup", step="one name", found="several nodes call themselves me@dup",
                           remedy="a host name of its own", port=port)
        found = self.steps("me@dup", port=port)["one name"]["found"]
        for address in addresses:
            self.assertIn(f"{address}:{self.cluster.node_port}", found)

    def test_one_node_at_two_addresses_is_one(self):
        self.twins(7, 7)
        steps = self.steps("me@dup", port=self.cluster.epmd_port)
        self.assertEqual(steps["one name"]["result"], "ok", steps)

    def namesakes(self):
        query = f"web:{self.cluster.epmd_port}"
        told = json.loads(self.run_doctor("--discover", query, "--json").stdout)
        return [step for step in told["steps"] if step["step"] == "namesakes"]

    def test_a_node_of_this_host_whose_name_another_has(self):
        address, = self.twins(8)
        with FakeNode("me@dup", self.port):
            step, = self.namesakes()
            self.assertEqual(step["result"], "failed", step)
            self.assertIn("several nodes call themselves me@dup", step["found"])
            self.assertIn(f"{address}:{self.cluster.node_port}", step["found"])
            self.assertIn("127.0.0.1:", step["found"])
            self.cluster.hosts[address].name = "other@dup"
            step, = self.namesakes()
            self.assertEqual(step["result"], "ok", step)


if __name__ == "__main__":
    unittest.main()
