"""What a process does that has no cookie and wants to be in a node that has one: it poses as a node,
and passes the challenge of the real one on to whatever connects to it. As a program it does so on this
host, under a user of its own, and prints what came of it, a word a line."""

import contextlib
import socket
import struct
import sys

from discovery_world import FLAGS, Server, challenge, hold
from packets import alive
from push_world import NAME_ME, Shown, frame, named, read, read_frame

HELLO = frame(b"N" + struct.pack(">QIH", FLAGS, 5, len(b"relay@localhost")) + b"relay@localhost")


def with_challenge(shown, number):
    """The challenge message of discovery_world, with another challenge in it."""
    message = challenge(shown)
    return message[:11] + number + message[15:]


def serve(connection, name, victim, tell):
    """Plays a node that is called so. Tells "proof" when it gets one, and "in" when the victim, an
    (address, port), takes that for its own."""
    hello = read_frame(connection)
    (flags,) = struct.unpack_from(">Q", hello, 1)
    if hello[15:].startswith(b"epmd_probe"):
        connection.sendall(frame(b"sok") + challenge(Shown(name)))
        return hold(connection)
    tell("asked")
    with contextlib.ExitStack() as stack:
        real, number = ask(victim, stack)
        connection.sendall(named() if flags & NAME_ME else frame(b"sok"))
        connection.sendall(with_challenge(Shown(name), number))
        proof = read_frame(connection)[5:]
        tell("proof")
        if real:
            real.sendall(frame(b"r" + b"\0\0\0\1" + proof))
            if read_frame(real)[:1] == b"a":
                tell("in")
    return None


def ask(victim, stack):
    """A connection to the victim, and what it asks. Where nobody is, a number of our own."""
    try:
        real = stack.enter_context(socket.create_connection(victim, 10))
    except ConnectionRefusedError:
        return None, b"\0\0\0\1"
    real.sendall(HELLO)
    assert read_frame(real) == b"sok"
    return real, read_frame(real)[9:13]


def register(name, epmd_port, port):
    """Returns the connection that the name lives on."""
    epmd = socket.create_connection(("127.0.0.1", epmd_port), 10)
    epmd.sendall(alive(name.partition("@")[0].encode(), port=port))
    assert read(epmd, 2)[1] == 0, f"{name} is not registered"
    return epmd


def main(name, epmd_port, port, victim_port):
    """With epmd_port 0, only listens; with victim_port 0, only registers."""
    tell = lambda word: print(word, flush=True)
    if victim_port:
        server = Server(("127.0.0.1", port), lambda connection: serve(
            connection, name, ("127.0.0.1", victim_port), tell))
    epmd = register(name, epmd_port, port) if epmd_port else None
    tell("ready")
    sys.stdin.read()
    del server, epmd


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
