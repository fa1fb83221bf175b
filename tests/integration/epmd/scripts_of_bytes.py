"""The one list of byte scripts that both daemons must answer alike: framing, queries, peers."""

from packets import DUMP, KILL, NAMES, alive, lookup, packet, stop
from player import BOTH, EVERYWHERE, HERE, RELAXED, Peer, script, tables
import scripts_of_history
import scripts_of_registration

a, b, c = Peer("a"), Peer("b"), Peer("c")
N = alive(b"n")
LONGEST, TOO_LONG = 3057, 3058


def bytewise(data):
    return [data[at:at + 1] for at in range(len(data))]


FRAMING = [
    script("a length of zero", a.sends(b"\0\0")),
    script("a length of zero, byte by byte", a.sends(b"\0", b"\0")),
    script("a length of zero and more in the segment", a.sends(b"\0\0n")),
    script("nothing but an end of file", a.connects(), a.half_closes()),
    script("nothing but a close", a.connects(), a.closes()),
    script("nothing but a reset", a.connects(), a.resets()),
    script("half a header, then an end of file", a.sends(b"\0"), a.half_closes()),
    script("half a header, then a reset", a.sends(b"\0"), a.resets()),
    script("a header without its body stays open", a.sends(b"\0\5"), b.sends(NAMES), a.looks()),
    script("a header without its body, then an end of file", a.sends(b"\0\5"), a.half_closes()),
    script("an incomplete request, then an end of file", a.sends(N[:-1]), a.half_closes()),
    script("an incomplete request, then a reset", a.sends(N[:-1]), a.resets()),
    script("the longest request in one segment", a.sends(packet(b"n" * LONGEST))),
    script("the longest request in two", a.sends(b"\x0b\xf1", b"n" * LONGEST)),
    script("the longest request in three",
           a.sends(b"\x0b", b"\xf1" + b"n" * 3000, b"n" * 57)),
    script("one byte behind the longest request", a.sends(packet(b"n" * LONGEST) + b"t")),
    script("the longest request twice", a.sends(packet(b"n" * LONGEST) * 2)),
    script("one byte behind the longest registration", b.sends(N), a.sends(
        alive(b"m", extra=b"e" * 1020, trailing=b"t" * (LONGEST - 1034)) + b"t")),
    script("one byte behind the longest wrong request", a.sends(packet(b"q" * LONGEST) + b"t")),
    script("the longest registration",
           a.sends(alive(b"n", extra=b"e" * 1020, trailing=b"t" * (LONGEST - 1034)))),
    script("a byte too long is closed at the header", a.sends(b"\x0b\xf2")),
    script("a byte too long, header byte by byte", a.sends(b"\x0b", b"\xf2")),
    script("a byte too long, all of it", a.sends(packet(b"n" * TOO_LONG))),
    script("the highest length", a.sends(b"\xff\xff")),
    script("the highest length with a body", a.sends(b"\xff\xff" + b"n" * 4000)),
    script("a name query byte by byte", b.sends(N), a.sends(*bytewise(NAMES))),
    script("a registration byte by byte", a.sends(*bytewise(N))),
    script("a look-up byte by byte", b.sends(N), a.sends(*bytewise(lookup(b"n")))),
    script("header and body apart", a.sends(b"\0\1", b"n")),
    script("two requests in one segment", a.sends(NAMES + NAMES)),
    script("a registration and a query in one segment", a.sends(N + NAMES)),
    script("two registrations in one segment", a.sends(N + alive(b"m"))),
    script("one byte behind a query", a.sends(NAMES + b"\0")),
    script("one byte behind a registration", a.sends(N + b"\0")),
    script("one byte behind an unknown request", a.sends(b"\0\1q\0")),
    script("a header byte, then the rest and one byte more", a.sends(b"\0", b"\1n\0")),
    script("more behind a request whose length is known", a.sends(b"\0\1", b"nTRAILING")),
    script("more behind a registration whose length is known", a.sends(N[:2], N[2:] + b"more")),
    script("more behind a look-up whose length is known",
           b.sends(N), a.sends(b"\0\2", b"znTRAILING")),
    script("more behind a wrong request whose length is known", a.sends(b"\0\1", b"qTRAILING")),
    script("a long trail", a.sends(b"\0\1n" + b"t" * 3056)),
    script("a trail longer than the buffer", a.sends(b"\0\1n" + b"t" * 8000)),
    script("a complete request and an end of file", a.sends(b"\0", b"\1n"), a.half_closes()),
    script("bytes inside a query's body are ignored", b.sends(N), a.sends(packet(b"n\0junk"))),
    script("bytes inside a dump's body are ignored", b.sends(N), a.sends(packet(b"djunk"))),
    script("bytes inside a kill's body are ignored", a.sends(packet(b"kjunk"))),
    script("three queries interleaved byte by byte", a.sends(b"\0"), b.sends(b"\0"), c.sends(b"\0"),
           c.sends(b"\1"), a.sends(b"\1"), b.sends(b"\1"), b.sends(b"n"), c.sends(b"n"),
           a.sends(b"n")),
    script("a registration interleaved with the same name",
           a.sends(N[:8]), b.sends(N), a.sends(N[8:])),
    *(script(f"opcode {opcode}", a.sends(packet(bytes([opcode])))) for opcode in
      (0, 1, 77, 88, 90, 99, 101, 106, 108, 109, 111, 114, 116, 118, 119, 121, 123, 255)),
    *(script(f"opcode {opcode} with a body", a.sends(packet(opcode + b"abc\0\0\0\0\0\0\0\0\0\0\0")))
      for opcode in (b"q", b"y", b"w", b"v", b"X", b"N", b"Z", b"D", b"K", b"S")),
]

LATIN = "ä".encode()
LOOKUPS = [
    script("a look-up of nobody", a.sends(lookup(b"n"))),
    script("a look-up", a.sends(N), b.sends(lookup(b"n")), a.looks()),
    script("a look-up with a final NUL", a.sends(N), b.sends(lookup(b"n\0"))),
    script("a look-up with two final NULs", a.sends(N), b.sends(lookup(b"n\0\0"))),
    script("a look-up with a NUL in the middle", a.sends(N), b.sends(lookup(b"n\0n"))),
    script("a look-up with a NUL in front", a.sends(N), b.sends(lookup(b"\0n"))),
    script("a look-up of nothing", b.sends(lookup(b""))),
    script("a look-up of a NUL", b.sends(lookup(b"\0"))),
    script("a look-up of two NULs", b.sends(lookup(b"\0\0"))),
    script("a look-up of nothing while the empty name is there",
           a.sends(alive(b"", extra=b"e")), b.sends(lookup(b"")), c.sends(lookup(b"\0"))),
    script("a look-up is by case", a.sends(N), b.sends(lookup(b"N"))),
    script("a look-up is whole", a.sends(alive(b"name")), b.sends(lookup(b"nam")),
           c.sends(lookup(b"name1"))),
    script("a look-up of an old name", a.sends(N), a.closes(), b.sends(lookup(b"n"))),
    script("a look-up returns every field", a.sends(alive(
        b"all", port=0xfedc, node_type=72, protocol=9, high=0x0807, low=0x0605, extra=b"\0x\xff")),
        b.sends(lookup(b"all"))),
    script("a look-up returns long fields", a.sends(alive(LATIN * 254, extra=b"\0" * 1020)),
           b.sends(lookup(LATIN * 254)), c.sends(lookup(LATIN * 254 + b"\0"))),
    script("254 characters can be looked up, 255 cannot",
           a.sends(alive(b"n" * 254)), b.sends(alive(b"n" * 255)),
           c.sends(lookup(b"n" * 254)), c.sends(lookup(b"n" * 255)),
           c.sends(lookup(b"n" * 254 + b"\0")), c.sends(lookup(b"n" * 255 + b"\0"))),
    script("254 and 255 wide characters", *(
        c.sends(lookup(name)) for wide in ("ä", "€", "𝄞") for count in (253, 254, 255, 256)
        for name in [wide.encode() * count])),
    script("a look-up of bytes that are no UTF-8", *(
        c.sends(lookup(name)) for name in (b"\xff", b"\xc3", b"a\x80", b"\xc0\x80",
                                           b"\xed\xa0\x80", b"\xf4\x90\x80\x80"))),
    script("a look-up with a decomposed name",
           a.sends(alive(LATIN)), b.sends(lookup("a\u0308".encode())), c.sends(lookup(LATIN))),
    script("a look-up longer than a name can be", a.sends(packet(b"z" + b"n" * 3056))),
    script("a half-closed look-up", a.sends(N), b.sends(b"\0", b"\2z"), b.sends(b"n")),
]

TABLES = [
    script("no names", a.sends(NAMES), b.sends(DUMP)),
    script("the newest name comes first", a.sends(alive(b"1")), b.sends(alive(b"2")), tables(),
           c.sends(alive(b"3"))),
    script("the history's oldest name comes first", a.sends(alive(b"1")), b.sends(alive(b"2")),
           c.sends(alive(b"3")), b.closes(), tables(), c.closes(), tables(), a.closes()),
    script("a returning name leaves the history", a.sends(alive(b"1")), a.closes(), tables(),
           b.sends(alive(b"1", port=99)), tables(), b.closes()),
    script("the tables show names as they are", a.sends(alive(b" a b\n")), b.sends(alive(b"\x01")),
           c.sends(alive("€@€".encode())), tables(), a.closes()),
    script("ports are unsigned", a.sends(alive(b"1", port=0)), b.sends(alive(b"2", port=65535)),
           c.sends(alive(b"3", port=32768))),
    script("the empty name in the tables", a.sends(alive(b"", extra=b"e")), tables(), a.closes()),
    *(script(f"the configured port is {shown} away", a.sends(NAMES), b.sends(DUMP),
             modes=((*HERE, "-port", shown),)) for shown in ("PORT+65536", "PORT-65536",
                                                             "PORT+131072")),
]

COMMANDS = [
    script("kill with nobody there", a.sends(KILL)),
    script("kill with nobody there, relaxed", a.sends(KILL), modes=RELAXED),
    script("kill with a node", a.sends(N), b.sends(KILL), a.looks(), modes=BOTH),
    script("kill with waiting connections", a.connects(), b.sends(b"\0"), c.sends(KILL)),
    script("kill after the node left", a.sends(N), a.closes(), b.sends(KILL)),
    script("kill with a refused node only", a.sends(alive(b"\xff")), b.sends(KILL)),
    script("kill with many bytes", a.sends(packet(b"k" + b"k" * 100))),
    script("kill, half-closed", a.sends(b"\0\1"), a.half_closes(), b.sends(KILL)),
    script("stop is refused", a.sends(N), b.sends(stop(b"n")), c.sends(stop(b"m"))),
    script("stop of nothing is refused", a.sends(stop(b"")), b.sends(stop(b"\0"))),
    script("stop of nothing", a.sends(stop(b"")), modes=RELAXED),
    script("stop of nobody", a.sends(stop(b"n")), b.sends(stop(b"n\0")), modes=RELAXED),
    script("stop of the empty name, absent", a.sends(stop(b"\0")), modes=RELAXED),
    script("stop of the empty name", a.sends(alive(b"", extra=b"e")), b.sends(stop(b"\0")),
           a.looks(), modes=RELAXED),
    script("stop of a node closes its connection", a.sends(N), b.sends(stop(b"n")), a.looks(),
           tables(), c.sends(N), modes=RELAXED),
    script("stop with a NUL", a.sends(N), b.sends(stop(b"n\0")), a.looks(), modes=RELAXED),
    script("stop up to the NUL", a.sends(N), b.sends(stop(b"n\0more")), a.looks(), modes=RELAXED),
    script("stop of the second of three", a.sends(alive(b"1")), b.sends(alive(b"2")),
           c.sends(alive(b"3")), Peer("d").sends(stop(b"2")), modes=RELAXED),
    script("stop of an old name", a.sends(N), a.closes(), b.sends(stop(b"n")), modes=RELAXED),
    script("stop of bytes that are no UTF-8", a.sends(stop(b"\xff\xfe")), modes=RELAXED),
    script("stop of a very long name", a.sends(stop(b"n" * 3056)), modes=RELAXED),
    script("stop is by case and whole", a.sends(alive(b"name")), b.sends(stop(b"Name")),
           c.sends(stop(b"nam")), b.sends(stop(b"name2")), modes=RELAXED),
]

PEERS = [("127.8.9.10", "127.0.0.1"), ("127.0.0.1", "127.8.9.10"), ("127.0.0.1", "10.0.0.1"),
         ("127.9.9.9", "10.0.0.1"), ("10.0.0.1", "10.0.0.1"), ("10.0.0.2", "10.0.0.1"),
         ("10.0.0.2", "127.0.0.1"), ("10.0.0.2", "10.0.0.2"), ("::1", "::1"), ("fd00::1", "::1"),
         ("::1", "fd00::1"), ("fd00::1", "fd00::1"), ("fd00::2", "fd00::1")]
REQUESTS = {"a registration": alive(b"far"), "a wrong registration": alive(b"\xff"),
            "a taken name": N, "a short registration": packet(b"x"), "a look-up": lookup(b"n"),
            "names": NAMES, "dump": DUMP, "stop": stop(b"n"), "stop of nobody": stop(b"m"),
            "nonsense": packet(b"q"), "nothing": b"\0\0", "too long": b"\xff\xff", "kill": KILL}


def from_a_peer(source, target):
    """Every request from one peer, while a name is registered; then kill without one."""
    asks = []
    for number, request in enumerate(REQUESTS.values()):
        peer = Peer(f"far{number}")
        asks += [peer.connects(source=source, to=target), peer.sends(request)]
    return script(f"requests from {source} to {target}", a.sends(N), *asks, a.closes(), tables(),
                  b.connects(source=source, to=target), b.sends(KILL), modes=EVERYWHERE)


SCRIPTS = [*FRAMING, *LOOKUPS, *TABLES, *COMMANDS,
           *(from_a_peer(*addresses) for addresses in PEERS),
           *scripts_of_registration.SCRIPTS, *scripts_of_history.SCRIPTS]
