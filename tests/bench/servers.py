"""The three servers that are compared, each alone on a processor core, and the load on another.

`PORTOLAN` names our binary, `REFERENCE_EPMD` OTP's epmd, `BENCH_TOOLS` the folder with bench_limit and
bench_load (default: where our binary is).
"""

import json
import os
import pathlib
import resource
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration/lib"))

import daemons  # noqa: E402
import needs  # noqa: E402
import network  # noqa: E402

DESCRIPTORS_WANTED = 250_000
TOOLS = pathlib.Path(os.environ.get("BENCH_TOOLS") or pathlib.Path(daemons.PORTOLAN).parent)
LOAD_SECONDS_MAX = 300
START_SECONDS_MAX = 10

_cores = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _cores[0], _cores[-1]


def tool(name):
    return needs.file(str(TOOLS / name), f"build the target {name}, or set BENCH_TOOLS")


def raise_descriptor_limit():
    """As high as we may; returns the limit that all processes started later have."""
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS_WANTED, DESCRIPTORS_WANTED))
    except (ValueError, PermissionError):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def limit_command(port, names=0, batch=1):
    return [tool("bench_limit"), str(port), "--batch", str(batch), "--lines", str(names)]


def our_command(port, **_):
    return [daemons.portolan(), "epmd", "-port", str(port), "-address", "127.0.0.1"]


def reference_command(port, **_):
    return [*daemons.reference_epmd(), "-port", str(port), "-address", "127.0.0.1"]


# In the order of the first run of a round; the next round goes backwards.
COMMANDS = {"limit": limit_command, "ours": our_command, "reference": reference_command}


def leave_out_a_missing_reference():
    try:
        daemons.reference_epmd()
    except unittest.SkipTest:
        del COMMANDS["reference"]


class Server:
    """A fresh server, running until the end of the with block, and never longer than we do.

    A bare one is started without the program that ties its life to ours, to measure its start.
    """

    def __init__(self, which, is_bare=False, **options):
        self.port = network.free_port()
        self.command = COMMANDS[which](self.port, **options)
        tie = [] if is_bare else [needs.program("setpriv"), "--pdeathsig", "KILL"]
        self.started_ns = time.monotonic_ns()
        self.pid = self._spawn(tie + self.command)

    @staticmethod
    def _spawn(command):
        # posix_spawn and inheriting the core cost the least between the clock's start and the exec.
        os.sched_setaffinity(0, {SERVER_CORE})
        try:
            null = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
            return os.posix_spawn(command[0], command, daemons.clean_environment(),
                                  file_actions=null)
        finally:
            os.sched_setaffinity(0, {LOAD_CORE})

    def __enter__(self):
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                self.pid = 0
                raise AssertionError(f"ended at once, run it by hand: {' '.join(self.command)}")
            if time.monotonic() > deadline:
                raise AssertionError(f"no answer: {' '.join(self.command)}")
        self.first_answer_ns = time.monotonic_ns() - self.started_ns
        self.serving = daemons.server_of(self.pid)
        self.first_answer_cpu_ns = self.cpu_ns()

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as client:
                client.sendall(b"\0\1n")
                return client.recv(4, socket.MSG_WAITALL) == self.port.to_bytes(4, "big")
        except (ConnectionRefusedError, ConnectionResetError, TimeoutError):
            return False

    def cpu_ns(self):
        """Of the process that serves, and of its keeper, if it has one."""
        # The clock of another process, as clock_getcpuclockid(3) numbers it.
        return sum(time.clock_gettime_ns(~pid << 3 | 2) for pid in {self.pid, self.serving})

    def wakeups(self):
        """Voluntary context switches of all threads so far."""
        total = 0
        for pid in {self.pid, self.serving}:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                lines = (task / "status").read_text("ascii", errors="replace").splitlines()
                total += sum(int(line.split()[1]) for line in lines
                             if line.startswith("voluntary_ctxt_switches"))
        return total


def press(server, phases):
    """Runs the load's phases against a server: a dictionary for each, every reply checked."""
    done = subprocess.run([tool("bench_load"), str(server.port), str(server.serving), *phases],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          timeout=LOAD_SECONDS_MAX)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(server.command)}: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]
