"""A world for discovery on loopback addresses: a DNS server, EPMDs and nodes that say what a test
wants. Make it after network.enter_private_network(); all of 127.0.0.0/8 is there to be used."""

import contextlib
import dataclasses
import json
import socket
import socketserver
import struct
import threading
import unittest

import network
from daemons import wait_until

A, PTR, AAAA, SRV = 1, 12, 28, 33
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, REFUSED = 0, 1, 2, 3, 5
PUBLISHED = 1
FLAGS = 0xd07df7fbd


class Server(socketserver.ThreadingTCPServer):
    """A TCP server whose connections are handled by a function, each in a thread."""
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 512

    def __init__(self, address, handle):
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, None)
        self._handle = handle
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def finish_request(self, request, client_address):
        # Who is asked may hang up at any time.
        with contextlib.suppress(OSError):
            self._handle(request)

    def close(self):
        self.shutdown()
        self.server_close()


def encode_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def read_question(message):
    """The name in lower case, the type, and the question's bytes."""
    at, labels = 12, []
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode().lower())
        at += 1 + message[at]
    (kind,) = struct.unpack_from(">H", message, at + 1)
    return ".".join(labels), kind, message[12:at + 5]


class Dns:
    """Answers from `records`, {name: {type: [value]}}, as `mode` says: "answer", "silent",
    "servfail", "refused", "nonsense", "no edns", which refuses questions with EDNS, "truncate",
    which sends everybody on to TCP, or "truncate without tcp", where that leads to nothing.
    `bodies` has answers that are no records: {name: function of the type that gives how many it
    announces, and bytes}. Names in `mute` get no answer. A name "*.DOMAIN" stands for all in that
    domain that have no records. An answer over UDP has `udp_records_max` records at most."""

    def __init__(self, ip="127.0.0.53", port=None):
        self.records = {}
        self.bodies = {}
        self.mode = "answer"
        self.mute = set()
        self.udp_records_max = None
        self.asked = []
        self.asked_by_tcp = 0
        self.ip, self.port = ip, network.free_port() if port is None else port
        # With the zone of an address that has one.
        ((self._family, *_, place),) = socket.getaddrinfo(ip, self.port, type=socket.SOCK_DGRAM)
        self._udp = socket.socket(self._family, socket.SOCK_DGRAM)
        self._udp.bind(place)
        self._tcp = Server(place, self._serve_tcp)
        self._is_over = False
        self._thread = threading.Thread(target=self._serve_udp, daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"{self.ip}:{self.port}"

    def close(self):
        """Not before the thread is done: one that is left within a call would go on with whatever
        socket gets the descriptor's number next."""
        if self._tcp:
            self._tcp.close()
        self._is_over = True
        with socket.socket(self._family, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._udp.getsockname())
        self._thread.join()
        self._udp.close()

    def refuse_tcp(self):
        """Nothing listens there any more."""
        self._tcp.close()
        self._tcp = None

    def set(self, name, *addresses):
        kinds = {A: [], AAAA: []}
        for address in addresses:
            kinds[AAAA if ":" in address else A].append(address)
        self.records[name] = kinds

    def set_service(self, name, *targets):
        """Each target is (host, port)."""
        self.records[name] = {SRV: list(targets)}

    def set_reverse(self, address, *names):
        reverse = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
        self.records[reverse] = {PTR: list(names)}

    def _serve_udp(self):
        while True:
            message, sender = self._udp.recvfrom(4096)
            if self._is_over:
                return
            if reply := self._reply(message, is_udp=True):
                self._udp.sendto(reply, sender)

    def _serve_tcp(self, connection):
        if self.mode == "truncate without tcp":
            return
        size = connection.recv(2, socket.MSG_WAITALL)
        while len(size) == 2:
            message = connection.recv(struct.unpack(">H", size)[0], socket.MSG_WAITALL)
            self.asked_by_tcp += 1
            if reply := self._reply(message, is_udp=False):
                connection.sendall(struct.pack(">H", len(reply)) + reply)
            size = connection.recv(2, socket.MSG_WAITALL)

    def _reply(self, message, is_udp):
        name, kind, question = read_question(message)
        self.asked.append((name, kind))
        if self.mode == "silent" or name in self.mute:
            return None
        if self.mode == "nonsense":
            return message[:2] + b"\x81\x80" + b"\xff" * 40
        if name in self.bodies:
            count, body = self.bodies[name](kind)
            return struct.pack(">2sHHHHH", message[:2], 0x8180, 1, count, 0, 0) + question + body
        known = self.records.get(name, self.records.get("*." + name.partition(".")[2]))
        code = self._refusal(message)
        if code == NOERROR and known is None:
            code = NXDOMAIN
        values = (known or {}).get(kind, []) if code == NOERROR else []
        is_cut, values = self._cut(values) if is_udp else (False, values)
        answers = b"".join(self._record(kind, value) for value in values)
        flags = 0x8180 | (0x0200 if is_cut else 0) | code
        return struct.pack(">2sHHHHH", message[:2], flags, 1, len(values), 0, 0) + question + answers

    def _cut(self, values):
        """Whether an answer over UDP is cut, and what is left of it."""
        if self.mode in ("truncate", "truncate without tcp"):
            return True, []
        is_cut = self.udp_records_max is not None and len(values) > self.udp_records_max
        return is_cut, values[:self.udp_records_max] if is_cut else values

    def _refusal(self, message):
        has_further_records = message[10:12] != b"\0\0"  # those of a question are EDNS'
        if self.mode == "no edns" and has_further_records:
            return FORMERR
        return {"servfail": SERVFAIL, "refused": REFUSED}.get(self.mode, NOERROR)

    @staticmethod
    def _record(kind, value):
        if kind == A:
            data = socket.inet_pton(socket.AF_INET, value)
        elif kind == AAAA:
            data = socket.inet_pton(socket.AF_INET6, value)
        elif kind == SRV:
            data = struct.pack(">HHH", 0, 0, value[1]) + encode_name(value[0])
        else:
            data = encode_name(value)
        return encode_record(kind, data)


def encode_record(kind, data, owner=b"\xc0\x0c"):
    """A record; its owner is the name of the question, unless it is given."""
    return owner + struct.pack(">HHIH", kind, 1, 600, len(data)) + data


@dataclasses.dataclass
class Host:
    """What an address has: an EPMD and a node behind it. A function in the place of either plays
    the server's end of the connection itself. With `peers` its daemon tells whom its node has."""
    name: str = ""
    creation: int = 7
    flags: int = FLAGS
    epmd: object = None
    node: object = None
    probes: int = 0
    peers: object = None


class Cluster:
    """EPMDs and nodes at every address of this host, which are told apart by the address that was
    connected to. An address without a Host closes without a word."""

    def __init__(self, dns):
        self.dns = dns
        self.hosts = {}
        self._epmds = Server(("0.0.0.0", network.free_port()), self._serve_epmd)
        self._nodes = Server(("0.0.0.0", network.free_port()), self._serve_node)
        self.epmd_port = self._epmds.server_address[1]
        self.node_port = self._nodes.server_address[1]

    def add(self, address, name, **further):
        """A node with an EPMD of its own, whose host part the DNS knows."""
        self.hosts[address] = host = Host(name, **further)
        if name:
            self.dns.set(name.partition("@")[2], address)
        return host

    def listing(self, *names):
        """A NAMES_RESP with all these at the port of our nodes."""
        lines = "".join(f"name {name} at port {self.node_port}\n" for name in names)
        return struct.pack(">I", self.epmd_port) + lines.encode()

    def close(self):
        self._epmds.close()
        self._nodes.close()

    def _host(self, connection):
        return self.hosts.get(connection.getsockname()[0])

    def _serve_epmd(self, connection):
        host = self._host(connection)
        if not host:
            return
        request = connection.recv(3, socket.MSG_WAITALL)
        if request == b"\0\1M" and host.peers is not None:
            connection.sendall(mesh_report(host))
        elif request == b"\0\1n":
            if host.epmd:
                host.epmd(connection)
            else:
                names = [host.name.partition("@")[0]] if host.name else []
                connection.sendall(self.listing(*names))

    def _serve_node(self, connection):
        host = self._host(connection)
        if not host:
            return
        host.probes += 1
        if host.node:
            host.node(connection)
            return
        connection.recv(4096)
        connection.sendall(struct.pack(">H3s", 3, b"sok") + challenge(host))
        connection.recv(1)


def challenge(host):
    name = host.name.encode()
    body = struct.pack(">cQIIH", b"N", host.flags, 1234, host.creation, len(name)) + name
    return struct.pack(">H", len(body)) + body


def mesh_report(host):
    links = {"node": host.name, "creation": host.creation, "expected": 0, "connected": 0,
             "peers": sorted(host.peers), "age_ms": 0}
    return json.dumps({"nodes": [links]}).encode()


def hold(connection):
    """Says nothing until the other side hangs up."""
    while connection.recv(65536):
        pass


class WorldTest(unittest.TestCase):
    """A test in a world of its own."""

    def setUp(self):
        self.dns = Dns()
        self.cluster = Cluster(self.dns)
        self.addCleanup(self.cluster.close)
        self.addCleanup(self.dns.close)

    def add(self, *names, alias="web", **further):
        """Nodes at 127.0.1.1, 127.0.1.2, … behind an alias; returns the hosts."""
        count = len(self.cluster.hosts)
        hosts = [self.cluster.add(f"127.0.1.{count + at}", name, **further)
                 for at, name in enumerate(names, 1)]
        self.dns.set(alias, *self.cluster.hosts)
        return hosts

    def wait_for_rounds(self, count):
        """That many more times somebody asks for web."""
        end = self.rounds() + count
        wait_until(lambda: self.rounds() >= end, f"{count} rounds", 30)

    def rounds(self):
        return self.dns.asked.count(("web", A))
