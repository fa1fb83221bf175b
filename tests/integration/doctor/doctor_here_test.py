"""`portolan doctor`: for each fault of this host, the step that is broken and its remedy."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import unittest

import daemons
import needs
import network
from daemons import CHECKOUT
from doctor_world import HTTP, DoctorTest, says
from documents import rows, section, text_of
from nodes import COOKIE
from programs import run

OPERATING = CHECKOUT / "docs/OPERATING.md"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Here(DoctorTest):
    """Without a node: this host."""

    def setUp(self):
        super().setUp()
        self.host = socket.gethostname().partition(".")[0]

    def broken(self, *words, **further):
        """(step, found, remedy) of each."""
        told = json.loads(self.run_doctor(*words, "--json", **further).stdout)
        return [(step["step"], step["found"], step["remedy"]) for step in told["steps"]
                if step["result"] == "failed" and self.host not in step["found"]]

    def all(self, step, *words, **further):
        told = json.loads(self.run_doctor(*words, "--json", **further).stdout)
        return [(each["result"], each["found"]) for each in told["steps"] if each["step"] == step]

    def assert_one_broken(self, broken, step, found, remedy):
        self.assertEqual([each[0] for each in broken], [step], broken)
        self.assertIn(found, broken[0][1])
        self.assertIn(remedy, broken[0][2])

    def test_who_is_there_and_who_holds_the_port(self):
        self.node("web@localhost")
        self.dns.set("localhost", "127.0.0.1")
        self.assertEqual(self.broken(), [])
        self.assertEqual(self.all("epmd"), [("ok", f"127.0.0.1:{self.port} answers, with 1 name; "
                         f"port {self.port} is held by portolan (process {self.daemon.pid})")])
        self.assertEqual(self.all("loopback"), [("ok", "the EPMD answers at 127.0.0.1, ::1")])
        (node,) = self.all("node")
        self.assertEqual(node[0], "ok")
        self.assertIn("'web': web@localhost shakes hands at 127.0.0.1:", node[1])

    def test_a_node_with_another_cookie_than_would_be_pushed_with(self):
        node = self.node("web@localhost")
        self.dns.set("localhost", "127.0.0.1")
        (told,) = self.all("cookie", cookie=COOKIE)
        self.assertEqual(told, ("ok", "web@localhost: the cookie of PORTOLAN_COOKIE is accepted, and "
                                "the node proves that it has it"))
        self.assertEqual(self.all("cookie"), [])
        file = self.folder / ".erlang.cookie"
        file.write_text("another", "ascii")
        file.chmod(0o400)
        self.assertEqual(self.all("cookie"), [])
        self.assertEqual(node.output().count("rejected"), 0)
        self.assert_one_broken(self.broken(cookie="another"), "cookie", "web@localhost: it has another "
                               "cookie than that of PORTOLAN_COOKIE", "give all nodes of the cluster one")

    def test_a_cookie_that_cannot_be_read(self):
        self.node("web@localhost")
        self.dns.set("localhost", "127.0.0.1")
        self.assert_one_broken(self.broken("--cookie-file", self.folder / "none"), "cookie",
                               "cannot read the cookie file", "mend that")

    def test_another_users_node_gets_no_proof(self):
        self.node("web@localhost")
        file = self.folder / "cookie"
        file.write_text("another", "ascii")
        file.chmod(0o400)
        os.chown(file, 65534, 65534)
        self.assertEqual(self.all("cookie", "--cookie-file", file), [])
        (node,) = self.all("node", "--cookie-file", file)
        self.assertIn("--push would tell it nothing", node[1])

    def test_nobody_is_there(self):
        self.assertEqual(self.all("node"), [("unknown", "no node is registered")])
        self.daemon.stop()
        self.assert_one_broken(self.broken(), "epmd", f"nothing listens on 127.0.0.1:{self.port}",
                               "portolan serve")

    def test_another_program_has_the_port(self):
        port = self.serve(says(HTTP))
        self.assert_one_broken(self.broken(port=port), "epmd",
                               f"; port {port} is held by {process_name()} (process {os.getpid()})",
                               "end that program")

    def test_an_epmd_at_one_loopback_address_only(self):
        port = self.serve(lambda connection: connection.sendall(b"\0\0\x11\x11"))
        self.assertEqual(self.all("loopback", port=port), [
            ("unknown", "the EPMD answers at 127.0.0.1, but not at ::1: nodes that use this one do "
             "not find it")])

    def test_a_node_that_hangs(self):
        self.dns.set("localhost", "127.0.0.1")
        node = self.node("web@localhost")
        os.kill(node.pid, signal.SIGSTOP)
        self.assert_one_broken(self.broken("--timeout", "1s"), "node",
                               "then says nothing", "kill -CONT")

    def test_nodes_whose_host_part_leads_elsewhere(self):
        self.node("web@node1")
        self.assertEqual(self.broken(), [])
        self.assertEqual([found for result, found in self.all("for others") if "node1" in found],
                         [f"others find node1 at 127.0.1.1, says 127.0.0.53 port {self.dns.port}"])
        self.dns.set("node1", "10.7.7.7")
        own, others = self.broken()
        self.assertEqual((own[0], others[0]), ("host part", "for others"))
        self.assertIn("but this host is 127.0.0.1", own[1])
        self.assertIn("give this host a name of its own", own[2])
        self.assertIn("that no other has", others[2])
        del self.dns.records["node1"]
        self.assert_one_broken(self.broken(), "host part", "'node1' does not resolve",
                               "let it resolve")
        self.assertIn("does not know node1", str(self.all("for others")))

    def test_the_names_of_its_addresses(self):
        network.ip("address", "replace", "10.1.2.3/24", "dev", "lo")
        self.addCleanup(network.ip, "address", "del", "10.1.2.3/24", "dev", "lo")
        self.assertIn(("unknown", f"127.0.0.53 port {self.dns.port} has no name for 10.1.2.3"),
                      self.all("address"))
        self.dns.set_reverse("10.1.2.3", "web.net_poc")
        self.assertIn(("ok", "10.1.2.3 is web.net_poc for others, says 127.0.0.53 port "
                       f"{self.dns.port}"), self.all("address"))

    def test_what_discovery_looks_for(self):
        def discover(text, **further):
            return self.all("discover", environment={"PORTOLAN_DISCOVER": text}, **further)
        self.dns.set("web", "127.0.1.1", "127.0.1.2")
        self.assertEqual(discover("web"),
                         [("ok", "web is 127.0.1.1, 127.0.1.2: 2 of 2 EPMDs answer")])
        self.assertEqual(self.all("discover", "--discover", "node1"),
                         [("ok", "node1 is 127.0.1.1: 1 of 1 EPMDs answer")])
        nobody = network.free_port()
        (two,) = discover(f"web:{nobody}")
        self.assertEqual(two, ("failed", f"web:{nobody} is 127.0.1.1, 127.0.1.2: 0 of 2 EPMDs "
                               f"answer, and none at 127.0.1.1:{nobody}, 127.0.1.2:{nobody}"))
        self.dns.set("web", "127.0.1.1", "198.51.100.1")
        self.assertEqual(discover("web")[0][0], "unknown")
        self.assertEqual(discover("none,web")[0], ("failed", "'none' leads to nobody"))
        self.dns.mode = "servfail"
        self.assertIn("'web' cannot be looked up", discover("web")[0][1])

    def test_what_to_do_about_queries(self):
        def remedy(text):
            ((_, _, what),) = self.broken("--discover", text)
            return what
        self.assertIn("--network-alias", remedy("none"))
        self.assertIn("start one on each", remedy(f"node1:{network.free_port()}"))
        self.dns.mode = "servfail"
        self.assertIn("/etc/resolv.conf", remedy("web"))

    def test_as_text(self):
        self.dns.set("localhost", "127.0.0.1")
        result = self.run_doctor()
        if result.returncode == 0:
            self.assertTrue(result.stdout.endswith("\nNothing is broken here.\n"))
        self.daemon.stop()
        result = self.run_doctor()
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, "portolan doctor: this host: nothing listens on 127.0.0.1:"
                         f"{self.port}; what to do stands with the step 'epmd'\n")

    def test_a_wrong_command_line_is_one_line_and_status_2(self):
        for words, said in ((["web@a", "db@a"], "db@a"), (["--nameservers", "ns"], "'ns'"),
                            (["--discover", "a b"], "a b")):
            result = run("doctor", *words)
            with self.subTest(words):
                self.assertEqual((result.returncode, result.stdout, result.stderr.count("\n")),
                                 (2, "", 1), result.stderr)
                self.assertIn(said, result.stderr)


class Keeper(DoctorTest):
    """Whether names outlive a crash of the EPMD here."""

    def keeper(self, port=None, **running):
        told = json.loads(self.run_doctor("--json", port=port, **running).stdout)
        return [(each["result"], each["found"]) for each in told["steps"]
                if each["step"] == "keeper"]

    def start(self, *words, kind=daemons.Serve, **further):
        return self.enterContext(kind(*words, **further))

    def assert_kept(self, daemon, **running):
        self.assertEqual(self.keeper(daemon.port, **running), [
            ("ok", f"names outlive a crash: process {daemon.pid} is the EPMD's keeper")])

    def assert_not_kept(self, daemon, why):
        name = pathlib.Path(f"/proc/{daemon.pid}/comm").read_text(encoding="ascii").strip()
        self.assertEqual(self.keeper(daemon.port), [
            ("unknown", f"a crash ends all names: {name} (process {daemon.pid}) {why}")])

    def as_nobody(self):
        """For a program that this user may run, wherever ours is."""
        needs.root()
        os.chmod(self.folder, 0o755)
        program = shutil.copy(daemons.portolan(), self.folder)
        return {"executable": program, "user": 65534, "group": 65534, "extra_groups": []}

    def test_a_keeper_that_is_there_before_and_after_a_crash_and_an_upgrade(self):
        self.assert_kept(self.daemon)
        before = self.daemon.server
        os.kill(before, signal.SIGKILL)
        daemons.wait_until(lambda: self.daemon.server not in (before, self.daemon.pid),
                           "there is another server")
        self.assert_kept(self.daemon)
        self.assertEqual(run("upgrade", self.daemon.pid).returncode, 0)
        self.assert_kept(self.daemon)

    def test_each_daemon_has_its_own(self):
        self.assert_kept(self.start(kind=daemons.Ours))
        self.assert_not_kept(self.start("--keep-names", "no"), "was started with --keep-names no")
        self.assert_kept(self.daemon)

    def test_why_there_is_none(self):
        variable = {"PORTOLAN_KEEP_NAMES": "no"}
        for kind in (daemons.Serve, daemons.Ours):
            self.assert_not_kept(self.start(kind=kind, environment=variable),
                                 "was started with PORTOLAN_KEEP_NAMES=no")
        file = self.folder / "portolan.conf"
        file.write_text("keep-names = no\n", encoding="ascii")
        self.assert_not_kept(self.start("--config", file),
                             "has no keeper; its configuration file or its log says why")
        self.assert_not_kept(self.start(kind=daemons.Reference),
                             "has no keeper, as OTP's epmd has none")

    def test_a_user_without_privileges_sees_the_keeper_of_another(self):
        self.assert_kept(self.daemon, **self.as_nobody())

    def test_a_user_without_privileges_does_not_see_why_there_is_none(self):
        daemon = self.start("--keep-names", "no")
        ((result, found),) = self.keeper(daemon.port, **self.as_nobody())
        self.assertEqual(result, "unknown")
        self.assertIn("whether names outlive a crash is not seen", found)

    def test_another_program_is_no_epmd_of_which_anything_is_known(self):
        port = self.serve(lambda connection: connection.sendall(b"\0\0\x11\x11"))
        ((result, found),) = self.keeper(port)
        self.assertEqual(result, "unknown")
        self.assertIn("whether names outlive a crash is not seen", found)


class Documented(unittest.TestCase):
    def test_every_step_is_listed(self):
        table = rows(section(OPERATING, "When a node is not reached"))
        listed = [row[0].strip("`") for row in table]
        taken = [step for name in ("walk.cc", "here.cc") for step in
                 re.findall(r"take\(\s*\"([^\"]+)\"", text_of(CHECKOUT / "src/doctor" / name))]
        self.assertEqual(sorted(listed), sorted([*set(taken), "cookie", "epmd", "search list"]))


def process_name():
    return pathlib.Path("/proc/self/comm").read_text(encoding="ascii").strip()


if __name__ == "__main__":
    unittest.main()
