"""What a push is tested with: nodes of this host that are played by Python, and real ones."""

import dataclasses
import hashlib
import pathlib
import re
import socket
import struct
import tempfile

import network
from daemons import wait_until
from discovery_world import FLAGS, PUBLISHED, Server, WorldTest, challenge, hold
from dist_terms import Atom, decode_all, encode, pid
from nodes import COOKIE, Node
from packets import alive
from programs import Program

NAME_ME = 1 << 33
OTP_23 = 0x101df7fbd
GIVEN = "2JYPX24A03JV4@epmd"
OURS = 1234  # the challenge of discovery_world.challenge()


def read(connection, count):
    data = connection.recv(count, socket.MSG_WAITALL)
    if len(data) < count:
        raise ConnectionError("the other side has hung up")
    return data


def read_frame(connection):
    return read(connection, struct.unpack(">H", read(connection, 2))[0])


def frame(body):
    return struct.pack(">H", len(body)) + body


def packet(control, *message):
    body = b"p" + b"".join(b"\x83" + encode(term) for term in (control, *message))
    return struct.pack(">I", len(body)) + body


def digest(cookie, number):
    return hashlib.md5(f"{cookie}{number}".encode()).digest()


def named(name=GIVEN):
    return frame(b"snamed:" + struct.pack(">H", len(name)) + name.encode() + b"\0\0\0\5")


@dataclasses.dataclass
class Hello:
    name: str
    flags: int

    @property
    def is_probe(self):
        return self.name.startswith("epmd_probe")

    @property
    def is_push(self):
        return bool(self.flags & NAME_ME)


class FakeNode:
    """A node of this host, played by Python and registered with a daemon by a raw ALIVE2_REQ. It
    answers the probe as it should. Who pushes is played with as `push` says, another node that
    connects as `peer` says. A context manager."""

    def __init__(self, name, epmd_port, *, push=None, peer=hold, flags=FLAGS, cookie=COOKIE):
        self.name, self.flags, self.cookie, self.creation = name, flags, cookie, 7
        self.hellos, self.proofs, self.calls, self.messages = [], [], [], []
        self.process = None  # the number of the one that is registered there
        self.can_connect = lambda peer: True
        self.connected = []  # the names of the nodes that it says it has
        self._push, self._peer = push or answer_calls, peer
        self._server = Server(("127.0.0.1", network.free_port()), self._serve)
        self._epmd = socket.create_connection(("127.0.0.1", epmd_port), 10)
        self._epmd.sendall(alive(name.partition("@")[0].encode(),
                                 port=self._server.server_address[1]))
        assert read(self._epmd, 2)[1] == 0, f"{name} is not registered"

    def _serve(self, connection):
        hello = read_frame(connection)
        (flags,) = struct.unpack_from(">Q", hello, 1)
        self.hellos.append(Hello(hello[15:].decode(), flags))
        if self.hellos[-1].is_push:
            self._push(self, connection)
        elif self.hellos[-1].is_probe:
            connection.sendall(frame(b"sok") + challenge(self))
            hold(connection)
        else:
            self._peer(connection)

    def let_in(self, connection):
        """The handshake up to the proof; to whom proves the cookie we prove it too."""
        shown = dataclasses.replace(Shown(self.name), flags=self.flags & ~PUBLISHED)
        connection.sendall(named() + challenge(shown))
        reply = read_frame(connection)
        self.proofs.append(reply[5:] == digest(self.cookie, OURS))
        (number,) = struct.unpack_from(">I", reply, 1)
        if self.proofs[-1]:
            connection.sendall(frame(b"a" + digest(self.cookie, number)))
        return self.proofs[-1]

    def told(self):
        """Whom it was told to connect to, in order."""
        return [arguments[0] for function, arguments in self.calls if function == "connect_node"]

    def pushes(self):
        return sum(hello.is_push for hello in self.hellos)

    def peers(self):
        """The names under which others than us have connected."""
        return [each.name for each in self.hellos if not each.is_push and not each.is_probe]

    def take_packet(self, connection):
        """Reads one, and returns (who is to answer, what was asked) if it is a call."""
        size = struct.unpack(">I", read(connection, 4))[0]
        if size == 0:
            return None
        control, message = decode_all(read(connection, size)[1:])
        if control[3] != "rex":
            self.messages.append((str(control[3]), message))
            return None
        _, (caller, reference), (_, _, function, arguments, _) = message
        self.calls.append((function, arguments))
        return caller, reference, function, arguments

    def answer(self, function, arguments):
        if function == "nodes":
            return [Atom(name) for name in self.connected]
        if function == "whereis":
            return Atom("undefined") if self.process is None else pid(self.process)
        return Atom("true" if self.can_connect(arguments[0]) else "false")

    def reply(self, connection, asked):
        caller, reference, function, arguments = asked
        result = self.answer(function, arguments)
        connection.sendall(packet((2, Atom(""), caller), (reference, result)))

    def unregister(self):
        self._epmd.close()

    def close(self):
        self.unregister()
        self._server.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@dataclasses.dataclass
class Shown:
    """What challenge() reads."""
    name: str
    flags: int = FLAGS
    creation: int = 7


def answer_calls(node, connection):
    """As a good node does."""
    if not node.let_in(connection):
        return
    while True:
        if asked := node.take_packet(connection):
            node.reply(connection, asked)


class PushTest(WorldTest):
    """A daemon that pushes, in a world of loopback addresses."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.port = 4369
        self.dns.set("web")
        self.cookie_file = self.folder / "cookie"
        self.write_cookie(COOKIE)

    def write_cookie(self, text, mode=0o600):
        """Whoever reads it sees the old one, or the new one."""
        new = self.folder / "cookie.new"
        new.write_bytes(text if isinstance(text, bytes) else text.encode())
        new.chmod(mode)
        new.rename(self.cookie_file)

    def serve(self, *words, push="connect", command="serve", interval="200ms", behind=(), file=True,
              **running):
        named_file = ["--cookie-file", self.cookie_file] if file else []
        daemon = Program(
            command, "--port", self.port, "--nameservers", self.dns.address, "--discover",
            f"web:{self.cluster.epmd_port}", "--interval", interval, "--push", push, *named_file,
            *words, *behind, **running)
        self.enterContext(daemon)
        daemon.wait_for_log("listening on")
        return daemon

    def fake(self, name, **further):
        return self.enterContext(FakeNode(name, self.port, **further))

    def node(self, name, *flags, cookie=COOKIE, **further):
        """A real node."""
        command = [word if word != COOKIE else cookie
                   for word in Node.erl(name, ("-start_epmd", "false", *flags))]
        return self.enterContext(Node(name, command=command, **further))

    def assert_once(self, daemon, line, rounds=5):
        """The line is in the log, and stays alone however many rounds follow."""
        daemon.wait_for_log(line, patience=60)
        self.wait_for_rounds(rounds)
        self.assertEqual(daemon.log().count(line), 1, daemon.log())


def nodes_of(node, kind="visible"):
    """The names of the nodes that a real node has, without the one that asks."""
    names = re.findall(r"[\w.-]+@[\w.-]+", node.call(f"erlang nodes [{kind}]"))
    return sorted(name for name in names if not re.match(r"c\d+@|erl_call", name))


def wait_until_meshed(*group):
    """Until each of the real nodes has all the others, and nobody else."""
    for node in group:
        others = sorted(other.name for other in group if other is not node)
        wait_until(lambda: nodes_of(node) == others,  # pylint: disable=cell-var-from-loop
                   f"{node.name} is connected to {others}", 30)


def receiver(register="", monitor=""):
    """The flags of a node with a process that prints the messages it gets, a line each."""
    begin = (f"register({register}, self())," if register else "") + monitor
    return ("-eval", "spawn(fun() -> " + begin + ' io:format("ready~n"), F = fun F() -> receive M '
            '-> io:format("~0p~n", [M]), F() end end, F() end).')


def errors_in(node):
    """How many it has logged. One that starts may print the same twice."""
    return len(set(re.findall(r"=ERROR REPORT==== (\S+)", node.output())))
