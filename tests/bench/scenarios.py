"""What is measured: phases of the load against fresh servers, and the rows they fill."""

import dataclasses

ALL = ("limit", "ours", "reference")
WITHOUT_REFERENCE = ("limit", "ours")
# The first phase of every run: the server has allocated what it needs, and its memory is taken.
WARM_UP = "absent:200:4"


@dataclasses.dataclass
class Scenario:
    """A run is one fresh server and these phases; a row is (its title, number of the phase)."""

    name: str
    servers: tuple
    phases: list
    rows: list
    options: dict = dataclasses.field(default_factory=dict)


def scenarios(quick, most):
    """All of them; `most` is the number of names of the last."""
    scale = 50 if quick else 1
    return [nobody(scale), burst(scale), nine_hundred(scale), ten_thousand(scale, quick),
            growth(scale, most)]


def nobody(scale):
    return Scenario(
        "nobody", ALL,
        [WARM_UP, f"absent:{20000 // scale}:1", f"absent:{30000 // scale}:32",
         f"leave:{30000 // scale}:32", "names:1"],
        [("look-up, 0 names, 1 client", 1), ("look-up, 0 names, 32 clients", 2),
         ("register and leave, 32 clients", 3)])


def burst(scale):
    return Scenario("burst", ALL, [WARM_UP, f"burst:{30000 // scale}:500"],
                    [("look-up, 0 names, 500 at once", 1)], {"batch": 64})


def nine_hundred(scale):
    return Scenario(
        "900", ALL,
        [WARM_UP, "hold:900:32", f"lookup:{4000 // scale}:1", f"lookup:{10000 // scale}:32",
         f"names:{600 // scale}:1", f"leave:{5000 // scale}:32", "names:1", "hold:1000:32"],
        [("look-up, 900 names, 1 client", 2), ("look-up, 900 names, 32 clients", 3),
         ("NAMES of 900", 4), ("register and leave beside 900 names", 5),
         ("register the 901st to the 1,000th", 7)],
        {"names": 900})


def ten_thousand(scale, quick):
    names = 1000 if quick else 10_000
    return Scenario(
        "10000", WITHOUT_REFERENCE,
        [WARM_UP, f"hold:{names}:32", f"lookup:{20000 // scale}:1", f"lookup:{30000 // scale}:32",
         f"names:{1000 // scale}:1"],
        [(f"look-up, {names:,} names, 1 client", 2), (f"look-up, {names:,} names, 32 clients", 3),
         (f"NAMES of {names:,}", 4)],
        {"names": names})


# Phases of the growth: a window of registrations around the 1,000th, one around half of `most`.
EARLY, LATE, LOOKUP_NONE, LOOKUP_MOST, HELD = 3, 5, 1, 7, 6


def growth(scale, most):
    half, window = most // 2, min(500, most // 8)
    early = min(1000, most // 4)
    return Scenario(
        "growth", WITHOUT_REFERENCE,
        [WARM_UP, f"absent:{30000 // scale}:32",
         f"hold:{early - window}:32", f"hold:{early + window}:32",
         f"hold:{half - window}:32", f"hold:{half + window}:32", f"hold:{most}:32",
         f"lookup:{30000 // scale}:32", "names:1"],
        [(f"register the {early:,}th", EARLY), (f"register the {half:,}th", LATE),
         (f"look-up, {most:,} names, 32 clients", LOOKUP_MOST)],
        {"names": most})
