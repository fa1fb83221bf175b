"""Figures as Markdown: medians, and ratios as the median, least and greatest over the rounds."""

import statistics

SERVERS = ("limit", "ours", "reference")
NOTHING = "–"
PAIRS = (("ours", "limit"), ("reference", "limit"), ("ours", "reference"))


def cost(phases, number):
    """Microseconds of the server's CPU per operation."""
    return phases[number]["server_ns"] / max(phases[number]["operations"], 1) / 1000


def spread(values, form="{:.2f}"):
    middle, least, greatest = statistics.median(values), min(values), max(values)
    return f"**{form.format(middle)}** ({form.format(least)} to {form.format(greatest)})"


def ratios(runs, above, below):
    if above not in runs or below not in runs:
        return NOTHING
    return spread([a / b for a, b in zip(runs[above], runs[below], strict=True)])


def row(title, costs):
    """A line of the first table; costs: for each server µs per operation, round by round."""
    cells = [f"{statistics.median(costs[which]):.2f}" if which in costs else NOTHING
             for which in SERVERS]
    return line([title, *cells, *(ratios(costs, *pair) for pair in PAIRS)])


def header(titles):
    return [line(titles), line(["---"] + ["---:"] * (len(titles) - 1))]


def line(cells):
    return "| " + " | ".join(cells) + " |"


def cost_table():
    return header(["server CPU per operation", "limit, µs", "ours, µs", "reference, µs",
                   "ours / limit", "reference / limit", "ours / reference"])


def rows(scenario, runs):
    for title, number in scenario.rows:
        costs = {which: [cost(phases, number) for phases in of_one]
                 for which, of_one in runs.items()}
        yield row(title, costs)


def within(runs, which, above, below):
    """The ratio of two phases of the same run."""
    return spread([cost(phases, above) / cost(phases, below) for phases in runs[which]])


def bytes_per_name(runs, which, key, number):
    """Growth of the process from the warm-up to a phase, for each name held then; the kernel's not."""
    if which not in runs:
        return NOTHING

    def one(phases):
        held = sum(phase["operations"] for phase in phases[:number + 1]
                   if phase["phase"].startswith("hold:"))
        return (phases[number][key] - phases[0][key]) * 1024 / held
    return spread([one(phases) for phases in runs[which]], "{:.0f}")
