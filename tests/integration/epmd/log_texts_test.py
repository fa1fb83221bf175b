"""What the daemon says on a terminal while it serves: the same lines for the same requests."""

import difflib
import re
import unittest

import daemons
import network
from command_line import masked
from differential_test import arguments_of
from player import Player
from scripts_of_bytes import SCRIPTS

_CREATION = re.compile(r"(?<=:)\d+(', port)")
# How often the player asks for names depends on how fast the daemon is.
_LEFT_OUT = re.compile(r"\*\* (got (EPMD_)?NAMES_REQ|sent (EPMD_)?NAMES_RESP)")
# In these ours deviates on purpose: names cannot forge lines, and lines are bounded in rate.
_DEVIATING = ("the tables show names as they are", r"the odd name b'\n'",
              r"the odd name b'x at port 1\nname evil'", "many refused nodes")
_LINE_SHOWN_MAX = 1000
COMPARED = [script for script in SCRIPTS if script.name not in _DEVIATING]


def setUpModule():
    network.enter_private_network()
    network.add_addresses("10.0.0.1/24", "10.0.0.2/24", "fd00::1/64", "fd00::2/64")
    daemons.reference_epmd()
    daemons.our_epmd()


def log(kind, script, mode, port):
    with kind(*arguments_of(mode, port), port=port) as daemon:
        Player(daemon).play(script.steps)
    return lines_of(daemon)


def lines_of(daemon):
    """What a daemon that has ended has logged, as far as two correct ones must agree."""
    text = _CREATION.sub(r"CREATION\1", masked(daemon.output()))
    # What is told while it goes does not matter any more.
    text = text.partition("terminates normal")[0]
    return [line[:_LINE_SHOWN_MAX] for line in text.splitlines() if not _LEFT_OUT.search(line)]


class EveryScript(unittest.TestCase):
    def compare(self, script, *options):
        for mode in script.modes:
            with self.subTest(script.name, mode=(*mode, *options)):
                port = network.free_port()
                theirs, ours = (log(kind, script, (*mode, *options), port)
                                for kind in (daemons.Reference, daemons.Ours))
                difference = difflib.unified_diff(theirs, ours, "reference", "ours", "", "", 2, "")
                self.assertEqual(ours, theirs, "\n" + "\n".join(difference))

    def test_the_lines_of_bad_requests(self):
        for script in COMPARED:
            self.compare(script)

    def test_the_lines_with_debug(self):
        for script in COMPARED:
            # Two -d also show bytes, and in them descriptors.
            if not any("-d" in mode for mode in script.modes):
                self.compare(script, "-d")


if __name__ == "__main__":
    unittest.main()
