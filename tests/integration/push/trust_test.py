"""To whom the daemon proves that it knows the cookie: to nodes of this host whose process is of the
user that the cookie belongs to. Others get nothing, from the daemon and from the nodes here."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import daemons
import deny
import needs
import network
import relay
from daemons import wait_until
from discovery_world import Host
from nodes import COOKIE, Node
from programs import run
from push_world import PushTest, wait_until_meshed

OWNER, OTHER = 1001, 1002
RELAY = pathlib.Path(__file__).with_name("relay.py")


def setUpModule():
    network.enter_private_network()
    needs.root()
    for name in ("erl", "erl_call", "setpriv"):
        needs.program(name)
    daemons.portolan()


def as_user(user):
    return [needs.program("setpriv"), f"--reuid={user}", f"--regid={user}", "--clear-groups"]


class Played:
    """relay.py as a process of a user; a context manager."""

    def __init__(self, user, *words):
        self._output = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*as_user(user), sys.executable, RELAY, *map(str, words)], stdin=subprocess.PIPE,
            stdout=self._output, stderr=self._output)
        wait_until(lambda: "ready" in self.words(), "it is ready", 60)

    def words(self):
        size = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), size, 0).decode().split()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._output.close()


class TrustTest(PushTest):
    """The cookie is OWNER's, and so is a real node; the daemon is root's."""

    def setUp(self):
        super().setUp()
        os.chown(self.cookie_file, OWNER, OWNER)
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        os.chown(self.home, OWNER, OWNER)
        self.victim_port = network.free_port()

    def node_of_owner(self, name, *flags):
        command = [*as_user(OWNER), *Node.erl(name, ("-start_epmd", "false", *flags))]
        return self.enterContext(Node(name, command=command, further={"HOME": str(self.home)}))

    def victim(self):
        limits = [f"inet_dist_listen_{end} {self.victim_port}" for end in ("min", "max")]
        return self.node_of_owner("victim@localhost", "-kernel", *" ".join(limits).split())

    def relay(self, user, name="evil@localhost", *, registered=True, listens=True, port=None):
        return self.enterContext(Played(
            user, name, self.port if registered else 0, port or network.free_port(),
            self.victim_port if listens else 0))

    def assert_nothing_gained(self, daemon, relay, line):
        line = f"nothing is pushed to evil@localhost: {line}"
        wait_until(lambda: line in daemon.log() or "in" in relay.words(), "it is seen or let in")
        self.assertEqual(set(relay.words()) - {"ready", "asked"}, set(), "it got a proof")
        self.assert_once(daemon, line)
        self.assertEqual(set(relay.words()) - {"ready", "asked"}, set(), "it got a proof")


class Relays(TrustTest):
    def test_a_process_of_another_user_gets_no_proof(self):
        """Neither from the daemon, nor from a node that is told to connect to it."""
        daemon = self.serve()
        victim = self.victim()
        relay = self.relay(OTHER)
        self.assert_nothing_gained(
            daemon, relay, f"a process of user {OTHER} has registered it, and the cookie is user "
                           f"{OWNER}'s")
        self.assertEqual(relay.words(), ["ready"])
        wait_until_meshed(victim, self.node_of_owner("friend@localhost"))
        self.assertEqual(relay.words(), ["ready"])

    def test_a_process_of_another_user_at_the_port_of_a_name_gets_no_proof(self):
        daemon = self.serve()
        self.victim()
        port = network.free_port()
        relay = self.relay(OTHER, registered=False, port=port)
        self.relay(OWNER, listens=False, port=port)
        self.assert_nothing_gained(
            daemon, relay, f"a process of user {OTHER} listens at its port, and the cookie is user "
                           f"{OWNER}'s")


class Users(TrustTest):
    """Which nodes are the cookie's owner's. They are played by Python, each as a process of a user."""

    def player(self, name, user):
        return self.relay(user, f"{name}@localhost")

    def assert_pushed_alone(self, daemon, pushed, other, user, owner):
        self.victim_port = network.free_port()  # nobody is there, and nothing is passed on
        good, friend = (self.player(name, pushed) for name in ("good", "friend"))
        bad = self.player("bad", other)
        self.assert_once(daemon, f"nothing is pushed to bad@localhost: a process of user {user} has "
                                 f"registered it, and the cookie is user {owner}'s; ")
        wait_until(lambda: "proof" in good.words() and "proof" in friend.words(), "it is pushed to")
        self.assertEqual(bad.words(), ["ready"])

    def test_not_even_roots_if_the_cookie_is_not_roots(self):
        self.assert_pushed_alone(self.serve(), OWNER, 0, 0, OWNER)

    def test_a_cookie_of_roots(self):
        os.chown(self.cookie_file, 0, 0)
        self.assert_pushed_alone(self.serve(), 0, OTHER, OTHER, 0)

    def test_a_cookie_in_a_variable_is_the_daemons_own_users(self):
        daemon = self.serve(prefix=as_user(OWNER), program=self.program_for_all(), file=False,
                            environment={"PORTOLAN_COOKIE": COOKIE})
        self.assert_pushed_alone(daemon, OWNER, OTHER, OTHER, OWNER)

    def program_for_all(self):
        os.chmod(self.folder, 0o755)
        return shutil.copy(daemons.portolan(), self.folder / "portolan")

    def test_messages_go_to_the_owners_nodes_alone_and_name_no_others(self):
        os.chown(self.cookie_file, 0, 0)
        daemon = self.serve(push="message")
        node = self.fake("a@localhost")
        node.process = 100
        self.player("bad", OTHER)
        daemon.wait_for_log("nothing is pushed to bad@localhost: a process of user")
        wait_until(lambda: node.messages, "it is told")
        self.wait_for_rounds(3)
        self.assertEqual([message[1:] for _, message in node.messages], [("members", [])])

    def test_the_next_incarnation_is_logged_again_and_counted(self):
        daemon = self.serve("--http", f"127.0.0.1:{network.free_port()}")
        with Played(OTHER, "bad@localhost", self.port, network.free_port(), 1):
            self.assert_once(daemon, "nothing is pushed to bad@localhost: ")
        with Played(OTHER, "bad@localhost", self.port, network.free_port(), 1):
            daemon.wait_for_log("nothing is pushed to bad@localhost: ", 2)
            self.wait_for_rounds(3)
        self.assertEqual(daemon.log().count("nothing is pushed to bad@localhost: "), 2)

    def test_a_cookie_that_changes_its_owner_counts_at_the_next_round(self):
        daemon = self.serve()
        good, friend = (self.player(name, OTHER) for name in ("good", "friend"))
        daemon.wait_for_log("nothing is pushed to good@localhost: a process of user")
        os.chown(self.cookie_file, OTHER, OTHER)
        wait_until(lambda: "proof" in good.words() and "proof" in friend.words(), "it is pushed to")


class Kernels(TrustTest):
    """What the kernel tells."""

    DENY = deny.prefix("netlink")

    def test_without_netlink_the_table_is_read(self):
        daemon = self.serve(prefix=self.DENY)
        relay = self.relay(OTHER)
        group = [self.node_of_owner(f"{name}@localhost") for name in "ab"]
        wait_until_meshed(*group)
        self.assert_nothing_gained(daemon, relay, f"a process of user {OTHER} has registered it")

    def test_when_it_tells_nothing_nothing_is_proved(self):
        # The rest of /proc stays: a sanitizer needs it. Nothing is hidden from a second process.
        hidden = 'mount -t tmpfs none /proc/$$/net; exec "$@"'
        unshared = needs.program("unshare"), "--mount", "sh", "-ec", hidden, "sh", *self.DENY
        daemon = self.serve("--keep-names", "no", prefix=unshared)
        relay = self.relay(OWNER)
        self.assert_nothing_gained(
            daemon, relay, f"it is not known whose process has registered it, and the cookie is "
                           f"user {OWNER}'s: NETLINK_SOCK_DIAG: Operation not permitted; "
                           "/proc/self/net/tcp: No such file or directory")


class Readmitted(TrustTest):
    def test_what_is_at_the_port_of_a_node_that_is_called_back_must_be_the_owners(self):
        """The file of the nodes says who was here, and the daemon connects to where it was."""
        port = network.free_port()
        state = self.folder / "nodes.json"
        state.write_text(json.dumps({"members": [], "local": [
            {"node": "evil@localhost", "address": "127.0.0.1", "port": port, "creation": 7}]}))
        relay = self.relay(OTHER, registered=False, port=port)
        daemon = self.serve("--nodes-file", state)
        line = (f"evil@localhost was here before this daemon was started; now a process of user "
                f"{OTHER} answers at its port, and the cookie is user {OWNER}'s")
        wait_until(lambda: line in daemon.log() or "proof" in relay.words(), "it is seen, or told", 30)
        self.assertEqual(relay.words(), ["ready", "asked"])
        self.assert_once(daemon, line)


class Elsewhere(TrustTest):
    """A host behind the alias."""

    COOKIE_LINE = ("me@localhost cannot connect to far@h1, although that node answers: most often it "
                   "has another cookie than that of")

    def setUp(self):
        super().setUp()
        os.chown(self.cookie_file, 0, 0)
        self.heard = []
        (self.host,) = self.add("far@h1", node=lambda connection: relay.serve(
            connection, "far@h1", ("127.0.0.1", self.victim_port), self.heard.append))
        self.daemon = self.serve()
        self.local = self.fake("me@localhost")

    def test_it_gets_no_proof_from_the_daemon_when_no_node_can_connect_to_it(self):
        self.local.can_connect = lambda peer: False
        wait_until(lambda: self.COOKIE_LINE in self.daemon.log() or "proof" in self.heard,
                   "it is said, or a proof is given", 60)
        self.assertEqual(self.heard, [], "nothing but probes")
        self.assert_once(self.daemon, self.COOKIE_LINE, 15)
        self.assertEqual(self.heard, [], "nothing but probes")
        self.assertEqual(self.local.told(), ["far@h1"] * 2)
        self.assertEqual(self.daemon.log().count("cannot connect"), 1)

    def test_it_is_tried_at_once_when_it_is_started_anew(self):
        self.local.can_connect = lambda peer: False
        self.daemon.wait_for_log(self.COOKIE_LINE)
        self.local.can_connect = lambda peer: True
        self.cluster.hosts["127.0.1.1"] = Host("far@h1", creation=8)
        self.forget_it()
        self.daemon.wait_for_log("pushed: me@localhost is connected to far@h1")

    def test_it_is_tried_at_once_when_the_cookie_is_another(self):
        self.local.can_connect = lambda peer: False
        self.daemon.wait_for_log(self.COOKIE_LINE)
        self.local.can_connect = lambda peer: True
        self.local.cookie = "mended"
        self.write_cookie("mended")
        self.daemon.wait_for_log("pushed: me@localhost is connected to far@h1", patience=30)

    def forget_it(self):
        """The DNS has it no more for a moment, so that its creation is asked again."""
        self.dns.set("web")
        self.daemon.wait_for("left far@h1")
        self.dns.set("web", "127.0.1.1")


class Doctors(TrustTest):
    """A node of this host, of which the doctor knows whose process it is."""

    def setUp(self):
        super().setUp()
        self.serve(push="none").wait_for_log("listening on")
        self.player = self.relay(OTHER)

    def doctor(self, *words):
        return run("doctor", *words, "--cookie-file", self.cookie_file, "--nameservers",
                   self.dns.address)

    def test_another_users_gets_no_proof(self):
        done = self.doctor("evil@localhost")
        self.assertIn("a process of another user answers at its port than the cookie of "
                      f"{self.cookie_file} belongs to", " ".join(done.stdout.split()))
        self.assertEqual((done.returncode, self.player.words()), (1, ["ready", "asked"]))

    def test_the_owners_gets_one(self):
        os.chown(self.cookie_file, OTHER, OTHER)
        self.doctor("evil@localhost")
        self.assertIn("proof", self.player.words())

    def test_it_is_shown_whose_a_node_is(self):
        line = f"--push would tell it nothing: it runs as user {OTHER}, and the cookie is user {OWNER}'s"
        self.assertIn(line, " ".join(self.doctor().stdout.split()))


if __name__ == "__main__":
    unittest.main()
