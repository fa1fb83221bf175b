"""Real nodes in containers of a private engine, with the DNS of its networks, and Portolan there.

`PORTOLAN_STATIC` names a static binary to be used instead of the image's.
"""

import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import daemons
import docker_engine
import image
import needs
import releases
import root

COOKIE = "harbour"
SUITES = {otp: releases.SUITES[otp] for otp in (23, 25, 27)}
# Images beside those of the OTPs, with what is written in Erlang and Elixir, and builds it.
PROGRAMS, BUILDERS, EJABBERD = "programs", "builders", "ejabberd"
PACKAGES = {23: (), 25: ("iptables", "python3-minimal"), 27: (),
            PROGRAMS: ("elixir", "python3-minimal", "python3-pika", "rabbitmq-server"),
            BUILDERS: ("elixir", "python3-minimal", "rebar3"),
            EJABBERD: ("ejabberd", "python3-minimal")}
# How many containers are started at once.
HANDS = 4
PATIENCE = 60.0
# What three images and some containers take.
ROOM = 2 << 30
# The flags that every node has: its log is its standard output, and it takes one processor.
ERL = ("erl", "-noinput", "+S", "1:1", "-setcookie", COOKIE)
# What the engine asks about names that it does not know: there are none, as most of the world says.
# It prints each label before the first dot and the type that was asked for: 1 is A, 28 is AAAA.
NOBODY_BY_THAT_NAME = """
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 53))
while True:
    query, asker = server.recvfrom(4096)
    end = query.index(0, 12) + 5
    print(query[13:13 + query[12]].decode(), query[end - 3], flush=True)
    server.sendto(query[:2] + b"\\x81\\x83" + query[4:6] + bytes(6) + query[12:end], asker)
"""
# What a node speaks IPv6 with, and IPv6 alone.
OVER_IPV6 = "-proto_dist inet6_tcp"
# An address of a container: in a network with IPv6 it has two.
OWN_IPV4 = "$(hostname -i | tr ' ' '\\n' | grep -v :)"
OWN_IPV6 = "$(hostname -i | tr ' ' '\\n' | grep :)"
# Each in a process of its own, for one that cannot be reached may take seconds.
CONNECT = """begin
    Self = self(),
    Try = fun(Name) -> Self ! {Name, net_kernel:connect_node(list_to_atom(Name))} end,
    Names = [NAMES],
    [spawn(fun() -> Try(Name) end) || Name <- Names],
    Results = [receive Result -> Result end || _ <- Names],
    [io:format("~s~n", [Name]) || {Name, true} <- Results],
    done
end"""


def wait_until(condition, what, patience=PATIENCE):
    """As daemons.wait_until, but in no hurry: machines that run dozens of nodes are slow, and to run
    `docker logs` without a pause would take them half a processor."""
    return daemons.wait_until(condition, what, patience, pause_max=0.1)


def together(actions):
    """Does several things at a time; returns what they return, and raises what they raise."""
    with concurrent.futures.ThreadPoolExecutor(HANDS) as pool:
        return [each.result() for each in [pool.submit(action) for action in actions]]


def image_of(otp):
    return f"node:{otp}"


def in_memory():
    return root.in_memory(ROOM)


class Harbour:
    """An engine with images of nodes of each OTP, and a folder that all containers share."""

    def __init__(self, otps=tuple(SUITES), suite="bookworm"):
        """The suite is of the images that are not named by an OTP."""
        self.suite = suite
        self.engines = docker_engine.Engines(in_memory())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="harbour-"))
        try:
            together([self._provide_binary, *(lambda otp=otp: self._import(otp) for otp in otps)])
        except BaseException:
            self.end()
            raise

    def _import(self, otp):
        packages = (*releases.PACKAGES, *PACKAGES[otp])
        tar = docker_engine.rootfs(SUITES.get(otp, self.suite), *packages)
        self.engines.import_rootfs(tar, image_of(otp))

    def _provide_binary(self):
        given = os.environ.get("PORTOLAN_STATIC")
        if given:
            shutil.copy(needs.file(given, "build it with -DPORTOLAN_STATIC=ON"), self.folder)
            return
        image.provide(self.engines)
        self.engines.docker("create", "--name", "image", image.TAG)
        self.engines.docker("cp", "image:/bin/portolan", str(self.folder / "portolan"))
        self.engines.docker("rm", "image")

    def end(self):
        self.engines.end()
        shutil.rmtree(self.folder)

    def docker(self, *arguments):
        return self.engines.docker(*arguments)

    def network(self, name, *options):
        self.docker("network", "create", *options, name)

    def run(self, *options, otp=25, command=("sleep", "infinity")):
        """Starts a container; returns its id as its own node sees it."""
        return self.engines.run("--volume", f"{self.folder}:/harbour", *options, image_of(otp),
                                *command)[:12]

    def end_all_but(self, name):
        """Ends every container but that one. The kernel has one table of neighbours for all of them,
        of 1024 places: 33 nodes that are connected to each other fill it, and then connections fail.
        """
        running = set(self.docker("ps", "--format", "{{.Names}}").split()) - {name}
        if running:
            self.docker("rm", "--force", "--volumes", *running)

    def filter(self, rules):
        """Gives iptables its rules, a list for each container, and returns when it has done so. One
        rule can have several addresses, and holds for all of them at once."""
        go = self.folder / f"filter-{time.monotonic_ns()}"
        waiting = f"until [ -e /harbour/{go.name} ]; do sleep 0.01; done"
        made = [self.run("--cap-add", "NET_ADMIN", "--network", f"container:{container}", command=(
            "sh", "-ec", "\n".join([waiting, *(f"iptables {rule}" for rule in of_it)])))
                for container, of_it in rules.items()]
        go.touch()  # in all of them at the same moment
        ended = self.docker("wait", *made).split()
        if ended != ["0"] * len(made):
            raise AssertionError([self.log(each) for each in made])

    def node(self, name, *options, otp=25, alive="node", network, erl=()):
        """Starts a container by a name with a node in it that is called `alive@name`."""
        return self.run("--name", name, "--hostname", name, "--network", network, *options,
                        otp=otp, command=(*ERL, "-sname", alive, *erl))

    def upstream(self, *networks):
        """Starts a nameserver that the engine can ask; returns its address in each network."""
        self.run("--name", "upstream", "--network", networks[0],
                 command=("python3", "-c", NOBODY_BY_THAT_NAME))
        for network in networks[1:]:
            self.docker("network", "connect", network, "upstream")
        return {network: self.address("upstream", network) for network in networks}

    def address(self, container, network):
        return self.inspect(container)["NetworkSettings"]["Networks"][network]["IPAddress"]

    def ipv6(self, container, network):
        """Its address there; empty in a network without IPv6."""
        return self.inspect(container)["NetworkSettings"]["Networks"][network]["GlobalIPv6Address"]

    def inspect(self, container):
        return json.loads(self.docker("inspect", container))[0]

    def log(self, container):
        """All that the processes of a container have written."""
        done = self.engines.try_docker("logs", container)
        return done.stdout + done.stderr

    def shell(self, container, script):
        return self.engines.try_docker("exec", container, "sh", "-c", script)

    def portolan(self, container, *arguments):
        """Runs a command of Portolan in a container."""
        return self.engines.try_docker("exec", container, "/harbour/portolan", *arguments)

    def discover(self, container, *arguments):
        """What `discover` finds there: the members by their names, and the lines about others."""
        done = self.portolan(container, "discover", "--json", *arguments)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        return {each["node"]: each for each in told if "error" not in each}, done.stderr

    def evaluate(self, container, name_flags, expression):
        """What a new node in a container, hidden from the others, prints for an expression."""
        done = self.shell(container, f"exec {' '.join(ERL)} -hidden {name_flags} -eval "
                                     f"'io:format(\"~0p\", [{expression}]), halt().'")
        return done.stdout + done.stderr

    def connects(self, container, name_flags, names):
        """The names whose nodes a new node in a container can connect with."""
        listed = ", ".join(map(json.dumps, sorted(names)))
        lines = self.evaluate(container, name_flags, CONNECT.replace("NAMES", listed))
        *connected, last = lines.splitlines()
        if last != "done":
            raise AssertionError(lines)
        return set(connected)


class Daemon:
    """A container with `serve` in it: what it prints, and what it logs."""

    def __init__(self, harbour, name, *arguments, options=()):
        self.harbour, self.name = harbour, name
        self._told, self._log = harbour.folder / f"{name}.told", harbour.folder / f"{name}.log"
        harbour.run("--name", name, "--hostname", name, *options, command=(
            "sh", "-c", f"exec /harbour/portolan serve --print json --log-level debug "
                        f"{' '.join(arguments)} >/harbour/{name}.told 2>/harbour/{name}.log"))
        wait_until(lambda: "listening on" in self.log(), f"{name} listens")

    def log(self):
        return self._log.read_text("utf-8") if self._log.exists() else ""

    def node(self, alive="me", kind="-sname", host="", otp=25):
        """Starts a node whose EPMD it is; returns the name of the node's container."""
        name = f"{alive}-of-{self.name}"
        self.harbour.run("--name", name, "--network", f"container:{self.name}", otp=otp, command=(
            *ERL, "-start_epmd", "false", kind, alive + host))
        return name

    def registered(self, alive="me"):
        """When a node registered, as the daemon has logged it."""
        pattern = rf"^(\S+) info registered '{alive}'"
        lines = wait_until(lambda: re.findall(pattern, self.log(), re.MULTILINE),
                           f"{alive} registers with {self.name}")
        return seconds(lines[-1])


def complaints(log):
    """What a daemon warns of, line by line. A node that starts on a busy machine may be slow to
    answer: that does not count.
    """
    return [line for line in log.splitlines() if re.search(r"T\S+ (warning|error) ", line)
            and ": it does not answer" not in line]


def seconds(time_text):
    """A time as logs and events have it."""
    return datetime.datetime.fromisoformat(time_text.replace("Z", "+00:00")).timestamp()


class Watcher(Daemon):
    """A daemon that discovers."""

    def __init__(self, harbour, name, *arguments, options=()):
        super().__init__(harbour, name, *arguments, options=options)
        wait_until(lambda: self.rounds() > 0, f"{name} has looked around")

    def rounds(self):
        return self.log().count(" debug a round in ")

    def events(self):
        lines = self._told.read_text("utf-8").splitlines() if self._told.exists() else []
        return [json.loads(line) for line in lines]

    def members(self):
        """Whom its events leave as members, by name."""
        members = {}
        for event in self.events():
            if event["event"] == "joined":
                members[event["node"]] = event
            else:
                del members[event["node"]]
        return members

    def wait_for_rounds(self, count):
        """Until so many whole rounds have gone by."""
        target = self.rounds() + count + 1
        wait_until(lambda: self.rounds() >= target, f"{self.name} has looked {count} times")


def brief(events):
    """The events without all that differs from run to run."""
    return [(event["event"], event["node"]) for event in events]


def make_certificate(folder):
    """A throw-away certificate in a folder, for nodes that speak TLS."""
    subprocess.run(
        [needs.program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=harbour", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True)
