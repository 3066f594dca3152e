"""Evidence of decodings, end to end: planted parcels come first, viewers are the unit, targets are compared."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

import mien
from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.streams import Runs, Stream, TimeLine
from mien.decoding.result import Decoding
from mien.decoding.score import statistics_of

PARCELS, VOLUMES, NAMES = 24, 40, ("1", "2", "3", "4")
PLANTED = {"joy": (0, 1, 2), "fear": (12, 13, 14)}
EVERY = {0, 1, 2, 12, 13, 14}


def line(viewers: tuple[str, ...], effect: float = 1.0, seed: int = 0) -> TimeLine:
    """Parcels that answer to two emotions, in blocks of ten volumes."""
    rng = np.random.default_rng(seed)
    word = np.tile(np.repeat(np.array(["joy", "none", "fear", "none"], dtype=object), 10), len(NAMES))
    run = np.repeat(np.array(NAMES, dtype=object), VOLUMES)
    time = np.tile(np.arange(VOLUMES) * 2.0, len(NAMES))
    shown = Stream("shown", "sampled", time, texts={"emotion": word}, run=run)
    values = rng.normal(size=(len(viewers), len(word), PARCELS))
    for name, places in PLANTED.items():
        values[:, np.ix_(word == name, places)[0], np.array(places)] += effect
    centres = rng.normal(size=(PARCELS, 3)) * 20 + np.where(np.arange(PARCELS)[:, None] % 2, [40, 0, 0], [-40, 0, 0])
    centres[:, 0] = np.abs(centres[:, 0]) * np.where(np.arange(PARCELS) % 2, 1, -1)
    brain = Stream(
        "brain", "sampled", np.tile(time, len(viewers)), tuple(f"p{i}" for i in range(PARCELS)),
        values.reshape(-1, PARCELS), run=np.tile(run, len(viewers)),
        viewer=np.repeat(np.array(viewers, dtype=object), len(word)),
        space=BrainSpace([f"p{i}" for i in range(PARCELS)], centres_mm=centres),
    )  # fmt: skip
    return TimeLine(Runs(NAMES, np.arange(4) * 80.0, np.arange(1, 5) * 80.0), {"brain": brain, "shown": shown})


def decoded(of: TimeLine, **settings: object) -> Decoding:
    asked: dict = {
        "sources": "brain", "labels": "shown", "target": "emotion", "unit": "volume", "shift_s": 0.0, "select": False,
        "n_permutations": 99, **settings,
    }  # fmt: skip
    return mien.decode(of, **asked)


@pytest.fixture(scope="module", autouse=True)
def _no_chance() -> Iterator[None]:
    """Evidence asks fitted decoders: none is fitted to labels without effect (tests/decoding/test_decode.py)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("mien.decoding.decode"), "null_scores", _at_chance)
        yield


def _at_chance(*given: object, n_permutations: int, **more: object) -> dict[str, np.ndarray]:
    return {name: np.full(n_permutations, 0.4) for name in statistics_of(3)}


@pytest.fixture(scope="module")
def three() -> Decoding:
    return decoded(line(("a", "b", "c")))


def test_planted_parcels_come_first_for_their_target(three: Decoding, tmp_path: Path) -> None:
    found = mien.brain_evidence(three, tmp_path, largest=3, n_shuffles=1, n_spins=99)
    assert found.targets == ("fear", "joy", "none") and found.unit == "viewers" and found.units == ("a", "b", "c")
    for name, places in PLANTED.items():
        assert set(found.map(name, "amount").ranked[:3]) <= EVERY
        assert set(np.argsort(-found.map(name, "pattern").mean)[:3]) == set(places)
        own = np.isin(np.arange(PARCELS), places)
        difference, above = found.map(name, "difference").mean, found.map(name, "amount").above_shuffled[0]
        for values in (difference, above):
            assert values[own].mean() > 2 * np.abs(values[~np.isin(np.arange(PARCELS), sorted(EVERY))]).mean()
    pair = next(one for one in found.overlaps if {one.one, one.other} == {"joy", "fear"})
    assert 0 <= pair.dice_shuffled <= 1 and 0 < pair.p_spin <= 1
    again = mien.load_brain_evidence(tmp_path)
    np.testing.assert_array_equal(again.map("joy", "amount").values, found.map("joy", "amount").values)


def test_values_of_every_run_add_up_to_what_the_score_differs_by(three: Decoding) -> None:
    found = mien.brain_evidence(three, method="shap", n_shuffles=0)
    source = three.source()
    gaps = []
    for run in NAMES:
        rows = (three.viewer == "a") & (three.run == run)
        there = three.observed == three.classes.index("joy")
        gaps.append(source.scores[rows & there, 1].mean() - source.scores[rows & ~there, 1].mean())
    assert found.map("joy", "difference").values[0].sum() == pytest.approx(np.mean(gaps))


@pytest.mark.parametrize("model", ["trees", "mlp"])
def test_decoders_without_weights_are_explained_and_say_so(model: str) -> None:
    pytest.importorskip("torch" if model == "mlp" else "lightgbm")
    one = decoded(line(("a",), effect=2.0), model=model, against="joy")
    found = mien.brain_evidence(one, n_shuffles=0, most_rows=2, largest=3)
    assert found.targets == ("joy",) and set(found.map("joy", "amount").ranked[:3]) <= EVERY
    assert found.unit == "runs" and any("One viewer" in note for note in found.notes)
    with pytest.raises(InputError, match="of linear decoders"):
        mien.brain_evidence(one, method="pattern")


def test_permutation_and_lime_agree_with_the_exact_values() -> None:
    one = decoded(line(("a",), effect=1.5), against="fear")
    for method, measure in (("permutation", "loss"), ("lime", "amount")):
        found = mien.brain_evidence(one, method=method, n_shuffles=0, most_rows=2, repeats=3)
        assert set(found.map("fear", measure).ranked[:3]) <= EVERY


def test_absence_is_no_target_and_its_sign_is_turned() -> None:
    of = line(("a",))
    word = of["shown"].texts["emotion"].copy()
    word[word == "fear"] = "joy"
    shown = Stream("shown", "sampled", of["shown"].time_s, texts={"emotion": word}, run=of["shown"].run)
    one = decoded(TimeLine(of.runs, {"brain": of["brain"], "shown": shown}))
    assert one.classes == ("joy", "none")
    found = mien.brain_evidence(one, n_shuffles=0)
    assert found.targets == ("joy",) and (found.map("joy", "weights").mean[list(PLANTED["joy"])] > 0).all()


def test_viewers_of_several_decodings_stand_on_one_map() -> None:
    parts = [decoded(line((name,), seed=seed), against="joy") for seed, name in enumerate("abc")]
    found = mien.brain_evidence(parts, n_shuffles=0)
    assert found.units == ("a", "b", "c") and found.unit == "viewers"
    with pytest.raises(InputError, match="once more"):
        mien.brain_evidence([parts[0], parts[0]])
    with pytest.raises(InputError, match="is none of shap"):
        mien.brain_evidence(parts, method="gradients")
    with pytest.raises(InputError, match="Expected a decoding"):
        mien.brain_evidence(3)


def test_the_command_says_what_python_says(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from mien.cli.main import app

    decoded(line(("a", "b")), against="joy").write(tmp_path / "decoding" / "joy")
    words = [
        "brain-evidence",
        str(tmp_path / "decoding" / "joy"),
        "-o",
        str(tmp_path / "brain" / "joy"),
        "--largest",
        "3",
    ]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    assert "joy: amount (shap), over 2 viewers" in said.output
    assert mien.load_brain_evidence(tmp_path / "brain" / "joy").settings["largest"] == 3
