"""The documented examples as they stand, started on the engine of the tests.

Compose and Swarm are real ones; of Kubernetes there is what a pod is: containers that share a
network, one after the other. rabbitmq_docker_test.py starts RabbitMQ.
"""

import dataclasses
import subprocess
import unittest

import example_engine
import examples
import needs
from docker_nodes import COOKIE, PROGRAMS, together, wait_until
from push_nodes import Observer

REPLICAS = 3

harbour = None


def setUpModule():
    global harbour
    harbour = example_engine.start()
    unittest.addModuleCleanup(harbour.end)


def succeed(*command, folder):
    return example_engine.succeed(harbour, *command, folder=folder)


@dataclasses.dataclass
class Member:
    """A container with a node, for the observer."""
    id: str
    names: list
    ip: str
    cookie: str = COOKIE

    def __repr__(self):
        return self.names[0]


def member(container, network):
    """One whose node has a short name."""
    host = harbour.inspect(container)["Config"]["Hostname"]
    return Member(container, [f"node@{host}"], harbour.address(container, network))


def compose(example, service):
    """Starts an example; returns its members."""
    succeed("docker-compose", "--project-name", example, "up", "--build", "--detach",
            folder=example)
    ids = succeed("docker-compose", "--project-name", example, "ps", "--quiet", service,
                  folder=example).split()
    return [member(each, f"{example}_default") for each in ids]


def wait_for_mesh(name, made, network, patience=60.0):
    """Until nodes() is complete on each."""
    if len(made) != REPLICAS:
        raise AssertionError(f"{name} has made {made}")
    observer = Observer(harbour, network, PROGRAMS, name=f"observer-of-{name}")
    observer.wait_for_mesh(made, patience=patience)


class Compose(unittest.TestCase):
    def test_three_nodes_are_a_cluster_and_healthy(self):
        made = compose("compose", "node")
        wait_for_mesh("compose", made, "compose_default")
        for each in made:
            health = lambda: harbour.inspect(each.id)["State"]["Health"]["Status"]
            wait_until(lambda: health() == "healthy", f"{each} is healthy")
            self.assertNotRegex(harbour.log(each.id), " (warning|error) ")

    def test_nothing_is_started_without_a_cookie(self):
        for example in ("compose", "rabbitmq"):
            done = example_engine.run(harbour, "docker-compose", "--project-name", "none", "up",
                                      "--detach", cookie=None, folder=example)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("set COOKIE to the cluster's secret", done.stdout + done.stderr)


class Swarm(unittest.TestCase):
    def test_three_tasks_are_a_cluster(self):
        self.require_overlay_networks()
        succeed("docker", "build", "--tag", "portolan-node", ".", folder="compose")
        harbour.docker("swarm", "init", "--advertise-addr", "127.0.0.1")
        self.addCleanup(harbour.docker, "swarm", "leave", "--force")
        succeed("docker", "stack", "deploy", "--compose-file", "stack.yaml", "web", folder="swarm")
        made = [member(each, "web_default") for each in wait_until(self.tasks, "all tasks run")]
        self.assertEqual({each.names[0] for each in made},
                         {f"node@web_node-{slot}" for slot in range(1, 1 + REPLICAS)})
        # Nobody else is let into the network of a stack.
        wait_for_mesh("swarm", made, f"container:{made[0].id}")

    @staticmethod
    def require_overlay_networks():
        done = subprocess.run(
            ["unshare", "--net", "ip", "link", "add", "type", "vxlan", "id", "1", "dstport", "0"],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            needs.missing(f"no overlay networks: {done.stderr}", "modprobe vxlan")

    @staticmethod
    def tasks():
        ids = harbour.docker("ps", "--quiet", "--filter",
                             "label=com.docker.swarm.service.name=web_node").split()
        return ids if len(ids) == REPLICAS else None


class Pod:
    """The containers of a pod, as Kubernetes starts them from the template of a deployment."""

    def __init__(self, name, service, spec):
        self.name, self.service = name, service
        self.user = str(spec["securityContext"]["runAsUser"])
        (sidecar,), (node,) = spec["initContainers"], spec["containers"]
        # The pod's own container, which has the network: others ask for the service.
        harbour.run("--name", name, "--network", "pods", "--network-alias", service, otp=PROGRAMS)
        self.ip = harbour.address(name, "pods")
        self.start(sidecar)
        wait_until(lambda: self.has_started(sidecar), f"{name} has a sidecar")
        self.start(node)
        self.member = Member(name, [f"app@{self.ip}"], self.ip)

    def start(self, container):
        entrypoint, *words = container.get("command", [None])
        options = ("--entrypoint", entrypoint) if entrypoint else ()
        harbour.engines.run("--name", f"{self.name}-{container['name']}", "--network",
                            f"container:{self.name}", "--user", self.user,
                            *self.environment(container), *options,
                            container["image"], *words)

    def environment(self, container):
        for variable in container["env"]:
            yield from ("--env", f"{variable['name']}={self.value(variable)}")

    def value(self, variable):
        if "value" in variable:
            return variable["value"]
        (source,) = variable["valueFrom"].items()
        return {
            ("secretKeyRef", "cookie"): COOKIE, ("fieldRef", "status.podIP"): self.ip,
        }[source[0], source[1].get("key") or source[1]["fieldPath"]]

    def has_started(self, container):
        probe = container["startupProbe"]["exec"]["command"]
        done = harbour.engines.try_docker("exec", f"{self.name}-{container['name']}", *probe)
        return done.returncode == 0


class Kubernetes(unittest.TestCase):
    def test_the_containers_of_three_pods_are_a_cluster(self):
        found = examples.manifests()
        service, deployment = found["Service"]["metadata"]["name"], found["Deployment"]["spec"]
        harbour.network("pods")
        made = together([
            lambda number=number: Pod(f"pod-{number}", service, deployment["template"]["spec"])
            for number in range(deployment["replicas"])])
        wait_for_mesh("kubernetes", [pod.member for pod in made], "pods")
        for pod in made:
            self.assertNotRegex(harbour.log(f"{pod.name}-portolan"), " (warning|error) ")
            self.assertEqual(harbour.log(f"{pod.name}-node"), "")


if __name__ == "__main__":
    unittest.main()
