"""From exec to the first answer, and what a server does while nobody wants anything."""

import contextlib
import statistics
import time

import report
import servers


def start_rows(runs):
    """Starts the servers in alternation, `runs` times each."""
    wall = {which: [] for which in servers.COMMANDS}
    cpu = {which: [] for which in servers.COMMANDS}
    for number in range(runs):
        order = list(servers.COMMANDS) if number % 2 == 0 else list(servers.COMMANDS)[::-1]
        for which in order:
            with servers.Server(which, is_bare=True) as server:
                wall[which].append(server.first_answer_ns / 1000)
                cpu[which].append(server.first_answer_cpu_ns / 1000)
    return [medians("exec to the first answer, wall time", wall),
            medians("exec to the first answer, CPU time", cpu)]


def medians(title, times):
    """Ratios of medians: a single start says nothing, so neither does a pair of them."""
    middle = {which: statistics.median(values) for which, values in times.items()}
    quarter = {which: quartiles(values) for which, values in times.items()}
    cells = [f"{middle[which]:.0f} ({quarter[which]})" if which in times else report.NOTHING
             for which in report.SERVERS]
    pairs = [f"**{middle[above] / middle[below]:.2f}**"
             if above in times and below in times else report.NOTHING
             for above, below in report.PAIRS]
    return report.line([title, *cells, *pairs])


def quartiles(values):
    if len(values) < 4:
        return f"{min(values):.0f} to {max(values):.0f}"
    low, _, high = statistics.quantiles(values, n=4)
    return f"{low:.0f} to {high:.0f}"


def start_table():
    return report.header(["start, µs (quartiles)", "limit", "ours", "reference", "ours / limit",
                          "reference / limit", "ours / reference"])


def idle_rows(seconds):
    """Wake-ups per second of idle servers, all watched at the same time."""
    with contextlib.ExitStack() as stack:
        running = {which: stack.enter_context(servers.Server(which))
                   for which in servers.COMMANDS}
        for server in running.values():
            servers.press(server, ["absent:10"])
        before = {which: server.wakeups() for which, server in running.items()}
        time.sleep(seconds)
        rates = {which: (server.wakeups() - before[which]) / seconds
                 for which, server in running.items()}
    return [report.line([f"wake-ups per second, idle for {seconds} s",
                         *(f"{rates[which]:.2f}" if which in rates else report.NOTHING
                           for which in report.SERVERS)])]
