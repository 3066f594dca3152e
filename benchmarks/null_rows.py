"""Are equal rows of a table copies, or chance? ``python -m benchmarks.null_rows [--tables 3]``

Questionnaires whose items share a factor, in which some people tick one level throughout, must join nobody; numbers
that were measured and stand there twice must be met, to the last bit and rounded.
"""

import argparse
import sys
from itertools import product
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, is_quick, write
from mien.learn.same_rows import rarity_of, rounded_rows


def questionnaire(rng: np.random.Generator, people: int, items: int, levels: int, loading: float, straight: float):
    """Answers from 0 to ``levels`` - 1."""
    shared = loading * rng.normal(size=(people, 1)) + np.sqrt(1 - loading**2) * rng.normal(size=(people, items))
    answers = np.clip(np.round((shared + 2) / 4 * (levels - 1)), 0, levels - 1)
    one = rng.random(people) < straight
    answers[one] = answers[one, :1]
    return answers


def joined(values: np.ndarray) -> bool:
    """Whether any two rows are taken for one."""
    telling = values[rarity_of(values).telling]
    return len(np.unique(telling, axis=0)) < len(telling) or bool(
        rounded_rows(values, np.arange(len(values)).astype(str))
    )


def main() -> None:
    """Count and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=3)
    tables = arguments(parser, tables=1).tables
    rng = np.random.default_rng(0)
    made = list(product((50, 300), (5, 8, 20, 60), (2, 5, 7, 11, 21, 101), (0.3, 0.7, 0.9), (0.0, 0.2)))
    made = made[::8] if is_quick() else made
    wrong = sum(joined(questionnaire(rng, *settings)) for settings in made for _ in range(tables))
    found: dict[str, float] = {"questionnaires": tables * len(made), "questionnaires with a join": wrong}
    for columns, decimals, people in product((3, 4, 5, 6, 7, 12), (1, 2, 4), (10, 20, 30, 100)):
        rows = rng.normal(size=(people, columns)).round(decimals)
        met = rarity_of(np.concatenate([rows, rows])).telling[:people].mean()
        found[f"{columns} columns, {decimals} decimals, {people} people: copies met"] = round(float(met), 2)
    rows = rng.normal(size=(30, 12)).round(4)
    names = np.arange(60).astype(str)
    found["12 columns and 0.0001, 30 people: met"] = len(rounded_rows(np.concatenate([rows, rows + 1e-4]), names))
    write("null_rows", found)


if __name__ == "__main__":
    main()
