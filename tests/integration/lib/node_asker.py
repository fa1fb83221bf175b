"""Asks nodes for nodes(), as a hidden node without a name; python3-minimal is enough.

    node_asker.py PATIENCE <questions

Standard input is a list as Python writes it: {"name", "ip", "cookie", "expected"} for each node. One
is asked until it answers with the names that are expected, or, if that is None, once it can be. With
"function", such as ("rabbit_nodes", "list_running"), it is asked for that, and after "pause" seconds
again.
Prints so, too, for each name what was answered last and when: {name: [[names], seconds]}.
"""

import ast
import hashlib
import os
import socket
import struct
import sys
import threading
import time

EPMD = 4369
PAUSE = 0.03
# What every node from OTP 23 on insists on, and that the node is to name us.
FLAGS = 0x407070f94 | 1 << 33
PASS_THROUGH = b"p"


class Lost(Exception):
    """The node is not there, or not there any more, or does not take the cookie."""


def text(name):
    return struct.pack(">H", len(name)) + name


def atom(name):
    return b"\x77" + bytes([len(name)]) + name


def tuple_of(*terms):
    return b"\x68" + bytes([len(terms)]) + b"".join(terms)


class Reader:
    """Reads what nodes() may answer, and what stands around it. Atoms become texts."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        values = struct.unpack_from(">" + layout, self.data, self.at)
        self.at += struct.calcsize(">" + layout)
        return values[0] if len(values) == 1 else values

    def term(self):
        tag = self.take("B")
        if tag in (0x77, 0x73):                         # an atom of up to 255 bytes
            return self.take(f"{self.take('B')}s").decode()
        if tag in (0x76, 0x64):                         # a longer one, or one of OTP 25 and before
            return self.take(f"{self.take('H')}s").decode()
        if tag == 0x68:
            return tuple(self.term() for _ in range(self.take("B")))
        if tag == 0x6c:
            return [self.term() for _ in range(self.take("I") + 1)][:-1]
        if tag == 0x6a:
            return []
        if tag == 0x61:
            return self.take("B")
        if tag == 0x58:                                 # a pid
            return self.term(), self.take("III")
        if tag == 0x5a:                                 # a reference
            count = self.take("H")
            return self.term(), self.take(f"{count + 1}I")
        raise Lost(f"a term with the tag {tag}")


class Node:
    """A connection to a node, or none."""

    def __init__(self, name, ip, cookie, expected, function=("erlang", "nodes"), pause=PAUSE):
        self.name, self.ip, self.cookie = name, ip, cookie.encode()
        self.function, self.pause = [word.encode() for word in function], pause
        self.expected = None if expected is None else set(expected)
        self.answer = [None, 0.0]
        self._socket = None

    def ask_until(self, deadline):
        """Nothing of what it says before it is as expected is kept, but for the last answer."""
        while time.time() < deadline:
            names = self.ask()
            if names is not None:
                self.answer = [names, time.time()]
                if self.expected is None or set(names) == self.expected:
                    return
            time.sleep(self.pause)

    def ask(self):
        """What the function returns there now; None if it cannot be asked."""
        try:
            return self._ask()
        except (OSError, struct.error, Lost):
            self.forget()
            return None

    def forget(self):
        """The next time there is a new connection."""
        self._socket = None

    def _ask(self):
        if not self._socket:
            self._connect()
        self._call(*self.function)
        while True:
            packet = self._receive(">I")
            if not packet:
                self._send(">I", b"")                   # a tick for a tick
                continue
            reader = Reader(packet[2:])
            reader.term()                               # what is done with the message
            if reader.at < len(reader.data) and reader.take("B") == 0x83:
                _, names = reader.term()
                return names if isinstance(names, list) else None  # else {badrpc, Why}

    def _connect(self):
        self._socket = socket.create_connection((self.ip, self._port()), 2)
        self._socket.settimeout(5)
        self._send(">H", b"N" + struct.pack(">QI", FLAGS, 0) + text(b"asker"))
        status = self._receive(">H")
        if not status.startswith(b"snamed:"):
            raise Lost(status)
        size, = struct.unpack_from(">H", status, 7)
        self._own, = struct.unpack_from(f">{size}s", status, 9)
        self._creation = status[9 + size:13 + size]
        challenge, = struct.unpack_from(">I", self._receive(">H"), 9)
        proof = hashlib.md5(self.cookie + str(challenge).encode()).digest()
        self._send(">H", b"r" + os.urandom(4) + proof)
        self._receive(">H")                             # its own proof

    def _port(self):
        alive = self.name.partition("@")[0].encode()
        with socket.create_connection((self.ip, EPMD), 2) as epmd:
            epmd.settimeout(5)
            epmd.sendall(text(b"z" + alive))
            answer = epmd.makefile("rb").read()
        if answer[:2] != b"w\0":
            raise Lost("not registered")
        return struct.unpack_from(">H", answer, 2)[0]

    def _call(self, module, function):
        pid = b"\x58" + atom(self._own) + struct.pack(">II", 1, 0) + self._creation
        reference = b"\x5a\0\3" + atom(self._own) + self._creation + struct.pack(">III", 1, 2, 3)
        request = tuple_of(atom(b"call"), atom(module), atom(function), b"\x6a", atom(b"user"))
        self._send(">I", PASS_THROUGH
                   + b"\x83" + tuple_of(b"\x61\6", pid, atom(b""), atom(b"rex"))
                   + b"\x83" + tuple_of(atom(b"$gen_call"), tuple_of(pid, reference), request))

    def _send(self, length, message):
        self._socket.sendall(struct.pack(length, len(message)) + message)

    def _receive(self, length):
        size, = struct.unpack(length, self._receive_all(struct.calcsize(length)))
        return self._receive_all(size)

    def _receive_all(self, size):
        message = b""
        while len(message) < size:
            part = self._socket.recv(size - len(message))
            if not part:
                raise Lost("closed")
            message += part
        return message


def main():
    nodes = [Node(**question) for question in ast.literal_eval(sys.stdin.read())]
    deadline = time.time() + float(sys.argv[1])
    threads = [threading.Thread(target=node.ask_until, args=(deadline,)) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print({node.name: node.answer for node in nodes})


if __name__ == "__main__":
    main()
