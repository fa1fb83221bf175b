"""The External Term Format, as far as what passes between a node and who pushes: terms as Python's
values. Pids and references are Opaque: their bytes."""

import struct


class Atom(str):
    """An atom; a plain str is none."""


class Opaque(bytes):
    """A term as it came."""


def pid(number, node=Atom("x@localhost")):
    return Opaque(b"X" + encode(node) + struct.pack(">III", number, 0, 7))


def encode(value):
    if isinstance(value, Opaque):
        return bytes(value)
    if isinstance(value, Atom):
        text = value.encode()
        return struct.pack(">BB", 119, len(text)) + text
    if isinstance(value, int):
        return struct.pack(">Bi", 98, value)
    if isinstance(value, bytes):
        return struct.pack(">BI", 109, len(value)) + value
    body = b"".join(map(encode, value))
    if isinstance(value, tuple):
        return struct.pack(">BB", 104, len(value)) + body
    return (struct.pack(">BI", 108, len(value)) + body if value else b"") + b"\x6a"


class Reader:
    """Terms from the front of bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return values if len(values) > 1 else values[0]

    def bytes(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def many(self, count):
        return [self.term() for _ in range(count)]

    def term(self):
        begin, tag = self.at, self.take("B")
        return getattr(self, f"_term_{tag}")(begin)

    def _term_97(self, _):
        return self.take("B")

    def _term_98(self, _):
        return self.take("i")

    def _term_110(self, _):
        size, sign = self.take("BB")
        number = int.from_bytes(self.bytes(size), "little")
        return -number if sign else number

    def _term_119(self, _):
        return Atom(self.bytes(self.take("B")).decode())

    def _term_118(self, _):
        return Atom(self.bytes(self.take("H")).decode())

    def _term_109(self, _):
        return self.bytes(self.take("I"))

    def _term_104(self, _):
        return tuple(self.many(self.take("B")))

    def _term_106(self, _):
        return []

    def _term_108(self, _):
        found = self.many(self.take("I"))
        if self.term():
            raise ValueError("an improper list")
        return found

    def _term_116(self, _):
        flat = self.many(2 * self.take("I"))
        return dict(zip(flat[::2], flat[1::2]))

    def _term_88(self, begin):
        self.term()
        self.at += 12
        return Opaque(self.data[begin:self.at])

    def _term_90(self, begin):
        count = self.take("H")
        self.term()
        self.at += 4 + 4 * count
        return Opaque(self.data[begin:self.at])


def decode_all(data):
    """The terms in a packet, each with its version in front."""
    reader, terms = Reader(data), []
    while reader.at < len(data):
        if reader.take("B") != 131:
            raise ValueError("no term")
        terms.append(reader.term())
    return terms
