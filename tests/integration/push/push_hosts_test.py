"""`--push connect` between two hosts, which are two network namespaces with a wire between them."""

import os
import subprocess
import unittest

import daemons
import needs
import network
import nodes
from daemons import wait_until
from discovery_world import WorldTest
from nodes import COOKIE, Node
from programs import Program
from push_world import errors_in

HERE, THERE = "10.9.0.1", "10.9.0.2"


def setUpModule():
    network.enter_private_network()
    for name in ("erl", "erl_call", "nsenter"):
        needs.program(name)
    daemons.portolan()


class Host:
    """A network namespace with one address; a context manager. Commands get there by `prefix`."""

    def __init__(self):
        self._holder = subprocess.Popen(
            [needs.program("setpriv"), "--pdeathsig", "KILL", needs.program("unshare"), "--net",
             needs.program("sleep"), "1000"])
        mine = os.readlink("/proc/self/ns/net")
        wait_until(lambda: self._network() not in (mine, ""), "it has a network of its own")
        self.prefix = [needs.program("nsenter"), f"--net=/proc/{self._holder.pid}/ns/net"]

    def _network(self):
        try:
            return os.readlink(f"/proc/{self._holder.pid}/ns/net")
        except OSError:
            return ""

    def wire(self):
        network.ip("link", "add", "wire", "type", "veth", "peer", "name", "wire",
                   "netns", str(self._holder.pid))
        network.ip("address", "add", f"{HERE}/24", "dev", "wire")
        network.ip("link", "set", "wire", "up")
        for words in (["link", "set", "lo", "up"], ["link", "set", "wire", "up"],
                      ["address", "add", f"{THERE}/24", "dev", "wire"]):
            subprocess.run([*self.prefix, needs.program("ip"), *words], check=True)

    def __enter__(self):
        self.wire()
        return self

    def __exit__(self, *_):
        network.ip("link", "delete", "wire")
        self._holder.kill()
        self._holder.wait()


class TwoHosts(WorldTest):
    """Both daemons make rounds at the same pace; the DNS is asked by the one here."""

    def setUp(self):
        super().setUp()
        self.there = self.enterContext(Host())
        self.dns.set("web", THERE)

    def prefix(self, address):
        return self.there.prefix if address == THERE else []

    def host(self, address, cookie=COOKIE):
        """A daemon that pushes, and a node that it pushes to; returns both."""
        query = HERE if address == THERE else "web"
        daemon = self.enterContext(Program(
            "serve", "--discover", query, "--nameservers", self.dns.address, "--interval",
            "200ms", "--push", "connect", prefix=self.prefix(address),
            environment={"PORTOLAN_COOKIE": cookie}))
        daemon.wait_for_log("listening on")
        command = [cookie if word == COOKIE else word
                   for word in Node.erl(f"node@{address}", ("-start_epmd", "false"))]
        return daemon, self.enterContext(
            Node(f"node@{address}", command=self.prefix(address) + command))

    def call(self, address, function):
        done = subprocess.run(
            [*self.prefix(address), needs.program("erl_call"), "-c", COOKIE, "-n",
             f"node@{address}", "-a", function], text=True, env=nodes.environment(),
            capture_output=True, timeout=30, check=False)
        return done.stdout + done.stderr

    def wait_until_connected(self):
        wait_until(lambda: THERE in self.call(HERE, "erlang nodes []") and
                   HERE in self.call(THERE, "erlang nodes []"), "the two are connected", 30)

    def test_they_are_connected_and_nothing_is_logged(self):
        group = [self.host(address)[1] for address in (HERE, THERE)]
        self.wait_until_connected()
        self.assertEqual([node.output() for node in group], ["", ""])

    def test_they_are_connected_again_when_the_network_is_back(self):
        (daemon, _), _ = self.host(HERE), self.host(THERE)
        self.wait_until_connected()
        # The other side's push may have connected them before this side knew of anybody.
        daemon.wait_for(f"joined node@{THERE}", patience=30)
        network.ip("link", "set", "wire", "down")
        daemon.wait_for(f"left node@{THERE}", patience=30)
        # What a net tick would find out in a minute.
        for address, other in ((HERE, THERE), (THERE, HERE)):
            self.call(address, f"erlang disconnect_node ['node@{other}']")
        network.ip("link", "set", "wire", "up")
        self.wait_until_connected()

    def test_two_clusters_with_cookies_of_their_own_leave_each_other_alone(self):
        hosts = [self.host(HERE), self.host(THERE, cookie="another-one")]
        for (daemon, _), other in zip(hosts, (THERE, HERE)):
            daemon.wait_for_log(f"cannot connect to node@{other}, although that node answers: most "
                                "often it has another cookie than that of PORTOLAN_COOKIE",
                                patience=30)
        self.wait_for_rounds(5)
        before = [errors_in(node) for _, node in hosts]
        self.assertLessEqual(max(before), 2)  # two attempts of the other node
        self.wait_for_rounds(20)
        self.assertEqual([errors_in(node) for _, node in hosts], before)
        for daemon, _ in hosts:
            self.assertEqual(daemon.log().count(" error "), 1, daemon.log())


if __name__ == "__main__":
    unittest.main()
