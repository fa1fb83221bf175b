"""Every script of bytes against OTP's epmd and against ours: the same bytes, the same fates."""

import re
import unittest

import daemons
import network
from player import Player, same
from scripts_of_bytes import SCRIPTS


def setUpModule():
    network.enter_private_network()
    network.add_addresses("10.0.0.1/24", "10.0.0.2/24", "fd00::1/64", "fd00::2/64")
    daemons.reference_epmd()
    daemons.our_epmd()


def transcript(kind, mode, steps):
    port = network.free_port()
    with kind(*arguments_of(mode, port), port=port) as daemon:
        return Player(daemon).play(steps)


def arguments_of(mode, port):
    """`PORT+65536` in a mode stands for a port that is another only as a whole number."""
    return [_argument(word, port) for word in mode]


def _argument(word, port):
    shift = re.fullmatch(r"PORT([+-]\d+)", word)
    return str(port + int(shift[1])) if shift else word


class EveryScript(unittest.TestCase):
    maxDiff = None

    def compare(self, script):
        for mode in script.modes:
            with self.subTest(arguments=" ".join(mode)):
                expected = transcript(daemons.Reference, mode, script.steps)
                found = transcript(daemons.Ours, mode, script.steps)
                if not same(expected, found):
                    self.assertEqual(found, expected)


class TheComparison(unittest.TestCase):
    """A comparison that sees nothing would always be content."""

    def test_names_of_scripts_are_unique(self):
        names = [script.name for script in SCRIPTS]
        self.assertEqual(len(names), len(set(names)))

    def test_only_a_reset_excuses_a_missing_end(self):
        self.assertTrue(same(["p has b'ab' and is reset"], ["p has b'abc' and is reset"]))
        for theirs, ours in (("b'abc' and is reset", "b'ab' and is reset"),
                             ("b'ab' and is closed", "b'abc' and is closed"),
                             ("b'ab' and is reset", "b'abc' and is closed"),
                             ("b'ax' and is reset", "b'abc' and is reset")):
            self.assertFalse(same([theirs], [ours]))
        self.assertFalse(same([], ["b''"]))

    def test_every_fate_and_the_end_of_the_daemon_are_seen(self):
        wanted = ("more behind a request whose length is known", "kill with nobody there",
                  "a taken name")
        seen = "".join(line for script in SCRIPTS if script.name in wanted
                       for line in transcript(daemons.Reference, script.modes[0], script.steps))
        for sight in ("is open", "is closed", "is reset", "has ended with 0", "OK", "name n at"):
            self.assertIn(sight, seen)


def _add_tests():
    for number, script in enumerate(SCRIPTS):
        words = re.sub(r"\W+", "_", script.name)[:60].strip("_")
        method = lambda self, script=script: self.compare(script)
        method.__doc__ = script.name
        setattr(EveryScript, f"test_{number:03}_{words}", method)


_add_tests()

if __name__ == "__main__":
    unittest.main()
