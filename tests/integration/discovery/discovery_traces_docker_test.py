"""What discovery leaves behind in real nodes: nothing; and what it hands on to real nodes."""

import json
import re
import unittest

from docker_nodes import SUITES, Harbour, Watcher, brief, make_certificate, together, wait_until

NET = "quiet"
# A node that writes down, five times a second, how many atoms and which other nodes it knows, and
# what it sees of other nodes. What is loaded for the first handshake of a node, with whom ever, is
# loaded before, and what it writes with: code brings atoms along.
WITNESS = """
{module, dist_util} = code:ensure_loaded(dist_util),
io_lib:format("~0p", [[some@node]]),
Ours = [node(), nonode@nohost],
File = "/harbour/NAME.seen",
Write = fun(Format, Values) -> file:write_file(File, io_lib:format(Format, Values), [append]) end,
Look = fun Look() ->
    receive Message -> Write("saw ~0p~n", [Message])
    after 200 -> Write("~p ~0p~n", [erlang:system_info(atom_count), nodes(known) -- Ours])
    end,
    Look()
end,
spawn(fun() ->
    ok = net_kernel:monitor_nodes(true, [{node_type, all}, nodedown_reason]),
    Look()
end).
"""
# What a node needs to answer is loaded before it is asked: on a slow machine that takes longer than
# an asker waits, who then rightly asks again.
READY = """
[ok = code:ensure_modules_loaded(element(2, application:get_key(App, modules)))
 || App <- [kernel, crypto, public_key, ssl], application:load(App) =/= gone],
ok = file:write_file("/harbour/NAME.ready", "").
"""
TLS = ("-proto_dist", "inet_tls", "-ssl_dist_opt", "server_certfile", "/harbour/cert.pem",
       "-ssl_dist_opt", "server_keyfile", "/harbour/key.pem")
METRICS = """exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/9000
printf "GET /metrics HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n" >&3; cat <&3'"""
SILENCES = re.compile(r'^portolan_probes_total{kind="identity",outcome="silent"} (\d+)$', re.MULTILINE)
ALLOWS_NOBODY = ("-eval", "net_kernel:allow(['friend@nowhere']).")
ROUNDS = 200

harbour = None


def setUpModule():
    global harbour
    harbour = Harbour()
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET)
    make_certificate(harbour.folder)


def watcher(name, *arguments, query="web"):
    return Watcher(harbour, name, f"--discover {query}", *arguments,
                   options=("--network", NET))


class Witness:
    """A node that looks at itself."""

    def __init__(self, otp):
        self.name, self.otp = f"seen{otp}", otp
        code = WITNESS.replace("NAME", self.name)
        harbour.node(self.name, "--network-alias", "web", otp=otp, network=NET, erl=("-eval", code))
        self._seen = harbour.folder / f"{self.name}.seen"
        wait_until(lambda: len(set(self.atoms()[-5:])) == 1 < len(self.atoms()[-5:]),
                   f"{self.name} is at rest")
        self.start = len(self.lines())

    def lines(self):
        return self._seen.read_text("utf-8").splitlines() if self._seen.exists() else []

    def atoms(self):
        return [int(line.split()[0]) for line in self.lines() if line[0].isdigit()]

    def growths(self):
        """By how much the number of atoms grew each time that it did."""
        atoms = self.atoms()[self.start - 1:]
        return [after - before for before, after in zip(atoms, atoms[1:]) if after != before]

    def known(self):
        return re.findall(r"[\w.]+@[\w.]+", self.lines()[-1])

    def messages(self):
        return [line for line in self.lines() if line.startswith("saw")]


class Traces(unittest.TestCase):
    def test_many_rounds_leave_one_atom_and_not_a_word(self):
        witnesses = together([lambda otp=otp: Witness(otp) for otp in SUITES])
        eager = watcher("eager", "--interval 100ms")
        wait_until(lambda: len(eager.members()) == len(witnesses), "all are found")
        eager.wait_for_rounds(ROUNDS)
        # One that has forgotten all and asks again is still the same to them.
        harbour.docker("restart", "--time", "0", "eager")
        wait_until(lambda: len(eager.members()) == len(witnesses), "all are found again")
        for witness in witnesses:
            with self.subTest(witness.name):
                self.check(witness)

    def check(self, witness):
        lines = len(witness.lines())
        wait_until(lambda: len(witness.lines()) > lines, "it has looked once more")
        self.assertEqual(witness.growths(), [1])
        self.assertEqual(witness.messages(), [])
        known = witness.known()
        self.assertEqual(len(known), 1)
        self.assertRegex(known[0], r"^epmd_probe\d+@epmd$")
        self.assertEqual(harbour.log(witness.name), "")


class Refusals(unittest.TestCase):
    """Nodes that do not say who they are, and write down that they were asked."""

    NODES = [("tls", otp, TLS) for otp in SUITES] + [("strict", otp, ALLOWS_NOBODY)
                                                    for otp in SUITES]

    def test_they_are_members_by_their_containers_names_and_are_asked_once(self):
        names = together([lambda each=each: self.start(*each) for each in self.NODES])
        eager = watcher("asker", "--interval 100ms", "--http 127.0.0.1:9000", query="closed")
        wait_until(lambda: len(eager.events()) >= len(names), "all are found")
        eager.wait_for_rounds(ROUNDS // 2)
        self.assertEqual(sorted(brief(eager.events())),
                         sorted(("joined", f"node@{name}") for name in names))
        for event in eager.events():
            self.assertEqual((event["verified"], event["creation"]), (False, None))
        # Whom a slow machine gave no time to answer is asked again. So is one that just closes, as
        # TLS of OTP 23 does, for that may have been somebody else's doing.
        silences = int(SILENCES.search(harbour.shell("asker", METRICS).stdout)[1])
        logs = "".join(map(harbour.log, names))
        self.assertLessEqual(logs.count("REPORT===="), len(names) + 1 + silences, logs)

    @staticmethod
    def start(kind, otp, flags):
        name = f"{kind}{otp}"
        harbour.node(name, "--network-alias", "closed", otp=otp, network=NET,
                     erl=(*flags, "-eval", READY.replace("NAME", name)))
        wait_until((harbour.folder / f"{name}.ready").exists, f"{name} is ready")
        wait_until(lambda: "name node at" in harbour.shell(name, "epmd -names").stdout,
                   f"{name} is registered")
        return name


class Outputs(unittest.TestCase):
    """What is written for nodes, read by a node."""

    def test_a_plain_node_meets_the_world_by_the_hosts_file(self):
        (harbour.folder / "world").mkdir()
        teller = watcher("teller", "--interval 300ms", "--hosts-file /harbour/world/.hosts.erlang",
                         "--nodes-file /harbour/nodes.json", "--on-change "
                         "'echo $PORTOLAN_EVENT $PORTOLAN_NODE $PORTOLAN_VERIFIED >>/harbour/told'",
                         query="told")
        together([lambda otp=otp: harbour.node(f"told{otp}", "--network-alias", "told", otp=otp,
                                               network=NET) for otp in SUITES])
        names = [f"node@told{otp}" for otp in SUITES]
        wait_until(lambda: len(teller.members()) == len(names), "all are found")
        self.check_nodes_file(teller)
        self.check_hosts_file(names)
        harbour.docker("kill", "told23")
        wait_until(lambda: len(teller.members()) == 2, "one has left")
        self.check_nodes_file(teller)
        self.check_changes([*(f"joined {name} true" for name in names), "left node@told23 true"])

    def check_nodes_file(self, teller):
        expected = {(name, member["address"], member["port"], member["creation"])
                    for name, member in teller.members().items()}
        wait_until(lambda: self.nodes_in_file() == expected, "the file says so")

    @staticmethod
    def nodes_in_file():
        members = json.loads((harbour.folder / "nodes.json").read_text("utf-8"))["members"]
        return {(each["node"], each["address"], each["port"], each["creation"])
                for each in members}

    def check_hosts_file(self, names):
        hosts = sorted(name.partition("@")[2] for name in names)
        harbour.run("--name", "reader", "--network", NET, "--workdir", "/harbour/world")
        self.assertEqual(harbour.evaluate("reader", "-sname reader", "net_adm:host_file()"),
                         "[" + ",".join(hosts) + "]")
        self.assertEqual(harbour.evaluate("reader", "-sname reader", "lists:sort(net_adm:world())"),
                         "[" + ",".join(sorted(names)) + "]")

    def check_changes(self, lines):
        file = harbour.folder / "told"
        told = lambda: file.read_text("utf-8").splitlines() if file.exists() else []
        wait_until(lambda: len(told()) >= len(lines), "all changes are told")
        self.assertEqual(sorted(told()), sorted(lines))


if __name__ == "__main__":
    unittest.main()
