"""docs/RELEASES.md, from an empty folder: its projects are made, built and started as it says, and
what it claims of them holds. The images that it would fetch are made of Debian's packages.
"""

import re
import unittest

import daemons
import examples
import followed
import pods
import typed
from container_terminals import Terminal
from docker_nodes import BUILDERS, COOKIE, complaints, together, wait_until
from documents import blocks_of, section
from followed import Project, wait_for_end

DOCUMENT = daemons.CHECKOUT / "docs/RELEASES.md"
KUBERNETES = daemons.CHECKOUT / "docs/examples/kubernetes/README.md"
PODS = "10.88.0.0/24"

harbour = None


def setUpModule():
    global harbour
    harbour = followed.make_harbour()
    unittest.addModuleCleanup(harbour.end)


class Followed:
    """What holds for each kind of release."""
    name_of = "my_app@{host}"

    @classmethod
    def setUpClass(cls):
        cls.project = cls.enterClassContext(Project(harbour, DOCUMENT, cls.__name__.lower()))
        cls.follow()
        cls.members = cls.project.members("app", cls.name_of)
        cls.observer = cls.project.observer()

    def test_it_is_a_mesh_and_nothing_is_complained_of(self):
        self.observer.wait_for_mesh(self.members)
        for each in self.members:
            self.assertEqual(complaints(harbour.log(each.id)), [])

    def test_commands_that_ask_the_node_leave_no_trace_in_the_cluster(self):
        self.observer.wait_for_mesh(self.members)
        asked, *others = self.members
        self.check_commands(asked)
        terminal = Terminal(harbour, "exec", "--interactive", "--tty", asked.id, "bin/my_app",
                            self.remote)
        self.addCleanup(terminal.end)
        terminal.wait_for(f"({asked})1>")
        found = harbour.docker("exec", asked.id, "portolan", "discover", "app")
        self.assertEqual(sorted(found.split()), sorted(map(str, self.members)))
        host = f"{asked}".partition("@")[2]
        self.assertIn(f"@{host}", self.hidden(asked))
        for each in others:
            self.assertNotIn(f"@{host}", self.hidden(each))
        self.observer.wait_for_mesh(self.members)
        for each in self.members:
            pushed = re.findall(r"pushed: (\S+) is connected to (\S+)", harbour.log(each.id))
            self.assertLessEqual({name for pair in pushed for name in pair},
                                 set(map(str, self.members)))

    def run_command(self, container, *words):
        return harbour.docker("exec", container, "bin/my_app", *words)

    def test_stop_ends_the_container_in_order_and_it_may_start_again(self):
        self.observer.wait_for_mesh(self.members)
        *others, stopped = self.members
        # relx's script waits for the node's end, and is killed by the container's.
        harbour.engines.try_docker("exec", stopped.id, "bin/my_app", "stop")
        self.assertEqual(wait_for_end(harbour, stopped.id), 0)
        self.observer.wait_for_mesh(others)
        for each in others:
            wait_until(lambda each=each: f" info {stopped} left: " in harbour.log(each.id),
                       f"{each} tells of it")
        harbour.docker("start", stopped.id)
        self.observer.wait_for_mesh(self.members)

    def image(self):
        return harbour.inspect(self.members[0].id)["Config"]["Image"]

    def start_pods(self):
        """Three containers that are told their address, as those of Kubernetes are."""
        image, network = self.image(), f"{self.project.name}-pods"
        harbour.network(network, "--subnet", PODS)
        variables = {"PORTOLAN_DISCOVER": "app", "PORTOLAN_PUSH": "connect",
                     "RELEASE_COOKIE": self.project.cookie()}
        given = [word for pair in variables.items() for word in ("--env", "=".join(pair))]
        addresses = [f"10.88.0.{number}" for number in (11, 12, 13)]
        made = together([lambda ip=ip: harbour.engines.run(
            "--network", network, "--network-alias", "app", "--ip", ip, "--env", f"POD_IP={ip}",
            *given, image) for ip in addresses])
        self.addCleanup(harbour.docker, "network", "rm", network)
        for each in made:
            self.addCleanup(harbour.docker, "rm", "--force", each)
        return [self.project.member(each, "my_app@{ip}", network) for each in made], network

    def check_pods(self):
        made, network = self.start_pods()
        told = harbour.docker("exec", made[0].id, "portolan", "wait", "app", "--min", "3",
                              "--timeout", "60s")
        self.assertEqual(sorted(told.split()), sorted(map(str, made)))
        harbour.docker("network", "connect", network, self.observer.name)
        self.addCleanup(harbour.docker, "network", "disconnect", network, self.observer.name)
        self.observer.wait_for_mesh(made)
        return made


class Mix(Followed, unittest.TestCase):
    name_of = "my_app@{ip}"
    remote = "remote"

    @classmethod
    def follow(cls):
        cls.project.follow(cls.project.steps("Mix"))

    def hidden(self, node):
        return self.run_command(node.id, "rpc", 'IO.puts(Enum.join(Node.list(:hidden), " "))')

    def check_commands(self, asked):
        self.assertRegex(self.run_command(asked.id, "pid"), r"^\d+$")
        self.assertEqual(self.run_command(asked.id, "eval", "IO.inspect(node())"), ":nonode@nohost")

    def test_a_pod_has_the_name_that_it_is_told_and_a_fixed_port(self):
        self.project.follow([*self.project.steps("A fixed port"), ("docker compose build", "…\n")])
        for each in self.check_pods():
            listed = harbour.docker("exec", each.id, "portolan", "lookup", "my_app")
            self.assertIn("port 9100", re.sub(r"\s+", " ", listed))
            self.assertRegex(self.run_command(each.id, "pid"), r"^\d+$")

    def test_beside_portolan_it_never_starts_an_epmd(self):
        flag = re.search(r"start the node with `([^`]+)`", section(DOCUMENT, "Elsewhere"))[1]
        files = [(typed.written(f"rel/{name}.eex", f"{flag}\n"), "")
                 for name in ("vm.args", "remote.vm.args")]
        self.project.follow([*files, ("docker compose build", "…\n")])
        for words in (["start"], ["rpc", "1"]):
            alone = self.beside(None, *words)
            self.assertEqual(wait_for_end(harbour, alone), 1)
            self.assertIn("register/listen error: ", harbour.log(alone))
        sidecar = harbour.engines.run("--network", "bridge", "--user", "nobody", "--entrypoint",
                                      "portolan", self.image(), "serve")
        self.addCleanup(harbour.docker, "rm", "--force", sidecar)
        node = self.beside(sidecar, "start")
        wait_until(lambda: "my_app" in harbour.docker("exec", sidecar, "portolan", "names"),
                   "it has registered")
        self.assertRegex(self.run_command(node, "pid"), r"^\d+$")

    def test_it_runs_in_the_pods_of_the_example_for_kubernetes(self):
        files = [(typed.written(re.match(r"# (\S+)\n", block)[1], block), "")
                 for block in blocks_of(KUBERNETES, "sh") if block.startswith("# ")]
        self.assertEqual(len(files), 2)
        self.project.follow([*files, ("docker compose build", "…\n")])
        harbour.network(pods.NETWORK)
        made = together([lambda at=at: pods.Pod(harbour, f"web-{at}", "web", self.pod_spec(), BUILDERS)
                         for at in range(3)])
        for pod in made:
            self.addCleanup(pod.remove)
        harbour.docker("network", "connect", pods.NETWORK, self.observer.name)
        self.addCleanup(harbour.docker, "network", "disconnect", pods.NETWORK, self.observer.name)
        self.observer.wait_for_mesh([followed.Member(pod.name, [f"my_app@{pod.ip}"], pod.ip, COOKIE)
                                     for pod in made])
        self.assertEqual(self.run_command("web-0-node", "rpc", "IO.puts(length(Node.list()))"), "2")

    def pod_spec(self):
        """That of cluster.yaml, with the container that the page gives it."""
        import yaml
        spec = examples.workload("cluster.yaml")["spec"]["template"]["spec"]
        given, = blocks_of(KUBERNETES, "yaml")
        spec["containers"][0].update(yaml.safe_load(given), image=self.image())
        return spec

    def beside(self, sidecar, *words):
        """A container of the release without Portolan, in the network of another or alone."""
        network = f"container:{sidecar}" if sidecar else "bridge"
        made = harbour.engines.run(
            "--network", network, "--env", f"RELEASE_COOKIE={self.project.cookie()}",
            "--entrypoint", "bin/my_app", self.image(), *words)
        self.addCleanup(harbour.docker, "rm", "--force", made)
        return made


class MixOverIpv6(unittest.TestCase):
    def test_the_nodes_are_a_mesh_and_can_be_asked(self):
        with Project(harbour, DOCUMENT, "mixoveripv6") as project:
            project.follow(project.steps("Mix") + project.steps("Mix over IPv6"))
            made = project.members("app", "my_app@{ipv6}")
            project.observer().wait_for_mesh(made)
            asked = harbour.docker("exec", made[0].id, "bin/my_app", "rpc",
                                   'IO.puts(Enum.join(Node.list(), " "))')
            self.assertEqual(sorted(asked.split()), sorted(map(str, made[1:])))


class Rebar3(Followed, unittest.TestCase):
    remote = "remote_console"

    @classmethod
    def follow(cls):
        steps = cls.project.steps("rebar3")
        at = next(at for at, step in enumerate(steps) if "COOKIE=" in step[0])
        cls.project.follow([*steps[:at], cls.project.file("Mix", "compose.yaml"), *steps[at:]])

    def hidden(self, node):
        return self.run_command(node.id, "eval", "nodes(hidden).")

    def check_commands(self, asked):
        self.assertRegex(self.run_command(asked.id, "pid"), r"^\d+$")
        self.assertEqual(self.run_command(asked.id, "ping"), "pong")

    def test_a_pod_has_the_name_that_it_is_told(self):
        """The node's flag is in the text."""
        flag = re.search(r"write `(-name [^`]+)`", section(DOCUMENT, "rebar3"))[1]
        self.project.follow([(f"sed -i 's/^-sname .*/{flag}/' config/vm.args.src", ""),
                             ("docker compose build", "…\n")])
        self.check_pods()


if __name__ == "__main__":
    unittest.main()
