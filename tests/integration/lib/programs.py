"""A running command of portolan, with what it says on standard output and error told apart."""

import os
import re
import signal
import subprocess
import tempfile

import daemons
import needs
from daemons import wait_until

_SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:")
# A sanitizer that keeps freed memory back would be measured in our place.
_ENVIRONMENT = {"ASAN_OPTIONS": "quarantine_size_mb=1"}


def run(*words, environment=None, **running):
    """What became of a command that ends by itself."""
    done = subprocess.run(
        [daemons.portolan(), *map(str, words)], check=False, text=True, timeout=60,
        env=daemons.clean_environment(environment),
        **({"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} |
           running))
    if done.stderr and _SANITIZER.search(done.stderr):
        raise AssertionError(done.stderr)
    return done


class Program:
    """A command that goes on; a context manager. `stdout` may be a descriptor of the test's own."""

    def __init__(self, *words, stdout=None, environment=None, prefix=(), program=None):
        self._stdout, self._stderr = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [needs.program("setpriv"), "--pdeathsig", "KILL", *prefix,
             program or daemons.portolan(), *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=self._stdout if stdout is None else stdout,
            stderr=self._stderr, env=daemons.clean_environment(_ENVIRONMENT | (environment or {})))

    @property
    def pid(self):
        return self._process.pid

    @property
    def server(self):
        return daemons.server_of(self.pid)

    def said(self):
        return self._text(self._stdout)

    def log(self):
        return self._text(self._stderr)

    @staticmethod
    def _text(file):
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(errors="replace")

    def wait_for(self, text, count=1, patience=daemons.PATIENCE):
        """Until standard output holds a text so many times; returns all of it."""
        wait_until(lambda: self.said().count(text) >= count or self._fails(),
                   f"it says {text!r}", patience)
        return self.said()

    def wait_for_log(self, text, count=1, patience=daemons.PATIENCE):
        wait_until(lambda: self.log().count(text) >= count or self._fails(),
                   f"it logs {text!r}", patience)
        return self.log()

    def _fails(self):
        if self._process.poll() is not None:
            raise AssertionError(f"it has ended with {self._process.returncode}: {self.log()}")

    def peak_memory(self):
        """Bytes resident at most so far."""
        with open(f"/proc/{self.server}/status", encoding="ascii") as status:
            return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])

    def send(self, number):
        self._process.send_signal(number)

    def end(self, number=signal.SIGTERM, patience=daemons.PATIENCE):
        """Ends it, or with signal 0 waits until it ends; returns the exit status."""
        if self._process.poll() is None:
            self.send(number)
        status = self._process.wait(patience)
        if _SANITIZER.search(self.log()):
            raise AssertionError(self.log())
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.end()
        finally:
            self._process.kill()
            self._process.wait()
            self._stdout.close()
            self._stderr.close()


def kill_server(program):
    """SIGKILL for the server; its keeper makes another."""
    os.kill(program.server, signal.SIGKILL)
    program.wait_for_log("the server died of signal 9")
