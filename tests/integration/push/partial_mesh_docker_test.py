"""The push on a real engine where not every node can reach every other: it must not cost the others
their peace. From OTP 25 on `global` cuts off nodes that others cannot reach.

Every scene has nodes of OTP 25 and 27, and goes on for minutes, so all are played at once.
"""

import concurrent.futures
import re
import threading
import time
import unittest

from docker_nodes import Harbour, together, wait_until
from push_nodes import Box, Observer, erl, named

NET = "partial"
SUBNET = "172.31.91"
OTPS = (25, 27)
LATE = 30.0  # until the DNS knows the newcomers
OVERLAPPING = "overlapping partitions"
# What the engine does not know it asks here. A name is known once it is in the file.
NAMES_IN_A_FILE = """
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 53))
while True:
    query, asker = server.recvfrom(4096)
    end = query.index(0, 12) + 5
    name, kind = query[13:13 + query[12]].decode(), query[end - 3]
    with open("/harbour/late", encoding="ascii") as file:
        ip = dict(line.split() for line in file).get(name)
    answers = 1 if ip and kind == 1 else 0
    record = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\0\\0\\4" + bytes(map(int, ip.split("."))) if answers else b""
    flags = b"\\x81\\x80" if ip else b"\\x81\\x83"
    server.sendto(query[:2] + flags + query[4:6] + bytes([0, answers]) + bytes(4) + query[12:end]
                  + record, asker)
"""
GET_METRICS = """
import socket
connection = socket.create_connection(("127.0.0.1", 9370))
connection.sendall(b"GET /metrics HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
while text := connection.recv(65536):
    print(text.decode(), end="")
"""

harbour = None
observer = None
starting = threading.Lock()  # a scene at a time starts its nodes, which is work


def setUpModule():
    global harbour, observer
    harbour = Harbour(OTPS)
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET, "--subnet", f"{SUBNET}.0/24", "--ip-range", f"{SUBNET}.128/25")
    observer = Observer(harbour, NET)
    pool = concurrent.futures.ThreadPoolExecutor(len(SCENES))
    unittest.addModuleCleanup(pool.shutdown)
    for scene in SCENES:
        scene.playing = pool.submit(scene.play)


def otp_of(number):
    return OTPS[number % len(OTPS)]


def held_until(file):
    """A node that starts when there is this file in the harbour's folder."""
    return f"sh -c 'until [ -e /harbour/{file.name} ]; do sleep 0.1; done; exec {erl()}'"


def overlapping(box):
    """How many lines its nodes have logged about partitions."""
    return box.said().count(OVERLAPPING)


def metric(box, name):
    """As its daemon serves it; in an image with Python."""
    text = harbour.shell(box.id, f"python3 -c '{GET_METRICS}'").stdout
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found.group(1)) if found else text


def show(boxes):
    """For whoever has to find out why a scene failed."""
    return "".join(f"--- {box} {box.ip}\n{box.log()}\n{box.said()}\n" for box in boxes)


class Twins:
    """Three that are meshed, and two more that have one host name between them, for 3 minutes. The
    three see neither of the two before both are there."""

    def play(self):
        with starting:
            self.start("--http 127.0.0.1:9370")
        time.sleep(180)

    def start(self, arguments):
        self.three = together([
            lambda i=i: named(harbour, f"peace{i}", network=NET, alias="twins", otp=otp_of(i),
                              arguments=arguments) for i in range(3)])
        observer.wait_for_mesh(self.three)
        go = harbour.folder / "go-twins"
        self.twins = together([
            lambda i=i: Box(harbour, "--hostname", "twin", network=NET, alias="twins",
                            otp=otp_of(i), arguments=arguments, command=held_until(go))
            for i in range(2)])
        self.filter_all("--insert")
        go.touch()
        for box in self.twins:
            wait_until(lambda box=box: " is held back, " in box.log(), f"{box} is held back")
        self.filter_all("--delete")

    def filter_all(self, change):
        """What the two send to the three."""
        three = ",".join(box.ip for box in self.three)
        rule = f"{change} OUTPUT --destination {three} --jump REJECT"
        harbour.filter({twin.id: [rule] for twin in self.twins})


class LaterTwin:
    """Three that are meshed with a fourth, and then a fifth that has its host name, for 2 minutes."""

    def play(self):
        with starting:
            self.three = together([
                lambda i=i: named(harbour, f"quiet{i}", network=NET, alias="later", otp=otp_of(i))
                for i in range(3)])
            self.twins = [self.a_twin(25)]
            observer.wait_for_mesh([*self.three, *self.twins])
        time.sleep(15)  # all look around at their interval
        with starting:
            self.twins.append(self.a_twin(27))
            wait_until(lambda: " is held back, " in self.twins[1].log(), "the later one is held back")
        time.sleep(120)

    def a_twin(self, otp):
        return Box(harbour, "--hostname", "first", network=NET, alias="later", otp=otp,
                   names=("node@first",))


class LateNames:
    """Four that are meshed, and two newcomers whose names only their own hosts files know, until
    the DNS learns them."""

    def play(self):
        self.records = harbour.folder / "late"
        with starting:
            ips = self.start()
        time.sleep(LATE)
        self.records.write_text("".join(f"{name} {ip}\n" for name, ip in ips.items()), "ascii")
        known = time.time()
        self.took = observer.wait_for_mesh([*self.four, *self.late]) - known
        print(f"\na mesh {self.took:.2f} s after the DNS knew the names", flush=True)

    def start(self):
        self.records.touch()
        harbour.run("--name", "late-dns", "--network", NET, "--ip", f"{SUBNET}.5",
                    command=("python3", "-c", NAMES_IN_A_FILE))
        dns = ("--dns", f"{SUBNET}.5")
        self.four = together([
            lambda i=i: named(harbour, f"early{i}", *dns, network=NET, alias="late", otp=otp_of(i))
            for i in range(4)])
        observer.wait_for_mesh(self.four)
        ips = {f"late{i}": f"{SUBNET}.{20 + i}" for i in range(2)}
        self.late = together([
            lambda name=name, ip=ip, i=i: Box(
                harbour, *dns, "--ip", ip, "--add-host", f"{name}:{ip}", network=NET, alias="late",
                command=erl(f"-sname node@{name}"), names=(f"node@{name}",), otp=otp_of(i))
            for i, (name, ip) in enumerate(ips.items())])
        for box in self.late:
            wait_until(lambda box=box: " is held back, " in box.log(), f"{box} is held back")
        return ips


class Blocked:
    """Six nodes, of which two cannot reach each other: for two minutes, and then they can."""

    def __init__(self, alias, ways, target):
        self.alias, self.ways, self.target = alias, ways, target

    def play(self):
        with starting:
            self.start()
        self.lines = []
        for seconds_more in (90, 60):  # the first with what a busy machine takes to start
            time.sleep(seconds_more)
            self.lines.append([overlapping(box) for box in self.healthy])
        self.pushed = [pair for box in self.boxes for pair in box.pushed()]
        self.before = show(self.boxes)
        self.filter_all("--delete")
        lifted = time.time()
        self.took = observer.wait_for_mesh(self.boxes) - lifted
        time.sleep(15)
        self.lines.append([overlapping(box) for box in self.healthy])
        print(f"\n{self.alias}: lines about partitions after 90 s, 150 s, and the end: "
              f"{self.lines}; a mesh {self.took:.1f} s after the block was lifted", flush=True)

    def start(self):
        go = harbour.folder / f"go-{self.alias}"
        command = held_until(go)
        self.boxes = together([
            lambda i=i: named(harbour, f"{self.alias}{i}", network=NET, alias=self.alias,
                              otp=otp_of(i), command=command) for i in range(6)])
        self.pair, self.healthy = self.boxes[:2], self.boxes[2:]
        self.filter_all("--insert")
        go.touch()
        for box in self.boxes:
            wait_until(lambda box=box: " info registered 'node' " in box.log(), f"{box} is up")

    def filter_all(self, change):
        harbour.filter({at.id: [f"{change} INPUT --source {source.ip} --jump {self.target}"]
                        for at, source in (self.pair, self.pair[::-1])[:self.ways]})


twins, later_twin, late_names = Twins(), LaterTwin(), LateNames()
both_ways, one_way, rejected = (Blocked("both", 2, "DROP"), Blocked("oneway", 1, "DROP"),
                                Blocked("rejected", 2, "REJECT"))
SCENES = (twins, later_twin, late_names, both_ways, one_way, rejected)


class OneName(unittest.TestCase):
    def test_two_nodes_of_one_name_leave_the_others_in_peace(self):
        twins.playing.result()
        for box in twins.three:
            with self.subTest(box):
                self.assertEqual(box.said(), "", show([*twins.three, *twins.twins]))
                for twin in twins.twins:
                    self.assertRegex(box.log(), rf" node@twin at {twin.ip}:\d+ via twins is not a "
                                                r"member: several nodes have this name, ")

    def test_a_second_node_of_a_name_takes_it_from_nobody(self):
        later_twin.playing.result()
        everybody = [*later_twin.three, *later_twin.twins]
        for box in later_twin.three:
            with self.subTest(box):
                self.assertEqual(box.said(), "", show(everybody))
                of_the_name = [kind for kind, name in box.events() if name == "node@first"]
                self.assertEqual(of_the_name, ["joined", "left"], show(everybody))
                for twin in later_twin.twins:
                    self.assertRegex(box.log(), rf" node@first at {twin.ip}:\d+ via later is not a "
                                                r"member: several nodes have this name, ")
        self.assertEqual(later_twin.twins[1].pushed(), [])
        for name, connected in observer.nodes(*later_twin.three).items():
            self.assertIn("node@first", connected, f"{name}: what was connected is left alone")

    def test_both_are_named_with_their_addresses(self):
        twins.playing.result()
        doctor = harbour.portolan(twins.three[0].id, "doctor", "node@twin").stdout
        for twin in twins.twins:
            held, = [line for line in twin.complaints() if " is held back, " in line]
            for other in twins.twins:
                self.assertIn(f"{other.ip}:", held)
            self.assertEqual(twin.pushed(), [])
            self.assertIn(f"{twin.ip}:", doctor)
        self.assertEqual(metric(twins.three[0], "portolan_non_members"), 2)
        self.assertEqual(metric(twins.twins[0], "portolan_held_back"), 1)


class OwnName(unittest.TestCase):
    def test_nodes_that_the_dns_does_not_know_yet_wait_for_it(self):
        late_names.playing.result()
        everybody = [*late_names.four, *late_names.late]
        for box in late_names.four:
            with self.subTest(box):
                self.assertEqual(box.said(), "", show(everybody))
        for box in late_names.late:
            with self.subTest(box):
                self.assertEqual(box.log().count(" is held back, "), 1, box.log())
                self.assertIn(f" {box} is held back no more", box.log())
        # Asked about each second, on a machine that plays four other scenes.
        self.assertLess(late_names.took, 4.0, show(everybody))


class Partial(unittest.TestCase):
    def check(self, scene):
        """At most five lines at first, none in the minute after, and none when it is over."""
        scene.playing.result()
        first, second, last = scene.lines
        self.assertLessEqual(max(first), 5, scene.before)
        self.assertEqual((second, last), (first, first), scene.before)
        for pair in set(scene.pushed):
            self.assertLessEqual(scene.pushed.count(pair), 4, pair)
        self.assertLess(scene.took, 15.0, show(scene.boxes))
        return scene.before

    def test_a_pair_that_is_blocked_both_ways(self):
        log = self.check(both_ways)
        self.assertIn(" were connected and are not any more, although both run", log)

    def test_a_pair_that_is_blocked_one_way(self):
        self.check(one_way)

    def test_a_pair_whose_connections_are_rejected(self):
        self.check(rejected)


if __name__ == "__main__":
    unittest.main()
