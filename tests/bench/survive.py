"""What it costs that names outlive a server: CPU per operation with a keeper against without, how long
a crash keeps clients waiting, and the memory of the keeper and of a name."""

import contextlib
import os
import pathlib
import signal
import socket
import struct
import sys
import time

import report
import servers

OPERATIONS, OPERATIONS_QUICK = 100_000, 2_000
NAMES, NAMES_QUICK = (1_000, 10_000), (20, 100)
CRASHES, CRASHES_QUICK = 15, 2
CLIENTS = 32
KINDS = {"without a keeper": "no", "with a keeper": "yes"}


def measure(options):
    servers.raise_descriptor_limit()
    print_costs(options)
    print("\n".join(["", *report.header(["names", "SIGKILL to the next answer, ms",
                                         "memory that the keeper has written to, kB", "state, bytes a name"])]))
    for names in NAMES_QUICK if options.quick else NAMES:
        print_crashes(names, CRASHES_QUICK if options.quick else CRASHES)


def serve(keeps):
    servers.COMMANDS["serve"] = lambda port, **_: [
        servers.daemons.portolan(), "serve", "--port", str(port), "--address", "127.0.0.1",
        "--log-level", "error", "--keep-names", keeps]
    return servers.Server("serve")


def print_costs(options):
    operations = OPERATIONS_QUICK if options.quick else OPERATIONS
    phases = {"look-up": f"absent:{operations}:{CLIENTS}",
              "register and leave": f"leave:{operations // 2}:{CLIENTS}"}
    costs = {(what, kind): [] for what in phases for kind in KINDS}
    for number in range(options.pairs):
        for kind in list(KINDS) if number % 2 == 0 else reversed(KINDS):
            with serve(KINDS[kind]) as server:
                done = servers.press(server, ["absent:200:4", *phases.values()])[1:]
            for what, phase in zip(phases, done, strict=True):
                costs[what, kind].append(phase["server_ns"] / phase["operations"] / 1000)
        print(f"  survive: round {number + 1} of {options.pairs}", file=sys.stderr)
    print("\n".join(report.header([f"server CPU, {CLIENTS} clients", *(f"{kind}, µs" for kind in KINDS),
                                   "ratio"])))
    for what in phases:
        values = [costs[what, kind] for kind in KINDS]
        ratios = [one / other for other, one in zip(*values, strict=True)]
        print(report.line([what, *map(report.spread, values), report.spread(ratios, "{:.3f}")]))


def print_crashes(names, crashes):
    """Apart from each other, as the third crash within ten seconds lets the names go."""
    waits = []
    with serve("yes") as server, contextlib.ExitStack() as held:
        for number in range(names):
            held.enter_context(register(server.port, b"name%d" % number))
        for number in range(crashes):
            if number > 0:
                time.sleep(5.1)
            waits.append(crash(server))
            if names_of(server.port) != names:
                raise AssertionError("a name was lost")
        keeper, state = memory_of(server.pid)
    print(report.line([f"{names:,}", report.spread(waits, "{:.1f}"), f"{keeper}",
                       f"{state / names:.0f}"]))


def alive2_req(name):
    body = struct.pack(">BHBBHHH", 120, 4321, 77, 0, 6, 5, len(name)) + name + b"\0\0"
    return struct.pack(">H", len(body)) + body


def register(port, name):
    node = socket.create_connection(("127.0.0.1", port), 20)
    node.sendall(alive2_req(name))
    if node.recv(16)[:2] != b"v\0":
        raise AssertionError("a name was refused")
    return node


def crash(server):
    """Milliseconds until a look-up is answered that is sent at once."""
    began = time.monotonic()
    os.kill(servers.daemons.server_of(server.pid), signal.SIGKILL)
    with socket.create_connection(("127.0.0.1", server.port), 10) as client:
        client.sendall(b"\0\6zname0")
        if client.recv(16)[:2] != b"w\0":
            raise AssertionError("a name was lost")
    return (time.monotonic() - began) * 1000


def ask(port, body):
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        client.sendall(struct.pack(">H", len(body)) + body)
        return servers.daemons.read_to_end(client)


def names_of(port):
    return ask(port, b"n").count(b"\n")


def memory_of(keeper):
    """What it alone has written to in kB, and the bytes of the names' state."""
    text = pathlib.Path(f"/proc/{keeper}/smaps_rollup").read_text(encoding="ascii")
    private = sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_Dirty"))
    for number in pathlib.Path(f"/proc/{keeper}/fd").iterdir():
        if "portolan-names" in os.readlink(number):
            return private, os.stat(number).st_size
    raise AssertionError("there is no state")
