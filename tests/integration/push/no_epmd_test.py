"""Nodes that run without an EPMD, all at one port: found, named by themselves, and pushed. Hosts are
network namespaces; nodes and daemons are real."""

import json
import unittest

import daemons
import needs
import network
from daemons import wait_until
from hosts import HostsTest

PORT = 9100
QUERY = f"dist:web:{PORT}"
WITHOUT_EPMD = ("-erl_epmd_port", str(PORT))
NUMBERS = (1, 2, 3)


def setUpModule():
    network.enter_private_network()
    for name in ("erl", "erl_call", "nsenter"):
        needs.program(name)
    daemons.portolan()


class NoEpmd(HostsTest):
    def setUp(self):
        super().setUp()
        self.hosts = [self.host(f"h{number}", f"10.77.0.{number}") for number in NUMBERS]
        for number in NUMBERS:
            self.dns.set(f"h{number}", f"10.77.0.{number}")
        self.dns.set("web", *(f"10.77.0.{number}" for number in NUMBERS))

    def serve(self, host, *words, query=QUERY):
        return self.enterContext(host.serve("--discover", query, "--push", "connect",
                                            "--interval", "1s", *words))

    def start(self, host, *flags, name="app"):
        return self.enterContext(host.node(f"{name}@{host.name}", *(flags or WITHOUT_EPMD)))

    def wait_for_mesh(self, hosts):
        names = {f"app@{host.name}" for host in hosts}
        for host in hosts:
            others = names - {f"app@{host.name}"}
            wait_until(lambda: all(name in host.peers_of_node_at(PORT) for name in others),
                       f"{host.name} has the others", 30)

    def test_they_become_one_cluster(self):
        running = [self.start(host) for host in self.hosts]
        served = [self.serve(host) for host in self.hosts]
        self.wait_for_mesh(self.hosts)
        found = self.hosts[0].portolan("discover", QUERY)
        self.assertEqual(found.stdout.split(), ["app@h1", "app@h2", "app@h3"])
        wait_until(self.is_mesh_whole, "the mesh is seen whole", 30)
        # Many rounds later nobody has been told twice, and no node has a word to say of it.
        served[0].wait_for("joined app@h2 ")
        self.assertNotIn("left ", served[0].said())
        self.assertEqual([node.output() for node in running], ["", "", ""])

    def is_mesh_whole(self):
        mesh = json.loads(self.hosts[0].portolan("mesh", "--json", QUERY).stdout)
        return mesh["groups"] == [["app@h1", "app@h2", "app@h3"]] and mesh["missing"] == []

    def test_one_that_ends_and_comes_back_is_connected_again(self):
        self.start(self.hosts[0])
        leaving = self.start(self.hosts[1])
        served = [self.serve(host) for host in self.hosts[:2]]
        self.wait_for_mesh(self.hosts[:2])
        served[0].wait_for("joined app@h2 ")  # the other's daemon may have been the first to see it
        leaving.end()
        served[0].wait_for("left app@h2 ")
        served[0].wait_for_log("nobody listens at its port any more")
        self.start(self.hosts[1])
        served[0].wait_for("joined app@h2 ", 2)
        self.wait_for_mesh(self.hosts[:2])

    def test_those_that_register_nowhere_are_pushed(self):
        """They look for an EPMD at port 4369, and would register there."""
        served = [self.serve(host, "--port", "4370") for host in self.hosts[:2]]
        for host in self.hosts[:2]:
            self.start(host)
        self.wait_for_mesh(self.hosts[:2])
        for daemon in served:
            self.assertNotIn("registered 'app'", daemon.log())
        self.assertIn("pushed: ", served[0].log() + served[1].log())

    def test_a_daemon_that_no_query_leads_to_is_told_the_port_of_its_node(self):
        self.dns.set("web", "10.77.0.2")
        for host in self.hosts[:2]:
            self.start(host)
        self.serve(self.hosts[0], "--local-node", str(PORT))
        self.wait_for_mesh(self.hosts[:2])

    def test_doctor_and_check_know_its_port(self):
        self.start(self.hosts[1])
        wait_until(lambda: self.hosts[1].portolan("check", "--dist-port", PORT, "app@h2").returncode
                   == 0, "it answers", 30)
        steps = self.hosts[0].doctor("app@h2", "--dist-port", PORT)
        self.assertEqual({name: step["result"] for name, step in steps.items()},
                         {"name": "ok", "host": "ok", "port": "ok", "handshake": "ok",
                          "true name": "ok", "ours": "unknown", "cookie": "ok"})
        query = self.hosts[0].doctor("--discover", f"dist:h2:{PORT}")["discover"]
        self.assertIn("1 of 1 nodes answer", query["found"])
        self.assertEqual(self.hosts[1].portolan("check", "--dist-port", PORT, "db").returncode, 1)
        missing = self.hosts[0].doctor("app@h2", "--dist-port", PORT + 1)
        self.assertIn(f"nobody listens at 10.77.0.2:{PORT + 1}", missing["port"]["found"])

    def test_where_one_registers_and_the_other_does_not_it_is_said(self):
        self.dns.set("web", "10.77.0.1", "10.77.0.2")
        served = self.serve(self.hosts[0], "--log-level", "debug", query=f"web,{QUERY}")
        self.start(self.hosts[0], "-start_epmd", "false")
        served.wait_for_log("registered 'app'", patience=30)
        self.start(self.hosts[1])
        served.wait_for("joined app@h2 ")
        served.wait_for_log("app@h1 cannot connect to app@h2, and does not know its port "
                            f"{PORT}", patience=60)

    def test_where_their_ports_differ_it_is_said(self):
        self.dns.set("web", "10.77.0.1")
        served = self.serve(self.hosts[0], query=f"{QUERY},dist:h2:{PORT + 1}")
        self.start(self.hosts[0])
        self.start(self.hosts[1], "-erl_epmd_port", str(PORT + 1))
        served.wait_for_log("app@h1 cannot connect to app@h2, and does not know its port "
                            f"{PORT + 1}", patience=60)


if __name__ == "__main__":
    unittest.main()
