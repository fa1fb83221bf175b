"""Byte scripts about ALIVE2_REQ: its checks and their order, and what ends a registration."""

import struct

from packets import NAMES, alive, lookup, packet
from player import BOTH, Peer, script, tables

a, b, c, d, e = (Peer(name) for name in "abcde")
N = alive(b"n")


def fixed(nlen, *, high=6):
    """The eleven bytes before the name."""
    return struct.pack(">cHBBHHH", b"x", 4321, 77, 0, high, 5, nlen)


def utf8(code_point):
    return chr(code_point).encode()


SHORT = [
    *(script(f"a body of {size} bytes", a.sends(packet((fixed(0) + b"\0\0\0\0")[:size])))
      for size in range(1, 16)),
    script("thirteen bytes with an empty name", a.sends(alive(b""))),
    script("an empty name with one byte behind", a.sends(alive(b"", trailing=b"t")), tables()),
    script("an empty name with one byte of extra", a.sends(alive(b"", extra=b"e")), tables()),
    script("an empty name twice", a.sends(alive(b"", extra=b"e")), b.sends(alive(b"", extra=b"f"))),
    script("thirteen bytes with a name", a.sends(packet(fixed(1) + b"n\0"))),
    script("bytes behind the extra", a.sends(alive(b"n", trailing=b"tail")),
           b.sends(lookup(b"n"))),
]

LENGTHS = [
    *(script(f"nlen {nlen} for one byte of name", a.sends(alive(b"n", nlen=nlen)))
      for nlen in (0, 2, 3, 4, 255, 256, 1020, 1021, 3044, 3045, 65535)),
    *(script(f"elen {elen} for no extra", a.sends(alive(b"n", elen=elen)))
      for elen in (1, 2, 1020, 1021, 65535)),
    *(script(f"elen {elen} for three bytes of extra", a.sends(alive(b"n", extra=b"abc", elen=elen)),
             b.sends(lookup(b"n"))) for elen in (0, 2, 3, 4)),
    script("nlen and elen beyond 65535 together", a.sends(alive(b"n", nlen=1, elen=65535)),
           b.sends(alive(b"n", nlen=65535, elen=65535))),
    script("nlen to the very end", a.sends(packet(fixed(5) + b"ab\0\0"))),
    script("the length of elen is part of the name", a.sends(packet(fixed(2) + b"ab\0"))),
]

NULS = [
    *(script(f"a NUL in the name {name!r}", a.sends(alive(name)), b.sends(NAMES))
      for name in (b"\0", b"\0n", b"n\0", b"n\0n", b"\xff\0", b"n" * 1020 + b"\0",
                   b"n" * 1999 + b"\0")),
    script("a NUL in a name that is taken", a.sends(N), b.sends(alive(b"n\0"))),
    script("NULs in the extra", a.sends(alive(b"n", extra=b"\0" * 9)), b.sends(lookup(b"n"))),
    script("a NUL in the name and a lying elen", a.sends(alive(b"n\0", elen=9))),
]

SIZES = [
    *(script(f"a name of {size} bytes", a.sends(alive(b"n" * size)), b.sends(NAMES))
      for size in (1, 254, 255, 256, 257, 1019, 1020, 1021, 1022, 2000, 3044)),
    *(script(f"{count} characters of {len(utf8(point))} bytes", a.sends(alive(utf8(point) * count)))
      for point in (0xe4, 0x20ac, 0x1d11e) for count in (1, 254, 255, 256)),
    script("1021 bytes with an elen that is too high", a.sends(alive(b"n" * 1021, elen=7))),
    script("1021 bytes that are no UTF-8 either", a.sends(alive(b"\xff" * 1021))),
    *(script(f"an extra of {size} bytes", a.sends(alive(b"n", extra=b"e" * size)),
             b.sends(lookup(b"n"))) for size in (1, 1019, 1020, 1021, 1022, 3043)),
    script("an extra of 1021 bytes for a taken name", a.sends(N),
           b.sends(alive(b"n", extra=b"e" * 1021))),
    script("the longest name and the longest extra",
           a.sends(alive(utf8(0x1d11e) * 255, extra=b"\xff" * 1020)), b.sends(NAMES)),
]

BAD_UTF8 = (
    b"\x80", b"\xbf", b"a\x80", b"\xc0\x80", b"\xc0\xaf", b"\xc1\xbf", b"\xc3", b"\xc3a", b"a\xc3",
    b"\xc3\xc3", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xe2\x82", b"\xe2\x82a", b"\xe2a\xac", b"\xe2",
    b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x9d\x84",
    b"\xf0\x9d\x84a", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf7\xbf\xbf\xbf",
    b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80", b"\xfe", b"\xff", b"ok\xffok")
GOOD_UTF8 = (
    b"\x01", b"\x1b", b"\x7f", b"\n", b" ", b"@", b"a@b", b"\xc2\x80", b"\xdf\xbf", b"\xe0\xa0\x80",
    b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbb\xbf", b"\xef\xbf\xbe", b"\xef\xbf\xbf",
    b"\xef\xb7\x90", b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf", b"x at port 1\nname evil")
ENCODINGS = [
    *(script(f"the bad name {name!r}", a.sends(alive(name)), b.sends(alive(name, high=5)))
      for name in BAD_UTF8),
    *(script(f"the odd name {name!r}", a.sends(alive(name)), b.sends(lookup(name)))
      for name in GOOD_UTF8),
    script("a bad name with an extra that is too long",
           a.sends(alive(b"\xff", extra=b"e" * 1021))),
    script("names are bytes", a.sends(alive("ä".encode())), b.sends(alive("a\u0308".encode())),
           c.sends(alive(b"n")), d.sends(alive(b"N"))),
]

FIELDS = [
    *(script(f"highest version {high}", a.sends(alive(b"n", high=high)), b.sends(lookup(b"n")),
             c.sends(alive(b"n", high=high)), d.sends(alive(b"\xff", high=high)))
      for high in (0, 1, 4, 5, 6, 7, 255, 256, 65535)),
    *(script(f"lowest version {low}", a.sends(alive(b"n", low=low)), b.sends(lookup(b"n")))
      for low in (0, 6, 7, 65535)),
    script("lowest above highest", a.sends(alive(b"n", high=5, low=6)), b.sends(lookup(b"n"))),
    *(script(f"node type {kind}", a.sends(alive(b"n", node_type=kind)), b.sends(lookup(b"n")))
      for kind in (0, 72, 77, 104, 110, 255)),
    *(script(f"protocol {protocol}", a.sends(alive(b"n", protocol=protocol)),
             b.sends(lookup(b"n"))) for protocol in (1, 255)),
    *(script(f"port {port}", a.sends(alive(b"n", port=port)), b.sends(lookup(b"n")))
      for port in (0, 1, 4369, 65535)),
]

TAKEN = [
    script("a taken name", a.sends(N), b.sends(N), a.looks(), b.looks(), modes=BOTH),
    script("a taken name, old form", a.sends(N), b.sends(alive(b"n", high=5)), b.looks()),
    script("a taken name keeps its owner's fields", a.sends(N),
           b.sends(alive(b"n", port=1, extra=b"x")), c.sends(lookup(b"n"))),
    script("a refused node that leaves takes nothing with it", a.sends(N), b.sends(N), b.closes(),
           tables(), a.looks()),
    script("a refused node that resets takes nothing with it", a.sends(N), b.sends(N), b.resets(),
           tables(), a.looks()),
    script("a refused node that talks", a.sends(N), b.sends(N), b.sends(b"t"), tables(), a.looks()),
    script("a refused node that asks again", a.sends(N), b.sends(N), a.closes(), b.sends(N),
           tables(), c.sends(N)),
    script("a refused node that half-closes", a.sends(N), b.sends(N), b.half_closes(), tables()),
    script("a name is free after its owner left", a.sends(N), a.closes(), b.sends(N), b.closes()),
    script("many refused nodes", a.sends(N), *(Peer(f"dup{i}").sends(N) for i in range(20)),
           a.closes(), b.sends(N)),
    *(script(f"refused for {why}, then {what}", a.sends(alive(name, extra=extra)), then, tables())
      for why, name, extra in (("its length", b"n" * 1021, b""), ("UTF-8", b"\xff", b""),
                               ("its extra", b"n", b"e" * 1021))
      for what, then in (("a byte", a.sends(b"x")), ("a query", a.sends(NAMES)),
                         ("a registration", a.sends(N)), ("an end of file", a.half_closes()),
                         ("a reset", a.resets()), ("nothing", a.looks()))),
]

ENDINGS = [
    *(script(f"a node that sends {what}", a.sends(N), b.sends(alive(b"m")), a.sends(data), tables(),
             c.sends(N)) for what, data in (
                 ("a byte", b"x"), ("a NUL", b"\0"), ("a query", NAMES), ("itself again", N),
                 ("another name", alive(b"o")), ("3059 bytes", b"x" * 3059),
                 ("3060 bytes", b"x" * 3060), ("3061 bytes", b"x" * 3061),
                 ("many bytes", b"x" * 9000), ("a length of zero", b"\0\0"))),
    script("a node that sends two bytes apart", a.sends(N), a.sends(b"x", b"y")),
    script("a node that closes", a.sends(N), a.closes(), tables(), b.sends(N)),
    script("a node that half-closes", a.sends(N), a.half_closes(), tables(), b.sends(N)),
    script("a node that resets", a.sends(N), a.resets(), tables(), b.sends(N)),
    script("a node that waits", a.sends(N), *(b.sends(NAMES) for _ in range(5)), a.looks()),
    script("three nodes leave in turn", a.sends(alive(b"1")), b.sends(alive(b"2")),
           c.sends(alive(b"3")), b.resets(), tables(), a.sends(b"x"), tables(), c.half_closes(),
           d.sends(alive(b"2")), e.sends(alive(b"4"))),
]

SCRIPTS = [*SHORT, *LENGTHS, *NULS, *SIZES, *ENCODINGS, *FIELDS, *TAKEN, *ENDINGS]
