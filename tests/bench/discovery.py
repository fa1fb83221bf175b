"""What a round of discovery takes and costs, beside a bare prober that asks the same, as tables."""

import json
import os
import statistics
import subprocess

NODES, NODES_QUICK = (10, 100, 1000, 5000), (20,)
QUIET_ROUNDS, QUIET_ROUNDS_QUICK = 20, 3
# The cluster to whose quiet rounds those of the others are compared.
QUIET_BASE = 100
# For the largest cluster, on a machine that does much else: a run takes half of it at most.
MEMORY_MIB_MAX, SECONDS_MAX = 64, 120


def measure(options):
    pairs = measure_pairs(options)
    print("| nodes | first round, ms | its CPU, ms | a quiet round's CPU, ms "
          "| handshakes in the first round | and in all later ones | peak memory, MiB |")
    print("|---|---|---|---|---|---|---|")
    for nodes, runs in pairs.items():
        print(row(nodes, [ours for ours, _ in runs]))
    usual = QUIET_BASE if QUIET_BASE in pairs else min(pairs)
    print("\n| nodes | a first round's CPU / the bare prober's | its wall time / the bare prober's "
          f"| the bare prober's CPU, ms | a quiet round's CPU / that of {usual} nodes |")
    print("|---|---|---|---|---|")
    for nodes, runs in pairs.items():
        print(ratio_row(nodes, runs, pairs[usual]))
    most, runs = list(pairs.items())[-1]
    print(f"\nBoth asked, for {most:,} nodes: {told(runs[0][1]['asked_first'])}.")


def measure_pairs(options):
    """For each number of nodes (ours, bare) of each pair. All sizes take turns, in changing order."""
    sizes = NODES_QUICK if options.quick else NODES
    rounds = QUIET_ROUNDS_QUICK if options.quick else QUIET_ROUNDS
    pairs = {nodes: [] for nodes in sizes}
    for number in range(options.pairs):
        for nodes in sizes if number % 2 == 0 else sizes[::-1]:
            pairs[nodes].append(run_pair(nodes, rounds, is_bare_first=number % 2 == 1))
    return pairs


def run_pair(nodes, rounds, is_bare_first):
    bare = run_bare(nodes) if is_bare_first else None
    ours = run(nodes, rounds)
    bare = bare or run_bare(nodes)
    demand_same(f"{nodes} nodes: discovery and the bare prober asked", ours["asked_first"],
                bare["asked_first"])
    return ours, bare


def run(nodes, rounds):
    """One run; the numbers of what was asked are checked, never how fast the answers came."""
    measured = measured_by("bench_discovery", nodes, rounds)
    handshakes = [measured[when]["handshakes"] for when in ("asked_first", "asked")]
    if handshakes != [nodes, nodes]:
        raise AssertionError(f"{nodes} nodes were shaken hands with {handshakes} times")
    if measured["rss_kib"] > MEMORY_MIB_MAX << 10:
        raise AssertionError(f"{nodes} nodes took {measured['rss_kib']} KiB")
    return measured


def run_bare(nodes):
    measured = measured_by("bench_bare_discovery", nodes)
    demand_same("the bare prober says that it asked, and was heard to ask",
                measured["says_it_asked"], measured["asked_first"])
    return measured


def demand_same(what, one, other):
    different = [f"{kind}: {one[kind]} and {other[kind]}" for kind in one
                 if one[kind] != other[kind]]
    if different:
        raise AssertionError(f"{what} {', '.join(different)}")


def measured_by(program, *words):
    # No search list of this machine: it would multiply the questions.
    done = subprocess.run([os.path.join(os.environ["BENCH_TOOLS"], program), *map(str, words)],
                          check=False, stdout=subprocess.PIPE, timeout=SECONDS_MAX,
                          env={**os.environ, "LOCALDOMAIN": "", "RES_OPTIONS": "ndots:1"})
    if done.returncode != 0:
        raise AssertionError(f"{program} has not found all of {words[0]} nodes: {done.stdout}")
    return json.loads(done.stdout)


def row(nodes, runs):
    quiet = [run["quiet_cpu_ms"][1] for run in runs]
    memory = max(run["rss_kib"] for run in runs) / 1024
    return (f"| {nodes:,} | {spread(run['first_wall_ms'] for run in runs)} "
            f"| {spread(run['first_cpu_ms'] for run in runs)} | {spread(quiet)} "
            f"| {nodes:,} | 0 | {memory:.0f} |")


def ratio_row(nodes, runs, usual):
    cpu, wall = (spread((ours[key] / bare[key] for ours, bare in runs), "{:.2f}")
                 for key in ("first_cpu_ms", "first_wall_ms"))
    bare_cpu = spread(bare["first_cpu_ms"] for _, bare in runs)
    quiet = spread((ours["quiet_cpu_ms"][1] / other["quiet_cpu_ms"][1]
                    for (ours, _), (other, _) in zip(runs, usual, strict=True)), "{:.2f}")
    return f"| {nodes:,} | {cpu} | {wall} | {bare_cpu} | {quiet} |"


def told(questions):
    return ", ".join(f"{count:,} {kind}" for kind, count in questions.items())


def spread(values, form="{:.1f}"):
    """The median, with the least and the greatest."""
    values = sorted(values)
    middle = statistics.median(values)
    return f"{form.format(middle)} ({form.format(values[0])} to {form.format(values[-1])})"
