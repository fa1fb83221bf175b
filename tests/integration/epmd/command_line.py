"""Runs a program of either kind on a command line and tells all that can be seen of it."""

import dataclasses
import re
import subprocess

import background
import daemons
import needs
from daemons import wait_until

_DATE = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}")
_DESCRIPTOR = re.compile(r"\b(file descriptor|fd|FD|socket)( *=? *)\d+")


@dataclasses.dataclass(frozen=True)
class Outcome:
    exit_status: int | None
    stdout: str
    stderr: str
    listens: tuple = ()


def masked(text):
    """A log without its dates and descriptor numbers."""
    return _DESCRIPTOR.sub(r"\1\2FD", _DATE.sub("DATE", text))


def outcome(command, arguments, environment=None, prefix=(), port=None):
    """Runs it until it ends or serves; what serves is ended then.

    In the result, PORT stands for `port`.
    """
    process = subprocess.Popen(
        [needs.program("setpriv"), "--pdeathsig", "KILL", *prefix, *command, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=daemons.clean_environment(environment))
    try:
        wait_until(lambda: process.poll() is not None or _serves(process.pid),
                   f"{command} {arguments} ends or serves")
        listens = tuple(sorted(_place(found, port) for found in _listeners(process.pid)))
        status = process.poll()
    finally:
        process.kill()
        out, err = process.communicate()
    return Outcome(status, _without(port, out), masked(_without(port, err)), listens)


def _without(port, output):
    text = output.decode("utf-8", "backslashreplace")
    return re.sub(rf"\b{port}\b", "PORT", text) if port else text


def _listeners(pid):
    return [found for found in background.listeners() if pid in found.owners]


def _place(found, port):
    shown = "PORT" if found.port == port else "another port"
    return (found.address, shown, found.is_v6_only, found.backlog)


def _serves(pid):
    found = _listeners(pid)
    # It listens on all its addresses before it answers on the first.
    return found and _answers(found[0])


def _answers(listener):
    here = {"0.0.0.0": "127.0.0.1", "::": "::1", "*": "::1"}
    try:
        address = here.get(listener.address, listener.address)
        with daemons.socket.create_connection((address, listener.port), 5) as client:
            client.sendall(b"\0\1n")
            return len(daemons.read_to_end(client)) >= 4
    except OSError:
        return False
