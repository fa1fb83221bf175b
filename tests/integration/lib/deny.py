"""`python3 deny.py netlink|memfd COMMAND…`: runs it under a filter of system calls that does not allow
this, as container runtimes have one."""

import ctypes
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, EPERM = 0x7FFF0000, 0x00050001
SOCKET = {"x86_64": 41, "aarch64": 198}
MEMFD_CREATE = {"x86_64": 319, "aarch64": 279}
NUMBER, FIRST_ARGUMENT, AF_NETLINK = 0, 16, 16
VERDICTS = [(RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW)]


def prefix(what):
    """The words before a command that is to run so."""
    return [sys.executable, os.path.abspath(__file__), what]


def filter_of(what):
    machine = platform.machine()
    if what == "memfd":
        return [(LOAD, 0, 0, NUMBER), (EQUAL, 0, 1, MEMFD_CREATE[machine]), *VERDICTS]
    return [(LOAD, 0, 0, NUMBER), (EQUAL, 0, 3, SOCKET[machine]),
            (LOAD, 0, 0, FIRST_ARGUMENT), (EQUAL, 0, 1, AF_NETLINK), *VERDICTS]


def deny(steps):
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in steps))
    libc = ctypes.CDLL(None, use_errno=True)
    description = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program))
    for words in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                  (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, description, 0, 0)):
        if libc.prctl(*words) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    deny(filter_of(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
