"""`portolan run --wait-for-own-name`: the command starts when its node can be found by its name.

The causes are those of public threads about RabbitMQ's "epmd error for host X", each made again
with the resolver's set-up of the thread. What RabbitMQ says is what `erl_epmd:names(Host)` returns
on that host. In each the command is not started, and the option names the cause and a remedy.
"""

import pathlib
import signal
import subprocess
import tempfile
import unittest

import background
import daemons
import needs
import network
import nodes
from daemons import wait_until
from hosts import NAMESERVER, HostsTest
from programs import Program

OWN = "10.77.0.1"
# Where no host is, and where one is that has no EPMD.
NOWHERE, ELSEWHERE = "10.77.0.99", "10.77.0.2"
POD = "mq-0.mq-nodes.shop.svc.cluster.local"


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()


def tearDownModule():
    background.end_children()


class WaitTest(HostsTest):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.started = self.folder / "started"

    def run_there(self, host, *words, timeout="2s", command=None, environment=None):
        """`run`, whose command leaves a mark that it was started."""
        return self.enterContext(Program(
            "run", "--wait-for-own-name", timeout, *words, "--",
            *(command or ("sh", "-c", f"touch {self.started}; exec sleep 1000")),
            prefix=host.prefix, environment=environment))

    def wait_until_started(self):
        wait_until(self.started.exists, "the command is started")

    def refusal(self, host, *words, **further):
        """The last line with which it ended, after it has named the same while it waited."""
        program = self.run_there(host, *words, **further)
        self.assertEqual(program.end(0, patience=30), 1)
        self.assertFalse(self.started.exists())
        *log, last = program.log().splitlines()
        self.assertTrue(last.startswith("portolan run: "), last)
        self.assertTrue(last.endswith("The command has not been started (--wait-for-own-name)"))
        self.assertLessEqual(sum("the command waits" in line for line in log), 1)
        return last


class Waits(WaitTest):
    def test_a_name_that_erlang_refuses_is_not_waited_for(self):
        self.dns.set("h1.lan", OWN)
        said = self.refusal(self.host("h1", OWN), timeout="1h",
                            command=("erl", "-noinput", "-sname", "x@h1.lan"))
        self.assertIn("'h1.lan' has a dot, and the command has -sname: Erlang does not start a node "
                      "with a short name and such a host part; give the node its name with -name",
                      said)

    def test_a_name_that_the_dns_has_is_not_waited_for(self):
        self.dns.set("h1", OWN)
        host = self.host("h1", OWN)
        program = self.run_there(host, timeout="1h")
        self.wait_until_started()
        self.assertIn("the command starts now: others find h1 at 10.77.0.1", program.log())
        self.assertNotIn("the command waits", program.log())

    def test_it_starts_when_the_dns_has_learned_the_name_and_names_the_reason_once(self):
        host = self.host("h1", OWN)
        program = self.run_there(host, timeout="1h")
        line = f"the command waits for --wait-for-own-name: 'h1' is unknown to {NAMESERVER}"
        program.wait_for_log(line)
        asked = len(self.dns.asked)
        wait_until(lambda: len(self.dns.asked) > asked + 6, "it has asked again and again")
        self.assertFalse(self.started.exists())
        self.dns.set("h1", OWN)
        self.wait_until_started()
        self.assertEqual(program.log().count("the command waits"), 1)

    def test_the_epmd_answers_meanwhile(self):
        host = self.host("h1", OWN)
        self.run_there(host, timeout="1h").wait_for_log("the command waits")
        self.assertEqual(host.portolan("check").returncode, 0)

    def test_a_signal_ends_it(self):
        host = self.host("h1", OWN)
        for number in (signal.SIGTERM, signal.SIGINT):
            program = self.run_there(host, timeout="1h")
            program.wait_for_log("the command waits")
            program.send(signal.SIGUSR1)
            self.assertEqual(program.end(number), 128 + number)
            self.assertIn("came while the command waited to start", program.log())
        self.assertFalse(self.started.exists())

    def test_all_hosts_wait_at_once_and_for_none_of_the_others(self):
        """Each is found before any of them has a node."""
        hosts = [self.host(f"h{number}", f"10.77.0.{number}") for number in (1, 2, 3)]
        programs = [self.run_there(host, "--discover", "web", timeout="1h", command=(
            "sh", "-c", f"touch {self.folder}/{host.name}; exec sleep 1000")) for host in hosts]
        for program in programs:
            program.wait_for_log("the command waits")
        self.dns.set("web", *(f"10.77.0.{number}" for number in (1, 2, 3)))
        for number in (1, 2, 3):
            self.dns.set(f"h{number}", f"10.77.0.{number}")
        for host in hosts:
            wait_until((self.folder / host.name).exists, f"{host.name} has started")

    def test_the_command_that_cannot_be_run(self):
        self.dns.set("h1", OWN)
        program = self.run_there(self.host("h1", OWN), command=("no-such-command",))
        self.assertEqual(program.end(0), 127)

    def test_a_node_that_was_waited_for_is_connected_to_by_its_name(self):
        self.dns.set("h2", ELSEWHERE)
        one, two = self.host("h1", OWN), self.host("h2", ELSEWHERE)
        program = self.run_there(
            one, timeout="1h", command=nodes.Node.erl("a", ("-start_epmd", "false")),
            environment=nodes.environment())
        program.wait_for_log("the command waits")
        self.dns.set("h1", OWN)
        program.wait_for_log("registered 'a'", patience=30)
        self.start(two, "b@h2")
        self.assertTrue(two.connects("c@h2", "a@h1"))


class Names(WaitTest):
    """Which host name it waits for, as nodes say that they have it."""

    def waits_for(self, host, command, environment=None):
        program = self.run_there(host, timeout="1h", command=command, environment=environment)
        program.wait_for_log("the command waits")
        program.end()
        return program.log().partition("--wait-for-own-name: '")[2].partition("'")[0]

    def name_of_node(self, host, *flags):
        done = subprocess.run(
            [*host.prefix, needs.program("erl"), "-noinput", "-start_epmd", "false", *flags,
             "-eval", 'io:format("~s", [node()]), halt().'], env=nodes.environment(), text=True,
            check=False, capture_output=True, timeout=60)
        return done.stdout.partition("@")[2]

    def test_it_is_the_one_that_a_node_takes(self):
        host = self.host("h1.example.com", OWN)
        with host.serve():
            names = {kind: self.name_of_node(host, kind, "a") for kind in ("-sname", "-name")}
        self.assertEqual(names, {"-sname": "h1", "-name": "h1.example.com"})
        for kind, name in names.items():
            self.assertEqual(self.waits_for(host, ("erl", kind, "a")), name)

    def test_the_domain_may_be_the_hosts_files(self):
        host = self.host("h1", OWN)
        host.write_hosts(f"{OWN} h1.example.org h1")
        with host.serve():
            self.assertEqual(self.name_of_node(host, "-name", "a"), "h1.example.org")
        self.assertEqual(self.waits_for(host, ("erl", "-name", "a")), "h1.example.org")

    def test_it_may_be_told_by_the_environment(self):
        host = self.host("h1", OWN)
        for variable in ("RELEASE_NODE", "RABBITMQ_NODENAME"):
            self.assertEqual(self.waits_for(host, ("true",), {variable: f"a@{POD}"}), POD)

    def test_those_that_are_no_use_are_not_waited_for(self):
        host = self.host("h1", OWN)
        for words, said in ((("-sname", "a@localhost"), "'localhost' leads every host to itself"),
                            (("-name", "a@127.0.0.1"), "'127.0.0.1' leads every host to itself"),
                            (("-sname", "a@104857600123"), "'104857600123' is a number to Erlang"),
                            (("-name", "a"), "this host has no domain")):
            with self.subTest(words):
                self.assertIn(said, self.refusal(host, timeout="1h", command=("erl", *words)))

    def test_an_address_needs_no_dns(self):
        host = self.host("h1", OWN)
        self.dns.mode = "silent"
        program = self.run_there(host, timeout="1h", command=("erl", "-name", f"a@{OWN}"))
        program.wait_for_log(f"the command starts now: {OWN} is an address of this host")


class Causes(WaitTest):
    """Each named by --wait-for-own-name, before the command is started."""

    def pod(self, *addresses, search="shop.svc.cluster.local svc.cluster.local cluster.local"):
        host = self.host("mq-0", *(addresses or (OWN,)))
        host.write_resolv(f"nameserver {NAMESERVER}", f"search {search}", "options ndots:5 timeout:1")
        return host

    def epmd_error(self, host, name):
        """What RabbitMQ has for this host."""
        with host.serve():
            done = subprocess.run(
                [*host.prefix, needs.program("erl"), "-noinput", "-eval",
                 f'io:format("~p", [erl_epmd:names("{name}")]), halt().'],
                env=nodes.environment(), text=True, check=False, capture_output=True, timeout=60)
        return done.stdout

    def of_rabbit(self, host, name, timeout="2s"):
        return self.refusal(host, timeout=timeout, command=(
            "sh", "-c", f"touch {self.started}; exec sleep 1000"),
                            environment={"RABBITMQ_NODENAME": f"rabbit@{name}",
                                         "RABBITMQ_USE_LONGNAME": "true"})

    def test_the_nameserver_does_not_answer(self):
        """rabbitmq-server#11790 and rabbitmq-website#1984: timeout."""
        self.dns.mode = "silent"
        host = self.pod()
        self.assertRegex(self.epmd_error(host, POD), r"\{error,(timeout|nxdomain)\}")
        said = self.of_rabbit(host, POD, timeout="7s")
        self.assertIn(f"no nameserver says where '{POD}' is: ", said)
        self.assertIn(f"whether {NAMESERVER} runs", said)

    def test_packets_to_the_nameserver_are_dropped_by_a_policy(self):
        """bitnami/charts#2086: its cluster denies all traffic that is not allowed."""
        host = self.pod()
        host.call("ip", "route", "add", "prohibit", NAMESERVER)
        self.assertIn("{error,nxdomain}", self.epmd_error(host, POD))
        said = self.of_rabbit(host, POD)
        self.assertIn(f"no nameserver says where '{POD}' is: ", said)
        self.assertIn("whether a firewall or network policy lets this host reach its port 53", said)

    def test_the_name_leads_to_an_address_that_nothing_answers_at(self):
        """cluster-operator#1356: timeout, or address: the record is an old pod's."""
        self.dns.set(POD, NOWHERE)
        host = self.pod()
        self.assertRegex(self.epmd_error(host, POD), r"\{error,(address|timeout)\}")
        said = self.of_rabbit(host, POD)
        self.assertIn(f"{POD} is {NOWHERE}, says {NAMESERVER}, but this host is", said)
        self.assertIn("give this host a name of its own", said)

    def test_the_domain_belongs_to_others(self):
        """rabbitmq-server#12110 and cluster-operator#1709: `extra_hosts` has mq-01, the node is
        mq-01.localdomain.com, and somebody has that domain."""
        self.host("h2", ELSEWHERE)
        self.dns.set("mq-01.localdomain.com", ELSEWHERE)
        host = self.host("mq-01", OWN)
        host.write_hosts(f"{OWN} mq-01")
        self.assertIn("{error,address}", self.epmd_error(host, "mq-01.localdomain.com"))
        said = self.of_rabbit(host, "mq-01.localdomain.com")
        self.assertIn(f"mq-01.localdomain.com is {ELSEWHERE}, says {NAMESERVER}", said)

    def test_the_hosts_file_has_the_machine_and_not_the_container(self):
        """rabbitmq-server#12115: `extra_hosts` in a bridge network hides the alias."""
        self.host("h2", ELSEWHERE)
        self.dns.set("mq-01.localdomain.com", OWN)
        host = self.host("mq-01", OWN)
        host.write_hosts(f"{ELSEWHERE} mq-01.localdomain.com")
        self.assertIn("{error,address}", self.epmd_error(host, "mq-01.localdomain.com"))
        said = self.of_rabbit(host, "mq-01.localdomain.com")
        self.assertIn(f"mq-01.localdomain.com is {ELSEWHERE}, says the hosts file", said)
        self.assertIn("the hosts file", said.partition(";")[2])

    def test_a_pod_that_is_in_no_headless_service(self):
        """bitnami-docker-rabbitmq#190: a pod without hostname and subdomain has no record."""
        host = self.pod()
        self.assertIn("{error,nxdomain}", self.epmd_error(host, POD))
        said = self.of_rabbit(host, POD)
        self.assertIn(f"'{POD}' is unknown to {NAMESERVER}", said)
        self.assertIn("a headless service as serviceName, or hostname and subdomain", said)

    def test_a_record_that_is_published_when_the_pod_is_ready(self):
        """helm/charts#13230: the pod is never ready, as it waits for its record."""
        host = self.pod()
        # The service itself is known, for its other pods.
        self.dns.set("mq-nodes.shop.svc.cluster.local", ELSEWHERE)
        self.assertIn("{error,nxdomain}", self.epmd_error(host, POD))
        self.assertIn("that service publishNotReadyAddresses: true", self.of_rabbit(host, POD))

    def test_another_cluster_domain(self):
        """tekliner/rabbitmq-operator#13: the node is called …cluster.imp."""
        name = POD.replace("cluster.local", "cluster.imp")
        self.dns.set(POD, OWN)
        host = self.pod()
        self.assertIn("{error,nxdomain}", self.epmd_error(host, name))
        said = self.of_rabbit(host, name)
        self.assertIn(f"'{name}' is unknown to {NAMESERVER}", said)
        self.assertIn("see that the domain is the cluster's (search in /etc/resolv.conf)", said)

    def test_a_nameserver_that_remembers_that_there_was_no_name(self):
        """cluster-operator#958: CoreDNS does so for 30 s. It is waited for, and the node starts."""
        host = self.pod()
        self.assertIn("{error,nxdomain}", self.epmd_error(host, POD))
        program = self.run_there(host, timeout="60s", environment={
            "RABBITMQ_NODENAME": f"rabbit@{POD}", "RABBITMQ_USE_LONGNAME": "true"})
        program.wait_for_log(f"the command waits for --wait-for-own-name: '{POD}' is unknown to")
        self.assertFalse(self.started.exists())
        self.dns.set(POD, OWN)
        self.wait_until_started()


if __name__ == "__main__":
    unittest.main()
