"""What docs/examples/prometheus gives to Prometheus and Grafana finds its series at real daemons."""

import json
import re
import unittest

import daemons
import needs
import network
from daemons import wait_until
from hosts import HostsTest
from monitoring import ALERTS, DASHBOARD, Prometheus, rules
from nodes import COOKIE

PATIENCE = 60
HTTP_PORT = 9370
CONFIGURATION = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ['{alerts}']
scrape_configs:
  - job_name: portolan
    static_configs: [{{targets: {targets}}}]
"""
# What Grafana puts into an expression.
GRAFANA = {"$instance": ".*", "$__rate_interval": "15s"}
COMPARISON = re.compile(r" (==|!=|>=|<=|>|<) ")


def setUpModule():
    network.enter_private_network()
    for name in ("erl", "erl_call", "nsenter", "prometheus", "promtool"):
        needs.program(name)
    daemons.portolan()


def panels():
    return json.loads(DASHBOARD.read_text("utf-8"))["panels"]


def dashboard_expressions():
    for panel in panels():
        for target in panel["targets"]:
            expression = target["expr"]
            for variable, value in GRAFANA.items():
                expression = expression.replace(variable, value)
            yield panel["title"], expression


def alert_expressions():
    """A comparison drops what is well. With `bool` it is 0 there, if there is anything at all."""
    for alert, rule in rules().items():
        yield alert, COMPARISON.sub(r" \1 bool ", rule["expr"])


class Scraped(HostsTest):
    """Three hosts with a daemon and a real node each. The third is connected to no other."""

    def setUp(self):
        super().setUp()
        addresses = [f"10.77.0.{at}" for at in (1, 2, 3)]
        self.dns.set("web", *addresses)
        hosts = [self.host(f"h{at}", address) for at, address in enumerate(addresses, 1)]
        names = [f"n{at}@{address}" for at, address in enumerate(addresses, 1)]
        for host, name in zip(hosts, names):
            self.start(host, name, serve=("--discover", "web", "--interval", "200ms", "--mesh",
                                          "--http", f":{HTTP_PORT}"))
        hosts[0].call("erl_call", "-c", COOKIE, "-n", names[0], "-a",
                      f"net_adm ping ['{names[1]}']")
        self.targets = [f"{address}:{HTTP_PORT}" for address in addresses]
        self.prometheus = self.enterContext(Prometheus(
            CONFIGURATION.format(alerts=ALERTS, targets=self.targets)))
        self.wait_for_value('portolan_mesh_connections{state="seen"}', 1)
        self.wait_for_value('portolan_mesh_connections{state="missing"}', 2)

    def wait_for_value(self, expression, value):
        wait_until(lambda: list(self.prometheus.query(expression).values()) == [value] * 3,
                   f"all say that {expression} is {value}", PATIENCE)

    def test_every_expression_finds_something(self):
        self.wait_for_value('count_over_time(up{job="portolan"}[1h]) > bool 2', 1)
        for name, expression in (*alert_expressions(), *dashboard_expressions()):
            with self.subTest(name, expression=expression):
                self.assertNotEqual(self.prometheus.query(expression), {})

    def test_a_split_is_noticed_by_each_daemon_and_nothing_else_is(self):
        for alert in ("PortolanClusterSplit", "PortolanConnectionsMissing"):
            wait_until(lambda alert=alert: len(self.alerts(alert)) == 3, "all have seen it",
                       PATIENCE)
        self.assertEqual({alert["labels"]["alertname"] for alert in self.alerts()},
                         {"PortolanClusterSplit", "PortolanConnectionsMissing"})
        self.assertEqual(sorted(alert["annotations"]["summary"]
                                for alert in self.alerts("PortolanClusterSplit")),
                         [f"{target} sees the cluster in 2 groups" for target in self.targets])

    def alerts(self, name=None):
        """Those that fire, or will if it stays so."""
        return [alert for alert in self.prometheus.api("alerts")["alerts"]
                if name in (None, alert["labels"]["alertname"])]


class Dashboard(unittest.TestCase):
    def test_each_panel_says_what_it_shows(self):
        self.assertEqual(len({panel["id"] for panel in panels()}), len(panels()))
        for panel in panels():
            with self.subTest(panel["title"]):
                self.assertTrue(panel["description"].endswith("."))
                self.assertTrue(panel["targets"])


if __name__ == "__main__":
    unittest.main()
