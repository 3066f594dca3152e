"""Where evidence lies if there is nothing to learn: training and explanation again after labels changed hands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.atlas.regions import main_parts
from mien.atlas.summary import summarise
from mien.core.errors import InputError
from mien.core.evidence import SHUFFLED, Evidence
from mien.core.progress import Progress
from mien.core.samples import Samples
from mien.data.samples import read_samples
from mien.data.shards import read_faces
from mien.models.base import Model
from mien.models.catalogue import spec
from mien.models.store import load_model
from mien.stats.permutation import exchanged_rows

# With fewer no p can be .05.
LEAST = 19
Shares = dict[str, float]


def check_shuffles(n_shuffles: int, through: str | None, part: str) -> None:
    """Refuse what cannot be shuffled.

    Raises
    ------
    InputError
        For too few, evidence carried through the landmarker, and a part of the samples.
    """
    if 0 < n_shuffles < LEAST:
        raise InputError(f"n_shuffles is 0, or {LEAST} at least: with fewer nothing can be told from chance; take 99.")
    if n_shuffles and (through or part):
        raise InputError("n_shuffles is for the model itself, not for 'through', and for all samples, not for a part.")


def shuffled_shares(
    model: Any, samples: Any, faces: Any, ask: Callable[[Model, Samples, Any], Mapping[str, Evidence]], *,
    n_shuffles: int, seed: int, progress: Progress,
) -> dict[str, list[Shares]]:  # fmt: skip
    """Shares of the evidence of models that were trained as one was, on labels or ratings of other people.

    Parameters
    ----------
    model : Model, str or Path
        That ``mien.train`` gave or wrote.
    samples : Samples, str or Path
        Those of the training, with the column that the model predicts.
    faces : Faces, str, Path or None
    ask : callable (model, samples, faces) -> dict of str to Evidence
        Explains one of them, as the model itself is explained.
    n_shuffles : int
        19 at least.
    seed : int
    progress : callable (done, total)

    Returns
    -------
    dict of str to list of dict
        By target; one dict of place -> share for each shuffling.

    Raises
    ------
    InputError
        For a model that ``mien.train`` did not make, or samples without its column.
    """
    # Evidence alone needs nothing that trains.
    from mien.learn.train import train

    kept = load_model(model) if isinstance(model, (str, Path)) else model
    if not isinstance(kept, Model) or "protocol" not in kept.info or not kept.target:
        raise InputError("n_shuffles trains the model again, so it needs one that 'mien train' made.")
    samples = read_samples(samples) if isinstance(samples, (str, Path)) else samples
    if not isinstance(samples, Samples):
        raise InputError("n_shuffles trains the model again, so it needs samples with the column that it predicts.")
    faces = read_faces(Path(faces)) if isinstance(faces, (str, Path)) else faces
    columns = [str(name) for name in kept.info.get("ratings", [kept.target])]
    samples, rated = _known(samples, columns), kept.predicts == "ratings"
    known = set(spec(kept.name).defaults(rated)) - {"seed"}
    asked: dict[str, Any] = {
        "target": columns if len(columns) > 1 else columns[0], "model": kept.name, "recipe": dict(kept.recipe),
        "settings": {name: value for name, value in kept.settings.items() if name in known},
        "seed": int(kept.info["protocol"].get("seed", 0)), "evaluate": False,
    }  # fmt: skip
    rng, found = np.random.default_rng(seed), dict[str, list[Shares]]()
    for number in range(n_shuffles):
        progress(number, n_shuffles)
        drawn = _changed(samples, columns, rng)
        for target, evidence in ask(train(drawn, faces=faces, **asked).model, drawn, faces).items():
            found.setdefault(target, []).append(_shares(evidence))
    progress(n_shuffles, n_shuffles)
    return found


def _known(samples: Samples, columns: list[str]) -> Samples:
    """Samples of which all is known that the model predicts."""
    rows = np.ones(len(samples), dtype=bool)
    for column in columns:
        values = samples.target(column)
        rows &= np.isfinite(values) if values.dtype.kind == "f" else values.astype(str) != ""
    return samples[np.flatnonzero(rows)]


def _changed(samples: Samples, columns: list[str], rng: np.random.Generator) -> Samples:
    """The samples after people changed places with all that is to be learnt of theirs."""
    rows = exchanged_rows(samples.subject, rng)
    given = {name: samples.target(name)[rows] for name in columns}
    return replace(
        samples,
        ratings={name: given.get(name, values) for name, values in samples.ratings.items()},
        labels={name: given.get(name, values) for name, values in samples.labels.items()},
        group=given.get("group", samples.group),
    )


def _shares(evidence: Evidence) -> Shares:
    return {row.name: row.share for row in main_parts(summarise(evidence))}


def beside_shuffled(evidence: Evidence, null: list[Shares], seed: int) -> Evidence:
    """Evidence that says of every place how large its share is with nothing to learn, and how often one is so large.

    Parameters
    ----------
    evidence : Evidence
    null : list of dict
        Place -> share of each shuffling.
    seed : int
        Of the shuffling.

    Notes
    -----
    p of a place counts the shufflings with at least its share, the real one among them. The corrected p does so with
    the largest of all places' shares, each in standard deviations from its mean over all of them, the real one
    included, so that it holds for all places at once (single step, Westfall and Young 1993).
    """
    real = _shares(evidence)
    if not real or not null:
        return evidence
    rows = np.array([[one.get(name, 0.0) for name in real] for one in (real, *null)])
    spread = rows.std(axis=0)
    z = np.divide(rows - rows.mean(axis=0), spread, out=np.zeros_like(rows), where=spread > 1e-12)
    most = z.max(axis=1)
    parts = {
        name: {
            "mean": float(rows[1:, place].mean()),
            "high": float(np.quantile(rows[1:, place], 0.95)),
            "p": float((rows[:, place] >= rows[0, place] - 1e-12).mean()),
            "p_corrected": float((most >= z[0, place] - 1e-12).mean()),
        }
        for place, name in enumerate(real)
    }
    told = {"n": len(null), "seed": seed, "parts": parts}
    return replace(evidence, settings={**evidence.settings, SHUFFLED: told})
