"""`--log-format json`: each line is an object that a program can read without its sentence."""

import json
import re
import signal
import socket
import unittest
import urllib.request

import daemons
import network
from daemons import wait_until
from packets import alive
from programs import run
from serving_world import ServingTest

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class LogAsJson(ServingTest):
    def setUp(self):
        super().setUp()
        self.config = self.folder / "portolan.conf"
        self.http = network.free_port()

    def configure(self, timeout="60s"):
        self.config.write_text(f"log-format = json\npacket-timeout = {timeout}\nprint = json\n"
                               f"http = 127.0.0.1:{self.http}\n", encoding="ascii")

    def start(self):
        self.configure()
        daemon = self.serve("--config", self.config)
        self.daemon = daemon
        return daemon

    def lines(self, event):
        return [line for line in map(json.loads, self.daemon.log().splitlines())
                if line["event"] == event]

    def wait_for_line(self, event):
        """The first line of an event."""
        wait_until(lambda: self.lines(event), f"there is a line of {event}", 20)
        return self.lines(event)[0]

    def has_reloaded(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics", timeout=10) as answer:
            found = re.search(r"^portolan_config_last_reload_successful (\d)$",
                              answer.read().decode(), re.M)
        return found[1] == "1"

    def test_what_happens_in_discovery_has_its_fields(self):
        self.add("a@h1", "b@h2")
        self.dns.set("h2", "192.0.2.9")
        self.start()
        query = f"web:{self.cluster.epmd_port}"
        line = self.wait_for_line("non_member")
        self.assertEqual((line["level"], line["node"], line["address"], line["port"], line["query"]),
                         ("warning", "b@h2", "127.0.1.2", self.cluster.node_port, query))
        self.assertIn("resolves here, but not to", line["reason"])
        self.dns.mode = "servfail"
        line = self.wait_for_line("cannot_resolve")
        self.assertEqual(line["query"], query)
        self.assertIn("SERVFAIL", line["reason"])
        self.dns.mode = "answer"
        self.cluster.hosts["127.0.1.1"].name = ""
        line = self.wait_for_line("left")
        self.assertEqual((line["node"], line["reason"]), ("a@h1", "its EPMD no longer lists it"))

    def test_who_registers_has_its_name_port_and_creation(self):
        self.start()
        with socket.create_connection(("127.0.0.1", self.port), 10) as node:
            node.sendall(alive(b"here"))
            line = self.wait_for_line("registered")
            self.assertEqual((line["name"], line["port"]), ("here", 4321))
            self.assertGreater(line["creation"], 0)
            self.assertTrue(line["peer"].startswith("127.0.0.1:"), line)
        self.assertEqual(self.wait_for_line("unregistered")["name"], "here")

    def test_a_reload_that_failed_is_a_line_and_a_metric_until_one_succeeds(self):
        daemon = self.start()
        self.assertTrue(self.has_reloaded())
        self.configure("soon")
        daemon.send(signal.SIGHUP)
        self.assertIn("packet-timeout", self.wait_for_line("reload_failed")["reason"])
        self.assertFalse(self.has_reloaded())
        self.configure()
        daemon.send(signal.SIGHUP)
        self.wait_for_line("reloaded")
        self.assertTrue(self.has_reloaded())

    def test_a_failure_that_ends_the_program_is_an_object_too(self):
        port = network.free_port()
        for words in (["serve", "--address", "203.0.113.9", "--port", port],
                      ["run", "--port", port, "--", "/no/such/command"],
                      ["discover", "--nameservers", self.dns.address, "nobody"]):
            with self.subTest(words[0]):
                done = run(words[0], "--log-format", "json", *words[1:])
                *_, last = map(json.loads, done.stderr.splitlines())
                self.assertEqual((last["event"], last["command"]), ("failed", words[0]))
                self.assertEqual(last["message"], f"portolan {words[0]}: {last['reason']}")

    def test_a_failure_is_said_where_a_person_looks_if_the_log_is_a_file(self):
        log = self.folder / "log"
        done = run("serve", "--log-format", "json", "--log-file", log, "--address", "203.0.113.9")
        self.assertTrue(done.stderr.startswith("portolan serve: cannot listen on"), done.stderr)

    def test_each_line_has_a_time_as_elsewhere_a_level_and_an_event(self):
        self.add("a@h1")
        daemon = self.start()
        daemon.wait_for("joined")
        daemon.send(signal.SIGHUP)
        self.wait_for_line("reloaded")
        daemon.end()
        for line in map(json.loads, daemon.log().splitlines()):
            self.assertEqual(list(line)[:4], ["time", "level", "event", "message"])
            self.assertRegex(line["time"], TIME)
        self.assertEqual(self.lines("ended")[0]["signal"], signal.SIGTERM)
        joined = json.loads(daemon.said().splitlines()[0])
        self.assertRegex(joined["time"], TIME)


if __name__ == "__main__":
    unittest.main()
