"""`portolan serve --http`: what those come to who mean harm, or ask for much."""

import contextlib
import json
import pathlib
import resource
import socket
import time
import unittest

import daemons
import network
from daemons import read_to_end, wait_until
from packets import NAMES
from web_world import WebTest

MANY = 9000


def memory_of(pid):
    """What is resident, in bytes."""
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Names(WebTest):
    """By which names it may be asked: a web page that lets its own name lead here may not."""

    def status(self, host, path="/v1/names"):
        return self.get(path, Host=host)[0]

    def test_a_web_page_whose_name_leads_here_cannot_read_anything(self):
        daemon = self.serve()
        for path in ("/", "/metrics", "/v1/names", "/v1/members", "/v1/events", "/v1/sd", "/page.js",
                     "/nowhere"):
            status, _, text = self.get(path, Host=f"evil.example:{self.http_port}")
            self.assertEqual(status, 421, path)
            self.assertIn("--http-host evil.example", text)
        answer = self.raw(b"GET http://evil.example/v1/names HTTP/1.1\r\nHost: localhost\r\n"
                          b"Connection: close\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 421 Misdirected Request\r\n"), answer[:99])
        self.assertEqual(self.metrics()["portolan_http_misdirected_total"], 9)
        self.assertEqual(daemon.log().count("HTTP: refused a request for 'evil.example'"), 1)

    def test_addresses_names_without_a_dot_and_its_own_are_names_of_it(self):
        self.serve(query=None)
        for host in ("127.0.0.1", "10.0.0.5:9370", "[::1]:9370", "LOCALHOST", "app.localhost", "web",
                     "localhost.", socket.gethostname(), socket.gethostname().upper() + ".:80"):
            with self.subTest(host):
                self.assertEqual(self.status(host), 200)

    def test_it_is_healthy_and_ready_by_any_name(self):
        self.serve(query=None)
        self.assertEqual(self.status("health.example", "/healthz"), 200)
        self.assertEqual(self.status("health.example", "/readyz"), 200)

    def test_further_names_can_be_given(self):
        self.serve("--http-host", "status.example,*.svc.cluster.local", query=None)
        for host, status in (("status.example", 200), ("Status.Example:443", 200),
                             ("portolan.web.svc.cluster.local", 200), ("x.status.example", 421),
                             ("evil.example", 421)):
            self.assertEqual(self.status(host), status, host)

    def test_all_names_can_be_given(self):
        self.serve(query=None, environment={"PORTOLAN_HTTP_HOST": "*"})
        self.assertEqual(self.status("evil.example"), 200)

    def test_what_is_no_host_is_refused(self):
        self.serve(query=None)
        for host in ("a b", "user@localhost", "localhost:x", "[::1"):
            self.assertEqual(self.status(host, "/healthz"), 400, host)


class Hostile(WebTest):
    def test_headers_without_end_are_refused(self):
        self.serve(query=None)
        endless = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + (1 << 20) * b"a" + b"\r\n\r\n"
        self.assertTrue(self.raw(endless).startswith(b"HTTP/1.1 431 "))
        many = b"GET / HTTP/1.1\r\n" + 100_000 * b"X-Many: a\r\n" + b"\r\n"
        self.assertTrue(self.raw(many).startswith(b"HTTP/1.1 431 "))
        self.assertTrue(self.raw((1 << 20) * b"a").startswith(b"HTTP/1.1 4"))
        self.assertEqual(self.get("/healthz")[0], 200)

    def test_nonsense_is_refused(self):
        self.serve(query=None)
        for request in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", NAMES + b"\r\n\r\n",
                        b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
                        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"):
            with self.subTest(request):
                self.assertTrue(self.raw(request).startswith(b"HTTP/1.1 400 "))

    def test_a_request_whose_end_is_not_sure_is_the_last_of_its_connection(self):
        self.serve(query=None)
        behind = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for fields, status in (
                (b"Transfer-Encoding: xchunked", b"400"), (b"Transfer-Encoding: gzip", b"400"),
                (b"Transfer-Encoding: identity", b"400"),
                (b"Transfer-Encoding: gzip, chunked", b"501"),
                (b"Transfer-Encoding: chunked", b"413"),
                (b"Transfer-Encoding: chunked\r\nContent-Length: 0", b"400"),
                (b"Content-Length: 0\r\nContent-Length: 5", b"400")):
            with self.subTest(fields):
                answer = self.raw(b"GET / HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n\r\n" + behind)
                self.assertTrue(answer.startswith(b"HTTP/1.1 " + status + b" "), answer[:200])
                self.assertIn(b"\r\nConnection: close\r\n", answer)
                self.assertEqual(answer.count(b"HTTP/1.1 "), 1, answer)

    def test_an_empty_line_between_two_requests_is_no_part_of_either(self):
        self.serve(query=None)
        one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\r\n"
        last = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        self.assertEqual(self.raw(one + last).count(b"HTTP/1.1 200 OK"), 2)

    def test_a_request_that_is_never_whole_is_closed_in_time(self):
        self.serve(query=None)
        with self.connect() as silent, self.connect() as slow:
            slow.sendall(b"GET / HTTP/1.1\r\n")
            began = time.monotonic()
            for _ in range(4):
                time.sleep(1)       # a byte now and then buys no more time
                slow.sendall(b"X")
            self.assertEqual(read_to_end(slow), b"")
            self.assertEqual(read_to_end(silent), b"")
            self.assertLess(time.monotonic() - began, 10)
        # He who has said nothing at all has not been kept waiting for anything.
        self.assertEqual(self.metrics()['portolan_http_dropped_total{reason="timed_out"}'], 1)

    def test_thousands_that_hold_connections_keep_nobody_out(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.serve(query=None)
        self.register(b"one")
        held = []
        self.addCleanup(lambda: [each.close() for each in held])
        for count in range(MANY):
            held.append(self.connect())
            if count % 2:
                held[-1].sendall(b"GET / HTTP/1.1\r\nHost:")
            if count % 1000 == 999:
                self.assertEqual(self.get("/healthz")[0], 200)
                with socket.create_connection(("127.0.0.1", self.port), 10) as client:
                    client.sendall(NAMES)
                    self.assertIn(b"name one at port", read_to_end(client))
        metrics = self.metrics()
        self.assertLessEqual(metrics["portolan_http_connections"], 256)
        self.assertGreater(metrics['portolan_http_dropped_total{reason="evicted"}'], MANY - 1000)
        self.assertLess(metrics["process_open_fds"], 400)

    def test_where_descriptors_are_few_epmd_has_its_own(self):
        self.serve(query=None, prefix=("prlimit", "--nofile=128"))
        self.register(b"one")
        held = []
        self.addCleanup(lambda: [each.close() for each in held])
        for _ in range(200):
            held.append(self.connect())
            held[-1].sendall(b"GET / HTTP/1.1\r\n")
        self.assertLess(self.metrics()["portolan_http_connections"], 60)
        asking = [socket.create_connection(("127.0.0.1", self.port), 10) for _ in range(30)]
        held.extend(asking)
        began = time.monotonic()
        for client in asking:
            client.sendall(NAMES)
            self.assertIn(b"name one at port", read_to_end(client))
        # Not one of them has waited for the moment in which it is tried again.
        self.assertLess(time.monotonic() - began, 0.9)
        self.assertEqual(self.metrics()["portolan_descriptor_shortages_total"], 0)

    def test_requests_in_a_row_keep_nobody_else_waiting(self):
        self.serve(query=None)
        for i in range(1000):
            self.register(b"name%d" % i)
        request = b"HEAD /v1/names HTTP/1.1\r\nHost: x\r\n\r\n"
        with self.connect() as connection:
            connection.sendall(6000 * request)
            connection.recv(1)      # the first is answered
            with socket.create_connection(("127.0.0.1", self.port), 10) as client:
                client.sendall(b"\0\6zname1")
                self.assertTrue(read_to_end(client).startswith(b"w\0"))
            # There are many that are not answered yet.
            before = b""
            connection.setblocking(False)
            try:
                while piece := connection.recv(1 << 20):
                    before += piece
            except BlockingIOError:
                pass
            self.assertLess(before.count(b"HTTP/1.1 200"), 3000)

    def test_all_names_can_be_read_whatever_comes_and_goes_meanwhile(self):
        self.serve(query=None)
        kept = {f"{i}{200 * 'n'}" for i in range(2000)}
        for name in sorted(kept):
            self.register(name.encode())
        readers = [self.connect() for _ in range(4)]
        for reader in readers:
            self.enterContext(contextlib.closing(reader))
            reader.sendall(b"GET /v1/names HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            for i in range(10):
                self.register(b"comes%d" % i).close()
        for reader in readers:
            header, _, body = read_to_end(reader).partition(b"\r\n\r\n")
            self.assertIn(b"\r\nContent-Length: %d\r\n" % len(body), header)
            names = [each["name"] for each in json.loads(body)["names"]]
            self.assertEqual(len(names), len(set(names)))
            self.assertLessEqual(kept, set(names))

    def test_readers_who_do_not_read_do_not_hold_a_text_each(self):
        """Each has asked at another time, with another name registered."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        daemon = self.serve(query=None)
        for i in range(6000):       # more than a socket's buffer takes
            self.register(b"%d" % i + 250 * "🐘".encode())
        self.assertEqual(len(self.json("/v1/names")["names"]), 6000)
        before = memory_of(daemon.server)
        for i in range(40):
            lazy = socket.socket()
            self.enterContext(contextlib.closing(lazy))
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.connect(("127.0.0.1", self.http_port))
            lazy.sendall(b"GET /v1/names HTTP/1.1\r\nHost: x\r\n\r\n")
            lazy.recv(1)
            self.register(b"further%d" % i)
        metrics = self.metrics()
        self.assertEqual(metrics['portolan_http_dropped_total{reason="evicted"}'], 0)
        self.assertGreaterEqual(metrics["portolan_http_connections"], 40)
        self.assertLess(memory_of(daemon.server) - before, 8 << 20)

    def test_strangers_names_are_text_on_the_page_and_no_label(self):
        self.serve(query=None)
        evil = b"<script>alert(1)</script>\"'&"
        self.register(evil)
        page = self.get("/")[2]
        self.assertNotIn("<script>alert", page)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;", page)
        self.assertNotIn("alert", self.get("/metrics")[2])


if __name__ == "__main__":
    unittest.main()
