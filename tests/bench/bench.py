#!/usr/bin/env python3
"""Compares our daemon with the kernel's limit and with OTP's epmd; prints Markdown. See scripts/bench.

Every reply is checked. The exit status says whether all were right, never how fast they came:
0 all right, 1 a wrong reply or a server that does not run, 77 a part could not run on this machine.
"""

import argparse
import os
import platform
import subprocess
import sys
import unittest

import crashes
import discovery
import http_cost
import mesh
import report
import rounds
import scenarios
import servers
import startup
import survive
import time_to_mesh

CANNOT_RUN = 77
MOST, MOST_QUICK = 100_000, 2000
# Descriptors a server and the load need besides one for each name.
DESCRIPTORS_BESIDES = 1000


def main():
    options = parse()
    try:
        servers.network.enter_private_network()
        set_congestion_control()
        if options.what == "discovery":
            discovery.measure(options)
            return 0
        if options.what == "mesh":
            mesh.measure(options)
            return 0
        if options.what == "time-to-mesh":
            time_to_mesh.measure(options)
            return 0
        if options.what == "http":
            http_cost.measure(options)
            return 0
        if options.what == "survive":
            survive.measure(options)
            return 0
        if options.what == "crashes":
            crashes.measure(options)
            return 0
        servers.leave_out_a_missing_reference()
        measure(options)
    except unittest.SkipTest:
        return CANNOT_RUN
    except AssertionError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["map", "discovery", "mesh", "time-to-mesh", "http",
                                                   "survive", "crashes"],
                        default="map",
                        help="what to measure: the port mapper (the default), discovery "
                             "beside a bare prober that asks the same, "
                             "the push, how long nodes take to become a mesh, what HTTP costs look-ups, what it costs that names outlive "
                             "a crash, or what a hundred crashes do")
    parser.add_argument("--pairs", type=int, default=5, help="rounds of each scenario (5)")
    parser.add_argument("--quick", action="store_true",
                        help="few operations, once: shows that all replies are right, not how fast")
    parser.add_argument("--only", metavar="NAME", action="append",
                        choices=["nobody", "burst", "900", "10000", "growth", "start", "idle"],
                        help="only this part (may repeat): nobody, burst, 900, 10000, growth, "
                             "start, idle")
    options = parser.parse_args()
    options.pairs = 1 if options.quick else options.pairs
    return options


def set_congestion_control():
    # The host's default may pace, and then a timer sends what the server wrote.
    with open("/proc/sys/net/ipv4/tcp_congestion_control", "w", encoding="ascii") as control:
        control.write("reno")


def measure(options):
    most = MOST_QUICK if options.quick else MOST
    allowed = servers.raise_descriptor_limit() - DESCRIPTORS_BESIDES
    if wanted(options, "growth") and most > allowed:
        most = fewer_names(most, allowed)
    print(machine())
    work = rounds.Rounds(options.pairs, demands_quiet=not options.quick)
    results = measure_costs(options, work, most)
    if "growth" in results:
        print_growth(results["growth"], results.get("900"), most)
    if wanted(options, "start"):
        print_table(startup.start_table(), startup.start_rows(3 if options.quick else 60))
    if wanted(options, "idle"):
        print_table(report.header(["idle", "limit", "ours", "reference"]),
                    startup.idle_rows(1 if options.quick else 20))
    print(f"\n{work.repeated} runs were repeated because other processes used more than "
          f"{rounds.OTHERS_MAX:.0%} of a core; {work.disturbed} stayed disturbed.")


def wanted(options, name):
    return not options.only or name in options.only


def fewer_names(wish, allowed):
    fits = allowed // 1000 * 1000
    try:
        servers.needs.missing(f"{wish:,} names, only {fits:,}: the limit of descriptors is too low",
                              "raise it as root (prlimit --nofile=250000:250000), then run again")
    except unittest.SkipTest:
        return fits


def measure_costs(options, work, most):
    """Prints the first table; returns the runs of each scenario."""
    results = {}
    chosen = [s for s in scenarios.scenarios(options.quick, most) if wanted(options, s.name)]
    if chosen:
        print("\n".join(["", *report.cost_table()]), flush=True)
    for scenario in chosen:
        results[scenario.name] = work.run(scenario)
        print("\n".join(report.rows(scenario, results[scenario.name])), flush=True)
    return results


def print_growth(runs, nine_hundred, most):
    s = scenarios
    table = [report.line([title, report.within(runs, "limit", above, below),
                          report.within(runs, "ours", above, below), report.NOTHING])
             for title, above, below in (
                 ("registering late / registering early (the rows above)", s.LATE, s.EARLY),
                 (f"look-up with {most:,} / with 0 names", s.LOOKUP_MOST, s.LOOKUP_NONE))]
    for key in ("pss_kb", "rss_kb"):
        table.append(report.line([f"{key[:3].upper()} per name in bytes, {most:,} names",
                                  report.bytes_per_name(runs, "limit", key, s.HELD),
                                  report.bytes_per_name(runs, "ours", key, s.HELD),
                                  report.NOTHING]))
    if nine_hundred:
        table.append(report.line(["PSS per name in bytes, 900 names",
                                  *(report.bytes_per_name(nine_hundred, which, "pss_kb", 1)
                                    for which in report.SERVERS)]))
    print_table(report.header(["growth", "limit", "ours", "reference"]), table)


def print_table(head, lines):
    print("\n".join(["", *head, *lines]), flush=True)


def machine():
    epmd = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "erlang-base"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False).stdout if os.path.exists("/usr/bin/dpkg-query") else ""
    return (f"Kernel {platform.release()}, {os.cpu_count()} cores, server on core "
            f"{servers.SERVER_CORE}, load on core {servers.LOAD_CORE}, descriptors "
            f"{servers.raise_descriptor_limit():,}" + (f", erlang-base {epmd}" if epmd else ""))


if __name__ == "__main__":
    sys.exit(main())
