"""The same random sessions against OTP's epmd and ours: nobody may be able to tell them apart.

SESSIONS= says how many (a multiple of 25 is run), SEED= repeats a group of 25 that failed.
"""

import difflib
import os
import random
import subprocess
import unittest

import daemons
import network
from player import Player, same
from random_sessions import PROFILES, Session

GROUP = 25
SESSIONS = int(os.environ.get("SESSIONS", "2000"))
FIXED_SEEDS = range(1, 41)


def setUpModule():
    network.enter_private_network()
    network.add_addresses("10.0.0.1/24", "10.0.0.2/24")
    daemons.reference_epmd()
    daemons.our_epmd()


def commit():
    """The checkout's commit as a number; 0 where there is none."""
    done = subprocess.run(["git", "-C", str(daemons.CHECKOUT), "rev-parse", "--verify", "HEAD"],
                          capture_output=True, text=True, check=False)
    return int(done.stdout[:8], 16) if done.returncode == 0 else 0


def seeds():
    """One per group: the fixed ones, then those that follow from the commit."""
    if "SEED" in os.environ:
        return [int(os.environ["SEED"])]
    count = max(1, SESSIONS // GROUP)
    base = commit() * 1000
    fixed = list(FIXED_SEEDS)[:(count + 1) // 2]
    return fixed + [base + number for number in range(count - len(fixed))]


class Pair:
    """The reference and ours, started alike and replaced by fresh ones when they have ended."""

    def __init__(self, arguments, reference=daemons.Reference):
        self._arguments = arguments
        self._kinds = (reference, daemons.Ours)
        self._players = []

    def players(self):
        if not all(player.daemon.exit_status is None for player in self._players):
            self.stop()
        if not self._players:
            self._players = [Player(kind(*self._arguments)) for kind in self._kinds]
        return self._players

    def stop(self):
        for player in self._players:
            player.daemon.stop()
        self._players = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Sessions(unittest.TestCase):
    reference = daemons.Reference

    def play_group(self, seed, count=GROUP):
        dice = random.Random(seed)
        profile = PROFILES[seed % len(PROFILES)]
        with Pair(profile.arguments, self.reference) as pair:
            for number in range(count):
                steps = Session(dice, profile).draw()
                self.play_session(pair.players(), steps, f"SEED={seed}, session {number}")

    def play_session(self, players, steps, where):
        theirs, ours = (player.play(steps) for player in players)
        if not same(theirs, ours):
            difference = "\n".join(difflib.unified_diff(theirs, ours, "reference", "ours", "", "",
                                                        12, ""))
            self.fail(f"{where}:\n{difference}")


class RandomSessions(Sessions):
    def test_nobody_can_tell_the_daemons_apart(self):
        print(f"commit-derived seeds start at {commit() * 1000}; {len(seeds())} groups of {GROUP}")
        for seed in seeds():
            with self.subTest(seed=seed):
                self.play_group(seed)


if __name__ == "__main__":
    unittest.main()
