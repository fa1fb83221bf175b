"""What the kernel knows of the far end of a loopback connection.

Tests wait for what the daemon did (accepted, read, closed), never for time to pass.
"""

import atexit
import errno
import ipaddress
import pathlib
import socket
import struct

_SOCK_DIAG = 4
_BY_FAMILY = 20
_ERROR = 2
_ESTABLISHED, _SYN_RECV, _CLOSE_WAIT = 1, 3, 8
_ALL_STATES = 0xffffffff
_ACCEPTED_AND_READ = (True, 0)
_REQUEST = struct.Struct("=IHHII BBBBI")
# Interface and cookie of the socket asked for.
_ANY_SOCKET = struct.pack("=III", 0, 0xffffffff, 0xffffffff)
_ANSWER = struct.Struct("=BBBB48sIIIII")
_netlink = None


class FarEnd:
    """The daemon's socket of a connection; can still be watched after our end was closed."""

    def __init__(self, connection):
        ours, theirs = connection.getsockname(), connection.getpeername()
        identity = struct.pack(">HH", theirs[1], ours[1]) + _packed(theirs[0]) + _packed(ours[0])
        self._question = (connection.family, identity + _ANY_SOCKET)

    def is_closed(self):
        """The daemon has closed it, or one of the two ends has reset it."""
        return _ask(*self._question) is None

    def is_settled(self):
        """Closed, or accepted and read to the last byte."""
        return _ask(*self._question) in (None, _ACCEPTED_AND_READ)


def _packed(address):
    return ipaddress.ip_address(address).packed.ljust(16, b"\0")


def _ask(family, question):
    """(is accepted, bytes the daemon has not read), or None when it is no connection any more."""
    global _netlink
    if _netlink is None:
        _netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG)
        atexit.register(_netlink.close)
    head = _REQUEST.pack(_REQUEST.size + len(question), _BY_FAMILY, 1, 0, 0,
                         family, socket.IPPROTO_TCP, 0, 0, _ALL_STATES)
    _netlink.send(head + question)
    answer = _netlink.recv(8192)
    (kind,) = struct.unpack_from("=H", answer, 4)
    return _refusal(answer) if kind == _ERROR else _reading(answer)


def _refusal(answer):
    (number,) = struct.unpack_from("=i", answer, 16)
    if -number != errno.ENOENT:
        raise OSError(-number, "sock_diag")


def _reading(answer):
    _, state, _, _, _, _, unread, _, _, inode = _ANSWER.unpack_from(answer, 16)
    # Where the connection is gone the kernel answers for the listener instead.
    if state in (_ESTABLISHED, _SYN_RECV, _CLOSE_WAIT):
        return (inode != 0, unread)
    return None


def connections_to(port):
    """The local ends of the connections that are open, as the kernel lists them."""
    return {fields[1] for fields in _tcp_sockets()
            if fields[3] == "01" and _port_of(fields[2]) == port}


def listening_inodes(port):
    """Of the sockets that listen there."""
    return {fields[9] for fields in _tcp_sockets()
            if fields[3] == "0A" and _port_of(fields[1]) == port}


def _tcp_sockets():
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text(encoding="ascii").splitlines()[1:]:
            yield line.split()


def _port_of(place):
    return int(place.split(":")[1], 16)
