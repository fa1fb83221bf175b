"""Watches whether nodes have peers while their daemons say that they are ready, from a container
beside them; python3-minimal is enough. node_asker.py is in the same folder.

    ready_watcher.py STOP <nodes

Standard input is a list as Python writes it: {"name", "ip", "cookie"} for each node. Until there is
a file STOP, each is asked many times a second. Prints so, too, for each name what Watch.seen is.
"""

import ast
import os
import socket
import sys
import threading
import time

import node_asker

HTTP_PORT = 9370
PAUSE = 0.03
REQUEST = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def is_ready(ip):
    """What the daemon there says; not if it says nothing."""
    try:
        with socket.create_connection((ip, HTTP_PORT), 1) as connection:
            connection.sendall(REQUEST)
            return connection.recv(64).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


class Watch:
    """One node and its daemon."""

    def __init__(self, name, ip, cookie):
        self.name = name
        # How often it was ready and how often not, the longest time in seconds between two samples
        # in which it was, and for how long it was although its node had no peer or did not answer.
        self.seen = {"ready": 0, "not_ready": 0, "longest_gap": 0.0, "lonely": 0.0}
        self._ip, self._node = ip, node_asker.Node(name, ip, cookie, None)
        self._last_ready = None

    def watch_until(self, is_over):
        while not is_over():
            began = time.monotonic()
            peers = self._peers_if_ready()
            if peers is None:
                self._note_not_ready()
            else:
                self._note_ready(began)
            time.sleep(PAUSE)
            if peers == []:
                self.seen["lonely"] += time.monotonic() - began

    def _peers_if_ready(self):
        """The two cannot be asked at one moment: the daemon must be ready before and after."""
        if not is_ready(self._ip):
            return None
        peers = self._node.ask() or []
        return peers if is_ready(self._ip) else None

    def _note_ready(self, now):
        self.seen["ready"] += 1
        gap = now - (self._last_ready or now)
        self.seen["longest_gap"] = max(self.seen["longest_gap"], gap)
        self._last_ready = now

    def _note_not_ready(self):
        """When it is ready again it may be another node."""
        self.seen["not_ready"] += 1
        self._last_ready = None
        self._node.forget()


def main():
    watches = [Watch(**node) for node in ast.literal_eval(sys.stdin.read())]
    is_over = lambda: os.path.exists(sys.argv[1])
    threads = [threading.Thread(target=watch.watch_until, args=(is_over,)) for watch in watches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print({watch.name: watch.seen for watch in watches})


if __name__ == "__main__":
    main()
