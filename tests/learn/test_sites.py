"""Leaving out sites: a site that shifts levels does not make a model look good, and who is at two sites is left out."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import mien
from mien.core.errors import InputError
from tests.learn.test_beside import people, trained


def at_sites(n: int = 240, effect: float = 0.0, seed: int = 0) -> mien.Samples:
    """Sites differ in how often they have the outcome, and in the level of every measure."""
    rng = np.random.default_rng(seed)
    site, own = rng.integers(0, 5, n), rng.normal(size=n)
    risk = np.array([-1.5, 1.5, -1.0, 1.0, 0.0])[site] + effect * own
    x = rng.normal(size=(n, 8)) + 2 * rng.normal(size=(5, 8))[site]
    x[:, :3] += own[:, None]
    return mien.Samples(
        path=[f"v{i}.mp4" for i in range(n)],
        subject=[f"P{i:04d}" for i in range(n)],
        labels={"site": np.array(list("ABCDE"))[site], "low": np.where(risk + rng.logistic(size=n) > 0, "yes", "no")},
        ratings={"score": risk + rng.normal(size=n), **{f"m{i}": x[:, i] for i in range(8)}},
    )


@pytest.mark.parametrize("target, name, chance", [("low", "auc", 0.5), ("score", "pearson", 0.0)])
def test_levels_of_sites_fool_folds_over_people_and_not_folds_over_sites(target: str, name: str, chance: float) -> None:
    found = [trained(at_sites(seed=seed), target, scheme="leave-one-site-out").sites for seed in range(4)]
    sites = [one for one in found if one]
    assert np.mean([one.known.value for one in sites]) > chance + 0.2
    assert abs(np.mean([one.mean.value for one in sites]) - chance) < 0.05
    assert sum(one.mean.p <= 0.05 for one in sites) <= 1
    assert all(one.name == name and one.fall[name].low > 0 for one in sites)
    assert "the site, which does not hold elsewhere" in sites[0].words()


def test_what_holds_at_every_site_is_seen_at_those_left_out() -> None:
    sites = trained(at_sites(effect=2.0), "low", scheme="leave-one-site-out").sites
    assert sites is not None and len(sites.sites) == 5
    assert sites.mean.value > 0.7 and sites.mean.p < 0.001 and sites.low > 0.5
    assert sites.mean.value == pytest.approx(np.mean([row.score.value for row in sites.sites]))
    assert sum(row.people for row in sites.sites) == 240


def test_only_scores_within_sites_are_tested() -> None:
    scores = trained(at_sites(), "low", scheme="leave-one-site-out").scores
    assert np.isfinite(scores["auc"].p) and np.isnan(scores["balanced_accuracy"].p)


def test_a_person_at_two_sites_and_one_at_none_are_left_out_and_named() -> None:
    samples = at_sites()
    subject, site = samples.subject.copy(), samples.labels["site"].copy()
    other = int(np.flatnonzero(site != site[0])[0])
    subject[other], site[5] = subject[0], ""
    changed = mien.Samples(path=samples.path, subject=subject, labels={**samples.labels, "site": site},
                           ratings=samples.ratings)  # fmt: skip
    found = trained(changed, "low", scheme="leave-one-site-out")
    assert found.left_out == {"no site": 1, "person at several sites": 2}
    assert any("'P0000'" in note and "several sites" in note for note in found.notes)


def test_one_site_is_refused_in_a_sentence() -> None:
    samples = people(n=40)
    samples.labels["site"] = np.full(40, "A", dtype=object)
    with pytest.raises(InputError, match="two sites at least"):
        trained(samples, "low", scheme="leave-one-site-out")
