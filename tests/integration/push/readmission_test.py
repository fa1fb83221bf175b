"""A node that never registers again by itself, as those up to OTP 23, is called back by a daemon that
knows it from the file of the daemon before."""

import pathlib
import tempfile
import unittest

import network
from daemons import wait_until
from nodes import COOKIE, Node, environment
from programs import Program

PORT = 4369
# What OTP 23 has in effect: that its connection to the EPMD has ended is no reason for anything.
FORGETFUL = ("-eval", "spawn(fun F() -> case element(2, sys:get_state(erl_epmd)) of"
             " S when is_port(S) -> sys:replace_state(erl_epmd, fun(T) -> setelement(2, T, -1) end),"
             " io:format(\"forgetful~n\"); _ -> timer:sleep(10), F() end end).")


def setUpModule():
    network.enter_private_network()


class Readmission(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name, "nodes.json")

    def serve(self, cookie=COOKIE):
        return Program("serve", "--discover", "localhost", "--interval", "200ms", "--push",
                       "connect", "--nodes-file", self.file,
                       environment={"PORTOLAN_COOKIE": cookie})

    def start_node(self, name, *flags):
        node = Node(name, *flags, further=environment())
        self.addCleanup(node.end)
        return node

    def is_known(self, node):
        return self.file.exists() and f'"{node.name}@' in self.file.read_text("utf-8")

    def test_who_has_another_cookie_is_told_of_and_let_alone(self):
        with self.serve() as daemon:
            daemon.wait_for_log("listening on")
            old = self.start_node("old", *FORGETFUL)
            wait_until(lambda: self.is_known(old), "it is in the file")
            wait_until(lambda: "forgetful" in old.output(), "it has forgotten its EPMD")
        with self.serve(cookie="another") as daemon:
            daemon.wait_for_log("was here before this daemon was started, and has another cookie",
                                patience=30)
        # The node writes it when the daemon has been refused, and may be slower than the daemon.
        wait_until(lambda: "Invalid challenge reply" in old.output(), "the node has written it")
        self.assertEqual(old.output().count("Invalid challenge reply"), 1)

    def test_who_does_not_come_back_is_called_and_others_come_by_themselves(self):
        with self.serve() as daemon:
            daemon.wait_for_log("listening on")
            old, new = self.start_node("old", *FORGETFUL), self.start_node("new")
            wait_until(lambda: self.is_known(old) and self.is_known(new), "both are in the file")
            wait_until(lambda: "forgetful" in old.output(), "one has forgotten its EPMD")
        with self.serve() as daemon:
            daemon.wait_for_log("registered 'new'", patience=20)
            self.assertNotIn("registered 'old'", daemon.log())
            daemon.wait_for_log("registered 'old'", patience=30)
            daemon.wait_for_log("was here before this daemon was started, and is registered again")
            self.assertEqual(daemon.log().count("registered again"), 1)
        self.assertEqual(old.output(), "forgetful\n")
        self.assertEqual(new.output(), "")


if __name__ == "__main__":
    unittest.main()
