"""The brokers of RabbitMQ's example, and a client of theirs."""

import json
import pathlib
import shutil
import tempfile

import daemons
import example_engine
from docker_nodes import COOKIE, NOBODY_BY_THAT_NAME, PROGRAMS
from push_nodes import Observer

FOLDER = pathlib.Path(__file__).resolve().parent
THREE = ("rabbit-1", "rabbit-2", "rabbit-3")
# What a broker takes on a machine that does other things as well.
PATIENCE = 300
# The network's own gateway, where the engine asks: an answer must come from where a question went.
NAMESERVER = "172.30.200.1"
# What tells which brokers are in a cluster, and which of them run.
FUNCTIONS = {"bookworm": ("all", "all_running"), "trixie": ("list_members", "list_running")}


def wait_until(condition, what):
    """Brokers take their time, and each command of Docker takes them some of it."""
    return daemons.wait_until(condition, what, PATIENCE, pause_max=1)


def provide_nameserver(harbour):
    """Where the engine asks for names that it does not know. Without an answer a broker that looks
    for one that has stopped takes 8 s for it, and can do nothing else."""
    harbour.run("--network", "host", otp=PROGRAMS,
                command=("python3", "-c", NOBODY_BY_THAT_NAME))
    services = {host: {"dns": [NAMESERVER]} for host in (*THREE, "rabbit-4", "app")}
    network = {"default": {"ipam": {"config": [{"subnet": "172.30.200.0/24"}]}}}
    (harbour.folder / "dns.json").write_text(
        json.dumps({"services": services, "networks": network}), "ascii")


def nodes(hosts):
    return {f"rabbit@{host}" for host in hosts}


class Asker:
    """Asks the brokers of a project from beside them. Each of RabbitMQ's own commands starts a
    virtual machine, for two seconds of CPU time."""

    def __init__(self, harbour, project, cookie):
        self.functions, self.cookie = FUNCTIONS[harbour.suite], cookie
        self.observer = Observer(harbour, f"{project}_default", PROGRAMS,
                                 f"asker-of-{project}", ("--dns", NAMESERVER))

    def end(self):
        """The project's network can go only after that."""
        self.observer.harbour.docker("rm", "--force", self.observer.name)

    def wait_for_cluster(self, hosts, members):
        """Until each host says that these are its cluster's members, and that the hosts run."""
        for function, expected in zip(self.functions, (members, hosts)):
            self.observer.wait_for([
                {"name": f"rabbit@{host}", "ip": host, "cookie": self.cookie, "pause": 0.3,
                 "expected": sorted(nodes(expected)), "function": ("rabbit_nodes", function)}
                for host in hosts], PATIENCE)


class Warren:
    """The brokers of the example, in a Compose project of their own."""

    def __init__(self, harbour, project, cookie=COOKIE):
        self.harbour, self.project, self.cookie = harbour, project, cookie
        self._asker = None

    def compose(self, *words):
        return example_engine.succeed(
            self.harbour, "docker-compose", "--project-name", self.project,
            "--file", "compose.yaml", "--file", str(self.harbour.folder / "dns.json"),
            *words, folder="rabbitmq")

    def ask_no_more(self):
        if self._asker:
            self._asker.end()

    def end(self):
        self.ask_no_more()
        self.compose("down", "--volumes", "--timeout", "1", "--remove-orphans")

    def container(self, host):
        """Asked without Compose, which takes a second of CPU time."""
        labels = {"project": self.project, "service": host}
        return self.harbour.docker("ps", "--all", "--quiet", *(
            f"--filter=label=com.docker.compose.{key}={value}" for key, value in labels.items()))

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

    def wait_for_cluster(self, hosts=THREE, of=None):
        """Until each says that these run, and are its cluster or a part of it."""
        self._asker = self._asker or Asker(self.harbour, self.project, self.cookie)
        self._asker.wait_for_cluster(hosts, of or hosts)

    def cluster_name(self, host):
        """Made when a cluster is founded: who has it has never founded another."""
        return self.harbour.docker(
            "exec", self.container(host), "erl_call", "-c", self.cookie, "-n", f"rabbit@{host}",
            "-a", "rabbit_nodes persistent_cluster_id []")

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
        wait_until(lambda: len(self.confirmed()) >= enough, "messages are confirmed")

    def end(self):
        """What was confirmed, and what was there."""
        (self.folder / "stop").touch()
        file = self.folder / "read"
        wait_until(file.exists, "the client has read all")
        return self.confirmed(), file.read_text("ascii").split()
