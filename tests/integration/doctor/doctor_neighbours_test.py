"""`portolan doctor` on a host tells of its table of neighbours, which containers do not see."""

import json
import pathlib
import unittest

import daemons
import network
from programs import run

SEEN = pathlib.Path("/proc/net/stat/arp_cache")


def setUpModule():
    daemons.portolan()


class Neighbours(unittest.TestCase):
    def steps(self, **running):
        """It asks nobody beside this host: neither an EPMD nor a nameserver is there."""
        told = run("doctor", "--json", "--port", network.free_port(), "--nameservers",
                   f"127.0.0.1:{network.free_port()}", **running)
        return [step["step"] for step in json.loads(told.stdout)["steps"]]

    def test_they_are_told_where_they_are_seen(self):
        self.assertEqual("neighbours" in self.steps(), SEEN.exists())

    def test_a_network_of_its_own_does_not_see_them(self):
        self.assertNotIn("neighbours", self.steps(preexec_fn=network.enter_private_network))


if __name__ == "__main__":
    unittest.main()
