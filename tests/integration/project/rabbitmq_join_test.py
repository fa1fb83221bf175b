"""rabbitmq-join decides what a broker does. Here the programs that it asks give prepared answers;
rabbitmq_docker_test.py has real ones."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from examples import EXAMPLES

SCRIPT = EXAMPLES / "rabbitmq/rabbitmq-join"
CONF = "/etc/rabbitmq/conf.d"
# `wait` and `discover` list the brokers, `names` succeeds if the alias leads to this host.
PORTOLAN = """#!/bin/sh
echo "$@" >>"$FOLDER/asked"
case $1 in
  names) [ -z "${LOST:-}" ] ;;
  *) [ -z "$BROKERS" ] || printf '%s\\n' $BROKERS; [ -n "$BROKERS" ] ;;
esac
"""
PROGRAMS = {"portolan": PORTOLAN, "rabbitmq-diagnostics": "#!/bin/sh\n",
            "hostname": '#!/bin/sh\necho "$HOST"\n'}


class Join(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        text = SCRIPT.read_text("utf-8")
        self.assertIn(CONF, text)
        self.script = self.program("rabbitmq-join", text.replace(CONF, folder.name))
        for name, content in PROGRAMS.items():
            self.program(name, content)

    def program(self, name, content):
        file = self.folder / name
        file.write_text(content, "utf-8")
        file.chmod(0o755)
        return file

    def start(self, host="rabbit-1", first="rabbit-1", brokers="", **variables):
        """What the script says, and whether it starts RabbitMQ."""
        done = subprocess.run(
            [self.script, "echo", "STARTED"], text=True, capture_output=True, check=False,
            env={"PATH": f"{self.folder}:{os.environ['PATH']}", "HOME": str(self.folder),
                 "FOLDER": str(self.folder), "HOST": host, "CLUSTER_FIRST": first, "COOKIE": "c",
                 "PORTOLAN_DISCOVER": "rabbit", "BROKERS": brokers,
                 "RABBITMQ_MNESIA_BASE": str(self.folder), **variables})
        self.assertEqual(done.returncode == 0, "STARTED" in done.stdout, done.stderr)
        return done.stderr, done.returncode == 0

    def require(self, says, starts, **given):
        text, started = self.start(**given)
        self.assertIn(says, text)
        self.assertEqual(started, starts, text)

    def asked(self):
        file = self.folder / "asked"
        return file.read_text("ascii") if file.exists() else ""

    def test_the_first_founds_a_cluster_if_it_is_alone(self):
        self.require("founds a cluster", True)
        self.assertIn("--timeout 20s", self.asked())
        self.assertFalse((self.folder / "50-join.conf").exists())

    def test_the_first_founds_none_where_the_alias_leads_nowhere(self):
        self.require("rabbit leads nowhere", False, LOST="1")

    def test_others_found_none(self):
        self.require("only the one on rabbit-1 founds", False, host="rabbit-2")
        self.assertIn("--timeout 5m", self.asked())

    def test_none_is_founded_when_no_host_is_the_first(self):
        self.require("only the one on none founds", False, first="none")

    def test_it_joins_those_that_run(self):
        self.require("joins rabbit@rabbit-2", True, brokers="rabbit@rabbit-2", first="none")
        conf = (self.folder / "50-join.conf").read_text("ascii")
        self.assertIn("nodes.1 = rabbit@rabbit-1\n", conf)
        self.assertIn("nodes.2 = rabbit@rabbit-2\n", conf)

    def test_with_data_it_starts_and_asks_none(self):
        data = self.folder / "rabbit@rabbit-1"
        data.mkdir()
        (data / "schema.DAT").touch()
        self.require("has data, and starts", True)
        self.assertEqual(self.asked(), "")

    def test_names_that_rabbitmq_changes_are_refused(self):
        for says, given in (
                ("must be NAME@HOST", {"RABBITMQ_NODENAME": "bunny"}),
                ("without a dot", {"RABBITMQ_NODENAME": "rabbit@rabbit-1.example"}),
                ("without a dot", {"host": "rabbit-1.example"}),
                ("no long names", {"RABBITMQ_USE_LONGNAME": "true"})):
            with self.subTest(given):
                self.require(says, False, **given)
                self.assertEqual(self.asked(), "")
        self.require("bunny@rabbit-1 founds", True, RABBITMQ_NODENAME="bunny@rabbit-1")

    def test_other_versions_are_refused(self):
        for version in ("3.9.29", "3.13.7", "4.1.0"):
            with self.subTest(version):
                self.require(f"not {version}", False, RABBITMQ_VERSION=version)
        for version in ("3.10.24", "3.12.14"):
            with self.subTest(version):
                self.require("founds a cluster", True, RABBITMQ_VERSION=version)


if __name__ == "__main__":
    unittest.main()
