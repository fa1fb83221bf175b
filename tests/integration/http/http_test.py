"""`portolan serve --http`: what is told to whom."""

import pathlib
import resource
import signal
import socket
import struct
import tempfile
import time
import unittest

import daemons
import network
from daemons import read_to_end, wait_until
from packets import NAMES
from web_world import Events, WebTest

def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Answers(WebTest):
    def test_where_there_is_nothing_it_is_said_what_there_is(self):
        self.serve(query=None)
        status, _, text = self.get("/nowhere")
        self.assertEqual(status, 404)
        for path in ("/healthz", "/readyz", "/metrics", "/v1/names", "/v1/members", "/v1/events",
                     "/v1/sd"):
            self.assertIn(f" {path} ", f"{text} ")

    def test_one_can_only_read(self):
        self.serve(query=None)
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            with self.subTest(method):
                status, headers, _ = self.get("/v1/names", method)
                self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))
        answer = self.raw(b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd")
        self.assertTrue(answer.startswith(b"HTTP/1.1 405 "), answer)

    def test_the_names_are_those_that_are_registered(self):
        self.serve(query=None)
        self.register(b"one")
        two = self.register("zwölf".encode())
        names = self.json("/v1/names")
        self.assertEqual(names["epmd_port"], self.port)
        self.assertEqual([(each["name"], each["type"]) for each in names["names"]],
                         [("zwölf", "normal"), ("one", "normal")])
        two.close()
        wait_until(lambda: len(self.json("/v1/names")["names"]) == 1, "it is gone")

    def test_the_members_and_those_that_are_none_and_why(self):
        self.add("a@h1", "b@h2")
        self.dns.set("h2", "192.0.2.9")
        self.serve()
        wait_until(lambda: self.json("/v1/members")["non_members"], "the non-member is found")
        told = self.json("/v1/members")
        query = f"web:{self.cluster.epmd_port}"
        member, = told["members"]
        self.assertEqual((member["node"], member["address"], member["port"], member["queries"],
                          member["verified"], member["creation"], member["state"]),
                         ("a@h1", "127.0.1.1", self.cluster.node_port, [query], True, 7, "present"))
        non_member, = told["non_members"]
        self.assertEqual(non_member["node"], "b@h2")
        self.assertIn("resolves here, but not to", non_member["why"])
        self.assertEqual([(each["query"], each["outcome"]) for each in told["queries"]],
                         [(query, "answered")])
        self.assertGreater(told["round"]["rounds"], 0)

    def test_targets_for_prometheus(self):
        self.add("a@h1")
        self.serve()
        self.wait_for_members("a@h1")
        group, = self.json("/v1/sd")
        self.assertEqual(group["targets"], [f"127.0.1.1:{self.cluster.node_port}"])
        self.assertEqual(group["labels"]["__meta_portolan_node"], "a@h1")
        self.assertEqual(self.json("/v1/sd?port=9568")[0]["targets"], ["127.0.1.1:9568"])
        for wrong in ("", "0", "65536", "x", "-1", "9568x"):
            self.assertEqual(self.get(f"/v1/sd?port={wrong}")[0], 400, wrong)

    def test_requests_one_after_another_and_all_at_once_on_one_connection(self):
        self.serve(query=None)
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answers = self.raw(3 * request + last)
        self.assertEqual(answers.count(b"HTTP/1.1 200 OK"), 4)
        self.assertTrue(answers.endswith(b"ready\n"))
        with self.connect() as connection:
            for _ in range(3):
                connection.sendall(request)
                self.assertIn(b"ok\n", connection.recv(4096))

    def test_answers_that_no_buffer_holds_come_one_after_another_too(self):
        self.serve(query=None)
        for i in range(300):
            self.register(200 * b"n" + b"%d" % i)
        request = b"GET /v1/names HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        with self.connect() as connection:
            connection.sendall(120 * request + last)
            answers = read_to_end(connection)
        self.assertEqual(answers.count(b"HTTP/1.1 200 OK"), 121)
        self.assertTrue(answers.endswith(b"ok\n"))

    def test_head_is_get_without_the_body(self):
        self.serve(query=None)
        for path in ("/", "/healthz", "/v1/names", "/nowhere"):
            with self.subTest(path):
                status, headers, _ = self.get(path)
                asked = self.get(path, "HEAD")
                self.assertEqual((asked[0], asked[1]["Content-Length"], asked[2]),
                                 (status, headers["Content-Length"], ""))
        answer = self.raw(b"HEAD /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertTrue(answer.endswith(b"\r\n\r\n"), answer)

    def test_old_clients_are_answered_and_let_go(self):
        self.serve(query=None)
        for asked in (b"", b"Connection: keep-alive\r\n"):
            answer = self.raw(b"GET /healthz HTTP/1.0\r\n" + asked + b"\r\n")
            self.assertIn(b"\r\nConnection: close\r\n", answer)
            self.assertTrue(answer.endswith(b"\r\n\r\nok\n"), answer)

    def test_what_it_cannot_measure_it_does_not_report_as_nothing(self):
        daemon = self.serve(query=None)
        figures = {"process_open_fds", "process_resident_memory_bytes",
                   "process_virtual_memory_bytes"}
        self.assertLessEqual(figures, set(self.metrics()))
        with self.connect() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertIn(b" 200 OK", connection.recv(4096))
            limits = resource.prlimit(daemon.server, resource.RLIMIT_NOFILE)
            resource.prlimit(daemon.server, resource.RLIMIT_NOFILE, (3, limits[1]))  # none is left
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            lines = read_to_end(connection).decode().splitlines()
            resource.prlimit(daemon.server, resource.RLIMIT_NOFILE, limits)  # sanitizers look at the end
        told = {line.split()[0] for line in lines if line and not line.startswith("#")}
        self.assertIn("process_max_fds", told)
        # How many are open is told without a further one by Linux from 6.2 on.
        self.assertLessEqual(figures & told, {"process_open_fds"})
        self.assertNotIn("process_open_fds 0", lines)


class Where(WebTest):
    def test_it_listens_where_it_was_told_to_and_nowhere_else(self):
        daemon = self.serve("--address", "127.0.0.1", query=None)
        self.assertIn(f"serving HTTP on 127.0.0.1:{self.http_port}\n", daemon.log())
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.2", self.http_port), 10)

    def test_each_place_has_its_own_port(self):
        other = network.free_port()
        daemon = self.serve("--http", f"[::1]:{other}", query=None)
        self.assertIn(f"serving HTTP on 127.0.0.1:{self.http_port}, [::1]:{other}\n", daemon.log())
        socket.create_connection(("::1", other), 10).close()
        with self.assertRaises(OSError):
            socket.create_connection(("::1", self.http_port), 10)

    def test_a_port_alone_is_that_port_of_all_addresses(self):
        for place in (":", "*:"):
            port = network.free_port()
            with self.subTest(place), daemons.Serve("--http", f"{place}{port}", "--drain", "0"):
                for address in ("127.0.0.1", "127.0.0.9", "::1"):
                    socket.create_connection((address, port), 10).close()

    def test_without_the_option_nobody_listens(self):
        with daemons.Serve() as daemon:
            self.assertNotIn("HTTP", daemon.output())
            with self.assertRaises(OSError):
                socket.create_connection(("127.0.0.1", self.http_port), 10)

    def test_a_port_that_is_taken_ends_it_with_who_has_it(self):
        with socket.create_server(("127.0.0.1", self.http_port)):
            done = daemons.Serve("--http", f"127.0.0.1:{self.http_port}", ready=False)
            self.assertEqual(done.wait_until_ended(), 1)
            self.assertRegex(done.output(), rf"cannot listen on 127.0.0.1:{self.http_port}: .* in use "
                                            r"by .*; end that one, or choose another --http")


class Readiness(WebTest):
    def test_not_before_the_first_round_is_over(self):
        self.dns.mode = "silent"
        self.serve()
        self.assertEqual(self.get("/healthz")[0], 200)
        status, _, text = self.get("/readyz")
        self.assertEqual((status, text),
                         (503, "not ready: the first round of discovery is not over\n"))
        self.dns.mode = "answer"
        wait_until(lambda: self.get("/readyz")[0] == 200, "it is ready", 30)

    def test_without_discovery_it_is_ready_at_once(self):
        self.serve(query=None)
        self.assertEqual(self.get("/readyz")[::2], (200, "ready\n"))

    def test_told_to_look_for_nodes_it_is_not_ready_until_it_has_and_told_not_to_it_is(self):
        config = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "portolan.toml")
        config.write_text("")
        self.dns.mode = "silent"
        daemon = self.serve("--config", config, query=None)
        last_round = "portolan_discovery_last_round_timestamp_seconds"
        with Events(self.http_port) as events:
            for _ in range(2):
                self.dns.mode = "silent"
                self.assertEqual((self.get("/readyz")[0], self.metrics()[last_round]), (200, 0))
                config.write_text(f'discover = "web:{self.cluster.epmd_port}"\n')
                daemon.send(signal.SIGHUP)
                events.next("changed")
                self.assertEqual(self.get("/readyz")[0], 503)
                self.dns.mode = "answer"
                wait_until(lambda: self.get("/readyz")[0] == 200, "it is ready", 30)
                self.assertGreater(self.metrics()[last_round], 0)
                events.next("changed")
                config.write_text("")
                daemon.send(signal.SIGHUP)
                events.next("changed")

    def test_asked_to_end_it_is_not_ready_first_and_serves_on(self):
        daemon = self.serve(drain="2s", query=None)
        self.register(b"one")
        with Events(self.http_port) as events:
            events.next("hello")
            daemon.send(signal.SIGTERM)
            events.next("changed")
            self.assertEqual(self.get("/readyz")[::2],
                             (503, "not ready: the daemon has been asked to end\n"))
            self.assertEqual(self.get("/healthz")[0], 200)
            with socket.create_connection(("127.0.0.1", self.port), 10) as client:
                client.sendall(NAMES)
                self.assertIn(b"name one at port", read_to_end(client))
            self.assertTrue(events.ends())
        self.assertEqual(daemon.end(0), 0)
        self.assertIn("ending in 2000 ms, or at the next signal", daemon.log())

    def test_asked_twice_it_ends_at_once(self):
        daemon = self.serve(drain="60s", query=None)
        daemon.send(signal.SIGTERM)
        daemon.wait_for_log("not ready any more")
        self.assertEqual(daemon.end(), 0)


class Streams(WebTest):
    def test_what_happens_is_told_as_it_happens(self):
        self.add("a@h1")
        self.serve()
        self.wait_for_members("a@h1")
        with Events(self.http_port) as events:
            self.assertIn("Content-Type: text/event-stream", events.header)
            events.next("hello")
            self.add("b@h2")
            _, data, _ = events.next("joined")
            self.assertEqual((data["event"], data["node"], data["creation"]), ("joined", "b@h2", 7))
            self.cluster.hosts["127.0.1.2"].name = ""
            _, data, _ = events.next("left")
            self.assertEqual((data["node"], data["reason"]),
                             ("b@h2", "its EPMD no longer lists it"))
            one = self.register(b"one")
            self.assertEqual(events.next("registered")[1]["name"], "one")
            one.close()
            self.assertEqual(events.next("unregistered")[1]["name"], "one")

    def test_who_comes_back_is_told_what_he_has_missed(self):
        self.serve(query=None)
        self.register(b"one")
        with Events(self.http_port) as events:
            last_id = events.next("hello")[2]
        self.register(b"two")
        self.register(b"three")
        with Events(self.http_port, last_id) as events:
            self.assertEqual([events.next()[1]["name"] for _ in range(2)], ["two", "three"])
        life = last_id.partition("-")[0]
        for unknown in ("1-1", "x", f"{life}-", f"{life}-x", f"{life}-99999", f"{life}-{1 << 70}"):
            with Events(self.http_port, unknown) as events:
                self.assertEqual(events.next()[0], "hello")

    def test_there_are_no_more_of_them_than_may_be(self):
        self.serve(query=None)
        readers = [self.enterContext(Events(self.http_port)) for _ in range(64)]
        self.assertTrue(all("200 OK" in each.header for each in readers))
        status, headers, _ = self.get("/v1/events")
        self.assertEqual((status, headers["Retry-After"]), (503, "5"))
        self.assertEqual(self.get("/healthz")[0], 200)

    def test_who_does_not_read_is_left_behind_and_nobody_waits(self):
        self.serve(query=None)
        lazy = self.connect()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: self.metrics()["portolan_http_streams"] == 1, "he is there")
        deadline = time.monotonic() + 60
        while self.metrics()["portolan_http_streams"] == 1:
            self.assertLess(time.monotonic(), deadline)
            for _ in range(500):
                with socket.create_connection(("127.0.0.1", self.port), 10) as client:
                    client.sendall(struct.pack(">HcHBBHHH", 13 + 200, b"x", 5, 77, 0, 6, 5, 200) +
                                   200 * b"n" + struct.pack(">H", 0))
                    client.recv(64)
        lazy.close()


if __name__ == "__main__":
    unittest.main()
