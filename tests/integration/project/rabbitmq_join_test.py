"""rabbitmq-join decides what a broker does. Here the programs that it asks give prepared answers;
rabbitmq_docker_test.py has real ones."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from examples import EXAMPLES

SCRIPT = EXAMPLES / "rabbitmq/rabbitmq-join"
CONF = "/etc/rabbitmq"
# `wait` and `discover` list the brokers, `names` succeeds if the alias leads to this host.
PORTOLAN = """#!/bin/sh
echo "$@" >>"$FOLDER/asked"
case $1 in
  names) [ -z "${LOST:-}" ] ;;
  *) [ -z "$BROKERS" ] || printf '%s\\n' $BROKERS; [ -n "$BROKERS" ] ;;
esac
"""
# It is asked whether the broker is held, told whom to join, and told to end it. A broker that cannot
# join ends by itself, or has begun to.
RABBITMQCTL = """#!/bin/sh
echo "$@" >>"$FOLDER/told"
case "$*" in
  version) echo 4.0.5 ;;
  *init:stop*) touch "$FOLDER/stopped" ;;
  *eval*) [ -e "$FOLDER/rabbit@$HOST" ] && ${HELD:-true} ;;
  *cluster_status*) echo "{\\"disk_nodes\\":[\\"${KNOWN:-}\\"]}" ;;
  *join_cluster*)
    [ "${BROKEN:-}" != ends ] || touch "$FOLDER/stopped"
    [ "${BROKEN:-}" != cut ] || touch "$FOLDER/rabbit@$HOST/schema.DAT"
    [ -z "${BROKEN:-}" ] ;;
esac
"""
# Without data, and with a list that is never whole, it is held, until it is told to end, or half a
# minute has gone by.
SERVER = """#!/bin/sh
echo STARTED
! [ -e "$FOLDER/rabbit@$HOST" ] && mkdir "$FOLDER/rabbit@$HOST" || exit 0
! grep -q nobody "$FOLDER/etc/conf.d/50-join.conf" || for turn in $(seq 300); do
  [ -e "$FOLDER/stopped" ] && exit || sleep 0.1
done
"""
PROGRAMS = {"portolan": PORTOLAN, "rabbitmqctl": RABBITMQCTL, "server": SERVER,
            "rabbitmq-diagnostics": "#!/bin/sh\n", "hostname": '#!/bin/sh\necho "$HOST"\n'}


class Join(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        text = SCRIPT.read_text("utf-8")
        self.assertIn(CONF, text)
        self.script = self.program("rabbitmq-join", text.replace(CONF, f"{folder.name}/etc"))
        (self.folder / "etc/conf.d").mkdir(parents=True)
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
            [self.script, "server"], text=True, capture_output=True, check=False,
            env={"PATH": f"{self.folder}:{os.environ['PATH']}", "HOME": str(self.folder),
                 "FOLDER": str(self.folder), "HOST": host, "CLUSTER_FIRST": first, "COOKIE": "c",
                 "PORTOLAN_DISCOVER": "rabbit", "BROKERS": brokers,
                 "RABBITMQ_MNESIA_BASE": str(self.folder), **variables})
        self.starts = done.stdout.count("STARTED")
        return done.stderr, done.returncode == 0

    def require(self, says, starts, is_held=False, **given):
        text, started = self.start(**given)
        self.assertIn(says, text)
        self.assertEqual(started, starts, text)
        self.assertEqual(self.starts, (1 if starts else 0) + is_held, text)

    def asked(self, file="asked"):
        file = self.folder / file
        return file.read_text("ascii") if file.exists() else ""

    def conf(self):
        return (self.folder / "etc/conf.d/50-join.conf").read_text("ascii")

    def test_the_first_founds_a_cluster_if_it_is_alone(self):
        self.require("founds a cluster", True)
        self.assertIn("--timeout 20s", self.asked())
        self.assertFalse((self.folder / "etc/conf.d/50-join.conf").exists())

    def test_the_first_founds_none_where_the_alias_leads_nowhere(self):
        self.require("cannot ask all that rabbit leads to", False, LOST="1")

    def test_without_data_a_list_of_the_users_own_is_refused(self):
        """RabbitMQ with such a list waits for all that are on it, without a word."""
        for file in ("rabbitmq.conf", "conf.d/10-own.conf"):
            with self.subTest(file):
                own = self.folder / "etc" / file
                own.write_text("cluster_formation.classic_config.nodes.3 = rabbit@rabbit-3\n", "ascii")
                self.require("delete cluster_formation.* from your rabbitmq.conf", False)
                own.write_text("cluster_formation.discovery_retry_limit = 5\n"
                               "# cluster_formation.peer_discovery_backend = dns\n", "ascii")
                self.require("founds a cluster", True)
                self.leave("msg_stores", f"{own.stem}-1")
                own.write_text("cluster_formation.peer_discovery_backend = classic_config\n", "ascii")
                self.require("has data, and starts", True, host=f"{own.stem}-1")
                own.unlink()

    def test_one_that_is_named_by_its_container_is_refused(self):
        self.require("give it a hostname", False, host="43c015712408")
        self.assertEqual(self.asked(), "")
        self.require("founds", True, host="43c015712408", first="43c015712408",
                     RABBITMQ_NODENAME="rabbit@rabbit-1")

    def test_others_found_none(self):
        self.require("only the one on rabbit-1 founds", False, host="rabbit-2")
        self.assertIn("--timeout 5m", self.asked())

    def test_none_is_founded_when_no_host_is_the_first(self):
        self.require("CLUSTER_FIRST is none: only the one on none founds", False, first="none")

    def test_until_3_12_it_joins_those_that_run_by_their_list(self):
        self.require("joins rabbit@rabbit-2", True, brokers="rabbit@rabbit-2", first="none",
                     RABBITMQ_VERSION="3.12.14")
        self.assertIn("nodes.1 = rabbit@rabbit-1\n", self.conf())
        self.assertIn("nodes.2 = rabbit@rabbit-2\n", self.conf())

    def test_from_3_13_it_is_held_and_told_to_join_one_that_runs(self):
        self.require("joins rabbit@rabbit-2", True, brokers="rabbit@rabbit-2", first="none",
                     is_held=True)
        self.assertIn("join_cluster rabbit@rabbit-2", self.asked("told"))
        self.assertNotIn("rabbit-2", self.conf())
        self.assertIn("nodes.2 = nobody@rabbit-1\n", self.conf())
        self.assertTrue((self.folder / "rabbit@rabbit-1/joined").exists())

    def test_one_that_could_not_join_does_not_start(self):
        self.require("could not join", False, brokers="rabbit@rabbit-2", first="none",
                     is_held=True, BROKEN="ends")
        self.assertIn("join_cluster", self.asked("told"))

    def test_one_that_is_not_held_is_not_told_to_join(self):
        (self.folder / "stopped").touch()
        self.require("could not join", False, brokers="rabbit@rabbit-2", first="none",
                     is_held=True, HELD="false")
        self.assertNotIn("join_cluster", self.asked("told"))

    def test_one_that_the_cluster_knows_is_refused(self):
        self.require("rabbit@rabbit-2 knows it. There: rabbitmqctl forget_cluster_node", False,
                     brokers="rabbit@rabbit-2", KNOWN="rabbit@rabbit-1")
        self.assertNotIn("join_cluster", self.asked("told"))
        self.require("joins", True, brokers="rabbit@rabbit-2", is_held=True,
                     KNOWN="rabbit@rabbit-11")

    def leave(self, mark, host="rabbit-1"):
        """What its data has."""
        data = self.folder / f"rabbit@{host}"
        data.mkdir()
        (data / mark).touch()

    def test_with_data_it_starts_and_asks_none(self):
        for number, mark in enumerate(("msg_stores", "joined"), 1):
            with self.subTest(mark):
                self.leave(mark, f"rabbit-{number}")
                self.require("has data, and starts", True, host=f"rabbit-{number}")
                self.assertIn(f"nodes.2 = nobody@rabbit-{number}\n", self.conf())
        self.leave("schema.DAT", "rabbit-3")
        self.require("has data, and starts", True, host="rabbit-3", RABBITMQ_VERSION="3.12.14")
        self.assertEqual(self.asked(), "")

    def test_one_whose_join_was_cut_joins_again(self):
        self.leave("schema.DAT")
        self.require("rabbit@rabbit-1 has not joined in full", True, brokers="rabbit@rabbit-2",
                     is_held=True, KNOWN="rabbit@rabbit-1")
        self.assertIn("--node rabbit@rabbit-2 forget_cluster_node rabbit@rabbit-1",
                      self.asked("told"))
        self.assertEqual({path.name for path in self.folder.glob("rabbit@*/*")}, {"joined"})

    def test_one_whose_join_is_cut_tries_no_more(self):
        self.require("could not join", False, brokers="rabbit@rabbit-2", first="none",
                     is_held=True, BROKEN="cut")
        self.assertEqual(self.asked("told").count("join_cluster"), 1)

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
        for version in ("3.9.29", "3.14.0", "5.0.0"):
            with self.subTest(version):
                self.require(f"not {version}", False, RABBITMQ_VERSION=version)
        for version in ("3.10.24", "3.12.14", "3.13.7", "4.3.1"):
            with self.subTest(version):
                self.require("founds a cluster", True, RABBITMQ_VERSION=version)


if __name__ == "__main__":
    unittest.main()
