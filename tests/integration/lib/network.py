"""A network of the test's own: nothing here can touch the host, and every port is free."""

import contextlib
import ctypes
import itertools
import os
import socket
import subprocess

import needs

NEW_NET = 0x40000000
NEW_USER = 0x10000000
NEW_MOUNT = 0x00020000

_libc = ctypes.CDLL(None, use_errno=True)
_inside = False
# Below the range the kernel hands out to outgoing connections.
_ports = itertools.cycle(range(10001, 30000))


def enter_private_network():
    """Moves this process, and all it starts from now on, into a fresh network namespace.

    Call it first thing in setUpModule, before any thread or socket exists. Calling again is free.
    """
    global _inside
    if _inside:
        return
    try:
        _unshare_network()
    except OSError as error:
        needs.missing(f"no network namespace of our own ({error})",
                      "run as root, or allow unprivileged user namespaces")
    _inside = True
    ip("link", "set", "lo", "up")


def _unshare_network():
    if os.geteuid() == 0:
        return unshare(NEW_NET)
    user, group = os.geteuid(), os.getegid()
    unshare(NEW_USER | NEW_NET)
    for path, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"),
                       ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{path}", "w", encoding="ascii") as file:
            file.write(text)


def unshare(flags):
    if _libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def ip(*arguments):
    """Runs iproute2's `ip` and returns what it printed."""
    return subprocess.run([needs.program("ip"), *arguments], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def add_addresses(*addresses):
    """Gives lo further addresses, such as 10.0.0.1/24, for peers that are not local."""
    for address in addresses:
        quick = ["nodad"] if ":" in address else []
        ip("address", "add", address, "dev", "lo", *quick)


def has_ipv6():
    """True when ::1 can be bound here."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def free_port():
    """A port nobody listens on, not handed out before and never an outgoing connection's."""
    for port in itertools.islice(_ports, 19999):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("0.0.0.0", port))
                return port
    raise AssertionError("no free port in a network of our own")
