"""The example of RabbitMQ as it stands: three brokers become one cluster, and stay one."""

import os
import re
import shutil
import subprocess
import unittest

import documents
import example_engine
import examples
import needs
import warren
from docker_nodes import wait_until
from warren import PATIENCE, THREE, Client, Warren, nodes

# From RabbitMQ's own log, when it stops in order.
IN_ORDER = "stopped TCP listener on"
# Debian's Compose is a program of its own, and does not see for itself that it has no terminal.
COMPOSE = """#!/bin/sh -e
[ "$1" = compose ] || exec DOCKER "$@"
shift
if [ "$1" = exec ]; then shift; set -- exec -T "$@"; fi
exec docker-compose "$@"
"""

harbour = None


def setUpModule():
    global harbour
    harbour = example_engine.start()
    unittest.addModuleCleanup(harbour.end)
    example_engine.provide_rabbits(harbour)
    warren.provide_nameserver(harbour)


class Cluster(unittest.TestCase):
    """One life of three brokers; each test leaves them as one cluster."""

    @classmethod
    def setUpClass(cls):
        cls.warren = Warren(harbour, "life")
        cls.addClassCleanup(cls.warren.end)
        cls.warren.compose("up", "--build", "--detach")
        cls.warren.wait_for_cluster()
        cls.id = cls.warren.cluster_name("rabbit-1")

    def tearDown(self):
        self.warren.wait_for_cluster()
        for host in THREE:
            self.assertEqual(self.warren.cluster_name(host), self.id)

    def test_of_three_that_start_at_once_one_founds_the_cluster(self):
        founders = [host for host in THREE if "founds a cluster" in self.warren.log(host)]
        self.assertEqual(founders, ["rabbit-1"])
        self.assertIn("rabbit@rabbit-2 joins rabbit@rabbit-1", self.warren.log("rabbit-2"))

    def test_who_depends_on_their_health_starts_when_they_are_one_cluster(self):
        state = lambda: harbour.inspect(self.warren.container("app"))["State"]
        wait_until(lambda: state()["Status"] == "exited", "the app has run", PATIENCE)
        self.assertEqual(state()["ExitCode"], 0)
        self.assertEqual(set(self.warren.log("app").split()) & nodes(THREE), nodes(THREE))

    def test_each_comes_back_after_a_restart(self):
        for host in THREE:
            with self.subTest(host):
                self.warren.engine("restart", host)
                self.warren.wait_for_cluster()
                self.assertIn(IN_ORDER, self.warren.own_log(host))

    def test_all_come_back_when_all_have_stopped(self):
        for host in THREE:
            self.warren.engine("stop", host)
        # The first to stop is the first to start: it has to wait for the last.
        self.warren.engine("start", *THREE)

    def test_all_come_back_in_another_order_when_all_were_killed(self):
        self.warren.engine("kill", *THREE)
        self.warren.engine("start", *reversed(THREE))

    def test_a_quorum_queue_takes_messages_during_a_rolling_restart(self):
        self.warren.control("rabbit-1", "add_user", "test", "test")
        self.warren.control("rabbit-1", "set_permissions", "test", ".*", ".*", ".*")
        client = Client(self.warren)
        for host in THREE:
            client.wait_for_more()
            self.warren.engine("stop", host)
            client.wait_for_more()
            self.warren.engine("start", host)
            self.warren.wait_for_cluster()
        confirmed, read = client.end()
        self.assertEqual(set(confirmed) - set(read), set())

    def test_the_first_without_its_data_joins_the_others(self):
        container = self.warren.container("rabbit-1")
        self.warren.compose("stop", "rabbit-1")
        harbour.docker("rm", container)
        harbour.docker("volume", "rm", "life_rabbit-1")
        self.warren.compose("up", "--detach", "rabbit-1")

    def test_a_fourth_joins_and_stops_in_order(self):
        self.warren.compose("up", "--detach", "rabbit-4")
        self.warren.wait_for_cluster((*THREE, "rabbit-4"))
        self.assertEqual(self.warren.cluster_name("rabbit-4"), self.id)
        self.warren.compose("stop", "rabbit-4")
        self.warren.control("rabbit-1", "forget_cluster_node", "rabbit@rabbit-4")
        self.assertIn(IN_ORDER, self.warren.own_log("rabbit-4"))


class ColdStart(unittest.TestCase):
    def setUp(self):
        self.warren = Warren(harbour, "cold")
        self.addCleanup(self.warren.end)
        self.warren.compose("build")

    def test_others_wait_for_the_first(self):
        self.warren.compose("up", "--detach", "rabbit-2", "rabbit-3")
        for host in ("rabbit-2", "rabbit-3"):
            wait_until(lambda host=host: "listening on" in self.warren.log(host), f"{host} is up")
        self.warren.compose("up", "--detach", "rabbit-1")
        self.warren.wait_for_cluster()
        self.assertIn("founds a cluster", self.warren.log("rabbit-1"))

    def test_the_first_dies_when_another_is_about_to_join(self):
        self.warren.compose("up", "--detach", "rabbit-1")
        self.warren.wait_for_cluster(THREE[:1])
        self.warren.compose("up", "--detach", "rabbit-2")
        wait_until(lambda: "joins" in self.warren.log("rabbit-2"), "rabbit-2 joins", PATIENCE)
        self.warren.engine("kill", "rabbit-1")
        # By default it would found a cluster of its own after ten times.
        tries = lambda: self.warren.own_log("rabbit-2").count("Could not auto-cluster")
        wait_until(lambda: tries() > 10, "rabbit-2 looks for rabbit-1", PATIENCE)
        self.warren.engine("start", "rabbit-1")
        self.warren.wait_for_cluster(THREE[:2])

    def test_one_after_the_other(self):
        for count in (1, 2, 3):
            self.warren.compose("up", "--detach", THREE[count - 1])
            self.warren.wait_for_cluster(THREE[:count])


class Document(unittest.TestCase):
    """README.md, typed as it stands into a shell in a copy of the folder."""

    def setUp(self):
        self.folder = harbour.folder / "rabbitmq"
        shutil.copytree(examples.EXAMPLES / "rabbitmq", self.folder)
        wrapper = harbour.folder / "bin/docker"
        wrapper.parent.mkdir()
        wrapper.write_text(COMPOSE.replace("DOCKER", needs.program("docker")), "ascii")
        wrapper.chmod(0o755)
        self.addCleanup(self.type, "docker compose down --volumes --timeout 1")

    def type(self, command):
        done = subprocess.run(
            ["sh", "-ec", command], cwd=self.folder, text=True, check=False, capture_output=True,
            env=os.environ | {"DOCKER_HOST": harbour.engines.containers, "DOCKER_BUILDKIT": "0",
                              "PATH": f"{harbour.folder}/bin:{os.environ['PATH']}",
                              "COMPOSE_FILE": f"compose.yaml:{harbour.folder}/dns.json"})
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def commands(self, text):
        return re.findall(r"`(docker (?:compose|volume|run) [^`]*)`", text)

    def follow(self, title):
        """The steps under a heading, each when those before have had their effect."""
        text = documents.section(self.document, title)
        steps = re.findall(r"^\d\. .*(?:\n   .*)*", text, re.MULTILINE)
        self.assertGreater(len(steps), 3)
        for step in steps:
            if "When it is healthy" in step:
                self.wait_for_cluster()
            for command in self.commands(step):
                self.type(command)

    def wait_for_cluster(self, hosts=THREE):
        wait_until(lambda: self.running() == nodes(hosts), f"{hosts} are a cluster", PATIENCE)

    def running(self):
        """As rabbit-2 sees it; none if it does not run."""
        try:
            status = self.type("docker compose exec rabbit-2 rabbitmqctl cluster_status")
        except AssertionError:
            return set()
        told = status.split("Running Nodes")[1].split("Versions")[0]
        return set(re.findall(r"^rabbit@\S+$", told, re.MULTILINE))

    def test_its_commands_do_what_it_says(self):
        self.document = self.folder / "README.md"
        (block,) = documents.blocks_of(self.document, "sh")
        status = self.type(block)
        for node in nodes(THREE):
            self.assertIn(f"{node}\n", status.split("Running Nodes")[1].split("Versions")[0])
        secret = (self.folder / ".env").read_text("ascii")
        self.type(block.splitlines()[0])
        self.assertEqual((self.folder / ".env").read_text("ascii"), secret)
        (asked,) = re.findall(r"`(docker compose logs [^`]*)`", self.document.read_text("utf-8"))
        self.assertIn("rabbit@rabbit-2 joins", self.type(asked))
        self.leave_a_second_cluster()
        self.let_none_found_another()
        self.do_the_tasks()

    def leave_a_second_cluster(self):
        for command in ("stop rabbit-1", "rm --force rabbit-1", "stop rabbit-2 rabbit-3"):
            self.type(f"docker compose {command}")
        self.type("docker volume rm rabbitmq_rabbit-1")
        self.type("docker compose up --detach --no-deps rabbit-1")
        logs = "docker compose logs rabbit-1"
        wait_until(lambda: "founds a cluster" in self.type(logs), "a second cluster", PATIENCE)
        self.follow("A second cluster")
        self.wait_for_cluster(THREE[1:])
        self.follow("A broker that has lost its volume")
        self.assertIn("rabbit@rabbit-1 joins", self.type(logs))

    def let_none_found_another(self):
        (none,) = re.findall(r"`(echo [^`]*)`", self.document.read_text("utf-8"))
        self.type(none)
        replace = "docker compose up --detach --no-deps --build rabbit-2"
        self.assertIn(f"`{replace}`", self.document.read_text("utf-8"))
        for host in THREE:
            self.type(replace.replace("rabbit-2", host))
            self.wait_for_cluster()
            self.assertEqual(self.type(f"docker compose exec {host} printenv CLUSTER_FIRST"),
                             "none\n")

    def do_the_tasks(self):
        tasks = {task: self.commands(how)
                 for task, how in documents.rows(documents.section(self.document, "Tasks"))}
        self.do(tasks, "let clients in")
        self.do(tasks, "add a broker")
        self.wait_for_cluster((*THREE, "rabbit-4"))
        self.do(tasks, "stop it in order")
        self.do(tasks, "remove it for good")
        status = self.type("docker compose exec rabbit-1 rabbitmqctl cluster_status")
        self.assertNotIn("rabbit-4", status)
        self.do(tasks, "restart all, with quorum queues, without a gap")
        self.wait_for_cluster()

    def do(self, tasks, task):
        self.assertTrue(tasks[task])
        for command in tasks[task]:
            self.type(command)


if __name__ == "__main__":
    unittest.main()
