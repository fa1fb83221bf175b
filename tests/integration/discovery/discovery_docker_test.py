"""Discovery by the real DNS of Docker: real nodes, named in all the ways that people name them.

What counts as a member is what a real node in another container can connect with.
"""

import time
import unittest

from docker_nodes import (ERL, OVER_IPV6, OWN_IPV4, OWN_IPV6, SUITES, Harbour, Watcher, together,
                          wait_until)
from naming_matrix import ELSEWHERE, NETWORKS, NOWHERE, ROWS, TWICE, is_long

OTP = 25
# The DNS's answer has room in a datagram with EDNS0 alone; so; and, its name is so long, never.
ALIASES = ("web", "fifteen-letters", 63 * "w")
FLEET = 30
SILENT = "does not answer at its port"

harbour = None
placed = []


class Placed:
    """A row of the matrix as a container that runs."""

    def __init__(self, row, number, otp):
        self.row, self.otp = row, otp
        self.tag = f"r{number}o{otp}"
        commands = [f"{' '.join(ERL)} {self.fill(node)}" for node in row.nodes]
        self.id = harbour.run(
            "--network", row.network, "--network-alias", f"{self.tag}-alias",
            *map(self.fill, row.options), otp=otp,
            command=("sh", "-c", " & ".join([*commands[:-1], "exec " + commands[-1]])))
        self.ip = harbour.address(self.id, row.network)
        self.ipv6 = harbour.ipv6(self.id, row.network)

    def fill(self, text):
        known = {name: getattr(self, name) for name in ("tag", "id", "ip", "ipv6")
                 if hasattr(self, name)}
        return text.format(**known)

    @property
    def query(self):
        return self.fill(self.row.query)

    @property
    def members(self):
        return set(map(self.fill, self.row.members))

    @property
    def hidden(self):
        return set(map(self.fill, self.row.hidden))

    @property
    def non_members(self):
        return {self.fill(name): why for name, why in self.row.non_members.items()}

    def nodes_are_up(self):
        listed = harbour.portolan(f"asker-{self.row.network}", "names", self.ip).stdout
        return len(listed.splitlines()) == len(self.row.nodes)


def setUpModule():
    global harbour
    harbour = Harbour()
    unittest.addModuleCleanup(harbour.end)
    together([lambda name=name, options=options: harbour.network(name, *options)
              for name, options in NETWORKS.items()])
    upstream = harbour.upstream(*NETWORKS)
    starts = [lambda name=name: harbour.run(
        "--name", f"asker-{name}", "--network", name, "--dns", upstream[name]) for name in NETWORKS]
    starts += [lambda: harbour.run("--name", "silenced", "--network", "net_poc"),
               lambda: harbour.node("real", network="net_poc")]
    together(starts)
    placed.extend(together([lambda each=each: Placed(*each) for each in places()]))
    for each in placed:
        wait_until(each.nodes_are_up, f"the nodes of '{each.row.title}' are registered")


def places():
    return [(row, number, otp) for number, row in enumerate(ROWS) for otp in SUITES
            if row.everywhere or otp == OTP]


def in_network(name):
    return [each for each in placed if each.row.network == name]


class Matrix(unittest.TestCase):
    def found_from(self, asker, network):
        """All nodes run, but load code for their first handshake: a busy machine takes long."""
        queries = sorted({each.query for each in in_network(network)})

        def found():
            members, others = harbour.discover(asker, *queries)
            return (members, others) if SILENT not in others else None
        return wait_until(found, f"all nodes of {network} answer")

    def check_row(self, row, members, others):
        seen = {name for name, member in members.items() if member["query"] == row.query}
        self.assertEqual(seen, row.members)
        lines = [line for line in others.splitlines()
                 if f" at {row.ip}:" in line.partition(f" via {row.query} ")[0]]
        self.assertEqual(len(lines), len(row.non_members), lines)
        for name, why in row.non_members.items():
            self.assertIn(f"{name} at ", lines[0])
            self.assertIn(why, lines[0])

    def test_each_row_is_a_member_or_not_and_it_is_said_why(self):
        for network in NETWORKS:
            members, others = self.found_from(f"asker-{network}", network)
            for row in in_network(network):
                with self.subTest(row.row.title, otp=row.otp):
                    self.check_row(row, members, others)

    def test_so_it_is_where_the_dns_never_answers_about_names_it_does_not_know(self):
        expected, _ = self.found_from("asker-net_poc", "net_poc")
        members, others = self.found_from("silenced", "net_poc")
        self.assertEqual(set(members), set(expected))
        unresolved = sum(NOWHERE == why for row in in_network("net_poc")
                         for why in row.non_members.values())
        self.assertEqual(others.count("the DNS does not answer"), unresolved)

    def test_a_real_node_can_connect_with_the_members_and_with_no_other(self):
        for network, options in NETWORKS.items():
            rows = in_network(network)
            # One that is hidden is left out because it wants to be, not because it could not.
            reachable = {family: set().union(*(row.members | row.hidden for row in rows
                                               if family in row.row.families)) for family in (4, 6)}
            # Of two namesakes a node reaches one, and nobody knows which.
            names = set().union(*reachable.values(), *(
                {name for name, why in row.non_members.items() if why != TWICE} for row in rows))
            for kind, of_kind, family in self.askers(has_ipv6="--ipv6" in options):
                asked = {name for name in names if of_kind(name)}
                if asked:
                    with self.subTest(network, kind=kind):
                        connected = harbour.connects(f"asker-{network}", kind, asked)
                        self.assertEqual(connected, asked & reachable[family])

    @staticmethod
    def askers(has_ipv6):
        over_ipv4 = (("-sname asker", lambda name: not is_long(name), 4),
                     (f"-name asker@{OWN_IPV4}", is_long, 4))
        over_ipv6 = ((f"-sname asker {OVER_IPV6}", lambda name: not is_long(name), 6),
                     (f"-name asker@{OWN_IPV6} {OVER_IPV6}", is_long, 6))
        return (*over_ipv4, *over_ipv6) if has_ipv6 else over_ipv4

    def test_nodes_of_all_otps_behind_one_alias_are_found(self):
        members, others = harbour.discover("asker-net_poc", "mixed")
        self.assertEqual(set(members), {f"node@r0o{otp}" for otp in SUITES})
        self.assertEqual(others, "")


class Networks(unittest.TestCase):
    """Containers in two networks, seen from another one in both."""

    # A node asked by two at once turns away the one or the other, as their names are ordered.
    NAMES = {"app@two-app", "zoo@two-zoo"}
    QUERIES = ("both.net_poc", "both.project_default")

    @classmethod
    def setUpClass(cls):
        harbour.run("--name", "bridge", "--network", "net_poc")
        for name in cls.NAMES:
            alive, _, host = name.partition("@")
            harbour.node(host, "--network-alias", "both", alive=alive, network="net_poc")
        for name in ("bridge", "two-app", "two-zoo"):
            alias = "asker" if name == "bridge" else "both"
            harbour.docker("network", "connect", "--alias", alias, "project_default", name)
        wait_until(lambda: set(harbour.discover("bridge", "both")[0]) == cls.NAMES, "both are up")

    def test_a_node_in_two_networks_is_one_member(self):
        for _ in range(20):
            members, others = harbour.discover("bridge", *self.QUERIES)
            self.assertEqual((set(members), others), (self.NAMES, ""))
            for member in members.values():
                self.assertEqual((member["verified"], member["query"]), (True, self.QUERIES[0]))
        self.assertEqual(harbour.connects("bridge", "-sname asker", self.NAMES), self.NAMES)

    def test_names_lead_to_one_network_only_and_who_asks_in_the_other_is_told(self):
        members, others = harbour.discover("bridge", self.QUERIES[1])
        self.assertEqual(members, {})
        self.assertEqual(others.count(ELSEWHERE), len(self.NAMES))


class Domains(unittest.TestCase):
    def test_a_search_domain_counts_as_soon_as_it_is_in_the_file(self):
        harbour.node("found", "--network-alias", "lost.in.test", "--network-alias", "found.in.test",
                     otp=OTP, network="net_poc")
        seeker = Watcher(harbour, "seeker", "--discover lost", "--interval 300ms",
                         options=("--network", "net_poc", "--dns-opt", "ndots:1"))
        self.assertEqual(seeker.members(), {})
        harbour.shell("seeker", "echo search in.test >>/etc/resolv.conf")
        wait_until(seeker.members, "it is found")
        self.assertEqual(set(seeker.members()), {"node@found"})


class Kinds(unittest.TestCase):
    """Where there is a node, others must be like it."""

    def check(self, name, kind, host, row, why):
        alias = f"{row.tag}-alias"
        watcher = Watcher(harbour, name, f"--discover {alias},mixed", "--interval 100ms",
                          options=("--network", "net_poc"))
        watcher.node(kind=kind, host=host)
        line = f"via {alias} is not a member: {why}"
        wait_until(lambda: line in watcher.log(), f"{name} says that it {why}")
        wait_until(lambda: not row.members & set(watcher.members()), f"{name} leaves it out")
        return watcher

    def row(self, title):
        return next(each for each in placed if each.row.title == title and each.otp == OTP)

    def test_long_names_are_no_members_where_nodes_have_short_ones(self):
        watcher = self.check("short-one", "-sname", "", self.row("a name by address"),
                             "it has a long name and the nodes here have short ones")
        self.assertEqual(set(watcher.members()), {f"node@r0o{otp}" for otp in SUITES})

    def test_short_names_are_no_members_where_nodes_have_long_ones(self):
        watcher = self.check("long-one", "-name", "@127.0.0.1", self.row("unnamed, an alias"),
                             "it has a short name and the nodes here have long ones")
        wait_until(lambda: not watcher.members(), "none of the others is a member either")


class Fleet(unittest.TestCase):
    """As many behind one alias as one answer of the DNS does not hold."""

    def test_all_are_found_and_waited_for(self):
        began = time.monotonic()
        aliases = [option for alias in ALIASES for option in ("--network-alias", alias)]
        wait = lambda: harbour.portolan("asker-net_poc", "wait", "web", "--min", str(FLEET),
                                        "--timeout", "120s", "--interval", "1s")
        starts = [lambda i=i: harbour.node(f"fleet{i}", *aliases, otp=tuple(SUITES)[i % 3],
                                           network="net_poc") for i in range(FLEET)]
        waited, *_ = together([wait, *starts])
        self.assertEqual((waited.returncode, waited.stderr), (0, ""))
        expected = {f"node@fleet{i}" for i in range(FLEET)}
        self.assertEqual(set(waited.stdout.splitlines()), expected)
        for alias in ALIASES:
            with self.subTest(alias):
                members, others = harbour.discover("asker-net_poc", alias)
                self.assertEqual((set(members), others), (expected, ""))
        self.assertLess(time.monotonic() - began, 120)


if __name__ == "__main__":
    unittest.main()
