"""A rolling restart on a real engine, as orchestrators do it: a container is restarted when the one
before is ready. What says that it is ready must have a peer.
"""

import ast
import concurrent.futures
import pathlib
import shutil
import time
import unittest

import push_nodes
from docker_nodes import COOKIE, Harbour, together, wait_until
from push_nodes import Observer, erl, named

NET = "rolling"
SUBNET = "172.31.92"
# In seconds, until a node starts: releases take a moment. Where the watcher has to see it, longer
# than the second that it may wait for a container that is not there.
MOMENT, WHILE = 1, 3
# In seconds: whoever looks less often may miss something.
GAP_MAX = 1.0

harbour = None
observer = None


def setUpModule():
    global harbour, observer
    harbour = Harbour((25,))
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET, "--subnet", f"{SUBNET}.0/24", "--ip-range", f"{SUBNET}.128/25")
    observer = Observer(harbour, NET)
    shutil.copy(pathlib.Path(push_nodes.__file__).with_name("ready_watcher.py"), harbour.folder)


def start(count, alias, first_ip, delay, arguments=""):
    """Boxes that keep their addresses when they are restarted."""
    node = f"sh -c 'sleep {delay}; exec {erl()}'"
    return together([
        lambda i=i: named(harbour, f"{alias}{i}", "--ip", f"{SUBNET}.{first_ip + i}", network=NET,
                          alias=alias, command=node, arguments=f"--http :9370 {arguments}")
        for i in range(count)])


def is_ready(box):
    """What an orchestrator is told."""
    script = f'import ready_watcher; print(ready_watcher.is_ready("{box.ip}"))'
    return harbour.shell(observer.name, f"cd /harbour; python3 -c '{script}'").stdout == "True\n"


def restart(boxes, count):
    """The first of them, one after the other; and waits until all are a cluster again."""
    for box in boxes[:count]:
        harbour.docker("restart", box.id)
        wait_until(lambda box=box: is_ready(box), f"{box} is ready")
    observer.wait_for_mesh(boxes)


def watch(boxes, action):
    """What the watcher has seen of each box while something was done."""
    stop = harbour.folder / f"stop-{boxes[0].host}"
    nodes = [{"name": f"{box}", "ip": box.ip, "cookie": COOKIE} for box in boxes]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        watching = pool.submit(
            harbour.engines.docker, "exec", "--interactive", observer.name, "python3",
            "/harbour/ready_watcher.py", f"/harbour/{stop.name}", input=repr(nodes))
        try:
            action()
        finally:
            stop.touch()
    return ast.literal_eval(watching.result())


class RollingRestart(unittest.TestCase):
    def test_who_is_ready_has_a_peer_all_the_time(self):
        boxes = start(5, "rolling", 10, MOMENT, "--ready-min 2")
        observer.wait_for_mesh(boxes)
        for box in boxes:
            wait_until(lambda box=box: is_ready(box), f"{box} is ready")
        began = time.monotonic()
        seen = watch(boxes, lambda: restart(boxes, 5))
        print(f"\na rolling restart of 5 took {time.monotonic() - began:.1f} s: {seen}", flush=True)
        for name, each in seen.items():
            with self.subTest(name):
                self.assertEqual(each["lonely"], 0)
                self.assertGreater(each["not_ready"], 0)  # it was restarted
                self.assertGreater(each["ready"], 0)
                self.assertLess(each["longest_gap"], GAP_MAX)

    def test_without_ready_min_who_is_ready_may_be_alone(self):
        """Its daemon is ready before its node is there; so the watcher can see it."""
        boxes = start(2, "hasty", 20, WHILE)
        observer.wait_for_mesh(boxes)
        seen = watch(boxes, lambda: restart(boxes, 1))
        self.assertGreater(seen[f"{boxes[0]}"]["lonely"], 0.5, seen)


if __name__ == "__main__":
    unittest.main()
