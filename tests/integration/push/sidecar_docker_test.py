"""A node and its EPMD in two containers of one network, as Compose's `network_mode: service:` and a
Kubernetes pod have it too: `docker run --network container:…`. The nodes start no EPMD themselves.
"""

import unittest

from docker_nodes import COOKIE, ERL, SUITES, Harbour, together, wait_until
from push_nodes import Observer

NET = "yard"
NODE = (*ERL, "-start_epmd", "false", "-sname", "node")
# The node as the one who has the network has to wait for its EPMD.
PATIENT_NODE = ("sh", "-c", "until /harbour/portolan names >/dev/null 2>&1; do sleep 0.1; done; "
                            f"exec {' '.join(NODE)}")
NODES_FILE = "/state/nodes.json"
CALLED_BACK = "node@called was here before this daemon was started, and is registered again"

harbour = None
observer = None


def setUpModule():
    global harbour, observer
    harbour = Harbour()
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET)
    observer = Observer(harbour, NET)


def owner(name, alias, *options, command, otp=25):
    """The container that has the network, and in it its name and alias."""
    harbour.run("--name", name, "--hostname", name, "--network", NET, "--network-alias", alias,
                *options, otp=otp, command=command)
    return name


def guest(name, *options, command, otp=25):
    """One that is in the network of another, of which it has the name and all else."""
    guest_name = f"{name}-guest"
    harbour.run("--name", guest_name, "--network", f"container:{name}", *options, otp=otp,
                command=command)
    return guest_name


def sidecar(alias, *options):
    """What makes a container that of a sidecar."""
    return {"command": ("/harbour/portolan", "serve", "--discover", alias, "--push", "connect",
                        "--interval", "300ms", "--log-level", "debug", *options)}


WITH_COOKIE = ("--env", f"PORTOLAN_COOKIE={COOKIE}")


def sidecar_first(name, alias, otp=25):
    """Returns the names of the containers of sidecar and node."""
    return (owner(name, alias, *WITH_COOKIE, **sidecar(alias)),
            guest(name, command=NODE, otp=otp))


def node_first(name, alias, otp=25):
    """Returns the same."""
    node = owner(name, alias, command=PATIENT_NODE, otp=otp)
    return guest(name, *WITH_COOKIE, **sidecar(alias)), node


def wait_for_mesh(*names):
    every = {f"node@{name}" for name in names}
    observer.wait_for([
        {"name": f"node@{name}", "ip": harbour.address(name, NET), "cookie": COOKIE,
         "expected": sorted(every - {f"node@{name}"})} for name in names])


def registrations(side):
    return harbour.log(side).count(" info registered 'node'")


def wait_for_rounds(side, count):
    rounds = lambda: harbour.log(side).count(" debug a round in ")
    target = rounds() + count + 1
    wait_until(lambda: rounds() >= target, f"{side} has looked {count} times")


class Order(unittest.TestCase):
    def test_the_sidecar_first(self):
        """It has the network, and the node finds it there."""
        made = together([lambda otp=otp: sidecar_first(f"first{otp}", "first", otp)
                         for otp in (25, 27)])
        wait_for_mesh("first25", "first27")
        for side, node in made:
            with self.subTest(node):
                self.assertEqual(harbour.log(node), "")
                self.assertNotIn(" warning ", harbour.log(side))
                self.assertNotIn(" error ", harbour.log(side))

    def test_the_node_first(self):
        """It has the network, and waits for its EPMD."""
        made = together([lambda otp=otp: node_first(f"second{otp}", "second", otp)
                         for otp in (25, 27)])
        wait_for_mesh("second25", "second27")
        for _, node in made:
            self.assertEqual(harbour.log(node), "")

    def test_a_node_that_does_not_wait_ends(self):
        for otp in SUITES:
            with self.subTest(otp):
                name = owner(f"hasty{otp}", "hasty", command=NODE, otp=otp)
                state = wait_until(lambda: ended(name), f"{name} has ended")
                self.assertEqual(state["ExitCode"], 1)
                for words in ("Protocol 'inet_tcp': register/listen error: ", "econnrefused"):
                    self.assertIn(words, harbour.log(name))

    def test_a_node_that_has_started_an_epmd_itself_keeps_it(self):
        name = owner("own-epmd", "own-epmd", command=(*ERL, "-sname", "node"))
        listed = lambda: harbour.portolan(name, "names").stdout
        wait_until(lambda: listed().startswith("node"), "it is registered")
        side = guest(name, *WITH_COOKIE, **sidecar("own-epmd"))
        state = wait_until(lambda: ended(side), f"{side} has ended")
        self.assertEqual(state["ExitCode"], 1)
        self.assertIn("the port is in use by another EPMD, perhaps", harbour.log(side))
        self.assertTrue(listed().startswith("node"), listed())


def ended(container):
    state = harbour.inspect(container)["State"]
    return state if state["Status"] == "exited" else None


class Restart(unittest.TestCase):
    def test_nodes_register_again_with_a_sidecar_that_is_restarted(self):
        """But those of OTP 23, which do so never again; what they are connected to they keep."""
        made = dict(zip(SUITES, together([
            lambda otp=otp: node_first(f"again{otp}", "again", otp) for otp in SUITES])))
        wait_for_mesh("again25", "again27")
        old, _ = made[23]
        wait_until(lambda: registrations(old) == 1, "OTP 23 has registered")
        for side, _ in made.values():
            harbour.docker("restart", "--time", "0", side)
        for otp in (25, 27):
            wait_until(lambda: registrations(made[otp][0]) == 2, f"OTP {otp} registers again")
        sidecar_first("newcomer", "again")
        wait_for_mesh("again25", "again27", "newcomer")
        wait_for_rounds(old, 20)
        self.assertEqual(registrations(old), 1)
        self.assertEqual(harbour.portolan("again23", "names").stdout, "")
        self.assertEqual(harbour.inspect("again23")["State"]["Status"], "running")
        for _, node in made.values():
            self.assertEqual(harbour.log(node), "")

    def test_a_node_of_otp_23_is_called_back_by_a_sidecar_that_has_the_file_of_the_one_before(self):
        """And the peer that it has lost meanwhile, as one is that is started anew, it gets again."""
        # The alias is nobody's name: to a node a name leads to one host, and an alias to any.
        old = owner("called", "calls", command=PATIENT_NODE, otp=23)
        first = self.sidecar_with_file(old)
        peer, peers_node = sidecar_first("caller", "calls", otp=23)
        wait_for_mesh(old, peer)
        file = lambda: harbour.shell(first, f"cat {NODES_FILE}").stdout
        wait_until(lambda: "node@called" in file(), "the node is in the file")
        harbour.docker("rm", "--force", first)
        harbour.docker("restart", "--time", "0", peers_node)
        second = self.sidecar_with_file(old)
        wait_for_mesh(old, peer)
        log = harbour.log(second)
        self.assertEqual(log.count(CALLED_BACK), 1, log)
        self.assertIn(f"info {CALLED_BACK}", log)
        self.assertEqual(registrations(second), 1)
        self.assertEqual(harbour.log(old), "")

    @staticmethod
    def sidecar_with_file(name):
        """The file is on a volume, and so outlives the container."""
        return guest(name, *WITH_COOKIE, "--volume", f"{name}:/state",
                     **sidecar("calls", "--nodes-file", NODES_FILE))

    def test_a_sidecar_that_has_the_network_takes_it_along(self):
        """Its node is left with none until it is restarted too."""
        side, node = sidecar_first("owner", "owned")
        other, _ = sidecar_first("other", "owned")
        wait_for_mesh(side, other)
        harbour.docker("restart", "--time", "0", side)
        self.assertEqual(devices(node), ["lo"])
        wait_for_rounds(side, 20)
        self.assertEqual(registrations(side), 1)
        harbour.docker("restart", "--time", "0", node)
        wait_for_mesh(side, other)
        self.assertIn("eth0", devices(node))


def devices(container):
    lines = harbour.shell(container, "cat /proc/net/dev").stdout.splitlines()[2:]
    return sorted(line.partition(":")[0].strip() for line in lines)


if __name__ == "__main__":
    unittest.main()
