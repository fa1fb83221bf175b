"""The brokers of RabbitMQ's example, and a client of theirs."""

import json
import pathlib
import shutil
import tempfile

import example_engine
from docker_nodes import NOBODY_BY_THAT_NAME, PROGRAMS, wait_until

FOLDER = pathlib.Path(__file__).resolve().parent
THREE = ("rabbit-1", "rabbit-2", "rabbit-3")
# What a broker and the command that asks it take on a machine that does other things as well.
PATIENCE = 300


def provide_nameserver(harbour):
    """Where the engine asks for names that it does not know. Without an answer a broker that looks
    for one that has stopped takes 8 s for it, and can do nothing else."""
    harbour.run("--network", "host", otp=PROGRAMS,
                command=("python3", "-c", NOBODY_BY_THAT_NAME))
    # The answer must come from where the question went: the network's own gateway.
    services = {host: {"dns": ["172.30.200.1"]} for host in (*THREE, "rabbit-4", "app")}
    network = {"default": {"ipam": {"config": [{"subnet": "172.30.200.0/24"}]}}}
    (harbour.folder / "dns.json").write_text(
        json.dumps({"services": services, "networks": network}), "ascii")


def nodes(hosts):
    return {f"rabbit@{host}" for host in hosts}


class Warren:
    """The brokers of the example, in a Compose project of their own."""

    def __init__(self, harbour, project):
        self.harbour, self.project = harbour, project

    def compose(self, *words):
        return example_engine.succeed(
            self.harbour, "docker-compose", "--project-name", self.project,
            "--file", "compose.yaml", "--file", str(self.harbour.folder / "dns.json"),
            *words, folder="rabbitmq")

    def end(self):
        self.compose("down", "--volumes", "--timeout", "1", "--remove-orphans")

    def container(self, host):
        return self.compose("ps", "--all", "--quiet", host).strip()

    def log(self, host):
        return self.harbour.log(self.container(host))

    def own_log(self, host):
        """What RabbitMQ has logged; it stays when the container has stopped."""
        with tempfile.TemporaryDirectory() as folder:
            self.harbour.docker("cp", f"{self.container(host)}:/var/log/rabbitmq", folder)
            file = pathlib.Path(folder, f"rabbitmq/rabbit@{host}.log")
            return file.read_text("utf-8") if file.exists() else ""

    def control(self, host, *words):
        done = self.harbour.engines.try_docker("exec", self.container(host), "rabbitmqctl", *words)
        if done.returncode != 0:
            raise AssertionError(f"{words} at {host}: {done.stdout}{done.stderr}")
        return done.stdout

    def status(self, host):
        """The nodes of its cluster, and those that run; none if the broker does not run."""
        done = self.harbour.engines.try_docker(
            "exec", self.container(host), "rabbitmqctl", "--quiet", "--formatter", "json",
            "cluster_status")
        if done.returncode != 0:
            return set(), set()
        told = json.loads(done.stdout)
        return set(told["disk_nodes"]), set(told["running_nodes"])

    def wait_for_cluster(self, hosts=THREE):
        """Until each says that these are its cluster, and run."""
        wanted = (nodes(hosts), nodes(hosts))
        for host in hosts:
            wait_until(lambda host=host: self.status(host) == wanted,
                       f"{host} is in a cluster of {hosts}", PATIENCE)

    def cluster_name(self, host):
        """Made when a cluster is founded: who has it has never founded another."""
        return self.control(host, "--quiet", "eval", "rabbit_nodes:persistent_cluster_id().")

    def engine(self, verb, *hosts):
        """What an engine does with containers, without Compose and its order."""
        return self.harbour.docker(verb, *map(self.container, hosts))

    def lose_data(self, host):
        """Ends its container, and removes its volume."""
        container = self.container(host)
        self.compose("stop", host)
        self.harbour.docker("rm", container)
        self.harbour.docker("volume", "rm", f"{self.project}_{host}")


class Client:
    """quorum_client.py in a container beside the brokers."""

    def __init__(self, warren):
        harbour = warren.harbour
        self.folder = harbour.folder / "client"
        self.folder.mkdir()
        shutil.copy(FOLDER / "quorum_client.py", self.folder)
        self.name = harbour.run("--network", f"{warren.project}_default", otp=PROGRAMS, command=(
            "python3", "/harbour/client/quorum_client.py", "/harbour/client", *THREE))

    def confirmed(self):
        file = self.folder / "confirmed"
        return file.read_text("ascii").split() if file.exists() else []

    def wait_for_more(self):
        """Until the cluster has confirmed some that it had not."""
        enough = len(self.confirmed()) + 20
        wait_until(lambda: len(self.confirmed()) >= enough, "messages are confirmed", PATIENCE)

    def end(self):
        """What was confirmed, and what was there."""
        (self.folder / "stop").touch()
        file = self.folder / "read"
        wait_until(file.exists, "the client has read all", PATIENCE)
        return self.confirmed(), file.read_text("ascii").split()
