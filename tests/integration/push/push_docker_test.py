"""The push on a real engine: nodes that know nothing of each other or of us become a cluster.

Whether they did is what nodes() says on each of them.
"""

import time
import unittest

from docker_nodes import COOKIE, OVER_IPV6, OWN_IPV6, SUITES, Harbour, together, wait_until
from push_nodes import Box, Observer, erl, members, named, question, wait_for_rounds

NET = "net_poc"
SUBNET = "172.31.90"
BOTH = "net_both"
FLEET = 30
# With these, who is to be left in peace is passed over many times.
OFTEN = "--interval 200ms --log-level debug"
# So it is for moments where many nodes start together; that they are connected in the end is seen.
OVERLOADED = "is not a member: it does not answer at its port: is it paused or overloaded, "

harbour = None
observer = None


def setUpModule():
    global harbour, observer
    harbour = Harbour()
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET, "--subnet", f"{SUBNET}.0/24", "--ip-range", f"{SUBNET}.128/25")
    harbour.network(BOTH, "--ipv6", "--subnet", "fd00:90::/64")
    observer = Observer(harbour, NET)
    harbour.docker("network", "connect", BOTH, observer.name)


def box(*options, network=NET, **further):
    return Box(harbour, *options, network=network, **further)


def fleet(names, alias, first_ip):
    """Starts named nodes, and prints how long after the last registration all had all others."""
    ips = {name: f"{SUBNET}.{first_ip + i}" for i, name in enumerate(names)}
    expected = {f"node@{name}" for name in names}
    questions = [{"name": f"node@{name}", "ip": ips[name], "cookie": COOKIE,
                  "expected": sorted(expected - {f"node@{name}"})} for name in names]
    # They are asked from the beginning, so as not to miss the moment.
    mesh, *made = together([
        lambda: observer.wait_for(questions, 120.0),
        *(lambda name=name: named(harbour, name, "--ip", ips[name], network=NET, alias=alias)
          for name in names)])
    took = mesh - max(each.registered() for each in made)
    print(f"\n{len(names)} nodes: a mesh {took:.2f} s after the last registration", flush=True)
    return made


class Pushed(unittest.TestCase):
    def tearDown(self):
        harbour.end_all_but(observer.name)

    def check_peace(self, made):
        """Not a line from us in the nodes' logs, and nothing to complain of in ours but that this
        machine is slow.
        """
        for each in made:
            with self.subTest(each):
                self.assertEqual(each.said(), "", each.log())
                self.assertEqual([line for line in each.complaints() if OVERLOADED not in line], [])

    def check_mesh(self, *starts):
        made = together(starts)
        observer.wait_for_mesh(made)
        self.check_peace(made)
        return made


class Scene(Pushed):
    def test_three_nodes_behind_an_alias_are_a_cluster(self):
        made = fleet(("node1", "node2", "node3"), "web", 10)
        self.check_peace(made)
        for each in made:
            others = [name for name in members(made) if name not in each.names]
            wait_until(lambda: sorted(each.events()) == sorted(("joined", name) for name in others),
                       f"{each} has told of the others")


class Names(Pushed):
    """Containers and nodes that are named in ways in which the usual recipe fails."""

    def test_unnamed_containers(self):
        made = self.check_mesh(*3 * [lambda: box(alias="unnamed")])
        self.assertEqual(members(made), [f"node@{each.id}" for each in made])

    def test_containers_named_unlike_their_hosts(self):
        self.check_mesh(*(lambda i=i: box("--name", f"c{i}", "--hostname", f"h{i}", alias="unlike")
                          for i in range(3)))

    def test_long_names_by_address(self):
        self.check_mesh(*3 * [lambda: box(
            alias="long", command=erl("-name app@$(hostname -i)"), names=("app@{ip}",))])

    def test_two_nodes_in_each_of_two_containers(self):
        both = f"sh -c \"{erl('-sname one')} & exec {erl('-sname two')}\""
        self.check_mesh(*2 * [lambda: box(
            alias="pairs", command=both, names=("one@{host}", "two@{host}"))])


class BothFamilies(Pushed):
    """In a network with IPv4 and IPv6 addresses, by either or by both."""

    def check(self, *starts, alias):
        made = self.check_mesh(*starts)
        pairs = len(made) * (len(made) - 1) // 2
        whole = f"{len(made)} nodes, {f'all {pairs}' if pairs > 1 else '1 of 1'} connections\n"
        # A daemon says what its last round has seen.
        wait_until(lambda: harbour.portolan(observer.name, "mesh", f"{alias}.{BOTH}").stdout == whole,
                   f"mesh says {whole!r}")
        return made

    def test_over_ipv6_by_host_name(self):
        made = self.check(*(lambda otp=otp: box(
            alias="six", network=BOTH, otp=otp, command=erl(f"-sname node {OVER_IPV6}"))
            for otp in (25, 25, 27)), alias="six")
        self.assertEqual(members(made), [f"node@{each.id}" for each in made])

    def test_over_ipv6_by_address(self):
        self.check(*2 * [lambda: box(
            alias="literal", network=BOTH, names=("app@{ipv6}",),
            command=erl(f"-name app@{OWN_IPV6} {OVER_IPV6}"))], alias="literal")

    def test_over_ipv4_beside_ipv6(self):
        self.check(*2 * [lambda: box(alias="four", network=BOTH)], alias="four")

    def test_a_node_over_ipv4_is_connected_to_one_over_ipv6(self):
        """Which listens at both, and cannot connect by itself."""
        self.check(lambda: box(alias="mix", network=BOTH, arguments=OFTEN),
                   lambda: box(alias="mix", network=BOTH, arguments=OFTEN,
                               command=erl(f"-sname node {OVER_IPV6}")), alias="mix")


class CookieFiles(Pushed):
    """In these, no cookie comes by the environment."""

    def test_a_file_that_is_named(self):
        file = harbour.folder / "cookie"
        file.write_text(COOKIE + "\n", "ascii")
        file.chmod(0o400)
        self.check_mesh(*2 * [lambda: box(
            alias="file", cookie=None, arguments="--cookie-file /harbour/cookie")])

    def test_the_file_that_the_node_makes(self):
        """Two nodes in one container, for in another one there would be another cookie."""
        plain = "erl -noinput +S 1:1 -sname"
        made = box(alias="made", cookie=None, names=("one@{host}", "two@{host}"), command=(
            f"sh -c '{plain} one & until /harbour/portolan names | grep one; do sleep 0.1; done "
            f">/dev/null; exec {plain} two'"))
        wait_until(lambda: made.pushed(), "they are connected")
        cookie = harbour.shell(made.id, "cat /root/.erlang.cookie").stdout
        observer.wait_for([{**question(made, name, [other]), "cookie": cookie}
                           for name, other in (made.names, reversed(made.names))])
        self.assertEqual(made.said(), "")


class Generations(Pushed):
    def test_each_otp_alone(self):
        for otp in SUITES:
            with self.subTest(otp):
                self.check_mesh(*2 * [lambda: box(alias=f"otp{otp}", otp=otp)])

    def test_a_mixed_cluster_is_left_in_peace(self):
        """23 is not told of 25 and 27, or they of it: the newer ones would take turns at throwing
        each other out.
        """
        old, new = (23, 23), (25, 27)
        made = together([lambda otp=otp: box(alias="mixed", otp=otp, arguments=OFTEN)
                         for otp in (*old, *new)])
        groups = made[:2], made[2:]
        observer.wait_for_mesh(*groups)
        for each in made:
            others = set(members(made)) - set(each.names)
            wait_until(lambda: {name for _, name in each.events()} == others,
                       f"{each} has told of the others")
        wait_for_rounds(made, 20)
        observer.wait_for_mesh(*groups)
        self.check_peace(made)


class Gone(Pushed):
    def test_nodes_do_not_look_up_one_that_is_gone(self):
        """It would keep them busy for 8 s where nobody answers for names that nobody has."""
        upstream = harbour.upstream(NET)[NET]
        *others, gone = together([
            lambda name=name: named(harbour, name, "--dns", upstream, network=NET, alias="fewer",
                                    arguments=OFTEN)
            for name in ("stays1", "stays2", "goes")])
        observer.wait_for_mesh([*others, gone])
        for each in others:  # whoever was connected by the others may not have seen it yet
            wait_until(lambda: ("joined", gone.names[0]) in each.events(), f"{each} knows of it")
        harbour.docker("kill", gone.id)
        for each in others:
            wait_until(lambda: ("left", gone.names[0]) in each.events(), f"{each} has told of it")
        observer.wait_for_mesh(others)
        asked = harbour.log("upstream").splitlines()
        # Portolan asks for IPv6 as well, should one go in the blink between a round and its push.
        self.assertEqual(asked.count("goes 1"), asked.count("goes 28"), asked)
        # That would be seen.
        harbour.shell(others[0].id, "getent ahostsv4 goes")
        again = harbour.log("upstream").splitlines()
        self.assertGreater(again.count("goes 1"), asked.count("goes 1"))


class Fleet(Pushed):
    def test_as_many_as_one_answer_of_the_dns_does_not_hold(self):
        began = time.monotonic()
        self.check_peace(fleet([f"fleet{i}" for i in range(FLEET)], "fleet", 20))
        print(f"all in all {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    unittest.main()
