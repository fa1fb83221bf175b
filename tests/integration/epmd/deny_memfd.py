"""`python3 deny_memfd.py COMMAND…`: runs it under a filter of system calls that allows no
memfd_create, as an old container runtime may have one."""

import ctypes
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, EPERM = 0x7FFF0000, 0x00050001
MEMFD_CREATE = {"x86_64": 319, "aarch64": 279}
NUMBER = 0


def deny():
    steps = [(LOAD, 0, 0, NUMBER), (EQUAL, 0, 1, MEMFD_CREATE[platform.machine()]),
             (RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in steps))
    libc = ctypes.CDLL(None, use_errno=True)
    description = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program))
    for words in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                  (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, description, 0, 0)):
        if libc.prctl(*words) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    deny()
    os.execvp(sys.argv[1], sys.argv[1:])
