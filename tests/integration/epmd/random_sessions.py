"""Random sessions: what several peers might do, drawn from a seed and from nothing else."""

import dataclasses

from packets import DUMP, KILL, NAMES, alive, lookup, packet, stop
from player import Peer, tables

NAMES_FEW = [b"a", b"b", "ä".encode(), b"a b\n", b"ab"]
NAMES_MANY = NAMES_FEW + [b"n%d" % number for number in range(12)] + [
    b"l" * 254, b"l" * 255, "€".encode() * 255]
NAMES_WRONG = [b"\xff", b"a\0", b"", b"l" * 256, b"l" * 1021, b"\xed\xa0\x80", b"\0", b"a\xc3"]
SOURCES = [{}, {}, {}, {}, {"source": "127.8.9.10"}, {"source": "10.0.0.2"}, {"to": "10.0.0.1"},
           {"source": "10.0.0.2", "to": "10.0.0.1"}, {"to": "::1"}]


@dataclasses.dataclass(frozen=True)
class Profile:
    """A kind of session. `registering` peers may send ALIVE2_REQ, the others never do.

    With `-d` the reference remembers six names, but more when several leave at once, which ours
    does not repeat. So there either no more than six names exist (with the empty one), or one
    peer alone registers.
    """
    arguments: tuple
    names: list
    registering: int
    is_mutating: bool


PROFILES = [
    Profile((), NAMES_MANY, 4, True),
    Profile(("-relaxed_command_check",), NAMES_MANY, 4, True),
    Profile(("-d",), NAMES_FEW, 4, False),
    Profile(("-relaxed_command_check", "-d"), NAMES_FEW, 4, False),
    Profile(("-relaxed_command_check", "-d"), NAMES_MANY, 1, True),
]


class Session:
    """Draws the steps of one session."""

    def __init__(self, random, profile):
        self._random = random
        self._profile = profile
        self._peers = [Peer(f"p{number}") for number in range(6)]
        # Few enough that sessions meet the same name again and again.
        self._names = random.sample(profile.names, random.randint(1, 4))
        self._pending = {}
        self.steps = []

    def draw(self):
        for _ in range(self._random.randint(5, 25)):
            self._one_step(self._random.choice(self._peers))
        # Whoever stays would disturb the next session.
        self.steps += [tables(), *(peer.closes() for peer in self._peers)]
        return self.steps

    def _one_step(self, peer):
        kinds = {self._sends_whole: 40, self._sends_cut: 20, self._sends_some: 12, self._ends: 10,
                 self._connects: 6, self._says_more: 3, self._looks_around: 3,
                 self._is_broken_off: 3}
        (kind,) = self._random.choices(list(kinds), kinds.values())
        kind(peer)

    def _sends_whole(self, peer):
        self._send(peer, self._pending.pop(peer, None) or self._request(peer))

    def _sends_cut(self, peer):
        self._send(peer, *self._cut(self._pending.pop(peer, None) or self._request(peer)))

    def _sends_some(self, peer):
        """A part of a request, the rest of which may follow later or never."""
        *pieces, self._pending[peer] = self._cut(self._pending.get(peer) or self._request(peer))
        self._send(peer, *pieces)

    def _cut(self, data):
        cuts = {self._random.randint(1, len(data)) for _ in range(self._random.randint(1, 3))}
        ends = sorted(cuts | {len(data)})
        return [data[start:end] for start, end in zip([0, *ends], ends)]

    def _send(self, peer, *pieces):
        if pieces:
            # After the table both daemons' creations are compared for the names in it only.
            self.steps += [tables(), peer.sends(*pieces)]

    def _ends(self, peer):
        self._pending.pop(peer, None)
        end = self._random.choice([peer.closes, peer.closes, peer.resets, peer.half_closes])
        self.steps.append(end())

    def _is_broken_off(self, peer):
        """The rest of its request is lost, but the connection is not."""
        self._pending.pop(peer, None)

    def _connects(self, peer):
        # A peer that is connected must go first, so that each has one connection.
        self._pending.pop(peer, None)
        self.steps += [peer.closes(), peer.connects(**self._random.choice(SOURCES))]

    def _says_more(self, peer):
        self._send(peer, self._random.randbytes(self._random.choice([1, 2, 3, 20])))

    def _looks_around(self, peer):
        self.steps += [peer.looks(), tables()]

    def _request(self, peer):
        may_register = self._peers.index(peer) < self._profile.registering
        kinds = {self._alive: 80 if may_register else 0, self._lookup: 20, self._stop: 10,
                 self._table: 10, self._other: 5, self._kill: 0.7}
        (kind,) = self._random.choices(list(kinds), kinds.values())
        request = kind()
        if self._profile.is_mutating and may_register and self._random.random() < 0.15:
            return self._mutated(request)
        return request

    def _alive(self):
        random = self._random
        return alive(self._name(), port=random.randrange(65536),
                     high=random.choice([4, 5, 6, 6, 7]), low=random.choice([5, 5, 6]),
                     node_type=random.choice([77, 72, 104, 0]),
                     protocol=random.choice([0, 0, 1]), extra=self._extra(),
                     trailing=b"t" * random.choice([0, 0, 0, 1, 5]))

    def _extra(self):
        return self._random.choice([b"", b"", b"", b"e", b"\0\xff", b"x" * 1020, b"x" * 1021])

    def _name(self):
        wrong = self._random.random() < 0.1
        return self._random.choice(NAMES_WRONG if wrong else self._names)

    def _lookup(self):
        return lookup(self._name() + self._random.choice([b"", b"", b"\0", b"\0\0"]))

    def _stop(self):
        return stop(self._name() + self._random.choice([b"", b"", b"\0", b"\0rest"]))

    def _table(self):
        return self._random.choice([NAMES, DUMP]) + self._random.choice([b"", b"", b"", b"n"])

    def _kill(self):
        return KILL

    def _other(self):
        random = self._random
        return random.choice([b"\0\0", b"\x0b\xf2", b"\xff\xff", packet(b"q"), packet(b"y" * 20),
                              packet(b"n" * 3057), packet(random.choice([b"x", b"x" * 13]))])

    def _mutated(self, request):
        at = self._random.randrange(len(request))
        new = self._random.randbytes(1)
        return self._random.choice([request[:at] + new + request[at + 1:],
                                    request[:at] + new + request[at:],
                                    request[:at] + request[at + 1:]])
