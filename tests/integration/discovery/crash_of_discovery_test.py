"""Discovery, its outputs and its commands after a crash of the server."""

import os
import pathlib
import signal
import socket
import unittest

import daemons
import network
from daemons import wait_until
from packets import alive
from programs import kill_server, run
from serving_world import ServingTest


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Crash(ServingTest):
    def test_nothing_is_told_twice_and_files_are_written(self):
        nodes = self.folder / "nodes"
        told = self.folder / "told"
        self.add("web@node1")
        hook = f'echo "$PORTOLAN_EVENT $PORTOLAN_NODE" >>{told}'
        program = self.serve("--nodes-file", nodes, "--on-change", hook)
        program.wait_for(self.line("joined", "web@node1"))
        wait_until(nodes.exists, "the file is written")
        self.wait_until_told(told, "joined web@node1")
        self.wait_for_rounds(4)  # what was told in the last 100 ms may be told again
        with socket.create_connection(("127.0.0.1", self.port), 10) as node:
            node.sendall(alive(b"mine"))
            node.recv(64)
            kill_server(program)
            self.wait_for_rounds(3)
            self.assertIn(b"name mine at port", self.ask_names())
        self.add("db@node2")
        program.wait_for(self.line("joined", "db@node2", 2))
        wait_until(lambda: "db@node2" in nodes.read_text(encoding="utf-8"), "the file is kept")
        self.wait_until_told(told, "joined web@node1", "joined db@node2")
        self.assertEqual(program.said(),
                         self.line("joined", "web@node1") + self.line("joined", "db@node2", 2))

    def wait_until_told(self, file, *lines):
        wait_until(lambda: file.exists() and file.read_text(encoding="utf-8").split("\n")[:-1]
                   == list(lines), f"the command is told {lines}, and nothing else")

    def test_who_joins_and_leaves_while_no_server_runs_is_told(self):
        self.add("web@node1")
        self.add("db@node2")
        program = self.serve()
        program.wait_for(self.line("joined", "db@node2", 2))
        self.wait_for_rounds(2)
        server = program.server
        os.kill(server, signal.SIGSTOP)
        self.cluster.hosts["127.0.1.1"].name = ""
        self.add("new@node3")
        os.kill(server, signal.SIGKILL)
        program.wait_for(self.line("joined", "new@node3", 3))
        said = program.said().splitlines()
        self.assertEqual(len([line for line in said if line.startswith("joined")]), 3, said)
        self.assertEqual([line for line in said if line.startswith("left")],
                         [self.line("left", "web@node1").strip()])

    def test_an_output_that_is_new_after_an_upgrade_is_told_of_all(self):
        told = self.folder / "told"
        config = self.folder / "config"
        config.write_text("", encoding="utf-8")
        self.add("web@node1")
        program = self.serve("--config", config)
        program.wait_for(self.line("joined", "web@node1"))
        self.wait_for_rounds(2)
        config.write_text(f"on-change = echo $PORTOLAN_EVENT >>{told}\n", encoding="utf-8")
        upgraded = run("upgrade", program.pid)
        self.assertEqual(upgraded.returncode, 0, upgraded)
        wait_until(told.exists, "the command is told")
        self.assertEqual(program.said().count("joined"), 1)

    def test_a_command_inherits_neither_descriptors_nor_blocked_signals(self):
        told = self.folder / "told"
        # The shell reads its own status: while it starts another program, it blocks all signals.
        script = (f"while read -r line; do case $line in SigBlk*|SigIgn*) echo \"$line\" ;; esac; "
                  f"done </proc/$$/status >{told}.new; ls -l /proc/$$/fd >>{told}.new; "
                  f"mv {told}.new {told}")
        with socket.create_server(("127.0.0.1", 0)):
            program = self.serve("--on-change", script)
            for name in ("web@node1", "web@node2"):
                self.add(name)
                wait_until(told.exists, "the command has run")
                self.check(told)
                told.unlink()
                kill_server(program)

    def check(self, told):
        text = pathlib.Path(told).read_text(encoding="utf-8")
        for kind in ("socket:", "memfd", "anon_inode", "signalfd"):
            self.assertNotIn(kind, text)
        for name in ("SigBlk", "SigIgn"):
            self.assertIn(f"{name}:\t{0:016x}", text)


if __name__ == "__main__":
    unittest.main()
