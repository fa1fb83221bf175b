"""`portolan serve --http` in a world of loopback addresses, and those who ask it."""

import contextlib
import http.client
import json
import socket
import time

import network
from daemons import read_to_end, wait_until
from discovery_world import WorldTest
from packets import alive
from programs import Program


class WebTest(WorldTest):
    """A test with one daemon that is asked over HTTP."""

    def setUp(self):
        super().setUp()
        self.port, self.http_port = network.free_port(), network.free_port()

    def serve(self, *words, query="web", interval="100ms", drain="1ms", **running):
        queries = ["--discover", f"{query}:{self.cluster.epmd_port}"] if query else []
        program = Program("serve", "--port", self.port, "--http", f"127.0.0.1:{self.http_port}",
                          "--nameservers", self.dns.address, "--interval", interval, "--drain",
                          drain, *queries, *words, **running)
        self.enterContext(program)
        program.wait_for_log("serving HTTP on")
        return program

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http_port}"

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.http_port), 10)

    def get(self, path, method="GET", **headers):
        """Status, headers and text."""
        with contextlib.closing(http.client.HTTPConnection(
                "127.0.0.1", self.http_port, timeout=10)) as connection:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def json(self, path):
        status, headers, text = self.get(path)
        self.assertEqual((status, headers["Content-Type"]), (200, "application/json"))
        return json.loads(text)

    def raw(self, request):
        """All that comes back until the daemon closes."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_to_end(connection)

    def metrics(self):
        """{'name{labels}': value}"""
        lines = self.get("/metrics")[2].splitlines()
        return {name: float(value) for name, _, value in
                (line.rpartition(" ") for line in lines if not line.startswith("#"))}

    def register(self, name):
        """A connection that keeps a name alive."""
        connection = socket.create_connection(("127.0.0.1", self.port), 10)
        connection.sendall(alive(name))
        connection.recv(64)
        self.enterContext(contextlib.closing(connection))
        return connection

    def wait_for_members(self, *names):
        wait_until(lambda: {each["node"] for each in self.json("/v1/members")["members"]} ==
                   set(names), f"the members are {names}")


class Events:
    """A reader of /v1/events; a context manager."""

    def __init__(self, port, last_id=""):
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._text = ""
        head = f"GET /v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: {last_id}\r\n\r\n"
        self._socket.sendall(head.encode())
        self._wait(lambda: "\r\n\r\n" in self._text)
        self.header, _, self._text = self._text.partition("\r\n\r\n")

    def _wait(self, condition):
        deadline = time.monotonic() + 10
        while not condition():
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            piece = self._socket.recv(65536)
            if not piece:
                raise EOFError(self._text)
            self._text += piece.decode()

    def next(self, *kinds):
        """The next event of these kinds: (kind, data, id)."""
        while True:
            self._wait(lambda: "\n\n" in self._text)
            block, _, self._text = self._text.partition("\n\n")
            fields = dict(line.split(": ", 1) for line in block.splitlines()
                          if not line.startswith(":"))
            if "event" in fields and (not kinds or fields["event"] in kinds):
                return fields["event"], json.loads(fields["data"]), fields["id"]

    def ends(self):
        """Whether the daemon closes."""
        with contextlib.suppress(EOFError):
            self._wait(lambda: False)
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
