"""Real nodes of OTP 25, 27 and 29 whose distribution is TLS, with mutual verification: they are
found by their true names, pushed into a mesh, and none of them logs a line of it."""

import json
import unittest

import daemons
import needs
import network
import releases
from daemons import wait_until
from tls_world import TlsTest

OTPS = (25, 27, 29)


def setUpModule():
    releases.fetch(*OTPS)
    network.enter_private_network()
    for name in ("openssl", "nsenter"):
        needs.program(name)
    daemons.portolan()
    for otp in OTPS:
        TlsTest.releases[otp] = unittest.enterModuleContext(releases.Release(otp))


class Mesh(TlsTest):
    def test_all_releases_by_tls_1_2(self):
        self.become_one_cluster("tlsv1.2")

    def test_all_releases_by_tls_1_3(self):
        self.become_one_cluster("tlsv1.3")

    def become_one_cluster(self, version):
        self.dns.set("web", *(self.address(at) for at, _ in enumerate(OTPS, 1)))
        placed = [self.place(otp, at, version, "--push", "connect")
                  for at, otp in enumerate(OTPS, 1)]
        for host, _, _, conf in placed:
            wait_until(lambda: self.is_full(host, conf, len(OTPS)),  # pylint: disable=cell-var-from-loop
                       f"the mesh by {version} is full", 60)
        self.assertEqual([node.output() for _, _, node, _ in placed], [""] * len(OTPS))
        for _, daemon, _, _ in placed:
            self.assertNotIn(" error ", daemon.log())
        host, _, node, conf = placed[0]
        self.check_with(host, conf, placed[1][2].name, version)
        self.assertEqual([node.output() for _, _, node, _ in placed], [""] * len(OTPS))

    @staticmethod
    def is_full(host, conf, count):
        """As `portolan mesh` says there."""
        told = host.portolan("mesh", "web", "--json", "--tls-conf", conf).stdout.splitlines()
        seen = json.loads(told[0]) if told else {"nodes": []}
        return len(seen["nodes"]) == count and seen["connections"]["missing"] == 0 and \
            seen["connections"]["seen"] == count * (count - 1) // 2

    def check_with(self, host, conf, other, version):
        """What is asked by hand."""
        self.assertEqual(host.portolan("check", "n25", "--tls-conf", conf).returncode, 0)
        steps = host.doctor(other, "--tls-conf", conf)
        self.assertEqual({step["result"] for step in steps.values()}, {"ok"}, steps)
        self.assertIn({"tlsv1.2": "TLSv1.2", "tlsv1.3": "TLSv1.3"}[version], steps["tls"]["found"])
        self.assertIn("and got ours", steps["tls"]["found"])
        self.assertIn("from /CN=authority", steps["tls"]["found"])


if __name__ == "__main__":
    unittest.main()
