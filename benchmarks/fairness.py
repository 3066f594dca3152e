"""How often gaps between groups that are alike are called more than chance; how often intervals hold the true value.

``python -m benchmarks.fairness [--repeats N] [--part tests|planted|gaps|coverage]``

A fixed predictor of two classes; everybody has a level of their own, and several pictures. In the null both groups are
drawn from one population, or, where named, differ in what is no gap: in numbers of pictures, or in how much people
differ. Everything is simulated; no data are needed. Twelve minutes of processor time with ``--repeats 800``.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, is_quick, write
from mien.compare.fairness import by_groups
from mien.compare.group_columns import Grouping
from mien.compare.group_scores import bins_of, group_scores, summed
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions
from mien.stats.group_gaps import GapTest, corrected, gap_test, permuted_groups
from mien.stats.subjects import codes_of

# People and pictures of each person, in both groups.
DESIGNS: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "10 and 10, 4 each": ((10, 4), (10, 4)),
    "20 and 20, 4 each": ((20, 4), (20, 4)),
    "50 and 50, 4 each": ((50, 4), (50, 4)),
    "10 and 50, 4 each": ((10, 4), (50, 4)),
    "20 and 20, 1 each": ((20, 1), (20, 1)),
    "20 and 40, 2 and 10 each": ((20, 2), (40, 10)),
}
if is_quick():
    DESIGNS = {name: DESIGNS[name] for name in ("10 and 10, 4 each", "20 and 20, 1 each")}
# Means of what is seen, spread of people, how sure the model is of it.
SKILL, BETWEEN, SURE = 1.0, 0.6, 2.0
PERMUTATIONS = 99 if is_quick() else 499


def people_of(
    rng: np.random.Generator, people: int, each: int, *, skill: float = SKILL, sure: float = SURE, rated: bool = False,
    name: str = "a",
) -> AnyPredictions:  # fmt: skip
    """Predictions of one group."""
    who = np.repeat(np.arange(people), each)
    names = np.array([f"{name}{i}" for i in who], object)
    path, fold = np.array([f"{name}{i}" for i in range(len(who))], object), np.zeros(len(who), int)
    if rated:
        truth = rng.normal(size=people)[who] + rng.normal(size=len(who))
        off = BETWEEN * rng.normal(size=people)[who] + rng.normal(size=len(who))
        guess = 0.6 * truth + 0.6 * off / skill
        return RatingPredictions(path, names, fold, truth[:, None], guess[:, None], ("rating",))
    # Half of the people begin with the other class, so that single pictures are of both.
    truth = (np.arange(len(who)) % each + who) % 2
    seen = skill * (2 * truth - 1) + BETWEEN * rng.normal(size=people)[who] + rng.normal(size=len(who))
    p = 1 / (1 + np.exp(-sure * seen))
    label = np.array(["neutral", "smile"], object)[truth]
    return ClassPredictions(path, names, fold, label, np.stack([1 - p, p], 1), ("neutral", "smile"))


def both(one: Any, other: Any) -> tuple[Any, Grouping]:
    """Two groups as one set of predictions."""
    joined = {
        name: np.concatenate([value, getattr(other, name)])
        for name, value in vars(one).items()
        if isinstance(value, np.ndarray)
    }
    group = np.array(["one"] * len(one.path) + ["other"] * len(other.path), object)
    return type(one)(**{**vars(one), **joined}), Grouping("group", group, ("one", "other"))


def tests(repeats: int, rated: bool, second: dict[str, float]) -> list[dict[str, Any]]:
    """Shares of repetitions with p <= .05, alone and corrected for any gap at all; ``second``: the other group."""
    rows = []
    for name, (one, other) in DESIGNS.items():
        rng = np.random.default_rng(1)
        drawn: dict[str, list[float]] = {}
        anything = []
        for repeat in range(repeats):
            p, column = both(people_of(rng, *one, rated=rated), people_of(rng, *other, rated=rated, name="b", **second))
            found = tested(p, column, repeat)
            for key, test in found.items():
                drawn.setdefault(" ".join(key).strip(), []).append(test.p)
            anything.append(bool((corrected([*found.values()]) <= 0.05).any()))
        share = {key: float(np.mean(np.array(p)[np.isfinite(p)] <= 0.05)) for key, p in drawn.items()}
        rows.append({"design": name, "alone": {**share, "any, corrected": float(np.mean(anything))}})
        print(f"{name} done", flush=True)
    return rows


def tested(p: Any, column: Grouping, seed: int) -> dict[Any, GapTest]:
    """The tests alone, without scores and intervals."""
    who = codes_of(p.subject)[1]
    first, people = column.group == "one", int(who.max()) + 1
    sides = (np.bincount(who[side], minlength=people) > 0 for side in (first, ~first))
    kept = permuted_groups(*sides, PERMUTATIONS, np.random.default_rng(seed))
    sums = summed(p, bins_of(p), p.pooled if isinstance(p, RatingPredictions) else None)
    return {key: gap_test(s.of(first, who, people), s.of(~first, who, people), kept) for key, s in sums.items()}


def gap_coverage(repeats: int, rated: bool) -> list[dict[str, Any]]:
    """How often the interval of a gap holds 0, where there is none."""
    rows = []
    for name, (one, other) in DESIGNS.items():
        rng = np.random.default_rng(2)
        held: dict[str, list[bool]] = {}
        for _ in range(repeats):
            p, column = both(people_of(rng, *one, rated=rated), people_of(rng, *other, rated=rated, name="b"))
            for gap in by_groups(p, [column], n_permutations=99).gaps:
                if gap.low == gap.low:
                    held.setdefault(gap.words, []).append(gap.low <= 0 <= gap.high)
        rows.append({"design": name, "holds 0": {key: float(np.mean(values)) for key, values in held.items()}})
        print(f"gaps, {name} done", flush=True)
    return rows


def coverage(repeats: int, rated: bool) -> list[dict[str, Any]]:
    """How often intervals of one group's scores hold the value in 4,000 people."""
    rows = []
    for people, each in ((10, 4),) if is_quick() else ((10, 4), (20, 4), (50, 4), (20, 1), (50, 10)):
        many = people_of(np.random.default_rng(0), 400 if is_quick() else 4_000, each, rated=rated)
        edges = bins_of(many)
        true = {key: value for key, (value, _) in _values(many, edges).items()}
        rng = np.random.default_rng(1)
        held: dict[str, list[float]] = {}
        for _ in range(repeats):
            given = people_of(rng, people, each, rated=rated)
            for key, (_, i) in _values(given, edges).items():
                if i.low == i.low:
                    held.setdefault(" ".join(key).strip(), []).append(float(i.low <= true[key] <= i.high))
        rows.append({"people": people, "each": each, "coverage": {k: float(np.mean(v)) for k, v in held.items()},
                     "intervals": {k: len(v) for k, v in held.items()}})  # fmt: skip
        print(f"{people} people, {each} each done", flush=True)
    return rows


def _values(p: AnyPredictions, edges: list[np.ndarray]) -> dict[Any, Any]:
    return group_scores(p, edges, p.pooled if isinstance(p, RatingPredictions) else None)


def table(rows: list[dict[str, Any]], what: str, head: str) -> str:
    """One line per design."""
    names = list(dict.fromkeys(name for row in rows for name in row[what]))
    lines = [f"| {head} | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for row in rows:
        cells = [row[what].get(name) for name in names]
        first = row.get("design") or f"{row['people']} people, {row['each']} each"
        lines.append(f"| {first} | " + " | ".join("–" if c is None else f"{c:.3f}" for c in cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Simulate, print and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=800)
    parser.add_argument("--part", choices=("tests", "planted", "gaps", "coverage"))
    given = arguments(parser, repeats=2)
    found: dict[str, Any] = {"repeats": given.repeats}
    texts = []
    for rated in (False, True):
        kind = "ratings" if rated else "classes"
        if given.part in (None, "tests"):
            found[f"tests of {kind}"] = rows = tests(given.repeats, rated, {})
            texts.append(table(rows, "alone", f"p <= .05, {kind}"))
        if given.part in (None, "planted"):
            found[f"planted in {kind}"] = rows = tests(max(1, given.repeats // 5), rated, {"skill": 0.3})
            texts.append(table(rows, "alone", f"planted, {kind}"))
        if given.part in (None, "gaps"):
            found[f"gaps of {kind}"] = rows = gap_coverage(max(1, given.repeats // 4), rated)
            texts.append(table(rows, "holds 0", f"gap's interval holds 0, {kind}"))
        if given.part in (None, "coverage"):
            found[f"coverage of {kind}"] = rows = coverage(max(1, given.repeats // 2), rated)
            texts.append(table(rows, "coverage", f"coverage, {kind}"))
    write("fairness", found)
    print("\n\n".join(texts))


if __name__ == "__main__":
    main()
