"""Processes that leave their parents, as `epmd -daemon` does: adopted, found and ended by pid."""

import atexit
import collections
import contextlib
import ctypes
import dataclasses
import os
import pathlib
import re
import signal
import subprocess

import daemons
import needs

_SET_CHILD_SUBREAPER = 36
_is_adopting = False


def adopt_orphans():
    """From now on orphaned descendants become children of this process, which ends them at exit."""
    global _is_adopting
    if not _is_adopting:
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        atexit.register(end_children)
        _is_adopting = True


def children():
    """The pids of all children of this process, adopted ones included."""
    return {pid for task in pathlib.Path("/proc/self/task").iterdir() for pid in _children_of(task)}


def _children_of(task):
    try:
        return [int(pid) for pid in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):  # a thread that has just ended
        return []


def end_children(besides=()):
    """Ends every child, and every grandchild that thereby becomes one."""
    while pids := children() - set(besides):
        for pid in pids:
            end(pid)


def end(pid):
    """Ends a child of ours for good."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def is_running(pid):
    """False also for a child that has ended and that nobody has waited for."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


@dataclasses.dataclass(frozen=True)
class Listener:
    address: str
    port: int
    is_v6_only: bool
    backlog: int
    owners: frozenset


def listeners():
    """All that listens in this network."""
    done = subprocess.run([needs.program("ss"), "-Hltne"], check=True, text=True,
                          stdout=subprocess.PIPE)
    lines = done.stdout.splitlines()
    pids = _pids_of_sockets() if lines else {}
    return [_listener(line, pids) for line in lines]


def _listener(line, pids):
    _, _, backlog, place, *_ = line.split()
    address, _, port = place.rpartition(":")
    inode = re.search(r"ino:(\d+)", line)
    owners = frozenset(pids.get(inode[1], ())) if inode else frozenset()
    return Listener(address.strip("[]"), int(port), "v6only:1" in line, int(backlog), owners)


def _pids_of_sockets():
    """By inode, of the processes in this network: `ss -p` would look at those of the whole machine,
    which has hundreds while engines run beside this test."""
    ours = os.readlink("/proc/self/ns/net")
    pids = collections.defaultdict(set)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):  # it has just ended
            if os.readlink(f"/proc/{pid}/ns/net") == ours:
                for inode in _sockets_of(pid):
                    pids[inode].add(int(pid))
    return pids


def _sockets_of(pid):
    for number in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # it has just been closed
            found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{number}"))
            if found:
                yield found[1]


def owners(port):
    """The pids of those who listen on a port."""
    return {pid for listener in listeners() if listener.port == port for pid in listener.owners}


def daemons_at(port):
    """The same, of a keeper and its server only the keeper."""
    found = owners(port)
    return {pid for pid in found if parent_of(pid) not in found}


def parent_of(pid):
    """None if it has ended."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return int(text.rpartition(")")[2].split()[1])


def start_in_background(command, port, environment=None, **popen):
    """Runs a command that leaves a daemon behind. Returns its result and the daemon's pid."""
    adopt_orphans()
    done = subprocess.run(command, env=daemons.clean_environment(environment), check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30, **popen)
    (found,) = daemons.wait_until(lambda: daemons_at(port), f"{command} listens on {port}")
    return done, found
