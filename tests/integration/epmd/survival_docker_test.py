"""Names outlive the server in containers, where the keeper is the first process."""

import ast
import contextlib
import os
import pathlib
import signal
import subprocess
import time
import unittest

import daemons
from docker_nodes import ERL, SUITES, Harbour, image_of, together, wait_until
from push_nodes import Observer

NET = "dock"
PROGRAM = "/usr/local/bin/portolan"
# What becomes of a container that ends by SIGKILL.
KILLED = 128 + 9
EPMD_PORT = f"{4369:X}"
# Looks up a name of a host without a pause until its input ends. Prints how often, how many failed, and
# the first failure.
LOOK_UPS = """
import select, socket, struct, sys
request = b"z" + sys.argv[1].encode()
request = struct.pack(">H", len(request)) + request
address = socket.gethostbyname(sys.argv[2])
asked, failed, first = 0, 0, None
while not select.select([sys.stdin], [], [], 0)[0]:
    asked += 1
    try:
        with socket.create_connection((address, 4369), 20) as client:
            client.sendall(request)
            fault = client.recv(2, socket.MSG_WAITALL)
    except OSError as error:
        fault = repr(error)
    if fault != b"w\\0":
        failed, first = failed + 1, first or fault
    if asked == 1:
        print("begun", flush=True)
print((asked, failed, first))
"""

harbour = None
observer = None


def setUpModule():
    global harbour, observer
    harbour = Harbour()
    unittest.addModuleCleanup(harbour.end)
    harbour.network(NET)
    observer = Observer(harbour, NET)
    (harbour.folder / "look_ups.py").write_text(LOOK_UPS, "ascii")
    # They never rest: more than a third of a processor is not for them.
    harbour.run("--name", "asking", "--network", NET, "--cpus", "0.3")


class Ship:
    """A container that has the program in its own file system, and what this host sees of it."""

    def __init__(self, name, *words, otp=25):
        self.name, self.otp = name, otp
        self.id = harbour.docker("create", "--name", name, "--hostname", name, "--network", NET,
                                 image_of(otp), PROGRAM, *words)
        self.install(harbour.folder / "portolan")
        harbour.docker("start", name)
        self.pid = wait_until(self._first_process, f"{name} runs")
        wait_until(lambda: self._try_names().returncode == 0, f"{name} answers")

    def __repr__(self):
        return self.name

    def install(self, program):
        harbour.docker("cp", str(program), f"{self.name}:{PROGRAM}")

    def processes(self):
        """By this host's numbers: what each is in its own namespace, and its state."""
        found = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has just ended
                if self.id in (folder / "cgroup").read_text("ascii"):
                    status = (folder / "status").read_text("utf-8", "replace")
                    lines = dict(line.split(":\t", 1) for line in status.splitlines())
                    found[int(folder.name)] = (int(lines["NSpid"].split()[-1]), lines["State"][0])
        return found

    def _first_process(self):
        return next((pid for pid, (inner, _) in self.processes().items() if inner == 1), None)

    def crash(self):
        """Kills the server from outside, and returns when the next one answers."""
        before = daemons.server_of(self.pid)
        if before == self.pid:
            raise AssertionError(f"{self} has no keeper")
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: daemons.server_of(self.pid) not in (before, self.pid),
                   f"{self} has another server")
        return self.names()

    def names(self):
        return self._try_names().stdout

    def _try_names(self):
        return harbour.engines.try_docker("exec", self.name, PROGRAM, "names")

    def log(self):
        return harbour.log(self.name)

    def node(self, alive):
        """Starts a node in it beside what runs there."""
        harbour.docker("exec", "--detach", self.name, *ERL, "-start_epmd", "false", "-sname", alive)

    def wait_for_names(self, *expected):
        wanted = set(expected)
        wait_until(lambda: {line.split()[0] for line in self.names().splitlines()} == wanted,
                   f"{self} has the names {wanted}")

    def connections(self):
        """Both ends of those of its own nodes to its EPMD, with their inodes."""
        found = set()
        for table in ("tcp", "tcp6"):
            text = pathlib.Path(f"/proc/{self.pid}/net/{table}").read_text("ascii")
            for line in text.splitlines()[1:]:
                fields = line.split()
                here, there = (end.split(":") for end in fields[1:3])
                if here[0] == there[0] and fields[3] == "01" and EPMD_PORT in (here[1], there[1]):
                    found.add((*fields[1:3], fields[9]))
        return found

    def status(self):
        """The exit status, once it has ended."""
        return wait_until(lambda: self._ended(), f"{self} has ended")[0]

    def _ended(self):
        state = harbour.inspect(self.name)["State"]
        return [state["ExitCode"]] if state["Status"] == "exited" else None

    def end_of(self, *how):
        """Ends it with a command of Docker's; returns its exit status and how long that took."""
        began = time.monotonic()
        harbour.docker(*how, self.name)
        return self.status(), time.monotonic() - began


def erl(alive):
    return (*ERL, "-sname", alive)


def creations(*nodes):
    """As the nodes know them."""
    asked = ", ".join(f"rpc:call('{node}', erlang, system_info, [creation])" for node in nodes)
    answer = harbour.evaluate(observer.name, "-sname probe", f"[{asked}]")
    return [int(word) for word in answer.strip("[]").split(",")]


@contextlib.contextmanager
def looked_up(*places):
    """Each name is looked up from another container all the time, and no look-up fails."""
    running = [subprocess.Popen(
        ["docker", "--host", harbour.engines.containers, "exec", "--interactive", "asking",
         "python3", "/harbour/look_ups.py", alive, host], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True) for alive, host in places]
    try:
        for each in running:
            if each.stdout.readline() != "begun\n":
                raise AssertionError("look-ups have not begun")
        yield
        told = [ast.literal_eval(each.communicate()[0]) for each in running]
    finally:
        for each in running:
            each.kill()
            each.communicate()
    print(f"\nlook-ups: {[asked for asked, *_ in told]}", flush=True)
    for asked, failed, first in told:
        if failed or asked < 100:
            raise AssertionError(f"{failed} of {asked} look-ups failed; the first: {first}")


class Crash(unittest.TestCase):
    def test_a_node_of_run_does_not_notice(self):
        """Each of these: nodes of OTP 23 do not register again."""
        ships = together([lambda otp=otp: Ship(f"run{otp}", "run", "--", *erl("node"), otp=otp)
                          for otp in SUITES])
        for ship in ships:
            ship.wait_for_names("node")
        nodes = [f"node@{ship}" for ship in ships]
        before = creations(*nodes), [ship.connections() for ship in ships]
        self.assertEqual([len(each) for each in before[1]], [2, 2, 2])
        with looked_up(*(("node", ship.name) for ship in ships)):
            for _ in range(2):
                for ship in ships:
                    ship.crash()
        self.assertEqual((creations(*nodes), [ship.connections() for ship in ships]), before)
        for ship in ships:
            with self.subTest(ship):
                self.assertEqual(ship.log().count("names kept: 1, ended meanwhile: 0, lost: 0"), 2)
                self.assertEqual(ship.log().count("registered 'node'"), 1)

    def test_nodes_beside_serve_do_not_notice(self):
        ship = Ship("serve", "serve")
        for alive in ("one", "two"):
            ship.node(alive)
        ship.wait_for_names("one", "two")
        before = creations("one@serve", "two@serve"), ship.connections()
        self.assertEqual(len(before[1]), 4)
        with looked_up(("one", "serve"), ("two", "serve")):
            ship.crash()
        self.assertEqual((creations("one@serve", "two@serve"), ship.connections()), before)
        self.end_node("one@serve")
        ship.wait_for_names("two")
        ship.node("one")
        ship.wait_for_names("one", "two")
        self.assertEqual(creations("one@serve"), [before[0][0] + 1])

    @staticmethod
    def end_node(node):
        harbour.evaluate(observer.name, "-sname probe", f"rpc:call('{node}', init, stop, [])")


class Upgrade(unittest.TestCase):
    def test_a_program_that_is_replaced_in_place_goes_on(self):
        ship = Ship("upgraded", "run", "--", *erl("node"))
        ship.wait_for_names("node")
        before = creations("node@upgraded"), ship.connections(), ship.names()
        program = os.stat(f"/proc/{ship.pid}/exe").st_ino
        with looked_up(("node", "upgraded")):
            for _ in range(2):
                ship.install(harbour.folder / "portolan")
                said = harbour.docker("exec", "upgraded", PROGRAM, "upgrade")
                self.assertRegex(said, "^process 1: portolan .* goes on; names kept: 1, ended "
                                       "meanwhile: 0, lost: 0$")
        self.assertNotEqual(os.stat(f"/proc/{ship.pid}/exe").st_ino, program)
        self.assertEqual((creations("node@upgraded"), ship.connections(), ship.names()), before)
        self.assertEqual(ship.log().count("registered 'node'"), 1)
        self.assertEqual(ship.end_of("stop", "--time", "30")[0], 0)


class FirstProcess(unittest.TestCase):
    """What the first process of a container owes it, after a crash too."""

    def test_kill_ends_the_container(self):
        for number, words in enumerate((["serve"], ["run", "--", *erl("node")])):
            for crashes in (0, 1):
                with self.subTest(words, crashes=crashes):
                    ship = Ship(f"killed{number}{crashes}", *words)
                    for _ in range(crashes):
                        ship.crash()
                    self.assertEqual(ship.end_of("kill")[0], KILLED)
                    self.assertEqual(ship.processes(), {})

    def test_orphans_are_reaped(self):
        ship = Ship("orphans", "run", "--", "sleep", "infinity")
        ship.crash()
        for _ in range(20):
            harbour.shell("orphans", "(sleep 0.2 & echo $! >>/orphans)")
        orphans = harbour.shell("orphans", "cat /orphans").stdout.split()
        self.assertEqual(len(orphans), 20)
        wait_until(lambda: len(ship.processes()) == 3, "keeper, server and command are left")
        self.assertNotIn("Z", [state for _, state in ship.processes().values()])

    def test_stop_ends_it_with_the_status_of_its_command(self):
        node = Ship("stopped", "run", "--", *erl("node"))
        other = Ship("status", "run", "--", "sh", "-c",
                     "trap 'exit 7' TERM; while :; do sleep 0.1; done")
        alone = Ship("alone", "serve")
        node.wait_for_names("node")
        for ship, expected in ((node, 0), (other, 7), (alone, 0)):
            with self.subTest(ship):
                ship.crash()
                status, seconds = ship.end_of("stop", "--time", "60")
                self.assertEqual(status, expected)
                self.assertLess(seconds, 30)
        self.assertIn("SIGTERM received - shutting down", node.log())


if __name__ == "__main__":
    unittest.main()
