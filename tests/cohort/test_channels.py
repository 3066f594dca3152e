"""Promise: what a model rests on is said of people it has not seen, and noise is no need."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("lightgbm")

import mien
from mien.cli.main import app
from mien.cohort.channel_importance import bundles, mean_above
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.measures import Measure, Measures
from mien.report.draw.accumulated import curves_plot
from mien.report.draw.channels import channel_plot
from mien.report.draw.svg import AMOUNT
from mien.report.draw.swarm import swarm_plot
from tests.handed_over import hand_over

SMALL = {"n_trees": 40}


def cohort(people: int = 120, *, effect: float = 1.0, seed: int = 0) -> tuple[Samples, Measures]:
    """Channel a has an effect and the twin b, c has none; each by two statistics."""
    generator = np.random.default_rng(seed)
    score = generator.normal(size=people)
    a = effect * score[:, None] + generator.normal(size=(people, 2))
    values = np.concatenate([a, a + 0.05 * generator.normal(size=a.shape), generator.normal(size=(people, 8))], 1)
    names = ["a", "b", "c", "d", "e", "f"]
    codebook = tuple(Measure(f"{c} {s}", c, s) for c in names for s in ("mean", "sd"))
    path = np.array([f"p{i}" for i in range(people)], dtype=object)
    bands = np.where(score > 0, "high", "low").astype(object)
    samples = Samples(path, path, {"band": bands}, {"score": score})
    return samples, Measures(path, values, codebook, np.full(people, "ok", dtype=object))


@pytest.mark.parametrize("outcome", ["score", "band"])
def test_the_channel_with_the_effect_and_its_twin_are_needed(outcome: str) -> None:
    found = mien.channels(*cohort(), outcome=outcome, settings=SMALL, n_folds=3)
    assert {row.name for row in found.channels[:2]} == {"a", "b"}
    of = {row.name: row for row in found.channels}
    assert of["a"].together == ("b",) and of["a"].importance == of["b"].importance and of["a"].q < 0.01
    assert all(of[name].q > 0.05 for name in "cdef") and found.skill_low > 0
    assert sum(row.shap for row in found.channels) == pytest.approx(1) and of["a"].shap > of["a"].shap_shuffled
    assert all(row.shap_low <= row.shap <= row.shap_high for row in found.channels)
    assert {row.name for row in found.statistics} == {"mean", "sd"} and np.isnan(found.statistics[0].importance)
    rising = next(one for one in found.accumulated if one.measure in ("a mean", "a sd", "b mean", "b sd"))
    sign = 1 if outcome == "score" or "high from low" in found.outcome else -1
    assert sign * (rising.effect[-1] - rising.effect[0]) > 0 and (rising.low <= rising.high).all()
    assert "is not a diagnosis" in found.method_words() and "a" in found.words()


def test_without_an_effect_channels_are_seldom_needed() -> None:
    """One-sided p of 6 channels in each of 25 cohorts: 5 % of them."""
    sure = skilled = 0
    for seed in range(25):
        found = mien.channels(
            *cohort(40, effect=0, seed=seed), outcome="score", settings={"n_trees": 10}, n_folds=3, n_shuffles=0,
            repeats=2, seed=seed,
        )  # fmt: skip
        sure += sum(row.p < 0.05 for row in found.channels)
        skilled += found.skill_low > 0
    assert sure <= 16 and skilled <= 3


def test_models_without_shap_values_have_the_rest() -> None:
    found = mien.channels(*cohort(60), outcome="band", model="expression", n_folds=2, repeats=1)
    assert np.isnan(found.channels[0].shap) and found.channels[0].name in "ab" and found.swarm == {}
    assert swarm_plot(found) == "" and "measures" in curves_plot(found)
    with pytest.raises(InputError, match="no model"):
        mien.channels(*cohort(20), outcome="band", model="tree")


def test_gaps_are_taken_or_filled() -> None:
    samples, measures = cohort(80)
    values = measures.values.copy()
    values[::4, 0], values[:, 5] = np.nan, np.nan
    gappy = Measures(measures.source, values, measures.codebook, measures.status)
    for model in ("trees", "expression"):
        found = mien.channels(samples, gappy, outcome="band", model=model, n_folds=3, repeats=1, n_shuffles=0)
        assert all(np.isfinite(row.importance) for row in found.channels)


def test_twins_are_bundled_by_all_their_statistics() -> None:
    generator = np.random.default_rng(0)
    a, noise = generator.normal(size=(200, 2)), generator.normal(size=200)
    x = np.column_stack([a[:, 0], noise, -a[:, 0] + 0.01, noise, a[:, 1], noise])
    channel, statistic = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])
    # One statistic alone, such as noise of the camera, joins nothing.
    found = bundles(x, channel, statistic, 0.7)
    assert found[0] == found[1] != found[2]
    assert bundles(x[:, :2], np.array([0, 0]), np.array([0, 1]), 0.7).tolist() == [0]
    assert mean_above(np.zeros(5)) == (0, 0, 0, 1)


def test_results_are_read_as_they_were_written_and_drawn(tmp_path: Path) -> None:
    samples, measures = cohort(60)
    found = mien.channels(samples, measures, tmp_path, outcome="score", settings=SMALL, n_folds=3, repeats=1)
    assert found.folder == tmp_path / "channels" / "trees_score"
    read = mien.load_channels(found.folder)
    assert read.channels == found.channels and read.words() == found.words()
    np.testing.assert_array_equal(read.swarm["shap"], found.swarm["shap"])
    np.testing.assert_array_equal(read.accumulated[0].effect, found.accumulated[0].effect)
    assert swarm_plot(read).count("<circle") == 12 * 60 and "NaN" not in curves_plot(read)
    drawn = channel_plot(mien.effects(samples, measures, outcome="score"), read)
    assert "share of SHAP" in drawn and "importance, %" in drawn and "nan" not in drawn
    (found.folder / "channels.safetensors").write_bytes(b"x")
    with pytest.raises(InputError, match=r"is not the file that channels\.json names"):
        mien.load_channels(found.folder)


def test_the_command_line_draws_the_joint_figure(tmp_path: Path) -> None:
    samples, measures = cohort(50)
    measures.write(tmp_path / "measures")
    rows = [f"{p},{p},{s:.4f}" for p, s in zip(samples.path, samples.ratings["score"], strict=True)]
    (tmp_path / "people.csv").write_text("\n".join(["path,subject,score", *rows]) + "\n")
    given = [str(tmp_path / "people.csv"), "--measures", str(tmp_path), "--outcome", "score"]
    for verb, more in (("effects", []), ("channels", ["--n-folds", "3", "--set", "n-trees=20", "--repeats", "1"])):
        done = CliRunner().invoke(app, [verb, *given, *more])
        assert done.exit_code == 0, done.output
    folder = tmp_path / "channels" / "trees_score"
    assert {path.name for path in folder.glob("*.svg")} == {"swarm.svg", "accumulated.svg", "channels.svg"}
    assert "share of SHAP" in (folder / "channels.svg").read_text()
    assert "share of SHAP" not in (tmp_path / "effects" / "score" / "channels.svg").read_text()


def test_workers_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = hand_over(monkeypatch)
    asked = {"outcome": "band", "n_folds": 2, "repeats": 2, "settings": {"n_trees": 5}}
    one, two = (mien.channels(*cohort(60), workers=workers, **asked) for workers in (1, 2))
    assert handed.done
    assert one.to_json() == two.to_json() and one.channels == two.channels


def test_channels_of_a_site_are_not_told_as_those_of_the_outcome(tmp_path: Path) -> None:
    samples, measures = cohort(40)
    sited = mien.Samples(samples.path, samples.subject, {**samples.labels, "site": samples.labels["band"]})
    few = {"settings": {"n_trees": 5}, "n_folds": 2, "repeats": 1, "n_shuffles": 0}
    found = mien.channels(sited, measures, tmp_path, outcome="band", **few)
    assert "cannot tell band from site" in found.words() and mien.load_channels(found.folder).words() == found.words()
    assert not mien.channels(samples, measures, outcome="band", **few).caution


def test_what_a_model_without_skill_rests_on_is_grey_and_no_finding(tmp_path: Path) -> None:
    samples, measures = cohort(60)
    found = mien.channels(samples, measures, outcome="score", settings=SMALL, n_folds=3, repeats=1, n_shuffles=0)
    none = replace(found, skill=0.06, skill_low=-0.18, skill_high=0.21)
    assert found.unlearnt == "" and "are needed" in found.words()
    assert none.words().startswith("Not predicted: do not interpret.") and "needed" not in none.words()
    related = mien.effects(samples, measures, outcome="score")
    drawings = [(swarm_plot(one), curves_plot(one), channel_plot(related, one)) for one in (found, none)]
    for full, grey in zip(*drawings, strict=True):
        assert "Not predicted" in grey and "Not predicted" not in full
        assert AMOUNT not in grey and "#781c6d" not in grey
