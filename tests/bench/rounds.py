"""Rounds of runs in alternating order, and what may count as one."""

import sys
import time

import servers

# What other processes may use, in cores, while a run is measured.
OTHERS_MAX = 0.12
# /proc/stat counts in steps; this much is nobody's fault.
STEP_NS = 20_000_000
TRIES_MAX = 8
QUIET_SECONDS_MAX = 60


class Rounds:
    """Runs scenarios; remembers how many runs were disturbed to the end."""

    def __init__(self, pairs, demands_quiet):
        self.pairs = pairs
        self.demands_quiet = demands_quiet
        self.repeated = 0
        self.disturbed = 0

    def run(self, scenario):
        """For each server the list of its runs, the nth of each from the same round."""
        names = [which for which in scenario.servers if which in servers.COMMANDS]
        runs = {which: [] for which in names}
        for number in range(self.pairs):
            order = names if number % 2 == 0 else names[::-1]
            for which in order:
                runs[which].append(self._undisturbed(scenario, which))
            print(f"  {scenario.name}: round {number + 1} of {self.pairs}", file=sys.stderr)
        return runs

    def _undisturbed(self, scenario, which):
        for _ in range(TRIES_MAX):
            with servers.Server(which, **scenario.options) as server:
                phases = servers.press(server, scenario.phases)
            if not self.demands_quiet or not any(map(was_disturbed, phases)):
                return phases
            self.repeated += 1
            wait_for_quiet()
        self.disturbed += 1
        return phases


def was_disturbed(phase):
    others = phase["busy_ns"] - phase["server_ns"] - phase["load_ns"]
    return others > OTHERS_MAX * phase["span_ns"] + STEP_NS


def wait_for_quiet():
    """Until the machine was idle for a quarter of a second; not for ever."""
    deadline = time.monotonic() + QUIET_SECONDS_MAX
    while time.monotonic() < deadline:
        before = busy_seconds()
        time.sleep(0.25)
        if busy_seconds() - before < OTHERS_MAX * 0.25:
            return


def busy_seconds():
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(number) for number in stat.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / 100
