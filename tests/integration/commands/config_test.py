"""The daemon's configuration: where it comes from, whether it is good, and what can change."""

import pathlib
import signal
import tempfile
import unittest

import daemons
import network
from discovery_world import WorldTest
from programs import Program, run


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class ConfigTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def file(self, text):
        path = self.folder / "portolan.toml"
        path.write_text(text, "utf-8")
        return path


class Checked(ConfigTest):
    def check(self, *words, **running):
        return run("serve", "--check-config", *words, **running)

    def test_a_good_one_is_printed_as_a_file_would_have_it(self):
        done = self.check("--port", 14369, "--discover", "web", "--discover", "db", "--push", "none")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, 'discover = ["web","db"]\nport = "14369"\npush = "none"\n')
        again = self.check("--config", self.file(done.stdout))
        self.assertEqual((again.returncode, again.stdout), (0, done.stdout))

    def test_nothing_listens_meanwhile(self):
        with daemons.Serve() as daemon:
            self.assertEqual(self.check("--port", daemon.port).returncode, 0)

    def test_an_option_counts_before_a_variable_and_that_before_the_file(self):
        config = self.file('interval = "3s"\nprint = "json"\npush-to = "listener"\n')
        done = self.check("--config", config, "--interval", "1s",
                          environment={"PORTOLAN_INTERVAL": "2s", "PORTOLAN_PRINT": "none"})
        self.assertEqual(done.stdout,
                         'interval = "1s"\nprint = "none"\npush-to = "listener"\n')

    def test_what_would_keep_it_from_running_is_said_all_of_it(self):
        done = self.check("--discover", "web", "--hosts-file", "/nowhere/hosts",
                          "--nodes-file", "/nowhere/nodes")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        first, second = done.stderr.splitlines()
        self.assertIn("--hosts-file: /nowhere/hosts cannot be written: ", first)
        self.assertIn("--nodes-file: /nowhere/nodes cannot be written: ", second)

    def test_what_has_no_effect_is_said_and_does_not_count(self):
        done = self.check("--drain", "5s", environment={"PORTOLAN_DISCOVR": "web"})
        self.assertEqual((done.returncode, done.stdout), (0, 'drain = "5s"\n'))
        self.assertEqual(done.stderr.splitlines(), [
            "portolan serve: --drain has no effect without --http",
            "portolan serve: PORTOLAN_DISCOVR is set, and no option has this variable; did you "
            "mean `PORTOLAN_DISCOVER`?"])

    def test_the_daemon_logs_what_has_no_effect(self):
        with daemons.Serve("--drain", "5s") as daemon:
            daemons.wait_until(lambda: "warning --drain has no effect without --http" in daemon.output(),
                       "it is logged")

    def test_a_wrong_line_is_named(self):
        config = self.file("# ours\n\nprint = xml\n")
        done = self.check("--config", config)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn(f"portolan serve: {config}:3: --print: 'xml' is not one of", done.stderr)

    def test_http_is_not_where_epmd_is(self):
        for http in ("127.0.0.1:14369", "[::]:14369"):
            done = self.check("--port", "14369", "--http", f"127.0.0.1:9370,{http}")
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertEqual(done.stderr, f"portolan serve: --http: {http} is where EPMD listens; "
                                          "give it a port of its own\n")
        done = self.check("--port", "14369", "--address", "127.0.0.2", "--http", "127.0.0.3:14369")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_cookie_may_still_come(self):
        done = self.check("--push", "connect", environment={"HOME": str(self.folder)})
        self.assertEqual(done.returncode, 0)
        self.assertIn("no cookie yet, and --push will wait for it: ", done.stderr)

    def test_a_wrong_option_is_a_wrong_command_line(self):
        for words in (("--http", "9370"), ("--http", "host:9370"), ("--http", "127.0.0.1"),
                      ("--http-host", "web:9370"), ("--http-host", "http://web"),
                      ("--drain", "soon"), ("--config", self.folder / "none")):
            with self.subTest(words):
                done = self.check(*words)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_that_of_run_too(self):
        done = run("run", "--check-config", "--port", 14369, "--", "sh")
        self.assertEqual((done.returncode, done.stdout), (0, 'port = "14369"\n'))

    def test_the_command_of_run_has_to_be_there(self):
        for command, why in (("no-such-command", "No such file or directory"),
                             ("/no/such/command", "No such file or directory"),
                             (self.folder, "Permission denied")):
            with self.subTest(command):
                done = run("run", "--check-config", "--", command)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(f"portolan run: cannot run {command}: {why}; ", done.stderr)

    def test_a_default_that_is_given_is_printed_too(self):
        done = self.check("--port", 4369, "--print", "text")
        self.assertEqual((done.returncode, done.stdout), (0, 'port = "4369"\nprint = "text"\n'))

    def test_two_options_cannot_name_one_file(self):
        path = self.folder / "file"
        done = self.check("--discover", "web", "--hosts-file", path, "--nodes-file", path)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn(f"--nodes-file: '{path}' is the file of --hosts-file too", done.stderr)

    def test_one_file_serves_both_commands(self):
        config = self.file("port = 14369\nsignal-group = true\n")
        served = self.check("--config", config)
        self.assertEqual((served.returncode, served.stdout), (0, 'port = "14369"\n'))
        self.assertEqual(served.stderr, f"portolan serve: {config}:2: --signal-group has no effect "
                         "without portolan run\n")
        done = run("run", "--check-config", "--config", config, "--", "sh")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, 'port = "14369"\nsignal-group = "true"\n')


class ReadAgain(WorldTest, ConfigTest):
    def setUp(self):
        WorldTest.setUp(self)
        ConfigTest.setUp(self)

    def serve(self, config):
        program = Program("serve", "--port", network.free_port(), "--nameservers",
                          self.dns.address, "--config", config)
        self.enterContext(program)
        program.wait_for_log("listening on")
        return program

    def test_what_can_change_does_and_what_cannot_is_named(self):
        self.add("a@h1")
        config = self.file('print = "text"\n')
        daemon = self.serve(config)
        query = f"web:{self.cluster.epmd_port}"
        config.write_text(f'discover = "{query}"\nprint = "json"\nhttp = "127.0.0.1:9370"\n'
                          'interval = "100ms"\n', "utf-8")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("joined a@h1")
        self.assertIn("warning SIGHUP: --http, --print cannot change while the daemon runs, and "
                      "stays as it was; start it anew", daemon.log())

    def test_what_is_as_before_is_not_named(self):
        daemon = self.serve(self.file('print = "text"\nlog-level = "info"\n'))
        daemon.send(signal.SIGHUP)
        daemon.wait_for_log("SIGHUP: looking for 0 queries now")
        self.assertNotIn("cannot change", daemon.log())


if __name__ == "__main__":
    unittest.main()
