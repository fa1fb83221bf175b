"""Real Erlang and Elixir nodes, started for a test and ended by pid."""

import atexit
import os
import subprocess
import tempfile

import daemons
import needs
from daemons import wait_until

# On a machine that boots dozens of others at the same time.
BOOT_PATIENCE = 60.0
COOKIE = "not-a-secret"
_home = None


def environment(further=None):
    """A home of the test's own: nodes keep a cookie file there."""
    global _home
    if _home is None:
        _home = tempfile.TemporaryDirectory()
        atexit.register(_home.cleanup)
    return daemons.clean_environment({"HOME": _home.name} | (further or {}))


class Node:
    """A running node that is called `alive@host`; a context manager."""

    def __init__(self, name, *flags, command=None, further=None):
        self.name = name
        self.alive = name.partition("@")[0].encode()
        self._output = tempfile.TemporaryFile()
        command = command or self.erl(name, flags)
        self._process = subprocess.Popen(
            [needs.program("setpriv"), "--pdeathsig", "KILL", *command],
            env=environment(further), stdin=subprocess.DEVNULL, stdout=self._output,
            stderr=self._output)

    @staticmethod
    def erl(name, flags, program="erl"):
        kind = "-name" if "." in name or "::" in name else "-sname"
        return [needs.program(program), "-noinput", kind, name, "-setcookie", COOKIE, *flags]

    @property
    def pid(self):
        return self._process.pid

    def wait_until_registered(self, daemon):
        wait_until(lambda: self.alive in dict(daemon.names() or []) or self._has_ended(),
                   f"{self.name} registers", BOOT_PATIENCE)
        return self

    def _has_ended(self):
        if self._process.poll() is not None:
            raise AssertionError(f"{self.name} has ended: {self.output()}")

    def output(self):
        size = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), size, 0).decode(errors="replace")

    def call(self, function):
        """What a function such as "erlang node []" returns, called from outside by erl_call."""
        return erl_call("-n", self.name, "-a", function)

    def ping(self, other):
        return self.call(f"net_adm ping ['{other.name}']")

    def end(self):
        self._process.kill()
        self._process.wait()
        self._output.close()

    def leave(self):
        """Ends as a node does that is told to; returns the exit status."""
        self._process.terminate()
        return self._process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def elixir(name):
    """An Elixir node."""
    return Node(name, command=[needs.program("elixir"), "--sname", name, "--cookie", COOKIE,
                               "--no-halt", "-e", ":ok"])


def erl_call(*arguments):
    done = subprocess.run([needs.program("erl_call"), "-c", COOKIE, *arguments], text=True,
                          env=environment(), capture_output=True, timeout=30, check=False)
    return done.stdout + done.stderr


def evaluate(expression, *flags):
    """What an unnamed or given node prints when it evaluates an expression."""
    done = subprocess.run(
        [needs.program("erl"), "-noinput", "-setcookie", COOKIE, *flags, "-eval",
         f'io:format("~0p", [{expression}]), halt().'], text=True, env=environment(),
        capture_output=True, timeout=60, check=False)
    return done.stdout + done.stderr
