"""README.md of RabbitMQ's example, typed as it stands, with RabbitMQ 4."""

import os
import re
import shutil
import subprocess
import unittest

import documents
import examples
import needs
from rabbit_cases import Machine
from warren import THREE, Warren, nodes, wait_until

# Debian's Compose is a program of its own, and does not see for itself that it has no terminal.
COMPOSE = """#!/bin/sh -e
[ "$1" = compose ] || exec DOCKER "$@"
shift
if [ "$1" = exec ]; then shift; set -- exec -T "$@"; fi
exec docker-compose "$@"
"""


def setUpModule():
    Machine.start("trixie")


class Document(unittest.TestCase):
    """Typed into a shell in a copy of the folder."""

    def setUp(self):
        harbour = Machine.harbour
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
            env=os.environ | {"DOCKER_HOST": Machine.harbour.engines.containers, "DOCKER_BUILDKIT": "0",
                              "PATH": f"{Machine.harbour.folder}/bin:{os.environ['PATH']}",
                              "COMPOSE_FILE": f"compose.yaml:{Machine.harbour.folder}/dns.json"})
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
                self.warren.wait_for_cluster()
            for command in self.commands(step):
                self.type(command)

    def test_its_commands_do_what_it_says(self):
        self.document = self.folder / "README.md"
        (block,) = documents.blocks_of(self.document, "sh")
        status = self.type(block)
        for node in nodes(THREE):
            self.assertIn(f"{node}\n", status.split("Running Nodes")[1].split("Versions")[0])
        secret = (self.folder / ".env").read_text("ascii")
        self.warren = Warren(Machine.harbour, "rabbitmq", secret.strip().removeprefix("COOKIE="))
        self.addCleanup(self.warren.ask_no_more)
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
        said = lambda: self.warren.log("rabbit-1")
        wait_until(lambda: "founds a cluster" in said(), "a second cluster")
        self.follow("A second cluster")
        self.warren.wait_for_cluster(THREE[1:], of=THREE)
        self.follow("A broker that has lost its volume")
        self.assertIn("rabbit@rabbit-1 joins", said())

    def let_none_found_another(self):
        (none,) = re.findall(r"`(echo [^`]*)`", self.document.read_text("utf-8"))
        self.type(none)
        replace = "docker compose up --detach --no-deps --build rabbit-2"
        self.assertIn(f"`{replace}`", self.document.read_text("utf-8"))
        for host in THREE:
            self.type(replace.replace("rabbit-2", host))
            self.warren.wait_for_cluster()
            self.assertEqual(self.type(f"docker compose exec {host} printenv CLUSTER_FIRST"),
                             "none\n")

    def do_the_tasks(self):
        tasks = {task: self.commands(how)
                 for task, how in documents.rows(documents.section(self.document, "Tasks"))}
        self.do(tasks, "let clients in")
        self.do(tasks, "add a broker")
        self.warren.wait_for_cluster((*THREE, "rabbit-4"))
        self.do(tasks, "give it copies of the quorum queues that are there")
        self.do(tasks, "stop it in order")
        self.do(tasks, "remove it for good")
        status = self.type("docker compose exec rabbit-1 rabbitmqctl cluster_status")
        self.assertNotIn("rabbit-4", status)
        self.do(tasks, "restart all, with quorum queues, without a gap")
        self.warren.wait_for_cluster()

    def do(self, tasks, task):
        self.assertTrue(tasks[task])
        for command in tasks[task]:
            self.type(command)


if __name__ == "__main__":
    unittest.main()
