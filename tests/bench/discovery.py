"""What a round of discovery takes and costs: bench_discovery, several times, as a table."""

import json
import os
import statistics
import subprocess

NODES, NODES_QUICK = (100, 1000), (20,)
QUIET_ROUNDS, QUIET_ROUNDS_QUICK = 20, 3


def measure(options):
    rounds = QUIET_ROUNDS_QUICK if options.quick else QUIET_ROUNDS
    print("| nodes | first round, ms | its CPU, ms | a quiet round's CPU, ms "
          "| handshakes in the first round | and in all later ones | peak memory, MiB |")
    print("|---|---|---|---|---|---|---|")
    for nodes in NODES_QUICK if options.quick else NODES:
        print(row(nodes, [run(nodes, rounds) for _ in range(options.pairs)]), flush=True)


def run(nodes, rounds):
    """One run; the numbers of what was asked are checked, never how fast the answers came."""
    done = subprocess.run([os.path.join(os.environ["BENCH_TOOLS"], "bench_discovery"), str(nodes),
                           str(rounds)], check=False, stdout=subprocess.PIPE, timeout=300)
    if done.returncode != 0:
        raise AssertionError(f"bench_discovery found not all of {nodes} nodes: {done.stdout}")
    measured = json.loads(done.stdout)
    handshakes = measured["handshakes_first"], measured["handshakes_later"]
    if handshakes != (nodes, 0):
        raise AssertionError(f"{nodes} nodes were shaken hands with {handshakes} times")
    return measured


def row(nodes, runs):
    quiet = [run["quiet_cpu_ms"][1] for run in runs]
    memory = max(run["rss_kib"] for run in runs) / 1024
    return (f"| {nodes:,} | {spread(run['first_wall_ms'] for run in runs)} "
            f"| {spread(run['first_cpu_ms'] for run in runs)} | {spread(quiet)} "
            f"| {nodes:,} | 0 | {memory:.0f} |")


def spread(values):
    """The median, with the least and the greatest."""
    values = sorted(values)
    return f"{statistics.median(values):.1f} ({values[0]:.1f} to {values[-1]:.1f})"
