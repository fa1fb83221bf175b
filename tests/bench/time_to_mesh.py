"""How long nodes take to become a mesh, as they say themselves: daemons and nodes, each pair in a
network namespace of its own, and the DNS on the router between them."""

import contextlib
import multiprocessing
import os
import pathlib
import re
import subprocess
import tempfile
import time

import servers
from discovery import spread

import discovery_world
import hosts
import needs
import network
import nodes
from daemons import wait_until

# How many nodes, and which: a release loads its code at once (embedded), plain `erl` when it is first
# used (interactive), and played nodes cost next to nothing.
CLUSTERS = ((3, "embedded"), (30, "embedded"), (3, "interactive"), (30, "interactive"), (3, "played"),
            (30, "played"), (100, "played"))
CLUSTERS_QUICK = ((3, "embedded"), (3, "played"))
SECONDS_MAX = 120
# By then a daemon has seen that there is no node, and waits for more than a second.
QUIET_ROUNDS = 5
# Above that of compilers that others run meanwhile.
PRIORITY = 5
FORK = multiprocessing.get_context("fork")
# A node that has booted, and begins distribution when a line comes. The next line has names, which
# it connects to by itself, for comparison. The clock is that of the machine.
NODE = """
Say = fun(What) -> io:format("~p ~s~n", [os:system_time(microsecond), What]) end,
Connect = fun(Line) ->
    Say("begun"),
    [spawn(fun() -> net_kernel:connect_node(list_to_atom(Name)) end)
     || Name <- string:lexemes(Line, " \\n")]
end,
io:format("ready~n"),
io:get_line(""),
{ok, _} = net_kernel:start([list_to_atom("NAME"), longnames]),
Say("up"),
ok = net_kernel:monitor_nodes(true),
[Say(Name) || Name <- nodes()],
spawn(fun() -> Connect(io:get_line("")) end),
Loop = fun Loop() -> receive {nodeup, Name} -> Say(Name), Loop(); _ -> Loop() end end,
Loop().
"""


class Waiting:
    """A node that has booted, and is up after say(). A context manager."""

    def __init__(self, host, name, kind):
        self.name = name
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*host.prefix, *_command(name, kind)], env=nodes.environment(), stdin=subprocess.PIPE,
            stdout=self._said, stderr=subprocess.STDOUT)

    def say(self, line=""):
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def is_ready(self):
        return self._text().startswith("ready\n")

    def told(self):
        """{what: microseconds}: when it was up, and when it had which other node."""
        return {what: int(when) for when, what in re.findall(r"^(\d+) (\S+)$", self._text(), re.M)}

    def _text(self):
        size = os.fstat(self._said.fileno()).st_size
        return os.pread(self._said.fileno(), size, 0).decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._said.close()


class Host(hosts.Host):
    """Behind a router, so that each has one neighbour: the kernel remembers 1,024 for all hosts."""

    def _wire(self, addresses):
        network.ip("link", "add", self._link, "type", "veth", "peer", "name", "eth0", "netns",
                   str(self._holder.pid))
        network.ip("link", "set", self._link, "up")
        self.call("ip", "link", "set", "eth0", "up")
        for address in addresses:
            self.call("ip", "address", "add", f"{address}/32", "dev", "eth0")
            network.ip("route", "add", f"{address}/32", "dev", self._link)
        self.call("ip", "route", "add", "default", "via", hosts.NAMESERVER, "dev", "eth0", "onlink")


def _command(name, kind):
    if kind == "played":
        return [servers.tool("bench_node"), name, nodes.COOKIE]
    return [needs.program("erl"), "-noshell", "-mode", kind, "-start_epmd", "false", "+S", "1:1",
            "-setcookie", nodes.COOKIE, "-eval", NODE.replace("NAME", name)]


def measure(options):
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    network.ip("address", "add", f"{hosts.NAMESERVER}/32", "dev", "lo")
    pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1", "ascii")
    print("| nodes | last node up to the mesh, ms | first node up to the mesh, ms "
          "| CPU of all nodes, ms | of all daemons, ms | nodes that connect by themselves, ms "
          "| their CPU, ms |")
    print("|---|---|---|---|---|---|---|")
    for number, kind in CLUSTERS_QUICK if options.quick else CLUSTERS:
        runs = [run(number, kind, is_pushed=True) for _ in range(options.pairs)]
        alone = [run(number, kind, is_pushed=False)
                 for _ in range(options.pairs if kind != "played" else 0)]
        print(row(number, kind, runs, alone), flush=True)


def run(number, kind, is_pushed):
    """One cluster that starts at once, all of whose nodes must come to have all others: by the push, or
    for comparison because all nodes connect to all others at once."""
    ips = [f"10.77.0.{100 + i}" for i in range(number)]
    with contextlib.ExitStack() as stack:
        stack.enter_context(nameserver({"web": ips}))
        words = ("--discover", "web", "--push", "connect", "--log-level", "debug")
        there = [stack.enter_context(Host(f"h{i}", ip)) for i, ip in enumerate(ips)]
        daemons = [stack.enter_context(host.serve(*words if is_pushed else ())) for host in there]
        waiting = [stack.enter_context(Waiting(host, f"n@{ip}", kind))
                   for host, ip in zip(there, ips)]
        for each in waiting:
            wait_until(each.is_ready, f"{each.name} has booted", SECONDS_MAX)
        for each in daemons if is_pushed else ():
            each.wait_for_log("a round in ", QUIET_ROUNDS, patience=SECONDS_MAX)
        return start(waiting, is_pushed)


def start(waiting, is_pushed):
    before = cpu_ms()
    for each in waiting:
        each.say()
    wait_for_all(waiting, 1)
    if not is_pushed:
        for each in waiting:
            each.say(" ".join(other.name for other in waiting if other is not each))
    begun = 0 if is_pushed else 1
    wait_for_all(waiting, len(waiting) + begun)
    after = cpu_ms()
    told = [each.told() for each in waiting]
    ups = [node["begun" if begun else "up"] for node in told]
    meshed = max(max(node.values()) for node in told)
    return {"last": (meshed - max(ups)) / 1000, "first": (meshed - min(ups)) / 1000,
            **{kind: after[kind] - before[kind] for kind in after}}


def wait_for_all(waiting, count):
    wait_until(lambda: all(len(each.told()) >= count for each in waiting), "there is a mesh",
               SECONDS_MAX, pause_max=0.05)


@contextlib.contextmanager
def nameserver(records):
    """In a process of its own, so as not to wait for this one."""
    def serve():
        dns = discovery_world.Dns(hosts.NAMESERVER, 53)
        for name, addresses in records.items():
            dns.set(name, *addresses)
        time.sleep(SECONDS_MAX * 10)
    process = FORK.Process(target=serve, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def cpu_ms():
    """Of all nodes and all daemons of this bench, so far."""
    total = {"nodes": 0.0, "daemons": 0.0}
    kinds = {"beam.smp": "nodes", "bench_node": "nodes", "portolan": "daemons"}
    for pid in descendants(os.getpid()):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii") as file:
            name, rest = re.fullmatch(r"\d+ \((.*)\) (.*)\n", file.read()).groups()
            if name in kinds:
                ticks = sum(map(int, rest.split()[11:13]))
                total[kinds[name]] += ticks * 1000 / os.sysconf("SC_CLK_TCK")
    return total


def descendants(pid):
    for child in servers.daemons.children_of(pid):
        yield child
        yield from descendants(child)


def row(number, kind, runs, alone):
    figures = [spread((run[key] for run in runs), "{:.0f}")
               for key in ("last", "first", "nodes", "daemons")]
    figures += [spread((run[key] for run in alone), "{:.0f}") if alone else "–"
                for key in ("last", "nodes")]
    return f"| {number} {kind} | {' | '.join(figures)} |"
