"""What HTTP costs those who look names up: server CPU per look-up without it, with a Prometheus that
scrapes each second, and while thousands hold connections to it; and how long look-ups take while
others read all names."""

import contextlib
import json
import socket
import subprocess
import sys
import threading

import report
import servers

OPERATIONS, OPERATIONS_QUICK = 300_000, 2_000
HELD, HELD_QUICK = 10_000, 300
CLIENTS = 32
# Long names, readers that ask for them again and again, and how long each part takes.
NAMES, NAMES_QUICK = 15_000, 300
READERS = 4
PULLING_MS, PULLING_MS_QUICK = 10_000, 200
SCRAPE = b"GET /metrics HTTP/1.1\r\nHost: bench\r\n\r\n"
# A process of its own, for they are its descriptors: it holds connections until its input ends,
# half of them with half a request.
HOLDER = """
import select, socket, sys
port, count = int(sys.argv[1]), int(sys.argv[2])
held = []
def hold():
    held.append(socket.create_connection(("127.0.0.1", port)))
    if len(held) % 2: held[-1].sendall(b"GET / HTTP/1.1\\r\\nHost:")
for _ in range(count): hold()
print("held", flush=True)
sys.stdin.read()
"""


def measure(options):
    operations = OPERATIONS_QUICK if options.quick else OPERATIONS
    held = HELD_QUICK if options.quick else HELD
    servers.raise_descriptor_limit()
    kinds = {"without HTTP": without, "scraped each second": scraped,
             f"{held:,} connections held": lambda port: holding(port, held)}
    costs = {kind: [] for kind in kinds}
    for number in range(options.pairs):
        for kind in list(kinds) if number % 2 == 0 else reversed(kinds):
            costs[kind].append(cost(kinds[kind], operations))
        print(f"  http: round {number + 1} of {options.pairs}", file=sys.stderr)
    print("\n".join(report.header(["look-up, 32 clients", "server CPU, µs",
                                   "ratio to that without HTTP"])))
    for kind, values in costs.items():
        ratios = [one / other for one, other in zip(values, costs["without HTTP"], strict=True)]
        print(report.line([kind, report.spread(values), report.spread(ratios, "{:.3f}")]))
    print_delays(options)


def print_delays(options):
    """How long a look-up takes while nobody reads /v1/names, and while some do all the time."""
    names = NAMES_QUICK if options.quick else NAMES
    milliseconds = PULLING_MS_QUICK if options.quick else PULLING_MS
    http_port = serve_http()
    with servers.Server("serve") as server:
        done = subprocess.run(
            [servers.tool("bench_pulls"), str(server.port), str(http_port), str(names), str(READERS),
             str(milliseconds)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            check=False, timeout=servers.LOAD_SECONDS_MAX)
    if done.returncode != 0:
        raise AssertionError(done.stderr.strip())
    parts = [json.loads(line) for line in done.stdout.splitlines()]
    print("\n".join(["", *report.header([f"look-up beside {READERS} readers of {names:,} names",
                                         "median, µs", "p99, µs", "max, µs", "p99 to quiet",
                                         "answers per second"])]))
    for part in parts:
        print(report.line([part["what"], *(f"{part[key]:.0f}" for key in ("median", "p99", "max")),
                           f"{part['p99'] / parts[0]['p99']:.2f}",
                           f"{part['answers'] / milliseconds * 1000:.0f}"]))


def serve_http(is_http=True):
    """The port for HTTP of the servers that are started from now on."""
    http_port = servers.network.free_port()
    servers.COMMANDS["serve"] = lambda port, **_: [
        servers.daemons.portolan(), "serve", "--port", str(port), "--address", "127.0.0.1", "--log-level",
        "error", *(["--http", f"127.0.0.1:{http_port}"] if is_http else [])]
    return http_port


def cost(disturb, operations):
    """Microseconds of CPU per look-up by a fresh server, all that it does meanwhile included."""
    http_port = serve_http(is_http=disturb is not without)
    with servers.Server("serve") as server, disturb(http_port):
        phase = servers.press(server, ["absent:200:4", f"absent:{operations}:{CLIENTS}"])[1]
    return phase["server_ns"] / phase["operations"] / 1000


@contextlib.contextmanager
def without(_):
    yield


@contextlib.contextmanager
def scraped(port):
    done = threading.Event()
    failed = []

    def scrape():
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            while True:
                connection.sendall(SCRAPE)
                if not connection.recv(1 << 20).startswith(b"HTTP/1.1 200 OK"):
                    failed.append("a scrape was not answered")
                if done.wait(1):
                    return
    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if failed:
        raise AssertionError(failed[0])


@contextlib.contextmanager
def holding(port, count):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(port), str(count)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if holder.stdout.readline() != "held\n":
            raise AssertionError(f"cannot hold {count} connections")
        with scraped(port):
            yield
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()
