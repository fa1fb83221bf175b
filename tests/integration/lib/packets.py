"""Requests of the EPMD protocol as bytes, and one reply, honest or lying about their lengths."""

import struct


def packet(body, length=None):
    """A request: its length (or another, to lie) and its body."""
    return struct.pack(">H", len(body) if length is None else length) + body


def alive(name, *, port=4321, node_type=77, protocol=0, high=6, low=5, extra=b"",
          nlen=None, elen=None, trailing=b"", length=None):
    """An ALIVE2_REQ."""
    nlen = len(name) if nlen is None else nlen
    elen = len(extra) if elen is None else elen
    fixed = struct.pack(">cHBBHHH", b"x", port, node_type, protocol, high, low, nlen)
    return packet(fixed + name + struct.pack(">H", elen) + extra + trailing, length)


def lookup(name):
    """A PORT_PLEASE2_REQ."""
    return packet(b"z" + name)


def stop(name):
    return packet(b"s" + name)


NAMES = packet(b"n")
DUMP = packet(b"d")
KILL = packet(b"k")


PORT2_UNKNOWN = b"w\x01"  # a PORT2_RESP: no such name


def port2(name, port):
    """The PORT2_RESP of a node with this name."""
    fixed = struct.pack(">BBHBBHHH", ord("w"), 0, port, 77, 0, 6, 5, len(name))
    return fixed + name + struct.pack(">H", 0)


def alive_name_of(sent):
    """The name that the ALIVE2_REQ at the beginning of `sent` asks for, if it is one."""
    if len(sent) < 15 or sent[2:3] != b"x":
        return None
    (nlen,) = struct.unpack_from(">H", sent, 11)
    return sent[13:13 + nlen]
