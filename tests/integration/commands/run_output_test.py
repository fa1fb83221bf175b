"""`portolan run` is a guest: standard output is the command's, and the log may go to a file."""

import os
import pathlib
import re
import signal
import tempfile
import unittest

import background
import daemons
import needs
import network
import nodes
from daemons import wait_until
from discovery_world import WorldTest
from programs import Program, run
from terminals import Terminal


def setUpModule():
    network.enter_private_network()
    background.adopt_orphans()
    daemons.portolan()


def tearDownModule():
    background.end_children()


class OutputTest(WorldTest):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.log = self.folder / "log"
        self.port = network.free_port()

    def start(self, command, *options, **further):
        behind = ("--", "sh", "-c", "echo said by the command; exec sleep 1000")
        program = self.enterContext(Program(command, "--port", self.port, *options,
                                            *(behind if command == "run" else ()), **further))
        return program

    def discover(self, command, *options, **further):
        self.add("a@h1")
        program = self.start(
            command, "--discover", f"web:{self.cluster.epmd_port}", "--nameservers",
            self.dns.address, "--interval", "200ms", *options, **further)
        self.wait_for_rounds(3)
        return program

    def text(self):
        return self.log.read_text("utf-8") if self.log.exists() else ""

    def wait_for_text(self, text, count=1):
        wait_until(lambda: self.text().count(text) >= count, f"the file has {text!r}")


class StandardOutput(OutputTest):
    def test_run_prints_nothing_of_its_own(self):
        program = self.discover("run")
        self.assertEqual(program.said(), "said by the command\n")

    def test_it_prints_what_it_is_asked_to(self):
        for options, environment in ((("--print", "text"), None), ((), {"PORTOLAN_PRINT": "text"})):
            with self.subTest(options):
                program = self.discover("run", *options, environment=environment)
                program.wait_for("joined a@h1")
                program.end()

    def test_serve_prints_as_before(self):
        self.discover("serve").wait_for("joined a@h1")


class LogFile(OutputTest):
    def test_the_log_is_there_and_nothing_on_standard_error(self):
        for command in ("serve", "run"):
            with self.subTest(command):
                program = self.start(command, "--log-file", self.log)
                self.wait_for_text(f"listening on 0.0.0.0:{self.port}")
                program.end()
                self.assertEqual(program.log(), "")
                self.assertIn("ended by signal" if command == "serve" else "the command died of",
                              self.text())
                self.log.unlink()

    def test_the_variable_names_it_too(self):
        self.start("run", environment={"PORTOLAN_LOG_FILE": str(self.log)})
        self.wait_for_text("listening on")

    def test_it_is_added_to(self):
        self.log.write_text("before\n", "utf-8")
        self.start("run", "--log-file", self.log)
        self.wait_for_text("listening on")
        self.assertTrue(self.text().startswith("before\n"))

    def test_json_goes_there_too(self):
        self.start("run", "--log-file", self.log, "--log-format", "json")
        self.wait_for_text('"message":"listening on')

    def test_sighup_opens_it_again(self):
        program = self.start("run", "--log-file", self.log)
        self.wait_for_text("listening on")
        self.log.rename(self.folder / "log.1")
        program.send(signal.SIGHUP)
        self.wait_for_text("SIGHUP: looking for 0 queries now")
        self.assertNotIn("listening on", self.text())
        program.end()
        self.wait_for_text("the command died")
        self.assertNotIn("SIGHUP", (self.folder / "log.1").read_text("utf-8"))

    def test_one_that_cannot_be_opened_again_stays_open(self):
        program = self.start("serve", "--log-file", self.log)
        self.wait_for_text("listening on")
        before = self.log.rename(self.folder / "log.1")
        self.log.mkdir()
        program.send(signal.SIGHUP)
        wait_until(lambda: f"cannot write the log to {self.log}: Is a directory" in
                   before.read_text("utf-8"), "it says so")
        self.assertIn("it stays in the file that is open", before.read_text("utf-8"))

    def test_one_that_cannot_be_opened_ends_it_before_anything_starts(self):
        started = self.folder / "started"
        for path, why in ((self.folder / "none/log", "No such file or directory"),
                          (self.folder, "Is a directory")):
            with self.subTest(why):
                done = run("run", "--port", self.port, "--log-file", path, "--", "touch", started)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, rf"^portolan run: cannot write the log to {path}: "
                                              rf"{why}; .*--log-file\n$")
        self.assertFalse(started.exists())

    def test_check_config_looks_at_it(self):
        for path in (self.folder / "none/log", self.folder):
            done = run("serve", "--check-config", "--log-file", path)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"--log-file: {path} ", done.stderr)
        self.assertEqual(run("serve", "--check-config", "--log-file", self.log).returncode, 0)
        self.assertFalse(self.log.exists())

    def test_a_full_disk_loses_lines_and_holds_up_nobody(self):
        self.log.symlink_to(needs.file("/dev/full", "let the kernel have it"))
        program = self.start("serve", "--log-file", self.log)
        wait_until(lambda: run("check", "--port", self.port).returncode == 0, "it serves")
        for _ in range(20):
            self.assertEqual(run("names", f"localhost:{self.port}").returncode, 0)
        self.log.unlink()
        program.send(signal.SIGHUP)
        lost = re.compile(rf"warning (\d+) log lines were lost, as {self.log} did not take them: "
                          "No space left on device\n")
        wait_until(lambda: lost.search(self.text()), "the loss is told")
        self.assertGreaterEqual(int(lost.search(self.text())[1]), 1)
        self.assertEqual(program.end(), 0)

    def test_wrong_options_at_sighup_are_told_there(self):
        config = self.folder / "config"
        config.write_text("interval = 5s\n", "utf-8")
        program = self.start("serve", "--log-file", self.log, "--config", config)
        self.wait_for_text("listening on")
        config.write_text("interval = 'soon'\n", "utf-8")
        program.send(signal.SIGHUP)
        self.wait_for_text("SIGHUP: the options are wrong and stay as they were: portolan serve: ")
        self.assertIn("'soon' is not a duration", self.text())
        self.assertEqual(program.log(), "")

    def test_the_command_does_not_inherit_it(self):
        program = self.enterContext(Program(
            "run", "--port", self.port, "--log-file", self.log, "--", "sh", "-c",
            "ls -l /proc/self/fd; echo done"))
        program.wait_for("done")
        self.assertNotIn(str(self.log), program.said())


class Prompt(OutputTest):
    def test_an_iex_prompt_stays_clean(self):
        """Members come, a node registers, and the options are read again meanwhile."""
        self.add("a@h1")
        words = [daemons.portolan(), "run", "--port", self.port, "--log-file", self.log,
                 "--discover", f"web:{self.cluster.epmd_port}", "--nameservers", self.dns.address,
                 "--interval", "200ms", "--log-level", "debug", "--", needs.program("iex"),
                 "--sname", "me@localhost"]
        terminal = self.enterContext(Terminal(*words, environment=nodes.environment()))
        terminal.wait_for("iex(me@localhost)1> ")
        self.wait_for_text("registered 'me'")
        self.wait_for_rounds(5)
        os.kill(terminal.pid, signal.SIGHUP)
        self.wait_for_text("SIGHUP: looking for 1 query now")
        terminal.type("20 + 22\r")
        shown = terminal.wait_for("\n42\n")
        for ours in ("joined", "a@h1", "registered", "SIGHUP", " info ", " debug "):
            self.assertNotIn(ours, shown)
        terminal.type("System.halt(5)\r")
        self.assertEqual(terminal.status(), 5)


if __name__ == "__main__":
    unittest.main()
