"""Takes out of replies what may differ between two correct daemons, and keeps how it relates."""

import re
import struct

import packets

_DESCRIPTOR = re.compile(rb", fd = \d+( ?\n)")
_FIRST_NEW_CREATION = 4


class Masks:
    """The masks of one daemon's life: it remembers the creations it has seen."""

    def __init__(self, port):
        self._port = port
        self._creations = {}

    def masked(self, sent, reply):
        """`reply` to the request `sent`, comparable with another daemon's."""
        if sent[2:3] in (b"n", b"d") and len(reply) >= 4:
            return self._table(reply)
        if sent[2:3] == b"x" and reply[:2] in (b"v\0", b"y\0"):
            return self._registration(packets.alive_name_of(sent), reply)
        return reply

    def forget_all_but(self, dump):
        """Of the names that a whole `dump` shows. One that left the history starts anew, and nobody
        promises from which creation. A dump that was cut short tells nothing about the others.
        """
        self._creations = {name: creation for name, creation in self._creations.items()
                           if b"<%s>" % name in dump}

    def _table(self, reply):
        (port,) = struct.unpack(">i", reply[:4])
        return b"[port %+d]" % (port - self._port) + _DESCRIPTOR.sub(rb", fd = FD\1", reply[4:])

    def _registration(self, name, reply):
        if len(reply) == 6:
            return b"v\0[%s]" % self._new_form(name, *struct.unpack(">I", reply[2:]))
        if len(reply) == 4:
            return b"y\0[%s]" % self._old_form(name, *struct.unpack(">H", reply[2:]))
        return reply

    def _new_form(self, name, creation):
        if creation < _FIRST_NEW_CREATION:
            return b"not a new creation: %d" % creation
        return self._relation(name, creation, 2**32)

    def _old_form(self, name, creation):
        if creation not in (1, 2, 3):
            return b"not an old creation: %d" % creation
        return self._relation(name, creation - 1, 3)

    def _relation(self, name, value, modulus):
        """How `value` stands to the first one: both show one counter, the old form modulo 3."""
        if name not in self._creations:
            self._creations[name] = (value, modulus)
            return b"first"
        first, known_modulus = self._creations[name]
        if modulus > known_modulus:
            self._creations[name] = (value, modulus)
        shared = min(modulus, known_modulus)
        return b"+%d of %d" % ((value - first) % shared, shared)
