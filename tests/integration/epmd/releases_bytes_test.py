"""Every script of bytes, and some random sessions, against the epmd of each release of OTP.

The same bytes and the same fates, and for the scripts the same log. What a release says in its own
words is recorded in IN_ITS_WORDS. differential_test, random_sessions_test and log_texts_test do
this at length with the epmd of this machine.
"""

import difflib
import functools
import unittest

import daemons
import network
import releases
from differential_test import arguments_of
from log_texts_test import COMPARED, lines_of
from player import Player, same
from random_sessions_test import Sessions
from scripts_of_bytes import SCRIPTS

# A group for each profile of sessions, and how many sessions it has.
SEEDS, SESSIONS_EACH = range(1, 6), 10
# What a release calls in its log otherwise than ours does: (theirs, ours).
IN_ITS_WORDS = {
    25: (),
    27: (),
    29: (("EPMD_", ""),),  # its names of requests and replies begin so
}


def setUpModule():
    releases.fetch(25, 27, 29)
    network.enter_private_network()
    network.add_addresses("10.0.0.1/24", "10.0.0.2/24", "fd00::1/64", "fd00::2/64")
    daemons.our_epmd()


def played(kind, script, mode):
    """What the peers saw, and the log."""
    port = network.free_port()
    with kind(*arguments_of(mode, port), port=port) as daemon:
        transcript = Player(daemon).play(script.steps)
    return transcript, [line.replace(str(port), "PORT") for line in lines_of(daemon)]


@functools.cache
def ours(number, mode):
    """Played once for all releases."""
    return played(daemons.Ours, SCRIPTS[number], mode)


class Release:
    """What is done for each release."""
    maxDiff = None
    otp = None

    @classmethod
    def setUpClass(cls):
        cls.release = cls.enterClassContext(releases.Release(cls.otp))
        cls.reference = cls.release.epmd

    def test_scripts(self):
        for number, script in enumerate(SCRIPTS):
            for mode in script.modes:
                with self.subTest(script.name, otp=self.otp, arguments=" ".join(mode)):
                    self.compare(number, mode)

    def compare(self, number, mode):
        script = SCRIPTS[number]
        theirs, their_log = played(self.reference, script, mode)
        found, our_log = ours(number, mode)
        if not same(theirs, found):
            self.assertEqual(found, theirs)
        if script in COMPARED:
            their_log = [self.in_our_words(line) for line in their_log]
            difference = difflib.unified_diff(their_log, our_log, "theirs", "ours", "", "", 2, "")
            self.assertEqual(our_log, their_log, "\n" + "\n".join(difference))

    def in_our_words(self, line):
        for theirs, our in IN_ITS_WORDS[self.otp]:
            line = line.replace(theirs, our)
        return line

    def test_random_sessions(self):
        for seed in SEEDS:
            with self.subTest(seed=seed, otp=self.otp):
                self.play_group(seed, SESSIONS_EACH)


class Otp25(Release, Sessions):
    otp = 25


class Otp27(Release, Sessions):
    otp = 27


class Otp29(Release, Sessions):
    otp = 29


if releases.is_here(25):
    del Otp25  # differential_test and its like play more, and so does each build


if __name__ == "__main__":
    unittest.main()
