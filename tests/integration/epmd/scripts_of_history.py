"""Byte scripts about creations and about the names that have left."""

from packets import alive, lookup
from player import DEBUG, Peer, script, tables

a, b, c = Peer("a"), Peer("b"), Peer("c")


def comes_and_goes(name, **fields):
    return a.sends(alive(name, **fields)), a.closes()


def in_turn(names):
    return [step for name in names for step in comes_and_goes(name)]


def numbered(count, prefix=b"n"):
    return [prefix + b"%d" % number for number in range(count)]


CREATIONS = [
    script("a returning name counts on", *(
        step for high in (6, 6, 5, 5, 5, 6, 7, 4) for step in comes_and_goes(b"n", high=high))),
    script("a returning name counts on, old form first", *(
        step for high in (5, 5, 5, 5, 6, 5, 6, 6) for step in comes_and_goes(b"n", high=high))),
    script("each name counts for itself", *in_turn([b"n", b"m", b"n", b"n", b"m", b"o", b"m"])),
    script("refusals do not count", a.sends(alive(b"n")), b.sends(alive(b"n")),
           b.closes(), a.closes(), *comes_and_goes(b"n")),
    script("bad requests do not count", *comes_and_goes(b"n"), a.sends(alive(b"n", elen=3)),
           *comes_and_goes(b"n"), b.sends(alive(b"n", extra=b"e" * 1021)), *comes_and_goes(b"n")),
    script("twenty returns", *in_turn([b"n"] * 20)),
]

HISTORY = [
    script("the history keeps the last port", *comes_and_goes(b"n", port=1), tables(),
           *comes_and_goes(b"n", port=2), tables()),
    script("the history in order of leaving", *in_turn([b"1", b"2", b"3", b"1", b"4"])),
    script("six names with -d", *in_turn(numbered(6)), modes=DEBUG),
    script("seven names with -d", *in_turn(numbered(6)), tables(), *in_turn([b"n6"]), tables(),
           modes=DEBUG),
    script("twelve names with -d", *(step for name in numbered(12) for step in
                                     (*comes_and_goes(name), tables())), modes=DEBUG),
    script("a known name makes no room", *in_turn([*numbered(6), b"n0", b"n3", b"n5"]), tables(),
           modes=DEBUG),
    script("a new name makes room while it lives", *in_turn(numbered(6)),
           b.sends(alive(b"new")), tables(), c.sends(alive(b"newer")), tables(), modes=DEBUG),
    script("a known name counts on with a full history", *in_turn([*numbered(6), b"n2", b"n2"]),
           modes=DEBUG),
    # Its creation is nobody's promise: the reference hands over another name's counter. The masks
    # learn from the table that it is forgotten.
    script("a forgotten name", *in_turn(numbered(7)), tables(),
           *in_turn([b"n0"]), tables(), *in_turn([b"n0"]), modes=DEBUG),
    script("a full history", *in_turn(numbered(1001)), tables(), *in_turn([b"new"]), tables(),
           b.sends(alive(b"newer")), tables(), c.sends(lookup(b"n0"))),
]

SCRIPTS = [*CREATIONS, *HISTORY]
