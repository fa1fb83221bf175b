"""A real Prometheus, and what docs/examples/prometheus gives to it and to Grafana."""

import json
import pathlib
import subprocess
import tempfile
import urllib.parse
import urllib.request

import daemons
import needs
import network

FOLDER = daemons.CHECKOUT / "docs/examples/prometheus"
ALERTS = FOLDER / "alerts.yml"
DASHBOARD = FOLDER / "dashboard.json"


def rules():
    """The alerting rules, by name."""
    try:
        import yaml
    except ImportError:
        needs.missing("there is no module yaml for Python", "install python3-yaml")
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


class Prometheus:
    """One with a configuration of the test's own; a context manager."""

    def __init__(self, configuration):
        self._folder = tempfile.TemporaryDirectory(prefix="prometheus-")
        file = pathlib.Path(self._folder.name, "prometheus.yml")
        file.write_text(configuration, "utf-8")
        self.port = network.free_port()
        self._log = open(pathlib.Path(self._folder.name, "log"), "w+b")
        self._process = subprocess.Popen(
            [needs.program("setpriv"), "--pdeathsig", "KILL", needs.program("prometheus"),
             f"--config.file={file}", f"--storage.tsdb.path={self._folder.name}/data",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)

    def api(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """{labels without the name, as pairs: value}"""
        try:
            result = self.api("query", query=expression)["result"]
        except OSError:
            return {}       # it is starting
        return {frozenset((k, v) for k, v in each["metric"].items() if k != "__name__"):
                float(each["value"][1]) for each in result}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._log.close()
        self._folder.cleanup()
