"""The daemons under test, each started on a port of its own and ended by its pid.

    with Ours("-relaxed_command_check") as daemon:
        daemon.names()

`PORTOLAN` names our binary, `PORTOLAN_EPMD` (a command with its arguments) replaces our first face
as a whole, `REFERENCE_EPMD` names OTP's epmd.
"""

import atexit
import contextlib
import os
import pathlib
import re
import shlex
import signal
import socket
import struct
import subprocess
import tempfile
import time

import needs
import network

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
PORTOLAN = os.environ.get("PORTOLAN") or str(CHECKOUT / "build/release/portolan")
REFERENCE_EPMD = os.environ.get("REFERENCE_EPMD") or "/usr/bin/epmd"
PATIENCE = 30.0

_TICKS = os.sysconf("SC_CLK_TCK")
_SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:")


def portolan():
    return needs.file(PORTOLAN, "build it, or set PORTOLAN=/path/to/portolan")


def our_epmd():
    """The command of our first face, without its arguments."""
    instead = os.environ.get("PORTOLAN_EPMD")
    return shlex.split(instead) if instead else [portolan(), "epmd"]


def reference_epmd():
    return [needs.file(REFERENCE_EPMD, "install erlang-base, or set REFERENCE_EPMD=/path/to/epmd")]


def clean_environment(further=None):
    """This process's environment without what would steer an EPMD, plus `further`."""
    steering = ("ERL_EPMD_", "PORTOLAN_", "LISTEN_", "NOTIFY_SOCKET")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    return kept | (further or {})


def wait_until(condition, what, patience=PATIENCE, pause_max=0.005):
    """Polls until `condition()` is true and returns its value; fails loudly after `patience`."""
    deadline = time.monotonic() + patience
    pause = 0.00002
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s in vain until {what}")
        time.sleep(pause)
        pause = min(2 * pause, pause_max)
    return value


def children_of(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(word) for word in text.split()]


def server_of(pid):
    """The process that serves: the keeper's child, or without a keeper the daemon's only one."""
    program = os.readlink(f"/proc/{pid}/exe")
    for child in children_of(pid):
        try:
            if os.readlink(f"/proc/{child}/exe") == program:
                return child
        except OSError:  # it has just ended
            continue
    return pid


class Daemon:
    """One running daemon; a context manager. Subclasses say which program it is."""

    def __init__(self, *arguments, port=None, environment=None, nofile=None, address="127.0.0.1",
                 ready=True, pass_fds=(), memory=None):
        self.port = network.free_port() if port is None else port
        self.address = address
        self._errors = tempfile.TemporaryFile()
        self._last_words = ""
        self._process = subprocess.Popen(
            self._die_with_us(nofile, memory) + self.command() + self.port_arguments() + list(arguments),
            env=clean_environment(environment), stdin=subprocess.DEVNULL,
            stdout=self._errors, stderr=self._errors, pass_fds=pass_fds)
        atexit.register(self._end)
        if ready:
            self.wait_until_ready()

    def command(self):
        raise NotImplementedError

    def port_arguments(self):
        return ["-port", str(self.port)]

    @staticmethod
    def _die_with_us(nofile, memory):
        # Both replace themselves with the daemon, so that its pid is the one we know.
        limits = [f"--nofile={nofile}"] if nofile else []
        limits += [f"--as={memory}"] if memory else []
        limit = [needs.program("prlimit"), *limits] if limits else []
        return [needs.program("setpriv"), "--pdeathsig", "KILL", *limit]

    @property
    def pid(self):
        return self._process.pid

    @property
    def server(self):
        """The process that serves. Signals are for the daemon's own process, which is its keeper."""
        return server_of(self.pid)

    @property
    def exit_status(self):
        """None while it runs, minus the signal's number if a signal ended it."""
        return self._process.poll()

    def wait_until_ready(self):
        def is_ready():
            if self.exit_status is not None:
                raise AssertionError(f"{self} ended with {self.exit_status}: {self.output()}")
            try:
                return self.names() is not None
            except OSError:
                return False
        wait_until(is_ready, f"{self} answers")

    def wait_until_ended(self, patience=PATIENCE):
        wait_until(lambda: self.exit_status is not None, f"{self} has ended", patience)
        return self.exit_status

    def connect(self, timeout=PATIENCE, address=None, source=None):
        """A new connection to the daemon, optionally to another address or from a given one."""
        address = address or self.address
        return socket.create_connection((address, self.port), timeout, source and (source, 0))

    def ask(self, body, **connecting):
        """Sends one request and returns all that comes back until the daemon closes."""
        with self.connect(**connecting) as connection:
            connection.sendall(struct.pack(">H", len(body)) + body)
            return read_to_end(connection)

    def names(self):
        """The registered names with their ports, newest first; None without a whole answer."""
        reply = self.ask(b"n")
        if len(reply) < 4:
            return None
        found = re.findall(rb"^name (.*) at port (\d+)$", reply[4:], re.MULTILINE)
        return [(name, int(port)) for name, port in found]

    def output(self):
        """All it wrote to stdout and stderr so far."""
        if self._errors.closed:
            return self._last_words
        # Not seek and read: the daemon writes at the offset that the descriptor shares with us.
        size = os.fstat(self._errors.fileno()).st_size
        return os.pread(self._errors.fileno(), size, 0).decode(errors="replace")

    def cpu(self):
        """Seconds of processor time used so far."""
        return sum(map(int, self._after_name()[11:13])) / _TICKS

    def cpu_exactly(self):
        """The same without the rounding to clock ticks, of its only thread."""
        text = pathlib.Path(f"/proc/{self.server}/schedstat").read_text(encoding="ascii")
        return int(text.split()[0]) / 1e9

    def memory(self):
        """Bytes resident now."""
        return int(self._after_name()[21]) * os.sysconf("SC_PAGE_SIZE")

    def _after_name(self):
        text = pathlib.Path(f"/proc/{self.server}/stat").read_text(encoding="ascii", errors="replace")
        return text.rpartition(")")[2].split()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server}/fd"))

    def signal(self, number):
        self._process.send_signal(number)

    def pause(self):
        """From now on it takes connections, as the kernel does that, and nothing else."""
        os.kill(self.server, signal.SIGSTOP)

    def go_on(self):
        with contextlib.suppress(OSError):  # it has ended
            os.kill(self.pid, signal.SIGCONT)
            os.kill(server_of(self.pid), signal.SIGCONT)

    def stop(self):
        """Ends it, returns the exit status, and fails if a sanitizer complained."""
        self._end()
        complaint = self.output()
        if _SANITIZER.search(complaint):
            raise AssertionError(complaint)
        return self.exit_status

    def _end(self):
        atexit.unregister(self._end)
        if self.exit_status is None:
            # A stopped process acts on SIGTERM only once it goes on.
            self._process.send_signal(signal.SIGTERM)
            self.go_on()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._last_words = self.output()
        self._errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def __repr__(self):
        return f"{type(self).__name__}(port={self.port}, pid={self.pid})"


class Ours(Daemon):
    """Our first face: `portolan epmd …`."""

    def command(self):
        return our_epmd()


class Serve(Daemon):
    """Our second face: `portolan serve …`."""

    def command(self):
        return [portolan(), "serve"]

    def port_arguments(self):
        return ["--port", str(self.port)]


class Reference(Daemon):
    """OTP's epmd."""

    def command(self):
        return reference_epmd()


def read_to_end(connection):
    """What arrives until the peer closes or resets the connection."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received
