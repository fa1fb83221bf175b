"""The recipe with which containers wait for their cluster, from the document as it is, with three
real nodes that are started at once: hosts that are network namespaces."""

import pathlib
import re
import signal
import tempfile
import unittest

import background
import daemons
import network
import nodes
from daemons import wait_until
from documents import section
from hosts import HostsTest
from nodes import COOKIE
from programs import Program

DOCUMENT = daemons.CHECKOUT / "docs/COMING_FROM_LIBCLUSTER.md"
NUMBERS = (1, 2, 3)
# It says that it was asked to stop.
ERL = f"exec erl -noinput -start_epmd false +S 1:1 -sname app -setcookie {COOKIE}"


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()


def tearDownModule():
    background.end_children()


class Recipe(HostsTest):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.hosts = [self.host(f"h{number}", f"10.77.0.{number}") for number in NUMBERS]
        self.dns.set("web", *(f"10.77.0.{number}" for number in NUMBERS))
        text = section(DOCUMENT, "To wait for the cluster")
        self.scripts = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        (entrypoint,) = re.findall(r"^ENTRYPOINT \[(.*)\]$", text, re.MULTILINE)
        self.entrypoint = re.findall(r'"([^"]+)"', entrypoint)

    def script(self, text, **replaced):
        """A script of the document, with real commands in the place of those of a release."""
        for known, real in (("bin/my_release start", f"sh -c '{ERL}'"),
                            ("bin/my_release rpc 'MyApp.Jobs.start()'",
                             f"touch {self.folder}/$(hostname)"),
                            ("portolan wait", f"{daemons.portolan()} wait"),
                            *replaced.items()):
            text = text.replace(known, real)
        self.assertNotIn("my_release", text)
        path = self.folder / "start"
        path.write_text(text, "utf-8")
        path.chmod(0o755)
        return path

    def run_on_all(self, script, *options):
        self.assertEqual((self.entrypoint[:2], self.entrypoint[-2:]),
                         (["portolan", "run"], ["--", "./start"]))
        words = [*self.entrypoint[1:-2], *options, "--discover", "web", "--push", "connect"]
        return [self.enterContext(Program(
            *words, "--", script, prefix=host.prefix,
            environment=nodes.environment({"PORTOLAN_COOKIE": COOKIE}))) for host in self.hosts]

    @staticmethod
    def nodes_of(host):
        return host.call("erl_call", "-c", COOKIE, "-n", f"app@{host.name}", "-a",
                         "erlang nodes []")

    def jobs(self):
        return [host.name for host in self.hosts if (self.folder / host.name).exists()]

    def test_all_start_together_and_then_their_work(self):
        programs = self.run_on_all(self.script(self.scripts[0]))
        # No name is known yet: each waits for its own.
        for program in programs:
            program.wait_for_log("the command waits for --wait-for-own-name")
        for number in NUMBERS:
            self.dns.set(f"h{number}", f"10.77.0.{number}")
        wait_until(lambda: len(self.jobs()) == 3, "each has begun its work", 60)
        for host in self.hosts:
            others = [f"app@{other.name}" for other in self.hosts if other is not host]
            wait_until(lambda: all(name in self.nodes_of(host) for name in others),
                       f"{host.name} has the others", 30)
        for program in programs:
            self.assertEqual(program.end(patience=30), 128 + signal.SIGTERM)
            self.assertIn("SIGTERM received - shutting down", program.said() + program.log())

    def test_the_work_does_not_begin_without_them(self):
        """One of three is not there: its nodes run, and say what they lack. They are up long before
        the wait is over, also on a busy machine."""
        for number in NUMBERS:
            self.dns.set(f"h{number}", f"10.77.0.{number}")
        self.hosts.pop()
        programs = self.run_on_all(self.script(self.scripts[0], **{"60s": "10s"}))
        for program in programs:
            program.wait_for_log("there are 2 verified nodes, not 3", patience=60)
            program.wait_for_log("registered 'app'")
        self.assertEqual(self.jobs(), [])

    def test_to_wait_before_the_node_is_started_is_to_wait_for_ever(self):
        """What the document warns of."""
        for number in NUMBERS:
            self.dns.set(f"h{number}", f"10.77.0.{number}")
        programs = self.run_on_all(self.script(
            "#!/bin/sh\nportolan wait web --min 3 --timeout 2s && bin/my_release start\n"))
        for program in programs:
            self.assertEqual(program.end(0, patience=30), 1)
            self.assertIn("there are 0 verified nodes, not 3", program.log())
            self.assertNotIn("registered", program.log())


if __name__ == "__main__":
    unittest.main()
