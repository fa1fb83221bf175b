"""`portolan serve --discover`: whom it tells what, and what it does when they do not listen, in a
world of loopback addresses with a DNS server of the test's own."""

import contextlib
import ctypes
import json
import os
import pathlib
import signal
import socket
import stat
import struct
import subprocess
import time
import unittest

import daemons
import needs
import network
from daemons import wait_until
from discovery_world import hold
from packets import alive
from programs import Program, run
from serving_world import ServingTest

BEGIN = "% portolan: the hosts that it has found; do not edit\n"
END = "% portolan: end\n"


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Printing(ServingTest):
    def test_who_joins_and_leaves_is_printed_and_nothing_else(self):
        self.add("a@h1")
        daemon = self.serve("--log-level", "debug")
        daemon.wait_for("joined a@h1")
        self.add("b@h2")
        daemon.wait_for("joined b@h2")
        self.cluster.hosts["127.0.1.1"].name = ""
        self.assertEqual(daemon.wait_for("left"), self.line("joined", "a@h1") +
                         self.line("joined", "b@h2", 2) + self.line("left", "a@h1"))
        self.assertIn("a@h1 left: its EPMD no longer lists it", daemon.log())

    def test_as_json_an_object_a_line(self):
        self.add("a@h1", creation=9)
        daemon = self.serve("--print", "json")
        told = json.loads(daemon.wait_for("\n"))
        told.pop("time")
        self.assertEqual(told, {
            "event": "joined", "node": "a@h1", "address": "127.0.1.1", "verified": True,
            "port": self.cluster.node_port, "query": f"web:{self.cluster.epmd_port}",
            "creation": 9})

    def test_nothing_is_printed_on_request(self):
        self.add("a@h1")
        nodes = self.folder / "nodes"
        daemon = self.serve("--print", "none", "--nodes-file", nodes)
        wait_until(lambda: nodes.exists() and "a@h1" in nodes.read_text(), "it is found")
        self.assertEqual(daemon.said(), "")

    def test_a_pipe_that_nobody_reads_holds_up_nobody_and_misses_nothing_in_the_end(self):
        reading, writing = os.pipe()
        with open(reading, "rb", buffering=0) as pipe:
            os.set_blocking(writing, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(writing, b"." * 4096)
            os.set_blocking(writing, True)
            nodes = self.folder / "nodes"
            daemon = self.serve("--nodes-file", nodes, stdout=writing)
            os.close(writing)
            self.add("a@h1", "b@h2")
            wait_until(lambda: nodes.exists() and "b@h2" in nodes.read_text(), "both are found")
            daemon.wait_for_log("cannot print to standard output: nobody reads it")
            self.assertEqual(self.ask_names(), struct.pack(">I", self.port))
            said = b""
            while b"joined b@h2" not in said or not said.endswith(b"\n"):
                said = (said + pipe.read(65536)).lstrip(b".")
            self.assertEqual(said.decode(),
                             self.line("joined", "a@h1") + self.line("joined", "b@h2", 2))

    def test_a_reader_that_has_gone_ends_nothing(self):
        reading, writing = os.pipe()
        os.close(reading)
        daemon = self.serve(stdout=writing)
        os.close(writing)
        self.assert_goes_on_without_printing(daemon, "Broken pipe")

    def test_a_full_disk_ends_nothing(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            daemon = self.serve(stdout=full)
        self.assert_goes_on_without_printing(daemon, "No space left on device")

    def assert_goes_on_without_printing(self, daemon, why):
        self.add("a@h1")
        daemon.wait_for_log("cannot print to standard output: " + why)
        self.add("b@h2")
        self.wait_for_rounds(3)
        self.assertEqual(daemon.log().count("cannot print"), 1)
        self.assertEqual(self.ask_names(), struct.pack(">I", self.port))


class Rounds(ServingTest):
    def test_a_nameserver_that_does_not_answer_is_named_and_nobody_leaves(self):
        self.add("a@h1")
        daemon = self.serve()
        daemon.wait_for("joined")
        for number, mode in enumerate(("silent", "servfail"), 1):
            self.dns.mode = mode
            said = daemon.wait_for_log("cannot resolve web:", number)
            self.assertIn(f"127.0.0.53 port {self.dns.port}", said)
            self.wait_for_rounds(4)
            self.dns.mode = "answer"
            daemon.wait_for_log("resolves again", number)
        self.assertEqual(daemon.said(), self.line("joined", "a@h1"))

    def test_a_node_that_registers_or_leaves_here_is_seen_at_once(self):
        self.add("a@h1")
        daemon = self.serve(interval="1h")
        self.wait_for_slow_rounds()
        with socket.create_connection(("127.0.0.1", self.port), 10) as node:
            self.assert_a_round_now(
                lambda: node.sendall(alive(b"local", port=self.cluster.node_port)))
            self.wait_for_slow_rounds()
            self.assert_a_round_now(lambda: node.shutdown(socket.SHUT_WR))
        self.assertEqual(daemon.said(), self.line("joined", "a@h1"))

    def test_sigterm_ends_it_at_once_in_the_middle_of_a_round(self):
        self.add("a@h1", node=hold)
        for mode in ("answer", "silent"):
            self.dns.mode, self.dns.asked, self.port = mode, [], network.free_port()
            daemon = self.serve()
            wait_until(lambda: self.dns.asked, "it asks")
            begun = time.monotonic()
            self.assertEqual(daemon.end(), 0)
            self.assertLess(time.monotonic() - begun, 1)

    def test_nameservers_that_are_none_are_refused(self):
        done = run("serve", "--nameservers", "dns")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'dns' is not a nameserver", done.stderr)


class Hangup(ServingTest):
    def setUp(self):
        super().setUp()
        self.config = self.folder / "portolan.toml"
        self.add("a@h1")
        self.cluster.add("127.0.1.2", "b@h2")
        self.dns.set("db", "127.0.1.2")

    def configure(self, query, *further):
        query = f"{query}:{self.cluster.epmd_port}" if query else ""
        self.config.write_text("\n".join([f'discover = "{query}"' if query else "", *further, ""]))

    def start(self):
        # No --interval: options go before the file.
        daemon = Program("serve", "--port", self.port, "--config", self.config)
        self.enterContext(daemon)
        daemon.wait_for_log("listening on")
        return daemon

    def test_another_query_counts_from_now_on(self):
        asking = f'nameservers = "{self.dns.address}"', "interval = 1h"
        self.configure("web", *asking)
        daemon = self.start()
        daemon.wait_for("joined a@h1")
        self.configure("db", asking[0], "interval = 100ms")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("joined b@h2")
        daemon.wait_for("left a@h1")
        self.assertIn("SIGHUP: looking for 1 query now", daemon.log())

    def test_other_nameservers_count_from_now_on(self):
        self.configure("web", 'nameservers = "127.0.0.99:1"', "interval = 1h")
        daemon = self.start()
        daemon.wait_for_log("127.0.0.99 port 1")
        self.configure("web", f'nameservers = "{self.dns.address}"', "interval = 1h")
        daemon.send(signal.SIGHUP)
        daemon.wait_for("joined a@h1")

    def test_a_round_is_made_now(self):
        self.configure("web", f'nameservers = "{self.dns.address}"', "interval = 1h")
        daemon = self.start()
        self.wait_for_slow_rounds()
        self.assert_a_round_now(lambda: daemon.send(signal.SIGHUP))

    def test_options_that_are_wrong_now_stay_as_they_were(self):
        self.configure("web", f'nameservers = "{self.dns.address}"', "interval = 100ms")
        daemon = self.start()
        daemon.wait_for("joined a@h1")
        self.configure("a b")
        daemon.send(signal.SIGHUP)
        daemon.wait_for_log("SIGHUP: the options are wrong and stay as they were")
        self.add("c@h3")
        daemon.wait_for("joined c@h3")

    def test_discovery_can_be_turned_on_and_off(self):
        asking = f'nameservers = "{self.dns.address}"', "interval = 100ms"
        self.configure("")
        daemon = self.start()
        self.configure("web", *asking)
        daemon.send(signal.SIGHUP)
        daemon.wait_for("joined a@h1")
        self.configure("")
        daemon.send(signal.SIGHUP)
        daemon.wait_for_log("SIGHUP: looking for 0 queries now")
        rounds = self.rounds()
        self.assertEqual(self.ask_names(), struct.pack(">I", self.port))
        self.assertEqual(self.rounds(), rounds)


class Files(ServingTest):
    def test_the_hosts_file_is_one_that_erlang_reads(self):
        self.add("a@h1", "b@h2")
        path = self.folder / ".hosts.erlang"
        path.write_text("'mine'.\n% a comment\n")
        path.chmod(0o640)
        self.serve("--hosts-file", path)
        wait_until(lambda: "h2" in path.read_text(), "both are written")
        self.assertEqual(path.read_text(),
                         f"'mine'.\n% a comment\n{BEGIN}'h1'.\n'h2'.\n{END}")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)
        done = subprocess.run(
            [needs.program("erl"), "-noinput", "-eval",
             'io:format("~p", [net_adm:host_file()]), halt().'], cwd=self.folder, text=True,
            env=daemons.clean_environment({"HOME": str(self.folder)}), capture_output=True,
            timeout=60, check=True)
        self.assertEqual(done.stdout, "[mine,h1,h2]")

    def test_the_nodes_file_holds_the_members(self):
        self.add("a@h1", creation=9)
        path = self.folder / "nodes.json"
        self.serve("--nodes-file", path)
        wait_until(path.exists, "it is written")
        wait_until(lambda: json.loads(path.read_text())["members"], "the member is in it")
        self.assertEqual(json.loads(path.read_text()), {"members": [
            {"node": "a@h1", "address": "127.0.1.1", "port": self.cluster.node_port,
             "query": f"web:{self.cluster.epmd_port}", "verified": True, "creation": 9}],
            "local": []})
        self.cluster.hosts["127.0.1.1"].name = ""
        wait_until(lambda: not json.loads(path.read_text())["members"], "nobody is in it")

    def test_the_files_of_an_earlier_process_outlive_a_dns_that_fails(self):
        self.add("a@h1")
        paths = [self.folder / "hosts", self.folder / "nodes"]
        words = ["--hosts-file", paths[0], "--nodes-file", paths[1]]
        self.serve(*words).wait_for("joined")
        wait_until(lambda: all(path.exists() for path in paths), "both are written")
        before = [path.read_text() for path in paths]
        self.dns.mode, self.port = "servfail", network.free_port()
        second = self.serve(*words)
        second.wait_for_log("cannot resolve")
        self.wait_for_rounds(3)
        self.assertEqual([path.read_text() for path in paths], before)

    def test_a_command_is_run_for_each_change(self):
        self.add("a@h1", creation=9)
        told = self.folder / "told"
        daemon = self.serve("--on-change", f"env | grep ^PORTOLAN_[A-Z]*= | sort >> {told}; "
                            "echo on standard output")
        wait_until(lambda: told.exists() and "VERIFIED" in told.read_text(), "it runs")
        self.assertEqual(told.read_text().splitlines(), [
            "PORTOLAN_ADDRESS=127.0.1.1", "PORTOLAN_CREATION=9", "PORTOLAN_EVENT=joined",
            "PORTOLAN_NODE=a@h1", f"PORTOLAN_PORT={self.cluster.node_port}",
            f"PORTOLAN_QUERY=web:{self.cluster.epmd_port}", "PORTOLAN_REASON=",
            "PORTOLAN_VERIFIED=true"])
        daemon.wait_for_log("on standard output")
        self.assertEqual(daemon.said(), self.line("joined", "a@h1"))
        self.cluster.hosts["127.0.1.1"].name = ""
        wait_until(lambda: "PORTOLAN_EVENT=left" in told.read_text(), "it runs again")
        self.assertIn("PORTOLAN_REASON=its EPMD no longer lists it", told.read_text())


class Mounts(ServingTest):
    """Files that cannot be replaced, in mount namespaces of the daemon's own."""

    def setUp(self):
        super().setUp()
        needs.root()
        self.add("a@h1")

    def serve_with(self, script, *words):
        prefix = [needs.program("unshare"), "--mount", needs.program("sh"), "-ec",
                  f'cd {self.folder}; {script}; exec "$@"', "sh"]
        return self.serve(*words, prefix=prefix)

    def inside(self, daemon, path):
        return pathlib.Path(f"/proc/{daemon.pid}/root{path}")

    def test_a_resolv_conf_that_is_a_folder_is_none(self):
        """As it is where what was to be mounted there did not exist."""
        daemon = self.serve_with("mount -t tmpfs none /etc; mkdir /etc/resolv.conf")
        daemon.wait_for("joined a@h1")

    def test_a_file_that_is_mounted_alone_is_written_where_it_is(self):
        path = self.folder / "hosts"
        path.write_text("'mine'.\n")
        before = path.stat().st_ino
        self.serve_with("mount --bind hosts hosts", "--hosts-file", path)
        wait_until(lambda: "'h1'" in path.read_text(), "it is written")
        wait_until(lambda: path.read_text() == f"'mine'.\n{BEGIN}'h1'.\n{END}", "it is whole")
        self.assertEqual(path.stat().st_ino, before)
        self.assertEqual(os.listdir(self.folder), ["hosts"])

    def test_a_file_that_is_mounted_into_a_folder_to_be_read_only_is_written_where_it_is(self):
        path = self.folder / "inner/hosts"
        path.parent.mkdir()
        path.write_text("")
        self.serve_with("mount --bind inner inner; mount --bind inner/hosts inner/hosts; "
                        "mount -o remount,bind,ro inner", "--hosts-file", path)
        wait_until(lambda: path.read_text() == f"{BEGIN}'h1'.\n{END}", "it is written")

    def test_a_folder_to_be_read_only_is_an_error_that_names_the_file_once(self):
        path = self.folder / "inner/nodes"
        path.parent.mkdir()
        daemon = self.serve_with("mount --bind -o ro inner inner; mount -o remount,bind,ro inner",
                                 "--nodes-file", path)
        daemon.wait_for_log(f"--nodes-file: cannot create {path}.portolan: Read-only file system")
        self.wait_for_rounds(3)
        self.assertEqual(daemon.log().count("--nodes-file"), 1)

    def test_a_full_disk_costs_nothing_that_was_there(self):
        path = self.folder / "disk/hosts"
        path.parent.mkdir()
        daemon = self.serve_with(
            "mount -t tmpfs -o size=8k none disk; echo \"'mine'.\" > disk/hosts; "
            "head -c 4096 /dev/zero > disk/other", "--hosts-file", path)
        daemon.wait_for_log(f"--hosts-file: cannot write {path}.portolan: No space left on device")
        self.wait_for_rounds(3)
        there = self.inside(daemon, path)
        self.assertEqual(there.read_text(), "'mine'.\n")
        self.assertEqual(sorted(os.listdir(there.parent)), ["hosts", "other"])
        self.assertEqual(daemon.log().count("--hosts-file"), 1)
        there.with_name("other").unlink()
        wait_until(lambda: there.read_text() == f"'mine'.\n{BEGIN}'h1'.\n{END}", "it is written")

    def test_without_a_shell_changes_are_kept_until_there_is_one(self):
        told = self.folder / "told"
        daemon = self.serve_with("mount -t tmpfs none /usr/bin", "--on-change",
                                 f"echo $PORTOLAN_NODE >> {told}")
        daemon.wait_for_log("--on-change: cannot run /bin/sh: no such file or directory")
        self.unmount_inside(daemon, "/usr/bin")
        wait_until(lambda: told.exists() and told.read_text() == "a@h1\n", "it is told")

    @staticmethod
    def unmount_inside(daemon, path):
        child = os.fork()
        if child == 0:
            libc = ctypes.CDLL(None)
            with open(f"/proc/{daemon.pid}/ns/mnt", "rb") as namespace:
                failed = libc.setns(namespace.fileno(), 0)
            os._exit(1 if failed or libc.umount(path.encode()) else 0)
        assert os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    unittest.main()
