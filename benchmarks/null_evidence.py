"""Where evidence lies of models that learnt nothing: ``python -m benchmarks.null_evidence [--draws 20]``

London, the model of ``mien train`` on named features of the face: attractiveness as rated (neutral pictures), and
neutral against smiling, each also after labels or ratings changed hands between people (or a person's pictures). Share
of all evidence (integrated gradients) of every region, its even spread, mean and 95th percentile of models of shuffled
labels, and of how many of those mien says that the region exceeds its even spread (.025 is what it allows for).

``--studies 60``: made-up tables of eight features in place of it, one of which goes with a rating, or none does. How
often any feature (without an effect .05 at most is right), the planted one and another are named, by the even spread
alone and beside ``n_shuffles=19``.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import mien
from benchmarks.common import arguments, data_root, write
from mien.atlas.regions import Share, features, regions
from mien.atlas.summary import summarise


def shares(samples: mien.Samples, faces: Path, target: str, explained: str) -> list[Share]:
    """Regions with their shares of the evidence of a model of all samples."""
    trained = mien.train(samples, target=target, faces=faces, evaluate=False)
    return regions(summarise(mien.explain(trained.model, samples, faces=faces, target=explained)))


def changed(samples: mien.Samples, target: str, rng: np.random.Generator) -> mien.Samples:
    """Ratings change hands between people; labels between the pictures of a person, so that every person keeps both."""
    if target in samples.ratings:
        return replace(samples, ratings={target: rng.permutation(samples.ratings[target])})
    drawn = samples.labels[target].copy()
    for person in np.unique(samples.subject.astype(str)):
        own = np.flatnonzero(samples.subject.astype(str) == person)
        drawn[own] = rng.permutation(drawn[own])
    return replace(samples, labels={**samples.labels, target: drawn})


def measured(samples: mien.Samples, faces: Path, target: str, explained: str, draws: int) -> list[dict[str, object]]:
    """One row for each region, the largest first."""
    real, rng = shares(samples, faces, target, explained), np.random.default_rng(0)
    null = [{row.name: row for row in shares(changed(samples, target, rng), faces, target, explained)}
            for _ in range(draws)]  # fmt: skip
    rows: list[dict[str, object]] = []
    for row in real:
        chance = [one[row.name].share for one in null]
        rows.append(
            {
                "region": row.words, "even": row.expected, "share": row.share, "exceeds": row.exceeds,
                "shuffled": float(np.mean(chance)), "shuffled_95": float(np.quantile(chance, 0.95)),
                "p": float((1 + np.sum(np.array(chance) >= row.share)) / (1 + draws)),
                "shuffled_exceed": float(np.mean([one[row.name].exceeds for one in null])),
            }
        )  # fmt: skip
    return rows


def named(rng: np.random.Generator, people: int, effect: float) -> list[bool]:
    """Of one study whether any feature, the planted one and another one are named: by the even spread, and shuffled."""
    x = rng.normal(size=(people, 8)) * np.array([3.0, 1, 1, 1, 1, 1, 1, 1]) + rng.normal(size=(people, 1))
    score = effect * x[:, 1] / x[:, 1].std() + np.sqrt(1 - effect**2) * rng.normal(size=people)
    who = [f"p{i:03d}" for i in range(people)]
    ratings = {"score": score, **{f"m{i}": x[:, i] for i in range(8)}}
    samples = mien.Samples(who, who, {}, ratings)
    model = mien.train(samples, target="score", model="logistic", features="m*", evaluate=False).model
    found = summarise(mien.explain_all(model, samples, n_shuffles=19, seed=int(rng.integers(1e6)))["score"])
    said = []
    for summary in (replace(found, shuffled={}), found):
        names = {row.name for row in features(summary) if row.exceeds}
        said += [bool(names), "m1" in names, bool(names - {"m1"})]
    return said


def rates(studies: int) -> list[dict[str, object]]:
    """How often features are named, by people and effect."""
    rows: list[dict[str, object]] = []
    for people in (20, 60):
        for effect in (0.0, 0.7):
            said = np.array([named(np.random.default_rng([people, k]), people, effect) for k in range(studies)]).mean(0)
            heads = [f"{what}, {how}" for how in ("even spread", "shuffled") for what in ("any", "planted", "other")]
            rows.append({"people": people, "effect": effect, **dict(zip(heads, said.tolist(), strict=True))})
    return rows


def main() -> None:
    """Measure, print and keep both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--faces", type=Path, help="an extraction of London")
    parser.add_argument("--studies", type=int, default=0, help="made-up tables in place of London")
    given = arguments(parser, data=("london",), draws=2)
    if given.studies:
        write("null-evidence-rates", {"studies": given.studies, "rows": rates(given.studies)})
        return
    with tempfile.TemporaryDirectory() as scratch:
        faces = given.faces
        if faces is None:
            faces = Path(scratch)
            mien.extract([data_root() / "london" / part for part in ("neutral", "smiling")], faces)
        both = mien.read_samples(f"london:{data_root() / 'london'}")
        neutral = both[both.labels["expression"] == "neutral"]
        found = {
            "attractiveness": measured(neutral, faces, "attractiveness", "attractiveness", given.draws),
            "expression": measured(both, faces, "expression", "smiling>neutral", given.draws),
        }
    write("null-evidence", {"draws": given.draws, **found})


if __name__ == "__main__":
    main()
