"""The alerting rules of docs/examples/prometheus fire when they should, and not before."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import needs
from monitoring import ALERTS, rules

LABELS = 'instance="h1",job="portolan"'
# For each alert: the series, a value each minute; at which minute it does not fire yet and at which
# it does; labels beside those of the daemon; its summary.
CASES = {
    "PortolanDown": (
        {"up": "1x3 0x9"}, 5, 6, {}, "h1 does not answer"),
    "PortolanClusterSplit": (
        {"portolan_mesh_groups": "1x3 2x9", "portolan_mesh_groups_expected": "1x12"}, 5, 6, {},
        "h1 sees the cluster in 2 groups"),
    "PortolanConnectionsMissing": (
        {'portolan_mesh_connections{state="missing"}': "0x3 4x9"}, 8, 9, {"state": "missing"},
        "h1 sees 4 pairs of nodes that are not connected"),
    "PortolanConnectionOneSided": (
        {"portolan_mesh_connections_one_sided": "0x3 1x19"}, 13, 14, {},
        "h1 sees 1 connections that one node denies"),
    "PortolanQueryFails": (
        {'portolan_query_rounds_total{query="web",outcome="failed"}': "0x3 0+1x19"}, 8, 12,
        {"query": "web", "outcome": "failed"}, "The DNS does not answer h1 for web"),
    "PortolanMembersMissing": (
        {'portolan_query_members{query="web"}': "5x3 2x19"}, 8, 9, {"query": "web"},
        "h1 finds 2 members behind web"),
    "PortolanNodeHeldBack": (
        {"portolan_held_back": "0x3 1x19"}, 8, 9, {}, "h1 holds 1 nodes of its host back"),
    "PortolanNoRound": (
        {"portolan_discovery_last_round_timestamp_seconds": "1+60x2 121x19"}, 5, 6, {},
        "The last round of h1 ended 3m 59s ago"),
    "PortolanServerRestarted": (
        {"portolan_server_restarts_total": "0x3 1x9"}, 3, 4, {},
        "The server of h1 has crashed and was restarted"),
    "PortolanNamesLost": (
        {"portolan_names_lost_total": "0x3 2x9"}, 3, 4, {},
        "h1 has lost names of nodes that run"),
}
# What is no reason for an alarm: no mesh is known, two clusters that cannot be connected, a node
# that starts, a query that fails once, nodes that are replaced one after the other, nothing is
# looked for.
QUIET = {
    "up": "1x60",
    "portolan_mesh_groups": "0x9 2x9 3 2x40", "portolan_mesh_groups_expected": "0x9 2x50",
    'portolan_mesh_connections{state="missing"}': "0x18 9x3 0x40",
    'portolan_mesh_connections{state="unknown"}': "9x60",
    "portolan_mesh_connections_one_sided": "0x9 1x5 0x40",
    'portolan_query_rounds_total{query="web",outcome="failed"}': "0x9 1x50",
    'portolan_query_rounds_total{query="web",outcome="answered"}': "0+12x60",
    'portolan_query_members{query="web"}': "5x9 4 3x20 4 5x30",
    "portolan_held_back": "0x9 1x3 0x40",
    "portolan_discovery_last_round_timestamp_seconds": "0x60",
    "portolan_server_restarts_total": "0x60", "portolan_names_lost_total": "0x60",
}


def series(values):
    """With the labels of a scrape, as promtool wants them."""
    for name, each in values.items():
        metric, _, own = name.partition("{")
        labels = LABELS + ("," + own[:-1] if own else "")
        yield {"series": f"{metric}{{{labels}}}", "values": each}


def expectation(alert, minute, expected):
    return {"eval_time": f"{minute}m", "alertname": alert, "exp_alerts": expected}


def case(alert):
    values, before, after, labels, summary = CASES[alert]
    rule = rules()[alert]
    labels = {"instance": "h1", "job": "portolan", **rule["labels"], **labels}
    annotations = {**rule["annotations"], "summary": summary}
    return {"name": alert, "interval": "1m", "input_series": list(series(values)),
            "alert_rule_test": [
                expectation(alert, before, []),
                expectation(alert, after, [{"exp_labels": labels, "exp_annotations": annotations}])]}


def quiet():
    return {"name": "quiet", "interval": "1m", "input_series": list(series(QUIET)),
            "alert_rule_test": [expectation(alert, minute, [])
                                for alert in rules() for minute in range(60)]}


class Alerts(unittest.TestCase):
    def promtool(self, *words):
        done = subprocess.run([needs.program("promtool"), *words], capture_output=True, text=True,
                              check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_fires_when_it_should_and_not_before(self):
        self.assertEqual(set(CASES), set(rules()))
        self.check([case(alert) for alert in CASES])

    def test_none_fires_for_what_passes(self):
        self.check([quiet()])

    def check(self, tests):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "test.yml")
            file.write_text(json.dumps({"rule_files": [str(ALERTS)], "evaluation_interval": "1m",
                                        "tests": tests}), "utf-8")
            self.promtool("test", "rules", str(file))

    def test_promtool_has_nothing_to_complain_of(self):
        self.promtool("check", "rules", "--lint-fatal", str(ALERTS))


if __name__ == "__main__":
    unittest.main()
