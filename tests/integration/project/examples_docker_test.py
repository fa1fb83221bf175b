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
import pods
from docker_nodes import COOKIE, PROGRAMS, complaints, together, wait_until
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
            self.assertEqual(complaints(harbour.log(each.id)), [])

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


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        harbour.network(pods.NETWORK)

    def test_the_pods_of_a_deployment_are_a_cluster(self):
        self.check("cluster.yaml", lambda pod: pod.ip)

    def test_the_pods_of_a_stateful_set_are_a_cluster(self):
        self.check("statefulset.yaml", lambda pod: pod.host)

    def check(self, file, host_of):
        """They find each other, are ready, and have nothing to complain of."""
        service = examples.manifests(file)["Service"]["metadata"]["name"]
        workload = examples.workload(file)["spec"]
        made = together([
            lambda number=number: pods.Pod(harbour, f"{service}-{number}", service,
                                           workload["template"]["spec"])
            for number in range(workload["replicas"])])
        for pod in made:
            self.addCleanup(pod.remove)
        wait_for_mesh(file, [Member(pod.name, [f"app@{host_of(pod)}"], pod.ip) for pod in made],
                      pods.NETWORK)
        for pod in made:
            wait_until(pod.passes_all, f"{pod.name} is ready")
            self.assertEqual(complaints(harbour.log(f"{pod.name}-portolan")), [])
            self.assertEqual(harbour.log(f"{pod.name}-node"), "")


if __name__ == "__main__":
    unittest.main()
