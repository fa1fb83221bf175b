"""A life of containers on a real engine: all that happens is told once, and nothing else is."""

import collections
import time
import unittest

from docker_nodes import ERL, Daemon, Harbour, Watcher, brief, seconds, together, wait_until

NET = "life"
INTERVAL = 0.5
SILENCE = 60.0
NO_DNS = "INPUT --in-interface lo --destination 127.0.0.11 --jump DROP"

harbour = None
patient = None


def setUpModule():
    global harbour, patient
    harbour = Harbour()
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET, "--subnet", "172.31.77.0/24")
    # Its rounds come ever more seldom: it is needed when they have become rare.
    patient = watcher("patient", query="late", interval=60, options=("--network-alias", "late"))


def node(name, *options, **further):
    return harbour.node(name, "--network-alias", "web", *options, network=NET, **further)


def watcher(name, query="web", interval=INTERVAL, options=()):
    return Watcher(harbour, name, f"--discover {query} --interval {round(interval * 1000)}ms",
                   options=("--network", NET, *options))


def daemon(name, *options):
    return Daemon(harbour, name, options=("--network", NET, *options))


def address(name):
    return harbour.address(name, NET)


def joined(*names):
    return [("joined", name) for name in names]


def left(*names):
    return [("left", name) for name in names]


def by_node(events):
    """The events of each node in their order; that of different nodes is nobody's business."""
    found = collections.defaultdict(list)
    for event, name in events:
        found[name].append(event)
    return dict(found)


class Told:
    """What a watcher tells, step by step. What it should not have told fails the next step."""

    def __init__(self, watched):
        self.watcher = watched
        self.count = 0

    def expect(self, events):
        """Until it has told so many events: these. Returns them whole."""
        wait_until(lambda: len(self.news()) >= len(events), f"{self} tells {events}")
        news = self.news()
        self.count += len(news)
        if by_node(brief(news)) != by_node(events):
            raise AssertionError(f"{self} told {brief(news)} instead of {events}")
        return news

    def news(self):
        return self.watcher.events()[self.count:]

    def __repr__(self):
        return self.watcher.name


class Life(unittest.TestCase):
    """Three look on: one from outside, one that is a node's own EPMD, one whom the DNS deserts."""

    FAR = "172.31.77.200"

    def test_all_that_happens_is_told_once(self):
        self.begin()
        self.desert()
        self.kill()
        self.start_again()
        self.stop()
        self.pause_for_a_moment()
        self.pause_for_long()
        self.disconnect()
        self.give_its_address_to_another()
        self.restart_a_node_in_its_container()
        self.restart_the_local_node()
        self.come_back()
        self.be_quiet()

    def begin(self):
        inside = ("--network-alias", "web")
        self.outside, self.inside, self.deaf = map(Told, together([
            lambda: watcher("outside"), lambda: watcher("inside", options=inside),
            lambda: watcher("deaf")]))
        self.me = self.inside.watcher.node()
        self.outside.expect(joined("me@inside"))
        together([lambda: node("ada"), lambda: node("bea", otp=27), lambda: node("cid", otp=23),
                  self.start_phoenix, self.start_far])
        self.everywhere(joined("node@ada", "node@bea", "node@cid", "node@phoenix"),
                        outside=joined(f"far@{self.FAR}"))
        self.deaf.expect(brief(self.outside.watcher.events()))

    @staticmethod
    def start_phoenix():
        """A container that goes on, its EPMD too, when its node ends."""
        erl = f"{' '.join(ERL)} -sname node"
        harbour.run("--name", "phoenix", "--hostname", "phoenix", "--network", NET,
                    "--network-alias", "web", command=("sh", "-c", f"while :; do {erl}; done"))

    def start_far(self):
        """A long name: no member where the nodes have short ones."""
        harbour.run("--name", "far", "--network", NET, "--ip", self.FAR, "--network-alias", "web",
                    command=(*ERL, "-name", f"far@{self.FAR}"))

    def everywhere(self, events, outside=()):
        """What both tell, and what only the one outside does."""
        return self.outside.expect([*events, *outside]), self.inside.expect(events)

    def desert(self):
        self.drop("deaf", "--insert")
        self.deserted = time.monotonic()
        self.before = self.deaf.watcher.members()
        wait_until(lambda: "cannot resolve web" in self.deaf.watcher.log(), "it is deaf")

    def come_back(self):
        time.sleep(max(0, self.deserted + SILENCE - time.monotonic()))
        self.assertEqual(self.deaf.news(), [])
        self.drop("deaf", "--delete")
        after = self.outside.watcher.members()
        self.deaf.expect(difference(self.before, after))
        self.assertEqual(creations(self.deaf.watcher.members()), creations(after))
        self.assertIn("web resolves again", self.deaf.watcher.log())

    @staticmethod
    def drop(container, change):
        """Lets no question of a container arrive at the DNS, or lets them arrive again."""
        harbour.filter({container: [f"{change} {NO_DNS}"]})

    def be_quiet(self):
        for told in (self.outside, self.inside, self.deaf):
            told.watcher.wait_for_rounds(5)
            self.assertEqual(told.news(), [])

    def kill(self):
        harbour.docker("kill", "cid")
        for event, in self.everywhere(left("node@cid")):
            self.assertIn("its address is no longer behind web", event["reason"])

    def start_again(self):
        harbour.docker("start", "cid")
        self.everywhere(joined("node@cid"))

    def stop(self):
        harbour.docker("stop", "bea")
        self.everywhere(left("node@bea"))
        harbour.docker("start", "bea")
        self.everywhere(joined("node@bea"))

    def pause_for_a_moment(self):
        """So that each misses it, but not often enough: what is told would fail the next step."""
        harbour.docker("pause", "ada")
        for told in (self.outside, self.inside):
            told.watcher.wait_for_rounds(0)
        harbour.docker("unpause", "ada")
        for told in (self.outside, self.inside):
            told.watcher.wait_for_rounds(1)

    def pause_for_long(self):
        before = self.outside.watcher.members()["node@ada"]
        harbour.docker("pause", "ada")
        for event, in self.everywhere(left("node@ada")):
            self.assertIn("its EPMD does not answer", event["reason"])
        harbour.docker("unpause", "ada")
        for event, in self.everywhere(joined("node@ada")):
            self.assertEqual(event["creation"], before["creation"])

    def disconnect(self):
        harbour.docker("network", "disconnect", NET, "bea")
        self.everywhere(left("node@bea"))
        harbour.docker("network", "connect", "--alias", "web", NET, "bea")
        self.everywhere(joined("node@bea"))

    def give_its_address_to_another(self):
        its = address("ada")
        harbour.docker("rm", "--force", "cid")
        harbour.docker("stop", "--time", "0", "ada")
        node("heir", "--ip", its)
        harbour.docker("start", "ada")
        told = self.everywhere([*left("node@ada", "node@cid"), *joined("node@heir", "node@ada")])
        for events in told:
            found = {event["node"]: event["address"] for event in events}
            self.assertEqual(found["node@heir"], its)
            self.assertEqual(found["node@ada"], address("ada"))
        self.assertNotEqual(address("ada"), its)

    def restart_a_node_in_its_container(self):
        before = self.outside.watcher.members()["node@phoenix"]
        harbour.docker("exec", "phoenix", "sh", "-c", "kill -KILL $(pidof beam.smp)")
        for _, event in self.everywhere([*left("node@phoenix"), *joined("node@phoenix")]):
            self.assertEqual(event["event"], "joined")
            self.assertNotEqual(event["creation"], before["creation"])

    def restart_the_local_node(self):
        """Its own EPMD tells nothing, not even of the node that only others can connect with."""
        harbour.docker("restart", "--time", "0", self.me)
        self.outside.expect([*left("me@inside"), *joined("me@inside")])


class Soon(unittest.TestCase):
    """How long it takes until a node that has registered is told of, or told to."""

    def test_where_a_node_registers_the_others_are_told_at_once(self):
        wait_until(lambda: patient.rounds() >= 8, "its rounds have become rare")
        other = daemon("other", "--network-alias", "late")
        other.node()
        other.registered()
        self.assertEqual(patient.events(), [])
        patient.node()
        began = patient.registered()
        event, = wait_until(patient.events, "it tells")
        self.assertEqual(event["node"], "me@other")
        self.assertLess(seconds(event["time"]) - began, 0.3)

    def test_elsewhere_a_node_is_told_within_an_interval(self):
        """Give or take a tenth, which is drawn so that not all ask at once; and a round."""
        interval = 2.0
        regular = watcher("regular", query="punctual", interval=interval,
                          options=("--network-alias", "punctual"))
        daemons = {name: daemon(name, "--network-alias", "punctual")
                   for name in ("soon", "sooner", "soonest")}
        regular.wait_for_rounds(6)
        for each in daemons.values():
            each.node()
        wait_until(lambda: len(regular.events()) == len(daemons), "all are told")
        for event in regular.events():
            began = daemons[event["node"].partition("@")[2]].registered()
            self.assertLess(seconds(event["time"]) - began, 1.1 * interval + 0.3)


def creations(members):
    return {name: member["creation"] for name, member in members.items()}


def difference(before, after):
    """What is to be told of the way from some members to others."""
    before, after = creations(before), creations(after)
    gone = [name for name, creation in before.items() if after.get(name) != creation]
    new = [name for name, creation in after.items() if before.get(name) != creation]
    return [*left(*sorted(gone)), *joined(*sorted(new))]


if __name__ == "__main__":
    unittest.main()
