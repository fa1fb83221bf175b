"""Our first face and the epmd of each release of OTP on the same command lines.

DIFFERENCES records what a release does otherwise than ours. Each must still do so.
"""

import functools
import pathlib
import socket
import unittest

import daemons
import network
import releases
from command_line import Outcome, outcome
from command_line_test import ADDRESSES, PORTS, USAGE, with_port

OTPS = (25, 27, 29)
ADDRESS_6 = "fd00::1/64"
WILDCARDS = ["0.0.0.0", "::", "0.0.0.0,127.0.0.1", "127.0.0.2,127.0.0.2"]
COMMAND_LINES = [[], ["-d"], *USAGE, *(["-port", value] for value in PORTS),
                 *(["-address", value] for value in ADDRESSES + WILDCARDS)]
TAKEN = [[], ["-address", "127.0.0.2"], ["-d", "-address", "127.0.0.2"]]
WITHOUT_IPV6 = [[], ["-address", "127.0.0.1"], ["-address", "::1"], ["-address", "fd00::1"]]
FOURTEEN, FOURTEEN_AND_X, EIGHTEEN = ADDRESSES[-4:-1]

ENDS = Outcome(0, "", "")
TOO_MANY = Outcome(1, "", "epmd: DATE: cannot listen on more than 14 IP addresses\r\n")
# What each does otherwise: {situation and arguments: outcome}.
WITH_OWN_LOOPBACK = {
    # It listens on loopback besides, whatever is listed, and takes its own socket for another's.
    "-address 0.0.0.0": ENDS, "-address ::": ENDS,
    "-address 0.0.0.0,127.0.0.1": ENDS, "-address 127.0.0.2,127.0.0.2": ENDS,
    # A loopback address that was asked for may be missing.
    "without IPv6: -address ::1": Outcome(
        None, "", "epmd: DATE: failed to bind on ipaddr ::1: Cannot assign requested address\r\n",
        (("127.0.0.1", "PORT", False, 4096),)),
}
DIFFERENCES = {
    25: WITH_OWN_LOOPBACK,
    27: WITH_OWN_LOOPBACK,
    29: {
        # An address that is listed twice is listened on twice.
        "-address 0.0.0.0,127.0.0.1": ENDS, "-address 127.0.0.2,127.0.0.2": ENDS,
        "-address 127.0.0.1,127.0.0.1,::1,::1": ENDS,
        # Its limit does not count the loopback addresses that it adds.
        f"-address {FOURTEEN}": TOO_MANY,
        f"-address {FOURTEEN_AND_X}": TOO_MANY,
        f"-address {EIGHTEEN}": TOO_MANY,
        # It calls the request by its whole name.
        "-d": Outcome(
            None, "", "epmd: DATE: epmd running - daemon = 0\r\n"
            "epmd: DATE: ** got EPMD_NAMES_REQ\r\nepmd: DATE: ** sent NAMES_RESP\r\n",
            (("0.0.0.0", "PORT", False, 4096), ("::", "PORT", True, 4096))),
        # It binds the loopback addresses last, and so tells of another one first.
        "0.0.0.0 is taken: -d -address 127.0.0.2": Outcome(
            0, "", "epmd: DATE: epmd running - daemon = 0\r\nepmd: DATE: there is already a epmd "
            "running at port PORT on ipaddr 127.0.0.2\r\n"),
        "without IPv6: -address fd00::1": Outcome(
            1, "", "epmd: DATE: failed to bind on ipaddr fdFD::1: Cannot assign requested "
            "address\r\n"),
    },
}


def setUpModule():
    releases.fetch(*OTPS)
    network.enter_private_network()
    network.add_addresses("10.0.0.1/24", ADDRESS_6)
    daemons.our_epmd()


def outcome_of(command, arguments, port):
    port = port or network.free_port()
    return outcome(command, [with_port(port, word) for word in arguments],
                   {"ERL_EPMD_PORT": str(port)}, port=port)


@functools.cache
def our_outcome(situation, arguments, port):
    """Looked at once for all releases."""
    return outcome_of(daemons.our_epmd(), arguments, port)


class Release:
    """What is done for each release."""
    maxDiff = None
    otp = None

    @classmethod
    def setUpClass(cls):
        cls.command = cls.enterClassContext(releases.Release(cls.otp)).epmd_command()

    def compare(self, situation, arguments, port=None):
        what = situation + " ".join(arguments)
        with self.subTest(what, otp=self.otp):
            theirs = outcome_of(self.command, arguments, port)
            ours = our_outcome(situation, tuple(arguments), port)
            recorded = DIFFERENCES[self.otp].get(what)
            self.assertEqual(theirs, recorded or ours)
            self.assertNotEqual(ours, recorded, "no difference any more")

    def test_usage_ports_and_addresses(self):
        for arguments in COMMAND_LINES:
            self.compare("", arguments)

    def test_taken_addresses(self):
        for address in ("0.0.0.0", "127.0.0.1", "127.0.0.2", "::1"):
            port = network.free_port()
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.create_server((address, port), family=family):
                for arguments in TAKEN:
                    self.compare(f"{address} is taken: ", arguments, port)

    def test_without_ipv6(self):
        switches = [f"/proc/sys/net/ipv6/conf/{device}/disable_ipv6" for device in ("lo", "all")]
        self.addCleanup(network.add_addresses, ADDRESS_6)  # which goes with IPv6
        for path in switches:
            self.addCleanup(pathlib.Path(path).write_text, "0", "ascii")
            pathlib.Path(path).write_text("1", "ascii")
        for arguments in WITHOUT_IPV6:
            self.compare("without IPv6: ", arguments)


class Otp25(Release, unittest.TestCase):
    otp = 25


class Otp27(Release, unittest.TestCase):
    otp = 27


class Otp29(Release, unittest.TestCase):
    otp = 29


if __name__ == "__main__":
    unittest.main()
