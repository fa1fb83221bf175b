"""`portolan discover` and `portolan wait` as a script sees them: what they print, and with which
status they end, in a world of loopback addresses with a DNS server of the test's own."""

import json
import os
import pathlib
import signal
import time
import unittest

import daemons
import discovery_world
import needs
import network
from daemons import wait_until
from discovery_world import A, WorldTest, hold
from nodes import Node
from programs import Program, run


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class CommandsTest(WorldTest):
    @property
    def asking(self):
        """Whom to ask, and where the EPMDs are."""
        return ["--nameservers", self.dns.address, "--port", self.cluster.epmd_port]

    def discover(self, *words, **running):
        return run("discover", *words, *self.asking, **running)

    def watch(self, *words, **running):
        program = Program("discover", "--watch", *words, *self.asking, "--interval", "100ms",
                          **running)
        self.enterContext(program)
        return program

    def assert_says(self, result, status, stdout="", stderr=None):
        """`stderr` is what stands in it; if it is None, nothing does."""
        self.assertEqual((result.stdout, result.returncode), (stdout, status), result.stderr)
        if stderr is None:
            self.assertEqual(result.stderr, "")
        else:
            self.assertIn(stderr, result.stderr)


class OneRound(CommandsTest):
    def test_the_members_are_printed_a_name_a_line(self):
        self.add("b@h2", "a@h1")
        self.assert_says(self.discover("web"), 0, "a@h1\nb@h2\n")

    def test_as_json_they_are_an_object_a_line(self):
        self.add("a@h1", creation=1795421563)
        result = self.discover("web", "--json")
        self.assert_says(result, 0, result.stdout)
        self.assertEqual(result.stdout, json.dumps(
            {"node": "a@h1", "address": "127.0.1.1", "port": self.cluster.node_port,
             "query": "web", "verified": True, "creation": 1795421563},
            separators=(",", ":")) + "\n")

    def test_nobody_is_a_no_that_says_behind_which_query(self):
        self.dns.set("web")
        result = self.discover("web")
        self.assert_says(result, 1, "", "portolan discover: no node is there")
        no_address, _ = result.stderr.splitlines()
        self.assertIn(" has no address: check the name, and that a running container", no_address)

    def test_an_unknown_name_is_a_no(self):
        self.assert_says(self.discover("none"), 1, "", "no node is there")

    def test_a_wrong_query_is_status_2_and_says_what_to_write(self):
        self.assert_says(self.discover("a b"), 2, "", "write HOST, HOST:PORT or srv:NAME")
        self.assert_says(run("discover"), 2, "", "QUERY is missing")

    def test_a_service_record_says_where_the_epmds_are(self):
        self.add("a@h1", "b@h2")
        port = self.cluster.epmd_port
        self.dns.set_service("_epmd._tcp.web", ("h1", port), ("h2", port))
        result = run("discover", "srv:_epmd._tcp.web", "--nameservers", self.dns.address)
        self.assert_says(result, 0, "a@h1\nb@h2\n")

    def test_what_a_service_record_has_and_cannot_be_asked_is_named(self):
        self.add("a@h1")
        port = self.cluster.epmd_port
        self.dns.set_service("_epmd._tcp.web", ("h1", port), ("lost", port), ("h1", 0), ("", port))
        result = run("discover", "srv:_epmd._tcp.web", "--nameservers", self.dns.address)
        for what in ("its SRV target lost has no address", "its SRV record has port 0 for h1",
                     "its SRV record has the target '.'"):
            self.assert_says(result, 0, "a@h1\n", f"srv:_epmd._tcp.web: {what}")

    def test_the_address_of_all_is_this_host_and_named(self):
        self.add("a@h1")
        self.dns.set("web", "127.0.1.1", "0.0.0.0")
        self.assert_says(self.discover("web"), 0, "a@h1\n", "as a destination it is this host")

    def test_an_option_for_a_list_does_not_take_the_query(self):
        self.add("a@h1")
        self.assert_says(self.discover("--peers", "127.0.0.0/8", "web"), 0, "a@h1\n")

    def test_after_its_timeout_it_prints_what_is_known_and_names_what_did_not_answer(self):
        self.add("a@h1")
        silent = self.cluster.add("127.0.1.2", "b@h2", epmd=hold)
        self.dns.set("web", *self.cluster.hosts)
        self.assertIs(silent.epmd, hold)
        self.dns.mute.add("late")
        result = self.discover("web", "late", "--timeout", "300ms")
        self.assert_says(result, 1, "a@h1\n", "portolan discover: after 300 ms there was no answer "
                         f"from late, 127.0.1.2:{self.cluster.epmd_port}\n")
        told = self.discover("web", "late", "--timeout", "300ms", "--json").stdout.splitlines()
        self.assertEqual([json.loads(line).get("node") for line in told], ["a@h1", None])
        self.assertEqual(json.loads(told[1])["unanswered"],
                         ["late", f"127.0.1.2:{self.cluster.epmd_port}"])
        self.assertEqual(json.loads(told[1])["reason"], "timeout")

    def test_a_timeout_that_is_not_needed_changes_nothing(self):
        self.add("a@h1")
        self.assert_says(self.discover("web", "--timeout", "30s"), 0, "a@h1\n")

    def test_nobody_is_an_object_too_with_json(self):
        self.dns.set("web")
        result = self.discover("web", "--json")
        self.assertEqual(json.loads(result.stdout)["reason"], "no_members")
        self.assertEqual(result.returncode, 1)
        waited = run("wait", "web", "--json", "--timeout", "100ms", *self.asking)
        self.assertEqual(json.loads(waited.stdout)["reason"], "timeout")

    def test_a_query_may_have_a_port_or_be_an_address(self):
        self.add("a@h1", "b@h2")
        port = self.cluster.epmd_port
        result = run("discover", f"h1:{port}", f"127.0.1.2:{port}", "--nameservers",
                     self.dns.address)
        self.assert_says(result, 0, "a@h1\nb@h2\n")

    def test_a_node_behind_two_queries_is_one_member_of_the_first(self):
        self.add("a@h1")
        self.dns.set("db", "127.0.1.1", "127.0.1.1")
        members = self.discover("db", "web", "--json").stdout.splitlines()
        self.assertEqual([json.loads(line)["query"] for line in members], ["db"])

    def test_hidden_and_ignored_nodes_are_left_out(self):
        self.add("a@h1", "rem-1@h2")
        self.add("hidden@h3", flags=discovery_world.FLAGS & ~discovery_world.PUBLISHED)
        self.assert_says(self.discover("web"), 0, "a@h1\n")
        self.assert_says(self.discover("web", "--ignore", "a*"), 0, "rem-1@h2\n")
        self.assert_says(self.discover("web", "--ignore", "none", "--nodes", "r*"), 0, "rem-1@h2\n")

    def test_who_cannot_be_connected_to_is_named_with_the_reason(self):
        self.add("a@h1", "b@h2", "c@h3")
        del self.dns.records["h2"]
        self.dns.set("h3", "127.0.9.9")
        result = self.discover("web")
        self.assert_says(result, 0, "a@h1\n", "its host part 'h2' does not resolve here")
        self.assertIn("b@h2 at 127.0.1.2:", result.stderr)
        self.assertIn("resolves here, but not to 127.0.1.3", result.stderr)

    def test_who_does_not_tell_its_name_is_guessed_from_the_reverse_name(self):
        def refuse(connection):
            connection.recv(4096)
            connection.sendall(b"\0\x0csnot_allowed")
        self.add("a@h1", node=refuse)
        self.assert_says(self.discover("web"), 1, "", "net_kernel:allow")
        self.dns.set_reverse("127.0.1.1", "h1.net_poc")
        self.dns.set("h1.net_poc", "127.0.1.1")
        member = json.loads(self.discover("web", "--json").stdout)
        self.assertEqual((member["node"], member["verified"], member["creation"]),
                         ("a@h1", False, None))

    def test_a_truncated_answer_is_asked_for_again_by_tcp(self):
        names = [f"n{number:03}@h{number}" for number in range(60)]
        self.add(*names)
        self.dns.mode = "truncate"
        self.assert_says(self.discover("web"), 0, "".join(f"{name}\n" for name in names))
        self.assertGreater(self.dns.asked_by_tcp, 60)

    def test_a_nameserver_that_fails_is_named(self):
        self.add("a@h1")
        for mode in ("servfail", "silent"):
            with self.subTest(mode):
                self.dns.mode = mode
                result = self.discover("web")
                self.assert_says(result, 1, "", "cannot resolve web: ")
                self.assertIn(f"127.0.0.53 port {self.dns.port}", result.stderr)

    def test_a_nameserver_that_is_not_there_is_named(self):
        result = run("discover", "web", "--nameservers", "127.0.0.99:1")
        self.assert_says(result, 1, "", "127.0.0.99 port 1")

    def test_an_alias_of_a_virtual_address_leads_to_its_tasks(self):
        self.add("a@h1", "b@h2", alias="tasks.web")
        self.dns.set("web", "127.0.2.9")
        self.assert_says(self.discover("web"), 0, "a@h1\nb@h2\n")

    def test_the_first_process_of_a_container_is_ended_by_signals(self):
        self.dns.mode = "silent"
        for words in (["discover", "web"], ["wait", "web", "--timeout", "1h"]):
            for number in (signal.SIGTERM, signal.SIGINT):
                self.dns.asked = []
                first = Program(*words, *self.asking, prefix=[
                    needs.program("unshare"), "--pid", "--fork", "--kill-child"])
                with self.subTest(words, signal=number), first:
                    wait_until(lambda: self.dns.asked, "it asks")
                    pid = int(pathlib.Path(f"/proc/{first.pid}/task/{first.pid}/children")
                              .read_text())
                    os.kill(pid, number)
                    wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), "it ends", 3)
                    self.assertEqual(first.end(number=0), 128 + number)

    def test_results_that_cannot_be_printed_are_a_failure(self):
        self.add("a@h1")
        with open("/dev/full", "w", encoding="ascii") as full:
            result = self.discover("web", stdout=full)
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot print to standard output", result.stderr)

    def test_a_closed_standard_output_is_a_failure_and_nothing_else_is_written_to(self):
        self.add("a@h1")
        result = self.discover("web", stdout=None, preexec_fn=lambda: os.close(1))
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("cannot print to standard output", result.stderr)


class RealNodes(CommandsTest):
    """Nodes of the installed OTP, registered with an EPMD of ours, at an address each."""

    def test_they_are_found_by_their_true_names_and_notice_nothing(self):
        daemon = self.enterContext(daemons.Serve())
        one = self.start(daemon, "one@erl1", "127.0.3.1")
        two = self.start(daemon, "two@erl2", "127.0.3.2", "-hidden")
        for node in (one, two):
            node.wait_until_registered(daemon)
        self.dns.set("web", "127.0.3.1", "127.0.3.2")
        for _ in range(3):
            result = run("discover", "web", "--json", "--nameservers", self.dns.address, "--port",
                         daemon.port)
        member = json.loads(result.stdout)
        wait_until(one.output, "it tells its creation")
        self.assertEqual(
            (member["node"], member["address"], member["port"], member["creation"]),
            ("one@erl1", "127.0.3.1", dict(daemon.names())[b"one"], int(one.output())))
        self.assertEqual(two.output(), "")

    def start(self, daemon, name, address, *flags):
        """A node that listens at one address only, and prints nothing but its creation."""
        place = "{" + address.replace(".", ",") + "}"
        say = [] if flags else ["-eval", 'io:format("~b~n", [erlang:system_info(creation)])']
        self.dns.set(name.partition("@")[2], address)
        return self.enterContext(Node(name, "-kernel", "inet_dist_use_interface", place, *flags,
                                      *say, further={"ERL_EPMD_PORT": str(daemon.port)}))


class Watching(CommandsTest):
    def test_changes_are_printed_a_line_each(self):
        self.add("a@h1")
        watch = self.watch("web")
        at = f"127.0.1.1:{self.cluster.node_port} via web\n"
        self.assertEqual(watch.wait_for("\n"), f"joined a@h1 {at}")
        self.cluster.hosts["127.0.1.1"].name = ""
        self.assertEqual(watch.wait_for("\n", 2), f"joined a@h1 {at}left a@h1 {at}")
        self.assertEqual(watch.log(), "")

    def test_as_json_they_are_objects_with_event_reason_and_time(self):
        self.add("a@h1", creation=3)
        watch = self.watch("web", "--json")
        watch.wait_for("\n")
        self.cluster.hosts["127.0.1.1"].name = ""
        joined, left = map(json.loads, watch.wait_for("\n", 2).splitlines())
        self.assertEqual(list(joined), ["event", "node", "address", "port", "query", "verified",
                                        "creation", "time"])
        self.assertEqual((joined["event"], joined["creation"]), ("joined", 3))
        self.assertRegex(joined["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual((left["event"], left["reason"]), ("left", "its EPMD no longer lists it"))

    def test_a_node_that_was_started_anew_left_and_joined(self):
        (host,) = self.add("a@h1", creation=3)
        watch = self.watch("web", "--json")
        watch.wait_for("\n")
        host.name = ""
        watch.wait_for("\n", 2)
        host.creation, host.name = 4, "a@h1"
        events = [(line["event"], line["creation"]) for line in
                  map(json.loads, watch.wait_for("\n", 3).splitlines())]
        self.assertEqual(events, [("joined", 3), ("left", 3), ("joined", 4)])

    def test_each_node_is_asked_for_its_name_once(self):
        hosts = self.add("a@h1", "b@h2")
        watch = self.watch("web")
        watch.wait_for("\n", 2)
        self.wait_for_rounds(20)
        self.assertEqual([host.probes for host in hosts], [1, 1])

    def test_nothing_is_told_falsely_while_the_dns_fails(self):
        self.add("a@h1", "b@h2")
        watch = self.watch("web", "--log-level", "info")
        watch.wait_for("\n", 2)
        for number, mode in enumerate(("servfail", "silent"), 1):
            self.dns.mode = mode
            watch.wait_for_log("cannot resolve web: ", number)
            self.wait_for_rounds(4)
            self.dns.mode = "answer"
            watch.wait_for_log("web resolves again", number)
        self.assertEqual(watch.said().count("\n"), 2, watch.said())
        self.assertIn(f"127.0.0.53 port {self.dns.port}", watch.log())

    def test_sigterm_and_sigint_end_it_with_status_0_and_at_once(self):
        self.add("a@h1", node=hold)
        for number in (signal.SIGTERM, signal.SIGINT):
            for mode in ("answer", "silent"):
                with self.subTest(number=number, mode=mode):
                    self.dns.mode = mode
                    # Each asks for another name: what the last one asked may come late.
                    alias = f"web-{number}-{mode}"
                    self.dns.set(alias, "127.0.1.1")
                    watch = self.watch(alias)
                    # In the middle of its first round, which takes seconds.
                    wait_until(lambda alias=alias: (alias, A) in self.dns.asked, "it asks")
                    begun = time.monotonic()
                    self.assertEqual(watch.end(number), 0)
                    self.assertLess(time.monotonic() - begun, 1)


class Waiting(CommandsTest):
    def wait(self, *words):
        return run("wait", "web", *words, *self.asking, "--interval", "100ms")

    def test_it_prints_the_nodes_when_enough_are_there(self):
        self.add("a@h1", "b@h2")
        self.assert_says(self.wait("--min", 2), 0, "a@h1\nb@h2\n")

    def test_it_waits_for_those_who_are_late(self):
        self.add("a@h1")
        waiting = self.enterContext(Program("wait", "web", "--min", 2, *self.asking, "--interval",
                                            "100ms", "--json"))
        wait_until(lambda: len(self.dns.asked) > 8, "it looks again and again")
        self.assertEqual(waiting.said(), "")
        self.add("b@h2")
        wait_until(lambda: waiting.said().count("\n") == 2, "it prints both")
        self.assertEqual(waiting.end(0), 0)
        self.assertEqual([json.loads(line)["node"] for line in waiting.said().splitlines()],
                         ["a@h1", "b@h2"])

    def test_when_time_is_up_it_says_how_far_it_got(self):
        self.add("a@h1", "b@h2")
        del self.dns.records["h2"]
        result = self.wait("--min", 2, "--timeout", "700ms")
        self.assert_says(result, 1, "a@h1\n",
                         "portolan wait: after 700 ms there are 1 verified nodes, not 2")
        self.assertIn("'h2' does not resolve here", result.stderr)

    def test_when_time_is_up_it_names_the_addresses_without_an_epmd(self):
        self.add("a@h1")
        self.dns.set("web", "127.0.1.1", "127.0.1.9")
        result = self.wait("--min", 2, "--timeout", "700ms")
        self.assert_says(result, 1, "a@h1\n", "there are 1 verified nodes, not 2")
        self.assertIn(f"nothing answers at 127.0.1.9:{self.cluster.epmd_port}", result.stderr)
        self.assert_says(self.wait("--min", 1), 0, "a@h1\n")

    def test_a_nameserver_that_does_not_answer_is_named_when_time_is_up(self):
        self.dns.mode = "silent"
        result = self.wait("--timeout", "4s")
        self.assert_says(result, 1, "", f"127.0.0.53 port {self.dns.port}")
        self.assertIn("cannot resolve web: ", result.stderr)

    def test_a_time_shorter_than_a_round_names_what_did_not_answer(self):
        self.add("a@h1")
        self.dns.mute.add("late")
        result = run("wait", "web", "late", "--min", 2, "--timeout", "300ms", *self.asking)
        self.assert_says(result, 1, "a@h1\n", "portolan wait: after 300 ms there are 1 verified "
                         "nodes, not 2, and no answer from late\n")
        self.assertIn("cannot resolve late: no answer in time", result.stderr)
        told = run("wait", "late", "--timeout", "300ms", "--json", *self.asking).stdout
        self.assertEqual(json.loads(told)["unanswered"], ["late"])

    def test_a_nameserver_that_refuses_is_said_to(self):
        nobody = f"127.0.0.1:{network.free_port()}"
        result = run("discover", "web", "--nameservers", nobody)
        self.assert_says(result, 1, "", ": refused: nothing listens there, or no way leads there")

    def test_a_guess_does_not_count(self):
        def refuse(connection):
            connection.recv(4096)
            connection.sendall(b"\0\x0csnot_allowed")
        self.add("a@h1", node=refuse)
        self.dns.set_reverse("127.0.1.1", "h1")
        self.assert_says(self.wait("--timeout", "700ms"), 1, "a@h1\n", "there are 0 verified nodes")


if __name__ == "__main__":
    unittest.main()
