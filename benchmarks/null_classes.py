"""How often intervals of predicted classes hold the true value near the ends and with few people; how wide they are.

``python -m benchmarks.null_classes [--repeats N] [--people 10 20 50 200]``

A fixed predictor of known skill, each person with a level of their own; 50, 30 or 10 % of the people (or samples) of
the second class. Everything is simulated; no data are needed. Six minutes of processor time with ``--repeats 100``.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


from benchmarks.common import arguments, is_quick, write
from mien.stats.scores import Score, classification_scores, per_class_scores

# Share of right answers, which is each class's recall.
SKILLS = (0.5, 0.7, 0.9, 0.99)
# Of the variance of what is seen of a sample.
BETWEEN = 0.4
DESIGNS = {"one sample": (1, False), "4 samples of one class": (4, False), "4 samples of each class": (4, True)}
SCORES = ("accuracy", "balanced_accuracy", "auc", "recall")


def drawn(rng: np.random.Generator, people: int, share: float, design: str, skill: float) -> dict[str, Score]:
    """Scores of one study."""
    each, both = DESIGNS[design]
    second = max(2, round(share * people))
    if both:
        # Of each person's eight samples the share of the second class.
        truth = np.tile(np.arange(2 * each) < max(1, round(share * 2 * each)), people)
        who = np.repeat(np.arange(people), 2 * each)
    else:
        truth, who = np.repeat(np.arange(people) < second, each), np.repeat(np.arange(people), each)
    seen = norm.ppf(skill) * (2 * truth - 1) + np.sqrt(BETWEEN) * rng.normal(size=people)[who]
    seen += np.sqrt(1 - BETWEEN) * rng.normal(size=len(truth))
    p = 1 / (1 + np.exp(-seen))
    given = (truth.astype(int), np.stack([1 - p, p], 1), (0, 1), who)
    return classification_scores(*given, n_permutations=0) | {"recall": per_class_scores(*given)["1"]["recall"]}


def coverage(people: tuple[int, ...], repeats: int) -> list[dict[str, Any]]:
    """Coverage and mean width per design, skill and share of the second class."""
    rows = []
    for count in people:
        for design in DESIGNS:
            for share in (0.5,) if is_quick() else (0.5, 0.3, 0.1):
                for skill in SKILLS:
                    rng = np.random.default_rng(1)
                    # Samples of two classes of one person share a level, which hardly matters among many people.
                    auc = float(norm.cdf(np.sqrt(2) * norm.ppf(skill)))
                    true = dict.fromkeys(SCORES, skill) | {"auc": auc}
                    found = [drawn(rng, count, share, design, skill) for _ in range(repeats)]
                    cover, width = {}, {}
                    for name, value in true.items():
                        known = [f[name] for f in found if f[name].low == f[name].low]
                        cover[name] = float(np.mean([s.low <= value <= s.high for s in known])) if known else None
                        width[name] = float(np.mean([s.high - s.low for s in known])) if known else None
                    rows.append({"people": count, "design": design, "share": share, "skill": skill,
                                 "coverage": cover, "width": width})  # fmt: skip
        print(f"{count} people done", flush=True)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Least coverage over skills, and mean width, a line per design and share."""
    lines = ["| people | design | second class | " + " | ".join(n.replace("_", " ") for n in SCORES) + " |",
             "| ---: | --- | ---: |" + " ---: |" * len(SCORES)]  # fmt: skip
    for key in dict.fromkeys((r["people"], r["design"], r["share"]) for r in rows):
        own = [r for r in rows if (r["people"], r["design"], r["share"]) == key]
        cells = []
        for name in SCORES:
            known = [r for r in own if r["coverage"][name] is not None]
            least, width = (min(r["coverage"][name] for r in known), np.mean([r["width"][name] for r in known]))
            cells.append(f"{least:.2f} ({width:.2f})")
        lines.append(f"| {key[0]} | {key[1]} | {key[2]:.0%} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Simulate, print and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--people", type=int, nargs="+", default=[10, 20, 50, 200])
    given = arguments(parser, repeats=1, people=[10])
    rows = coverage(tuple(given.people), given.repeats)
    write("null_classes", {"repeats": given.repeats, "rows": rows})
    print(table(rows))


if __name__ == "__main__":
    main()
