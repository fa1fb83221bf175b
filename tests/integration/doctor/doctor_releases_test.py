"""`portolan check` and `portolan doctor` with real nodes of OTP 23, 25, 27 and 29 on one host."""

import json
import shutil
import unittest

import daemons
import network
import releases
from daemons import wait_until
from nodes import COOKIE, Node
from programs import run
from tls_nodes import certificate, tls_flags

IN_ROOTS = (23, 27, 29)
machines = {}


def setUpModule():
    releases.fetch(*IN_ROOTS)
    network.enter_private_network()
    daemons.portolan()
    for otp in IN_ROOTS:
        machines[otp] = releases.root_of(otp)
        unittest.addModuleCleanup(machines[otp].remove)
        for file in certificate().iterdir():
            shutil.copy(file, machines[otp].path)


class Releases(unittest.TestCase):
    def setUp(self):
        self.daemon = daemons.Serve()
        self.addCleanup(self.daemon.stop)

    def node(self, otp, name, *flags):
        """On a root file system with that OTP; 25 is this machine's."""
        further = {"ERL_EPMD_PORT": str(self.daemon.port)}
        command = None
        if otp in machines:
            command = machines[otp].command(
                "/usr/bin/erl", "-noinput", "-sname", name, "-setcookie", COOKIE, "-start_epmd",
                "false", *flags)
            further["HOME"] = "/root"
        node = Node(name, "-start_epmd", "false", *flags, command=command, further=further)
        self.addCleanup(node.end)
        return node.wait_until_registered(self.daemon)

    def check(self, name):
        return run("check", name, "--port", self.daemon.port)

    def steps(self, name):
        result = run("doctor", name, "--json", "--port", self.daemon.port,
                     environment={"PORTOLAN_COOKIE": COOKIE})
        return {step["step"]: step for step in json.loads(result.stdout)["steps"]}

    def test_each_is_well_and_takes_the_cookie_and_logs_nothing(self):
        for otp in (23, 25, 27, 29):
            node = self.node(otp, f"n{otp}@localhost")
            with self.subTest(otp):
                self.assertIn(f"n{otp}@localhost shakes hands", self.check(f"n{otp}").stdout)
                steps = self.steps(node.name)
                self.assertEqual(steps["cookie"]["result"], "ok", steps)
                self.assertEqual({step["result"] for step in steps.values()}, {"ok", "unknown"})
                self.assertEqual(node.output(), "")
            node.end()
            wait_until(lambda: not self.daemon.names(), "it is gone")

    def test_25_27_and_29_go_together_and_23_does_not(self):
        for otp in (25, 27, 29):
            self.node(otp, f"n{otp}@localhost")
        for otp in (27, 29):
            steps = self.steps(f"n{otp}@localhost")
            self.assertEqual({step["result"] for step in steps.values()}, {"ok"})
        self.node(23, "n23@localhost")
        release = self.steps("n23@localhost")["release"]
        self.assertEqual(release["result"], "failed")
        self.assertIn("it is OTP 23 or earlier, and n2", release["found"])
        self.assertIn("from OTP 24 on", release["remedy"])

    def test_tls_of_23_closes_without_a_word_and_is_alive(self):
        self.node(23, "t23@localhost", *tls_flags("/cert.pem", "/key.pem"))
        self.wait_until_it_answers("t23")
        self.assertIn("closes without a word", self.check("t23").stdout)
        self.assertEqual(self.steps("t23@localhost")["handshake"]["result"], "unknown")

    def test_tls_of_27_and_29_answers_with_an_alert(self):
        for otp in (27, 29):
            name = f"t{otp}"
            self.node(otp, f"{name}@localhost", *tls_flags("/cert.pem", "/key.pem"))
            self.wait_until_it_answers(name)
            self.assertIn("TLS distribution", self.check(name).stdout)

    def wait_until_it_answers(self, name):
        wait_until(lambda: self.check(name).returncode == 0, f"{name} answers")


if __name__ == "__main__":
    unittest.main()
