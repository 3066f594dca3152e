"""LIME against its authors' package, a plain scikit-learn fit and exact answers."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.explain.perturb.lime import local_model
from mien.explain.store import load_evidence

torch.set_num_threads(1)
RNG = np.random.default_rng(2)
SEGMENTS = (np.arange(16)[:, None] // 4) * 4 + np.arange(16)[None] // 4  # 16 squares
PICTURE = RNG.random((1, 3, 16, 16)).astype(np.float32)
WEIGHTS = RNG.normal(size=16)


def by_segment(values):
    """A smooth function of the segments' brightness, with one interaction."""
    bright = np.stack([(values[:, :, s == SEGMENTS] ** 2).mean(axis=(1, 2)) for s in range(16)], axis=1)
    return np.tanh(bright @ WEIGHTS) + bright[:, 0] * bright[:, 5]


def weights_of(evidence):
    return np.array([evidence.values[0, 0][s == SEGMENTS][0] for s in range(16)])


def test_the_fit_is_scikit_learns():
    kept = RNG.random((80, 6)) < 0.5
    kept[0] = True
    outputs = RNG.normal(size=80)
    distance = 1 - kept.sum(axis=1) / np.sqrt(kept.sum(axis=1) * 6.0).clip(1e-12)
    weight = np.sqrt(np.exp(-(distance**2) / 0.25**2))
    reference = Ridge(alpha=1.0).fit(kept, outputs, sample_weight=weight)
    ours = local_model(kept, outputs, 0.25, 1.0, False)
    np.testing.assert_allclose(ours.values, reference.coef_, atol=1e-10)
    assert ours.columns["r2"] == pytest.approx(reference.score(kept, outputs, sample_weight=weight))


def test_the_package_gives_the_same_weights():
    package = pytest.importorskip("lime.lime_image")
    runs, ours = [], []
    for seed in range(2):
        found = package.LimeImageExplainer(random_state=seed).explain_instance(
            PICTURE[0].transpose(1, 2, 0).astype(np.float64),
            lambda batch: by_segment(batch.transpose(0, 3, 1, 2))[:, None],
            labels=(0,), top_labels=None, num_samples=1000, segmentation_fn=lambda _: SEGMENTS,
        )  # fmt: skip
        runs.append([dict(found.local_exp[0])[s] for s in range(16)])
        ours.append(explain(by_segment, PICTURE, method="lime", segments=SEGMENTS, seed=seed))
    theirs, mine = np.mean(runs, axis=0), np.mean([weights_of(e) for e in ours], axis=0)
    assert spearmanr(theirs, mine)[0] > 0.95
    error = np.sqrt(np.mean([e.standard_error**2 for e in ours]))
    assert np.abs(theirs - mine).max() < 5 * error
    assert found.score == pytest.approx(ours[1].columns["r2"][0], abs=0.02)


def test_a_linear_model_gets_its_weights_and_a_perfect_fit():
    table = RNG.normal(size=(4, 5)).astype(np.float32)
    weight = RNG.normal(size=5)
    found = explain(lambda v: v @ weight, table, method="lime", fill="zero", ridge=0.0)
    np.testing.assert_allclose(found.values, weight * table, atol=1e-5)
    np.testing.assert_allclose(found.columns["r2"], 1.0, atol=1e-6)
    np.testing.assert_allclose(found.standard_error, 0, atol=1e-6)


def test_a_model_without_linear_part_says_so_by_its_r2():
    def parity(values):
        return np.prod(np.where(values == 0, -1.0, 1.0), axis=1)

    found = explain(parity, np.ones((1, 6), np.float32), method="lime", fill="zero")
    assert found.columns["r2"][0] < 0.1


@pytest.mark.parametrize("sampling", ["plain", "paired"])
def test_standard_errors_are_the_spread_over_seeds(sampling):
    settings = {"method": "lime", "segments": SEGMENTS, "n_samples": 150, "sampling": sampling}
    runs = [explain(by_segment, PICTURE, seed=s, **settings) for s in range(60)]
    spread = np.stack([weights_of(run) for run in runs]).std(axis=0, ddof=1)
    reported = np.sqrt(np.mean([run.standard_error[0, 0] ** 2 for run in runs], axis=0))
    reported = np.array([reported[s == SEGMENTS][0] for s in range(16)])
    assert np.sqrt((reported**2).mean()) == pytest.approx(np.sqrt((spread**2).mean()), rel=0.15)


def test_standard_errors_of_balanced_subsets_are_cautious():
    """They are those of independent pairs, and blocks of pairs have less noise."""
    settings = {"method": "lime", "segments": SEGMENTS, "n_samples": 150}
    runs = [explain(by_segment, PICTURE, seed=s, **settings) for s in range(60)]
    spread = np.stack([weights_of(run) for run in runs]).std(axis=0, ddof=1)
    paired = [explain(by_segment, PICTURE, seed=s, sampling="paired", **settings) for s in range(60)]
    other = np.stack([weights_of(run) for run in paired]).std(axis=0, ddof=1)
    reported = np.sqrt(np.mean([run.standard_error[0, 0] ** 2 for run in runs]))
    assert np.sqrt((spread**2).mean()) < reported < 1.1 * np.sqrt((other**2).mean())


def test_pairs_have_less_noise_around_the_same_weights():
    plain, paired = (
        explain(by_segment, PICTURE, method="lime", segments=SEGMENTS, n_samples=4000, ridge=0, sampling=sampling)
        for sampling in ("plain", "paired")
    )
    error = np.sqrt(plain.standard_error**2 + paired.standard_error**2)
    assert (np.abs(plain.values - paired.values) < 4.5 * error).all()
    assert (paired.standard_error**2).mean() < 0.7 * (plain.standard_error**2).mean()


def test_balanced_subsets_need_a_third_of_the_passes_for_the_precision_of_plain_ones():
    units = 40
    own, pairs = RNG.normal(size=units), RNG.normal(size=(units, units)) / 4

    def answer(values):
        x = values.astype(np.float64)
        return x @ own + ((x @ pairs) * x).sum(axis=1)

    def runs(sampling, n_samples):
        return explain(
            answer, np.ones((30, units), np.float32), method="lime", fill="zero", sampling=sampling,
            n_samples=n_samples, batch_size=4096,
        )  # fmt: skip

    truth = runs("plain", 20_000).values.mean(axis=0)
    plain, balanced = runs("plain", 900), runs("balanced", 300)
    assert ((balanced.values - truth) ** 2).mean() < ((plain.values - truth) ** 2).mean()
    inside = np.abs(balanced.values - truth) <= 1.96 * balanced.standard_error
    assert 0.92 < inside.mean() < 0.99


def test_runs_that_are_said_to_be_stable_are_alike_and_noise_is_never_stable():
    units = 30
    own, keys = RNG.normal(size=units), RNG.integers(2**40, size=units)

    def additive_and_noise(values):
        shown = values > 0.5
        return shown @ own + 3 * np.sin((shown @ keys % 999_983).astype(np.float64))

    def noise(values):
        return np.sin(((values > 0.5) @ keys % 999_983).astype(np.float64))

    rows = np.ones((20, units), np.float32)
    found = explain(additive_and_noise, rows, method="lime", fill="zero", stability=0.8, batch_size=4096)
    assert (found.columns["stability"] >= 0.8).all() and (found.columns["passes"] < 20_000).all()
    alike = np.corrcoef(found.values)[np.triu_indices(len(rows), 1)]
    assert 0.75 < alike.mean() < 0.95
    assert "notes" not in found.settings
    never = explain(noise, rows, method="lime", fill="zero", stability=0.8, n_samples=1500, batch_size=4096)
    assert (never.columns["passes"] == 1500).all() and not never.columns["stability reached"].any()
    assert found.columns["stability reached"].all()
    assert never.settings["notes"][0].startswith("Stability not reached for 20 of 20 samples")


def test_batch_is_single_seeds_decide_and_tolerance_is_honoured():
    two = np.concatenate([PICTURE, 1 - PICTURE])
    settings = {"method": "lime", "segments": SEGMENTS, "n_samples": 200}
    whole = explain(by_segment, two, batch_size=7, **settings)
    np.testing.assert_allclose(whole.values[:1], explain(by_segment, two[:1], **settings).values, atol=1e-6)
    assert not np.allclose(whole.values, explain(by_segment, two, seed=1, **settings).values)
    early = explain(by_segment, two, method="lime", segments=SEGMENTS, n_samples=20_000, tolerance=0.05)
    relative = np.sqrt((early.standard_error**2).mean((1, 2, 3)) / (early.values**2).mean((1, 2, 3)))
    assert (relative <= 0.05).all()
    assert (early.columns["passes"] < 20_000).all()


def test_odd_models_and_settings():
    table = np.ones((2, 3), np.float32)
    flat = explain(lambda v: np.full(len(v), 2.0), table, method="lime", fill="zero")
    assert list(flat.status) == ["constant"] * 2
    assert np.isnan(flat.columns["r2"]).all()
    broken = explain(lambda v: np.where(v[:, 0] == 0, np.nan, 1.0), table, method="lime", fill="zero")
    assert list(broken.status) == ["non-finite"] * 2
    with pytest.raises(InputError, match="kernel_width is above 0"):
        explain(lambda v: v[:, 0], table, method="lime", kernel_width=0)


def test_evidence_with_given_segments_and_fill_is_stored_and_read(tmp_path):
    fill = np.zeros((3, 16, 16), np.float32)
    found = explain(by_segment, PICTURE, method="lime", segments=SEGMENTS, fill=fill, n_samples=50, output=tmp_path)
    assert (found.settings["segments"], found.settings["fill"]) == ("given", "given")
    again = load_evidence(next(tmp_path.rglob("evidence.json")).parent)
    np.testing.assert_array_equal(again.values, found.values)
    np.testing.assert_array_equal(again.columns["r2"], found.columns["r2"])
