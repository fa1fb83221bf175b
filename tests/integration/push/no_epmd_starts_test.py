"""Nodes without an EPMD, started as others start them: by the script of a release, by kernel
parameters, with an EPMD module of their own. Each is found, checked and pushed."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import daemons
import needs
import network
import nodes
import releases
from daemons import wait_until
from hosts import HostsTest
from nodes import COOKIE, Node

PORT = 9100
# No node looks for an EPMD there, so none registers.
ELSEWHERE = ("--port", "4370")
# As the scripts of relx and ejabberd pass it on.
SCRIPT = 'exec "$@" -start_epmd false -erl_epmd_port "$ERL_DIST_PORT"'
VARIABLE = {"ERL_DIST_PORT": str(PORT)}

# As Livebook has one: it knows the ports of others by itself, and listens where the kernel says.
OWN_MODULE = f"""-module(own_epmd).
-compile(export_all).
start_link() -> ignore.
register_node(_, _) -> {{ok, -1}}.
register_node(_, _, _) -> {{ok, -1}}.
listen_port_please(_, _) -> {{ok, 0}}.
port_please(_, _) -> {{port, {PORT}, 6}}.
port_please(_, _, _) -> {{port, {PORT}, 6}}.
address_please(_, Host, Family) -> inet:getaddr(Host, Family).
names(_) -> {{error, address}}.
"""

LISTENS_AT = ("-kernel", "inet_dist_listen_min", str(PORT))

# The last two as `mix release.init` writes them, with the lines for a release without epmd.
MIX = {
    "mix.exs": """defmodule App.MixProject do
  use Mix.Project
  def project, do: [app: :app, version: "0.1.0"]
end
""",
    "rel/vm.args.eex": f"-start_epmd false -erl_epmd_port {PORT}\n",
    "rel/remote.vm.args.eex": f"-start_epmd false -erl_epmd_port {PORT} -dist_listen false\n",
}
# The other way of Mix: the port is not known when the release is made.
ENV_SH = 'export ELIXIR_ERL_OPTIONS="-start_epmd false -erl_epmd_port $ERL_DIST_PORT"\n'


def setUpModule():
    releases.fetch(27)
    network.enter_private_network()
    for name in ("erl", "erlc", "erl_call", "mix", "nsenter"):
        needs.program(name)
    daemons.portolan()


class StartsTest(HostsTest):
    def setUp(self):
        super().setUp()
        self.hosts = [self.host(f"h{number}", f"10.77.0.{number}") for number in (1, 2)]
        for number in (1, 2):
            self.dns.set(f"h{number}", f"10.77.0.{number}")
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def become_a_cluster(self, start):
        """Two nodes that are started in one way; returns what doctor says of the second, next to
        the first.
        """
        started = [self.enterContext(start(host)) for host in self.hosts]
        served = [self.serve(*pair) for pair in (self.hosts, reversed(self.hosts))]
        for host, other in (self.hosts, reversed(self.hosts)):
            wait_until(lambda: f"app@{other.name}" in host.peers_of_node_at(PORT),  # pylint: disable=cell-var-from-loop
                       f"{host.name} has {other.name}", 30)
        self.assertIn("pushed: ", "".join(daemon.log() for daemon in served))
        steps = self.ask_by_hand()
        self.assertEqual([node.output() for node in started], ["", ""])
        return steps

    def serve(self, host, other):
        return self.enterContext(host.serve(
            *ELSEWHERE, "--discover", f"dist:{other.name}:{PORT}", "--local-node", str(PORT),
            "--push", "connect", "--interval", "1s"))

    def compile(self):
        (self.folder / "own_epmd.erl").write_text(OWN_MODULE, "utf-8")
        subprocess.run([needs.program("erlc"), "+nowarn_export_all", "own_epmd.erl"], check=True,
                       cwd=self.folder, env=nodes.environment())

    def ask_by_hand(self):
        here, there = self.hosts
        found = here.portolan("discover", f"dist:h2:{PORT}")
        self.assertEqual(found.stdout.split(), ["app@h2"])
        self.assertEqual(there.portolan("check", "--dist-port", PORT, "app@h2").returncode, 0)
        steps = here.doctor("app@h2", "--dist-port", PORT)
        self.assertLessEqual({step["result"] for step in steps.values()}, {"ok", "unknown"}, steps)
        self.assertEqual(steps["cookie"]["result"], "ok", steps)
        return steps

    def assert_told(self, step, found, steps):
        """Of the node that is on the host where doctor is asked, and of no other."""
        self.assertEqual(steps[step]["result"], "unknown", steps)
        self.assertTrue(steps[step]["found"].endswith(f": {found}"), steps)


class Scripts(StartsTest):
    def test_the_variable_alone_means_nothing_to_erl(self):
        host = self.hosts[0]
        daemon = self.enterContext(host.serve())
        self.enterContext(host.node("app@h1", further=VARIABLE))
        daemon.wait_for_log("registered 'app'", patience=30)
        listed = host.portolan("names").stdout
        self.assertIn("app\t", listed)
        self.assertNotIn(f"\t{PORT}\t", listed)
        self.assertEqual(host.portolan("check", "--dist-port", PORT, "app@h1").returncode, 1)

    def test_a_script_that_passes_the_variable_on(self):
        steps = self.become_a_cluster(lambda host: Node(
            f"app@{host.name}", further=VARIABLE,
            command=[*host.prefix, "sh", "-c", SCRIPT, "sh", *Node.erl(f"app@{host.name}", ())]))
        for step in ("epmd module", "connect all"):
            self.assertNotIn(step, steps)

    def test_an_epmd_module_as_livebook_has_one(self):
        self.compile()
        steps = self.become_a_cluster(lambda host: host.node(
            f"app@{host.name}", "-pa", str(self.folder), "-epmd_module", "own_epmd", *LISTENS_AT))
        self.assert_told("epmd module", "app@h1 (own_epmd)", steps)

    def test_nodes_whose_flag_says_that_they_do_not_connect_to_all(self):
        self.become_one_without("-connect_all", "false")

    def test_nodes_whose_kernel_says_that_they_do_not_connect_to_all(self):
        self.become_one_without("-kernel", "connect_all", "false")

    def become_one_without(self, *flags):
        steps = self.become_a_cluster(lambda host: host.node(
            f"app@{host.name}", "-erl_epmd_port", str(PORT), *flags))
        self.assert_told("connect all", "app@h1", steps)


class Mix(StartsTest):
    def release(self, files):
        for path, text in files.items():
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_text(text, "utf-8")
        subprocess.run([needs.program("mix"), "release", "--quiet"], check=True, timeout=120,
                       cwd=self.folder, env=nodes.environment({"MIX_ENV": "prod"}),
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def command(self, host, *words):
        return [*host.prefix, str(self.folder / "_build/prod/rel/app/bin/app"), *words]

    @staticmethod
    def environment(host):
        return VARIABLE | {"RELEASE_NODE": f"app@{host.name}", "RELEASE_COOKIE": COOKIE}

    def start(self, host):
        return Node(f"app@{host.name}", command=self.command(host, "start"),
                    further=self.environment(host))

    def test_a_release_that_is_told_its_port_by_vm_args(self):
        self.release(MIX)
        self.become_a_cluster(self.start)
        said = subprocess.run(
            self.command(self.hosts[0], "rpc", "IO.inspect(Node.list())"), check=True, text=True,
            env=nodes.environment(self.environment(self.hosts[0])), stdin=subprocess.DEVNULL,
            capture_output=True, timeout=60)
        self.assertEqual(said.stdout, "[:app@h2]\n")

    def test_a_release_that_is_told_its_port_by_the_variable(self):
        self.release({"mix.exs": MIX["mix.exs"], "rel/env.sh.eex": ENV_SH})
        self.become_a_cluster(self.start)


class KernelParameters(StartsTest):
    """Of OTP 27.2 and later, in place of flags that are deprecated."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.otp27 = cls.enterClassContext(releases.Release(27))
        etc = cls.otp27.folder("/etc")
        if etc:
            (etc / "hosts").write_text("10.77.0.1 h1\n10.77.0.2 h2\n", "utf-8")

    def node(self, host, *flags):
        return self.otp27.node(f"app@{host.name}", *flags, prefix=host.prefix)

    def test_the_port(self):
        self.become_a_cluster(lambda host: self.node(
            host, "-kernel", "erl_epmd_node_listen_port", str(PORT)))

    def test_an_epmd_module(self):
        self.compile()
        folder = self.otp27.folder("/own_epmd")
        if folder:
            shutil.copy(self.folder / "own_epmd.beam", folder)
        steps = self.become_a_cluster(lambda host: self.node(
            host, "-pa", "/own_epmd" if folder else str(self.folder),
            *LISTENS_AT, "epmd_module", "own_epmd"))
        self.assert_told("epmd module", "app@h1 (own_epmd)", steps)


if __name__ == "__main__":
    unittest.main()
