"""A real Prometheus scrapes the daemon, and finds the nodes' own metrics through it."""

import http.server
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import unittest

import daemons
import needs
import network
from daemons import wait_until
from monitoring import Prometheus
from web_world import WebTest

PATIENCE = 60

CONFIGURATION = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: portolan
    static_configs: [{{targets: ['127.0.0.1:{http_port}']}}]
  - job_name: beam
    http_sd_configs: [{{url: '{url}/v1/sd?port={beam_port}', refresh_interval: 1s}}]
    relabel_configs:
      - {{source_labels: [__meta_portolan_node], target_label: node}}
      - {{source_labels: [__meta_portolan_query], target_label: query}}
"""


def setUpModule():
    network.enter_private_network()
    daemons.portolan()


class Beam(http.server.BaseHTTPRequestHandler):
    """What a library in a node tells of its virtual machine."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(b"# TYPE erlang_vm_processes gauge\nerlang_vm_processes 42\n")

    def log_message(self, *_):
        pass


class Scraped(WebTest):
    def beam(self, address):
        server = http.server.ThreadingHTTPServer((address, self.beam_port), Beam)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def test_a_real_prometheus_scrapes_it_and_finds_the_nodes_through_it(self):
        self.beam_port = network.free_port()
        self.add("a@h1", "b@h2")
        for address in self.cluster.hosts:
            self.beam(address)
        self.serve()
        self.register(b"one")
        self.wait_for_members("a@h1", "b@h2")
        configuration = CONFIGURATION.format(http_port=self.http_port, url=self.url,
                                             beam_port=self.beam_port)
        with self.enterContext(Prometheus(configuration)) as prometheus:
            ours = 'portolan_members{state="verified"}'
            wait_until(lambda: 2 in prometheus.query(ours).values(), "it has scraped us", PATIENCE)
            self.assertEqual(list(prometheus.query('up{job="portolan"}').values()), [1])
            self.assertEqual(list(prometheus.query("portolan_names").values()), [1])
            wait_until(lambda: self.beams(prometheus) == {"a@h1": 42, "b@h2": 42},
                       "it has found both nodes", PATIENCE)
            self.add("c@h3")
            self.beam("127.0.1.3")
            wait_until(lambda: self.beams(prometheus) == {"a@h1": 42, "b@h2": 42, "c@h3": 42},
                       "it has found the third", PATIENCE)

    @staticmethod
    def beams(prometheus):
        return {dict(labels)["node"]: value
                for labels, value in prometheus.query("erlang_vm_processes").items()}

    def test_promtool_has_nothing_to_complain_of(self):
        self.add("a@h1")
        self.serve()
        self.register(b"one")
        self.wait_for_members("a@h1")
        done = subprocess.run([needs.program("promtool"), "check", "metrics"], text=True,
                              input=self.get("/metrics")[2], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))


class Counted(WebTest):
    """What has happened is what is counted."""

    def test_registrations_requests_probes_rounds_and_restarts(self):
        host, = self.add("a@h1")
        self.serve()
        self.wait_for_members("a@h1")
        one = self.register(b"one")
        self.register(b"one")
        with daemons.socket.create_connection(("127.0.0.1", self.port), 10) as client:
            client.sendall(b"\0\4zone")
            daemons.read_to_end(client)
        one.close()
        wait_until(lambda: self.metrics()["portolan_unregistrations_total"] == 1, "it has gone")
        host.creation = 8
        self.cluster.hosts["127.0.1.1"].name = ""
        wait_until(lambda: not self.json("/v1/members")["members"], "it has left")
        host.name = "a@h1"
        self.wait_for_members("a@h1")
        metrics = self.metrics()
        for name, value in (
                ("portolan_names", 0), ("portolan_registrations_total", 1),
                ('portolan_requests_total{kind="alive2",outcome="registered"}', 1),
                ('portolan_requests_total{kind="alive2",outcome="taken"}', 1),
                ('portolan_requests_total{kind="port_please2",outcome="found"}', 1),
                ('portolan_members{state="verified"}', 1), ("portolan_node_restarts_total", 1),
                ('portolan_probes_total{kind="identity",outcome="identified"}', 2)):
            self.assertEqual(metrics[name], value, name)
        # A machine that is busy may be too late for some.
        self.assertEqual(metrics['portolan_probe_duration_seconds_bucket{kind="identity",le="+Inf"}'],
                         sum(value for name, value in metrics.items()
                             if name.startswith('portolan_probes_total{kind="identity"')))
        self.assertEqual(metrics[f'portolan_query_members{{query="{self.query}"}}'], 1)
        rounds = metrics['portolan_discovery_rounds_total{outcome="complete"}']
        self.assertGreater(rounds, 2)
        self.assertGreaterEqual(
            metrics['portolan_probes_total{kind="names",outcome="listed"}'], rounds - 1)
        self.dns.mode = "servfail"
        blind = 'portolan_discovery_rounds_total{outcome="blind"}'
        wait_until(lambda: self.metrics()[blind] > 0, "a round without an answer")
        self.assertGreaterEqual(self.query_rounds("answered"), rounds)
        self.assertGreater(self.query_rounds("failed"), 0)

    @property
    def query(self):
        return f"web:{self.cluster.epmd_port}"

    def query_rounds(self, outcome):
        return self.metrics()[
            f'portolan_query_rounds_total{{query="{self.query}",outcome="{outcome}"}}']

    def test_a_query_that_sighup_drops_is_counted_no_more(self):
        config = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "portolan.conf")
        config.write_text('discover = "web, db"\n', "utf-8")
        daemon = self.serve("--config", config, query=None)
        self.assertEqual(self.queries(), {"web", "db"})
        for discover, queries in (("db, other", {"db", "other"}), (None, set()), ("x", {"x"})):
            config.write_text(f'discover = "{discover}"\n' if discover else "", "utf-8")
            daemon.send(signal.SIGHUP)
            wait_until(lambda queries=queries: self.queries() == queries, f"{queries} are counted")

    def queries(self):
        return set(re.findall(r'portolan_query_members{query="(.*?)"}', str(self.metrics())))

    def test_what_there_is_to_count_is_there_from_the_beginning(self):
        """A rate over a series that begins with its first event would miss that event."""
        self.serve()
        before = set(self.metrics())
        self.add("a@h1")
        self.register(b"one")
        self.wait_for_members("a@h1")
        self.assertEqual(set(self.metrics()), before)


class Documented(WebTest):
    """docs/HTTP.md says what there is, and nothing else."""

    DOCUMENT = daemons.CHECKOUT / "docs/HTTP.md"

    def rows(self, title):
        """The cells of the table under a heading."""
        part = self.DOCUMENT.read_text("utf-8").partition(f"\n## {title}\n")[2]
        lines = part.partition("\n## ")[0].partition("|---|")[2].partition("\n\n")[0].splitlines()
        return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                for line in lines[1:]]

    def test_every_metric_with_its_type_its_labels_and_its_help(self):
        self.serve()
        text = self.get("/metrics")[2]
        types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        helps = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE))
        told = {name: (types[name], self.labels(text, name), helps[name]) for name in types}
        written = {row[0].strip("`"): (row[1], self.labels_in(row[2]), row[3])
                   for row in self.rows("Metrics")}
        self.assertEqual(written, told)

    @staticmethod
    def labels(text, name):
        found = {}
        for labels in re.findall(rf"^{name}(?:_bucket)?\{{(.*)\}} ", text, re.MULTILINE):
            for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
                if label not in ("le", "query", "version"):
                    found.setdefault(label, set()).add(value)
        return found

    @staticmethod
    def labels_in(cell):
        found = re.findall(r"`(\w+)`: ([^;]+)", cell)
        return {label: set(values.split(", ")) for label, values in found}

    def test_every_path(self):
        self.serve(query=None)
        paths = {row[0].strip("`") for row in self.rows("What can be asked")}
        listed = set(self.get("/nowhere")[2].partition("there is /")[2].split())
        self.assertEqual(paths, {"/"} | {path for path in listed if "." not in path})

    def test_every_label_of_a_target(self):
        self.add("a@h1")
        self.serve()
        self.wait_for_members("a@h1")
        labels = self.json("/v1/sd")[0]["labels"]
        written = re.findall(r"`(__meta_\w+)`", str(self.rows("Prometheus finds the nodes")))
        self.assertEqual(set(written), set(labels))

    def test_the_limits_are_those_of_the_code(self):
        code = (daemons.CHECKOUT / "src/http/limits.h").read_text("utf-8")
        told = dict(self.rows("Limits"))
        for what, how_much, in_code in (
                ("HTTP connections", "256;", "connections_max = 256;"),
                ("readers of `/v1/events`", "64 ", "streams_max = 64;"),
                ("until a request is whole", "5 s ", "request_timeout = std::chrono::seconds(5);"),
                ("between two requests", "60 s", "idle_timeout = std::chrono::seconds(60);"),
                ("for an answer to be taken", "30 s", "answer_timeout = std::chrono::seconds(30);"),
                ("what a reader of events may be behind", "1 MiB",
                 "unsent_bytes_max = size_t{1} << 20;")):
            with self.subTest(what):
                self.assertTrue(told[what].startswith(how_much))
                self.assertIn(in_code, code)


if __name__ == "__main__":
    unittest.main()
