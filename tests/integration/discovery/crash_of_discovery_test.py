"""Discovery, its outputs and its commands after a crash of the server."""

import os
import pathlib
import signal
import socket
import unittest

import daemons
import network
from daemons import children_of, wait_until
from packets import alive
from serving_world import ServingTest


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Crash(ServingTest):
    def kill_server(self, program):
        (server,) = children_of(program.pid)
        os.kill(server, signal.SIGKILL)
        program.wait_for_log("the server died of signal 9")

    def test_members_are_found_again_and_files_are_written(self):
        nodes = self.folder / "nodes"
        self.add("web@node1")
        program = self.serve("--nodes-file", nodes)
        program.wait_for(self.line("joined", "web@node1"))
        wait_until(nodes.exists, "the file is written")
        with socket.create_connection(("127.0.0.1", self.port), 10) as node:
            node.sendall(alive(b"mine"))
            node.recv(64)
            self.kill_server(program)
            program.wait_for(self.line("joined", "web@node1"), 2)
            self.assertIn(b"name mine at port", self.ask_names())
        self.add("db@node2")
        program.wait_for(self.line("joined", "db@node2", 2))
        wait_until(lambda: "db@node2" in nodes.read_text(encoding="utf-8"), "the file is kept")
        self.assertNotIn("left", program.said())

    def test_a_command_inherits_neither_descriptors_nor_blocked_signals(self):
        told = self.folder / "told"
        # The shell reads its own status: while it starts another program, it blocks all signals.
        script = (f"while read -r line; do case $line in SigBlk*|SigIgn*) echo \"$line\" ;; esac; "
                  f"done </proc/$$/status >{told}.new; ls -l /proc/$$/fd >>{told}.new; "
                  f"mv {told}.new {told}")
        self.add("web@node1")
        with socket.create_server(("127.0.0.1", 0)):
            program = self.serve("--on-change", script)
            for _ in range(2):
                wait_until(told.exists, "the command has run")
                self.check(told)
                told.unlink()
                self.kill_server(program)

    def check(self, told):
        text = pathlib.Path(told).read_text(encoding="utf-8")
        for kind in ("socket:", "memfd", "anon_inode", "signalfd"):
            self.assertNotIn(kind, text)
        for name in ("SigBlk", "SigIgn"):
            self.assertIn(f"{name}:\t{0:016x}", text)


if __name__ == "__main__":
    unittest.main()
