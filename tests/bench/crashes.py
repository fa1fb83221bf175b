"""Kills the server again and again while names are looked up, registered and given up, with real nodes
beside; counts what has failed, and what has become of the names. It must be nothing."""

import contextlib
import multiprocessing
import os
import pathlib
import socket
import struct
import sys
import time

import report
import servers
import survive
from nodes import Node

NAMES, NAMES_QUICK = 10_000, 100
CRASHES, CRASHES_QUICK = 100, 2
# The third crash within ten seconds lets the names go.
APART = 5.1
REAL_NODES = ("one", "two", "three")
# Names that come and go, at a time.
HELD = 50
CHURN = b"churn"
FAILURES_SHOWN = 3


FORK = multiprocessing.get_context("fork")


class Worker(FORK.Process):
    """Sends one request after another, from begin() to end()."""

    def __init__(self, request):
        super().__init__(daemon=True)
        self._request, self._begins, self._ends = request, FORK.Event(), FORK.Event()
        self._told = FORK.SimpleQueue()
        self.start()

    def run(self):
        count, slowest, failures = 0, 0.0, []
        self._begins.wait()
        while not self._ends.is_set():
            began = time.monotonic()
            try:
                self._request(count)
            except (AssertionError, OSError, struct.error) as fault:
                failures.append(repr(fault))
            count += 1
            slowest = max(slowest, time.monotonic() - began)
        self._told.put((count, len(failures), slowest * 1000, failures[:FAILURES_SHOWN]))

    def begin(self):
        self._begins.set()

    def end(self):
        self._ends.set()
        told = self._told.get()
        self.join()
        return told


class LookUps:
    """Of names that are registered all the time."""

    def __init__(self, port, names):
        self._port, self._names = port, names

    def __call__(self, number):
        answer = survive.ask(self._port, b"zname%d" % (number * 7919 % self._names))
        check(answer[:4] == b"w\0\x10\xe1", f"a look-up was answered {answer}")


class Churn:
    """Names that come and go."""

    def __init__(self, port):
        self._port, self._held = port, {}

    def __call__(self, number):
        oldest = self._held.pop((number + 1) % HELD, None)
        name = CHURN + b"%d" % (number % HELD)
        self._held[number % HELD] = survive.register(self._port, name)
        if oldest:
            with oldest:
                check(is_connected(oldest), "a connection has ended")


def check(is_right, what):
    if not is_right:
        raise AssertionError(what)


def measure(options):
    servers.raise_descriptor_limit()
    names, crashes = (NAMES_QUICK, CRASHES_QUICK) if options.quick else (NAMES, CRASHES)
    with survive.serve("yes") as server, contextlib.ExitStack() as held:
        # First, so that no worker holds a connection of a name too.
        workers = {"a look-up": Worker(LookUps(server.port, names)),
                   "a registration": Worker(Churn(server.port))}
        nodes = [held.enter_context(start_node(name, server.port)) for name in REAL_NODES]
        kill_under_load(server, workers, nodes, names, crashes)


def start_node(name, port):
    return Node(f"{name}@localhost", "-start_epmd", "false", further={"ERL_EPMD_PORT": str(port)})


def kill_under_load(server, workers, nodes, names, crashes):
    played = {b"name%d" % number: register(server.port, b"name%d" % number)
              for number in range(names)}
    servers.daemons.wait_until(lambda: len(active(server.port)) == names + len(nodes),
                               "the real nodes are registered")
    before = active(server.port), ends_of(nodes, server.port)
    for worker in workers.values():
        worker.begin()
    waits = [kill_after_a_while(server, number, crashes) for number in range(crashes)]
    told = {what: worker.end() for what, worker in workers.items()}
    servers.daemons.wait_until(lambda: not any(CHURN in name for name in active(server.port)),
                               "the names of the churn have gone")
    lost = {
        "names lost": len(before[0] - active(server.port)),
        "connections of real nodes ended": len(before[1] - ends_of(nodes, server.port)),
        "connections of names ended": sum(not is_connected(node) for node, _ in played.values()),
        "creations changed": sum(comes_back_changed(server.port, name, *registered)
                                 for name, registered in played.items())}
    report_all(told, waits, lost, names + len(nodes))


def kill_after_a_while(server, number, crashes):
    time.sleep(APART)
    print(f"  crashes: {number + 1} of {crashes}", file=sys.stderr)
    return survive.crash(server)


def register(port, name):
    """Returns its connection and its creation."""
    node = socket.create_connection(("127.0.0.1", port), 20)
    node.sendall(survive.alive2_req(name))
    accepted, creation = struct.unpack(">HI", node.recv(16))
    check(accepted == 0x7600, "a name was refused")
    return node, creation


def comes_back_changed(port, name, node, creation):
    """The creation of a name is one more than the last, if the daemon knows that one."""
    node.close()
    again, next_creation = register(port, name)
    again.close()
    return next_creation != creation + 1


def is_connected(node):
    node.setblocking(False)
    try:
        return node.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def active(port):
    """The names that are registered, with their ports and the daemon's descriptors."""
    lines = survive.ask(port, b"d")[4:].replace(b"\0", b"").splitlines()
    return {line for line in lines if line.startswith(b"active name")}


def ends_of(nodes, port):
    """Of their connections to this port, as the kernel has them: a new one has another inode."""
    owned = {os.readlink(link) for node in nodes
             for link in pathlib.Path(f"/proc/{node.pid}/fd").iterdir()}
    return {(fields[1], fields[9]) for fields in kernel_sockets()
            if fields[2].endswith(f":{port:04X}") and f"socket:[{fields[9]}]" in owned}


def kernel_sockets():
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text("ascii").splitlines()[1:]:
            yield line.split()


def report_all(told, waits, lost, names):
    print("\n".join(report.header(["", "requests", "failed", "slowest, ms"])))
    for what, (count, failed, slowest, _) in told.items():
        print(report.line([what, f"{count:,}", f"{failed}", f"{slowest:.0f}"]))
    print(f"\n{len(waits)} times SIGKILL, {names:,} names, {len(REAL_NODES)} real nodes; to the next "
          f"answer {report.spread(waits, '{:.0f}')} ms")
    print(", ".join(f"{what}: {count}" for what, count in lost.items()))
    for what, (_, failed, _, failures) in told.items():
        check(failed == 0, f"{what}: {failures}")
    check(not any(lost.values()), "something was lost")
