"""Scripts of bytes: what several peers do to one daemon, and all that they can see of it.

    a, b = Peer("a"), Peer("b")
    script("a name is taken", a.sends(alive(b"n")), b.sends(alive(b"n")), a.closes())

After each step the player waits until the daemon has dealt with it, and writes down what came
back and whether the connection is open, closed or reset. At the end it writes down the fate of
every connection, the tables, and whether the daemon lives.
"""

import collections
import contextlib
import dataclasses
import socket
import struct
import typing

import daemons
import kernel
import masks
import packets

LINGER_RESET = struct.pack("ii", 1, 0)


@dataclasses.dataclass(frozen=True)
class Step:
    what: str
    play: typing.Callable


@dataclasses.dataclass(frozen=True)
class Script:
    name: str
    steps: tuple
    modes: tuple


# Arguments of the daemons. Every script is played once for each of its modes.
HERE = ("-address", "127.0.0.1")
PLAIN = (HERE,)
RELAXED = ((*HERE, "-relaxed_command_check"),)
DEBUG = ((*HERE, "-d"),)
BOTH = ((*HERE, "-d"), (*HERE, "-relaxed_command_check"))
EVERYWHERE = ((), ("-relaxed_command_check",))


def script(name, *steps, modes=PLAIN):
    return Script(name, steps, modes)


class Peer:
    """One client connection; connects by itself when it first sends."""

    def __init__(self, name):
        self.name = name

    def _step(self, what, play):
        return Step(f"{self.name} {what}", lambda player: play(player, self.name))

    def connects(self, **connecting):
        return self._step(f"connects {connecting}", lambda p, who: p.connect(who, **connecting))

    def sends(self, *pieces):
        """Each piece is one segment, sent when the daemon has read the one before."""
        return self._step(f"sends {_shown(pieces)}", lambda p, who: p.send(who, pieces))

    def half_closes(self):
        return self._step("half-closes", lambda p, who: p.half_close(who))

    def closes(self):
        return self._step("closes", lambda p, who: p.close(who))

    def resets(self):
        return self._step("resets", lambda p, who: p.reset(who))

    def looks(self):
        return self._step("looks", lambda p, who: p.look(who))


def _shown(pieces):
    return " / ".join(repr(piece) if len(piece) < 80 else f"{piece[:60]!r}… {len(piece)} bytes"
                      for piece in pieces)


def tables():
    """Everything the daemon tells about its names, old and new."""
    return Step("tables", lambda player: player.tables())


@dataclasses.dataclass
class Connection:
    socket: socket.socket
    far_end: kernel.FarEnd
    sent: bytes = b""


def same(theirs, ours):
    """Whether the reference's transcript and ours are alike."""
    return len(theirs) == len(ours) and all(
        a == b or _has_lost_its_end(a, b) for a, b in zip(theirs, ours))


def _has_lost_its_end(theirs, ours):
    # Each line of a table is a segment of its own there. Those that still wait for their turn when
    # it closes over unread bytes are lost. Ours sends all at once.
    end = "' and is reset"
    return theirs.endswith(end) and ours.endswith(end) and ours.startswith(theirs[:-len(end)])


class Player:
    """Plays steps against one daemon; `transcript` holds a line per observation."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.masks = masks.Masks(daemon.port)
        self.transcript = []
        self.connections = collections.OrderedDict()
        self._step = ""

    def play(self, steps):
        """Plays the steps, writes down the final state, closes what is still open.

        Returns the transcript. May be called again; the daemon's names and history go on.
        """
        self.transcript = []
        with contextlib.ExitStack() as ended:
            ended.callback(self._drop_all)
            for step in steps:
                self.step(step)
                if self.daemon.exit_status is not None:
                    break
            self.finish()
            for who in list(self.connections):
                self.close(who)
        return self.transcript

    def step(self, step):
        self._step = step.what
        step.play(self)

    def finish(self):
        """Writes down how everything stands."""
        self._step = "in the end"
        for who in list(self.connections):
            self.look(who)
        self.tables()

    def note(self, text):
        self.transcript.append(f"{self._step}: {text}")

    # The steps.

    def connect(self, who, to=None, source=None):
        try:
            new = self.daemon.connect(address=to, source=source)
        except OSError as error:
            return self.note(f"no connection: {type(error).__name__}")
        new.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections[who] = Connection(new, kernel.FarEnd(new))
        self._settle(self.connections[who])

    def send(self, who, pieces):
        if who not in self.connections:
            self.connect(who)
        for piece in pieces:
            if who in self.connections:
                self._send(who, piece)

    def _send(self, who, piece):
        connection = self.connections[who]
        connection.sent += piece
        try:
            connection.socket.sendall(piece)
        except OSError as error:
            self.note(f"cannot send: {type(error).__name__}")
        self._settle(connection)
        self.look(who)

    def half_close(self, who):
        if connection := self.connections.get(who):
            with contextlib.suppress(OSError):
                connection.socket.shutdown(socket.SHUT_WR)
            self._wait_until(connection.far_end.is_closed, "it closes after the half-close")
            self.look(who)

    def close(self, who):
        if connection := self.connections.pop(who, None):
            connection.socket.close()
            self._wait_until(connection.far_end.is_closed, "it closes what we closed")
            self.barrier()

    def reset(self, who):
        if connection := self.connections.pop(who, None):
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
            connection.socket.close()
            self.barrier()

    def look(self, who):
        """Writes down what came, and the fate; a connection that has ended is forgotten."""
        if connection := self.connections.get(who):
            received, fate = self._read(connection)
            self.note(f"{who} has {self.masks.masked(connection.sent, received)} and is {fate}")
            if fate != "open":
                self.connections.pop(who).socket.close()
            if connection.sent[2:3] == b"k" and received == b"OK":
                # It promised to end; until it has, the other connections may still look open.
                self._wait_until(lambda: self.daemon.exit_status is not None, "it ends")

    def tables(self):
        for request in (packets.NAMES, packets.DUMP):
            reply = self._ask(request)
            if reply is None:
                return self.note(f"the daemon has ended with {self.daemon.wait_until_ended()}")
            if request == packets.DUMP:
                self.masks.forget_all_but(reply)
            self.note(f"{request[2:]} says {self.masks.masked(request, reply)}")

    # Waiting and reading.

    def barrier(self):
        """Afterwards the daemon has dealt with all that had reached it before.

        Both accept first: the reference then serves what is readable in the order of its slots,
        ours goes on accepting while anybody comes. So a question may overtake what came before it.
        The end of one whose beginning has been read cannot: it waits in line like the others.
        """
        return self._ask(packets.NAMES) is not None and self._ask_in_line(packets.NAMES) is not None

    def _ask_in_line(self, request):
        try:
            with self.daemon.connect() as connection:
                connection.sendall(request[:1])
                daemons.wait_until(kernel.FarEnd(connection).is_settled, "its beginning is read")
                connection.sendall(request[1:])
                return daemons.read_to_end(connection)
        except ConnectionError:
            return None

    def _ask(self, request):
        try:
            return self.daemon.ask(request[2:])
        except ConnectionError:
            return None

    def _settle(self, connection):
        self._wait_until(connection.far_end.is_settled, "it has read everything")
        if not connection.far_end.is_closed():
            self.barrier()

    def _wait_until(self, condition, what):
        try:
            daemons.wait_until(condition, what, patience=3)
        except AssertionError as error:
            self.note(error)

    def _read(self, connection):
        # An open connection is only emptied; a closed one is read until its end has arrived.
        connection.socket.settimeout(3 if connection.far_end.is_closed() else 0)
        received = b""
        try:
            while piece := connection.socket.recv(65536):
                received += piece
            return received, "closed"
        except ConnectionResetError:
            return received, "reset"
        except BlockingIOError:
            return received, "open"
        except TimeoutError:
            return received, "closed by the daemon but not here"

    def _drop_all(self):
        for connection in self.connections.values():
            connection.socket.close()
        self.connections.clear()
