"""Thirty nodes on a real engine, one of them cut off from five others by a packet filter: the mesh, the
page and the metrics tell of it, and of its end."""

import json
import re
import time
import unittest

from docker_nodes import Harbour, together, wait_until
from push_nodes import Observer, erl, named

NET = "fleet"
FLEET = 30
LOST = 5
PAIRS = FLEET * (FLEET - 1) // 2
IN_TIME = 5.0
# A node sees after seconds that a connection is dead, and `global` leaves the others alone: who is cut
# off from whom is then only what the filter says.
NODE = erl(further=("-kernel net_ticktime 4 prevent_overlapping_partitions false",))
# Prints what a page or Prometheus is told. The image has no urllib.
GET = """
import socket, sys
connection = socket.create_connection((sys.argv[1], 9370), 10)
connection.sendall(f"GET {sys.argv[2]} HTTP/1.0\\r\\n\\r\\n".encode())
with connection.makefile() as answer:
    print(answer.read().partition("\\n\\n")[2])
"""

harbour = None


def setUpModule():
    global harbour
    harbour = Harbour((25,))
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET)
    (harbour.folder / "get.py").write_text(GET, "ascii")


class Cut(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.observer = Observer(harbour, NET)
        cls.boxes = together([
            lambda i=i: named(harbour, f"ship{i}", network=NET, alias="fleet", command=NODE,
                              arguments="--http 0.0.0.0:9370 --interval 2s") for i in range(FLEET)])
        cls.observer.wait_for_mesh(cls.boxes)

    def get(self, path):
        """From the daemon of one that loses nobody."""
        return harbour.shell(self.observer.name,
                             f"python3 /harbour/get.py {self.boxes[-1].ip} {path}").stdout

    def told(self):
        """The connections that are missing: as mesh says, as the page is told, and as is counted."""
        mesh = json.loads(harbour.portolan(self.observer.name, "mesh", "--json", "fleet").stdout)
        page = json.loads(self.get("/v1/mesh"))
        counted = re.findall(r'^portolan_mesh_connections\{state="missing"\} (\d+)$',
                             self.get("/metrics"), re.M)
        pairs = [{frozenset(pair) for pair in said["missing"]} for said in (mesh, page)]
        return [*pairs, int(counted[0])]

    def filter(self, how):
        """Returns when."""
        cut, *others = self.boxes
        addresses = ",".join(box.ip for box in others[:LOST])
        reset = "--protocol tcp --jump REJECT --reject-with tcp-reset"
        harbour.filter({cut.id: [f"{how} INPUT --source {addresses} {reset}",
                                 f"{how} OUTPUT --destination {addresses} {reset}"]})
        return time.monotonic()

    def wait_for_loss(self):
        """Until the node knows it, which is its own affair (net_ticktime)."""
        cut = self.boxes[0]
        wait_until(lambda: len(self.observer.nodes(cut)[f"{cut}"]) == FLEET - 1 - LOST,
                   f"{cut} has lost {LOST}")
        return time.monotonic()

    def wait_for(self, pairs, what):
        wait_until(lambda: self.told() == [pairs, pairs, len(pairs)], what)
        return time.monotonic()

    def test_it_is_told_and_so_is_its_end(self):
        self.wait_for(set(), "all is well")
        cut, *others = self.boxes
        self.filter("--insert")
        lost = self.wait_for_loss()
        told = self.wait_for({frozenset((f"{cut}", f"{other}")) for other in others[:LOST]},
                             f"{LOST} are missing") - lost
        ended = self.filter("--delete")
        whole = self.wait_for(set(), "all is well again") - ended
        print(f"\n{LOST} of {PAIRS} connections cut: told after {told:.1f} s, and all is well "
              f"{whole:.1f} s after the end", flush=True)
        self.assertLess(told, IN_TIME)
        self.assertLess(whole, IN_TIME)


if __name__ == "__main__":
    unittest.main()
