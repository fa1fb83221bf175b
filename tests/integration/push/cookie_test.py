"""The push's cookie: where it is read from, what is wrong with it, and that nobody sees it."""

import os
import pathlib
import shutil
import subprocess
import unittest

import daemons
import needs
import network
from daemons import wait_until
from nodes import COOKIE
from push_world import PushTest

OPEN = " is open to others than its owner, and Erlang would not take it either; run chmod 400 on it"
NO_SUCH = (": No such file or directory; name another file with --cookie-file, or leave out "
           "--cookie-file (PORTOLAN_COOKIE_FILE) and give the cookie in PORTOLAN_COOKIE")
ODD = " holds characters that no cookie has; it is one line of printable ASCII"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class CookieTest(PushTest):
    def setUp(self):
        super().setUp()
        self.port = network.free_port()

    def pair(self):
        """Two nodes to which there is something to push."""
        return [self.fake(f"{name}@localhost") for name in ("good", "peer")]

    def assert_pushed(self, pair):
        for node, other in zip(pair, reversed(pair)):
            wait_until(lambda: other.name in node.told(),  # pylint: disable=cell-var-from-loop
                       f"{node.name} is told")

    def end(self, daemon, pair):
        daemon.end()
        for node in pair:
            node.close()


class Files(CookieTest):
    def assert_right(self, make):
        make()
        daemon = self.serve()
        pair = self.pair()
        self.assert_pushed(pair)
        self.assertNotIn(" error ", daemon.log())
        self.end(daemon, pair)

    def assert_wrong_until_mended(self, make, why):
        make()
        self.port = network.free_port()  # where one has failed, its daemon is still there
        daemon = self.serve()
        pair = self.pair()
        self.assert_once(daemon, f"nothing is pushed to good@localhost: {why}")
        self.assertEqual([node.pushes() for node in pair], [0, 0])
        self.remove()
        self.write_cookie(COOKIE)
        self.assert_pushed(pair)
        self.end(daemon, pair)

    def remove(self):
        if self.cookie_file.is_dir():
            self.cookie_file.rmdir()
        elif self.cookie_file.exists():
            self.cookie_file.unlink()

    def wrong(self):
        path = self.cookie_file
        name = f"the cookie file {path}"
        return {
            "missing": (self.remove, f"cannot read {name}{NO_SUCH}"),
            "empty": (lambda: self.write_cookie(""), f"{name} is empty; put the nodes' cookie"),
            "a line": (lambda: self.write_cookie("\n"), f"{name} is empty; put the nodes' cookie"),
            "open to all": (lambda: self.write_cookie(COOKIE, 0o644), name + OPEN),
            "open to others": (lambda: self.write_cookie(COOKIE, 0o604), name + OPEN),
            "open to a group": (lambda: self.write_cookie(COOKIE, 0o640), name + OPEN),
            "binary": (lambda: self.write_cookie(b"\0\1\xff" * 50), name + ODD),
            "two lines": (lambda: self.write_cookie("one\ntwo\n"), name + ODD),
            "a tab": (lambda: self.write_cookie(COOKIE + "\t"), name + ODD),
            "too long": (lambda: self.write_cookie("x" * 256), f"{name} is longer than the 255"),
            "a megabyte": (lambda: self.write_cookie("x" * (1 << 20)), f"{name} is longer than"),
            "a folder": (lambda: (self.remove(), path.mkdir()), f"{name} is no regular file"),
            "a pipe": (lambda: (self.remove(), os.mkfifo(path, 0o600)), f"{name} is no regular"),
        }

    def test_each_that_is_wrong_is_a_line_and_is_tried_again_when_mended(self):
        for what, (make, why) in self.wrong().items():
            with self.subTest(what):
                self.write_cookie(COOKIE)
                self.assert_wrong_until_mended(lambda make=make: (self.remove(), make()), why)
                self.remove()

    def test_where_the_mode_cannot_be_changed_another_remedy_is_said(self):
        self.write_cookie(COOKIE, 0o444)
        script = ('mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; '
                  'exec "$@"')
        done = subprocess.run(
            [needs.program("unshare"), "--mount", "sh", "-ec", script, "sh", str(self.cookie_file),
             daemons.portolan(), "serve", "--check-config", "--discover", "web", "--push",
             "connect", "--cookie-file", str(self.cookie_file)], capture_output=True, text=True,
            timeout=30, check=False, env=daemons.clean_environment())
        self.assertIn("is open to others than its owner", done.stderr)
        self.assertIn("its mode cannot be changed from here: give the secret mode 0400", done.stderr)
        self.assertNotIn("chmod", done.stderr)

    def test_what_erlang_takes_is_taken(self):
        longest = "x" * 255
        for text in (COOKIE, COOKIE + "\n", COOKIE + "\r\n", COOKIE + "\n \n"):
            with self.subTest(text):
                self.assert_right(lambda text=text: self.write_cookie(text, 0o400))
        self.write_cookie(longest)
        self.serve()
        node = self.fake("good@localhost", cookie=longest)
        self.fake("peer@localhost")
        wait_until(lambda: node.proofs, "it is tried")
        self.assertTrue(node.proofs[0])

    def test_one_that_vanishes_and_comes_back(self):
        daemon = self.serve()
        pair = self.pair()
        self.assert_pushed(pair)
        self.remove()
        self.assert_once(daemon, f"good@localhost: cannot read the cookie file {self.cookie_file}")
        pushes = pair[0].pushes()
        self.write_cookie(COOKIE)
        wait_until(lambda: pair[0].pushes() > pushes + 2, "it is pushed again")
        self.remove()
        daemon.wait_for_log("good@localhost: cannot read the cookie file", 2)


class Variables(CookieTest):
    def home(self, cookie):
        path = self.folder / ".erlang.cookie"
        path.write_text(cookie)
        path.chmod(0o400)
        return {"HOME": str(self.folder)}

    def given(self, file=False, **variables):
        return self.serve(file=file, environment=variables)

    def test_one_of_the_environment(self):
        for name in ("PORTOLAN_COOKIE", "RELEASE_COOKIE"):
            with self.subTest(name):
                daemon = self.given(**self.home("wrong"), **{name: COOKIE})
                pair = self.pair()
                self.assert_pushed(pair)
                self.end(daemon, pair)
                (self.folder / ".erlang.cookie").unlink()

    def test_ours_comes_before_a_releases(self):
        self.given(PORTOLAN_COOKIE=COOKIE, RELEASE_COOKIE="wrong")
        self.assert_pushed(self.pair())

    def test_a_file_that_is_named_comes_before_variables(self):
        self.given(file=True, PORTOLAN_COOKIE="wrong", RELEASE_COOKIE="wrong")
        self.assert_pushed(self.pair())

    def test_a_file_that_a_variable_names_comes_before_the_cookie_in_one(self):
        self.given(PORTOLAN_COOKIE_FILE=str(self.cookie_file), PORTOLAN_COOKIE="wrong")
        self.assert_pushed(self.pair())

    def test_without_any_the_file_that_erlang_makes(self):
        self.given(**self.home(COOKIE))
        self.assert_pushed(self.pair())

    def test_an_empty_variable_is_none(self):
        self.given(**self.home(COOKIE), PORTOLAN_COOKIE="", RELEASE_COOKIE="")
        self.assert_pushed(self.pair())

    def test_a_wrong_one_is_named_by_its_variable(self):
        daemon = self.given(PORTOLAN_COOKIE="bad\ncookie")
        self.pair()
        self.assert_once(daemon, "nothing is pushed to good@localhost: PORTOLAN_COOKIE" + ODD)


class Secrecy(CookieTest):
    """Whoever does not have it does not get it from us."""

    def serve_with_children(self, *words, **further):
        told = self.folder / "told"
        self.add("b@h1")
        daemon = self.serve(
            "--log-level", "trace", "--on-change", f"env > {told}.new; mv {told}.new {told}",
            *words, file=False, environment={"PORTOLAN_COOKIE": COOKIE, "MARK": "here"}, **further)
        return daemon, told

    def test_it_is_in_no_log_no_command_line_and_in_no_childs_environment(self):
        daemon, told = self.serve_with_children()
        pair = self.pair()
        self.assert_pushed(pair)
        refusing = self.fake("other@localhost", cookie="another")
        daemon.wait_for_log("nothing is pushed to other@localhost: it has another cookie")
        self.assertEqual(refusing.proofs, [False])
        wait_until(told.exists, "the command has run")
        self.assertIn("MARK=here", told.read_text())
        self.assertIn("PORTOLAN_EVENT=joined", told.read_text())
        command_line = pathlib.Path(f"/proc/{daemon.pid}/cmdline").read_text(encoding="ascii")
        for text in (told.read_text(), daemon.log(), daemon.said(), command_line):
            self.assertNotIn(COOKIE, text)

    def test_a_cookie_in_a_file_is_in_no_log_when_it_is_wrong(self):
        for text in (COOKIE + "\0", COOKIE + "\n" + COOKIE, COOKIE * 30):
            self.write_cookie(text)
            with self.subTest(text):
                daemon = self.serve("--log-level", "trace")
                pair = self.pair()
                daemon.wait_for_log("nothing is pushed to good@localhost")
                self.assertNotIn(COOKIE, daemon.log())
                self.end(daemon, pair)

    def test_the_command_that_is_run_does_not_get_it(self):
        told = self.folder / "told"
        self.serve(command="run", file=False, behind=("--", "sh", "-c", f"env > {told}; sleep 60"),
                   environment={"PORTOLAN_COOKIE": COOKIE, "MARK": "here"})
        wait_until(lambda: told.exists() and "MARK=here" in told.read_text(), "it runs")
        self.assertNotIn(COOKIE, told.read_text())

    def test_no_core_dump_and_no_other_process_of_the_user_can_hold_it(self):
        """The kernel gives the files in /proc to root when it writes no core dump."""
        needs.root()
        os.chmod(self.folder, 0o755)
        nobody = 65534
        prefix = [needs.program("setpriv"), f"--reuid={nobody}", f"--regid={nobody}",
                  "--clear-groups"]
        program = shutil.copy(daemons.portolan(), self.folder / "portolan")
        for push, owner in (("none", nobody), ("connect", 0), ("message", 0)):
            with self.subTest(push):
                daemon = self.serve(push=push, file=False, program=program, prefix=prefix,
                                    environment={"PORTOLAN_COOKIE": COOKIE})
                self.assertEqual(os.stat(f"/proc/{daemon.pid}/environ").st_uid, owner)
                daemon.end()


if __name__ == "__main__":
    unittest.main()
