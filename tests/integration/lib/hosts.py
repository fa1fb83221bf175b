"""Hosts that are network namespaces on one bridge, each with a host name, an /etc/hosts and an
/etc/resolv.conf of its own. Their nameserver is played by the test; Portolan and nodes are real."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import daemons
import needs
import network
import nodes
from discovery_world import Dns
from nodes import COOKIE, Node
from programs import Program

# Where the hosts meet the test's nameserver.
NAMESERVER = "10.77.0.53"
NAMESERVER_LINK_LOCAL = "fe80::53"
_ENVIRONMENT = {"PORTOLAN_COOKIE": COOKIE}
_LOCALHOST = ("127.0.0.1 localhost", "::1 localhost")
# One scheduler each: several nodes start at once.
_ERL_FLAGS = ("-start_epmd", "false", "+S", "1:1")
# In namespaces of its own, told the host's name and the folder of its files.
_LIVE = """
hostname "$1"
for file in hosts resolv.conf nsswitch.conf; do mount --bind "$2/$file" "/etc/$file"; done
ip link set lo up
echo ready
exec sleep infinity >/dev/null
"""


class Host:
    """A context manager. Its addresses are in 10.77.0.0/24, fd77::/64 and fe80::/64."""

    def __init__(self, name, *addresses):
        self.name = name
        self._folder = tempfile.TemporaryDirectory()
        self.write_hosts()
        self.write_resolv(f"nameserver {NAMESERVER}")
        self._write("nsswitch.conf", "hosts: files dns")
        self._holder = subprocess.Popen(
            [needs.program("setpriv"), "--pdeathsig", "KILL", needs.program("unshare"), "--net",
             "--uts", "--mount", "sh", "-ec", _LIVE, "sh", name, self._folder.name],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.prefix = [needs.program("nsenter"), "--net", "--uts", "--mount", "--target",
                       str(self._holder.pid)]
        if self._holder.stdout.readline() != b"ready\n":
            self.end()
            raise AssertionError(f"the host {name} has not come up")
        self._wire(addresses)

    def _wire(self, addresses):
        # Addresses are there at once: none is made up by the kernel, none is looked for elsewhere.
        network.ip("link", "add", self._link, "type", "veth", "peer", "name", "eth0", "netns",
                   str(self._holder.pid))
        network.ip("link", "set", self._link, "master", "bridge", "addrgenmode", "none", "up")
        self.call("ip", "link", "set", "eth0", "addrgenmode", "none", "up")
        for address in addresses:
            self.call("ip", "address", "add", *_with_network(address), "dev", "eth0")

    @property
    def _link(self):
        return f"to{self._holder.pid}"

    def write_hosts(self, *lines):
        """What /etc/hosts has beside localhost."""
        self._write("hosts", *_LOCALHOST, *lines)

    def write_resolv(self, *lines):
        self._write("resolv.conf", *lines)

    def _write(self, file, *lines):
        # In place: the file is bound, not its name.
        (pathlib.Path(self._folder.name) / file).write_text("\n".join((*lines, "")), "utf-8")

    def call(self, program, *words):
        """What a program said there, which ends by itself."""
        return subprocess.run([*self.prefix, needs.program(program), *words], check=True, text=True,
                              stdout=subprocess.PIPE, timeout=60).stdout

    def portolan(self, *words):
        """What became of a command of Portolan that ends by itself."""
        return subprocess.run(
            [*self.prefix, daemons.portolan(), *map(str, words)], check=False, text=True,
            env=nodes.environment(_ENVIRONMENT), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=60)

    def doctor(self, *words):
        """The steps that were taken, by their names."""
        told = json.loads(self.portolan("doctor", *words, "--json").stdout)
        return {step["step"]: step for step in told["steps"]}

    def serve(self, *words):
        daemon = Program("serve", *words, prefix=self.prefix, environment=_ENVIRONMENT)
        daemon.wait_for_log("listening on")
        return daemon

    def node(self, name, *flags, kind=Node, further=None):
        return kind(name, command=[*self.prefix, *kind.erl(name, (*_ERL_FLAGS, *flags))],
                    further=further)

    def connects(self, name, other, *flags, kind=Node):
        """Whether a node that is started there, where a daemon is, connects to another."""
        ask = f"io:format(\"~nconnects: ~p~n\", [net_kernel:connect_node('{other}')]), halt()."
        done = subprocess.run(
            [*self.prefix, *kind.erl(name, (*_ERL_FLAGS, *flags, "-eval", ask))], check=False,
            text=True, env=nodes.environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=60)
        if "\nconnects: " not in done.stdout:
            raise AssertionError(f"{name} did not start: {done.stdout}{done.stderr}")
        return "\nconnects: true\n" in done.stdout

    def peers_of_node_at(self, port):
        """What the node that listens there says of its connections; empty before it listens."""
        return subprocess.run(
            [*self.prefix, needs.program("erl_call"), "-c", COOKIE, "-address",
             f"{self.name}:{port}", "-a", "erlang nodes []"],
            check=False, text=True, capture_output=True, timeout=60,
            env=nodes.environment()).stdout

    def end(self):
        if self._holder.poll() is None:
            self._holder.kill()
        self._holder.wait()
        self._holder.stdout.close()
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Its namespaces go when the kernel gets round to it; what leads there, now.
        network.ip("link", "delete", self._link)
        self.end()


def _with_network(address):
    return [f"{address}/64", "nodad"] if ":" in address else [f"{address}/24"]


class HostsTest(unittest.TestCase):
    """A bridge, a nameserver of the test's own at it, and hosts as a test makes them."""

    def setUp(self):
        needs.root()
        if not network.has_ipv6():
            needs.missing("there is no IPv6", "let the kernel have it (ipv6.disable=0)")
        # With an address of its own: else it takes that of a host that comes later, and the others
        # reach the nameserver again only when the kernel doubts what it knows.
        network.ip("link", "add", "bridge", "address", "02:00:00:00:00:53", "type", "bridge")
        self.addCleanup(network.ip, "link", "delete", "bridge")
        network.ip("link", "set", "bridge", "addrgenmode", "none", "up")
        for address in (NAMESERVER, NAMESERVER_LINK_LOCAL):
            network.ip("address", "add", *_with_network(address), "dev", "bridge")
        self.dns = self.nameserver(NAMESERVER)

    def nameserver(self, ip):
        dns = Dns(ip, 53)
        self.addCleanup(dns.close)
        return dns

    def host(self, name, *addresses):
        return self.enterContext(Host(name, *addresses))

    def start(self, host, name, *flags, serve=(), **further):
        """A daemon there, and a real node that is registered with it; returns the daemon."""
        daemon = self.enterContext(host.serve(*serve))
        node = self.enterContext(host.node(name, *flags, **further))
        daemon.wait_for_log(f"registered '{node.alive.decode()}'", patience=30)
        return daemon
