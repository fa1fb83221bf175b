"""What the push costs us: bench_push, several times, as a table."""

import json
import os
import subprocess

from discovery import spread

MEMBERS, MEMBERS_QUICK = (30, 1000), (20,)
ROUNDS, ROUNDS_QUICK = 10_000, 100


def measure(options):
    rounds = ROUNDS_QUICK if options.quick else ROUNDS
    print("| members | CPU of the round in which all are new, ms | of a later round, ms "
          f"| memory, MiB | grown in the last nine tenths of {rounds:,} rounds, KiB |")
    print("|---|---|---|---|---|")
    for members in MEMBERS_QUICK if options.quick else MEMBERS:
        print(row(members, [run(members, rounds) for _ in range(options.pairs)]), flush=True)


def run(members, rounds):
    """One run; that each member was connected once is checked, never how fast."""
    done = subprocess.run([os.path.join(os.environ["BENCH_TOOLS"], "bench_push"), str(members),
                           str(rounds)], check=False, stdout=subprocess.PIPE, timeout=600)
    if done.returncode != 0:
        raise AssertionError(f"bench_push has not pushed {members} members once: {done.stdout}")
    return json.loads(done.stdout)


def row(members, runs):
    memory = max(run["rss_kib"] for run in runs) / 1024
    grown = max(run["grown_kib"] for run in runs)
    return (f"| {members:,} | {spread(run['first_cpu_ms'] for run in runs)} "
            f"| {spread(run['later_cpu_ms'] for run in runs)} | {memory:.0f} | {grown} |")
