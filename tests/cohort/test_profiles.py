"""Profiles: none in one cloud, skewed or not; planted ones seen again; tested on what they were not made of."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.cohort.clustering import K_MEANS, MIXTURE, candidates, fit_groups, standardised
from mien.cohort.one_cloud import fit_one_cloud, one_hump
from mien.cohort.profile_description import describe, hedges
from mien.cohort.profiles import chosen_number
from mien.cohort.profiles_result import Profiles
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.measures import Measure, Measures
from mien.stats.graded_response import GradedResponse

SLOPES = np.full(7, 1.8)
ITEMS = GradedResponse(SLOPES, np.array([[0.8, 1.8, 2.8]]) * SLOPES[:, None])


def floored(people: int, rng: np.random.Generator) -> np.ndarray:
    """Three subscales with many people at 0: graded responses to one factor and a smaller one of each subscale."""
    common, parts = rng.normal(size=(people, 1)), []
    for _ in range(3):
        factor = np.sqrt(0.7) * common[:, 0] + np.sqrt(0.3) * rng.normal(size=people)
        reached = ITEMS.at_least(factor)
        parts.append(2.0 * (rng.random(reached.shape[:2])[..., None] < reached).sum((1, 2)))
    return np.stack(parts, axis=1)


def planted(people: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    kind = rng.integers(0, 3, people)
    return rng.normal(size=(people, 3)) + 4.0 * np.eye(3)[kind], kind


def samples_of(values: np.ndarray, names: tuple[str, ...] = ("a", "b", "c")) -> Samples:
    people = [f"p{i:03d}" for i in range(len(values))]
    return Samples(path=people, subject=people, ratings=dict(zip(names, values.T, strict=True)))


def test_one_hump_is_the_most_likely_one() -> None:
    np.testing.assert_allclose(one_hump(np.array([1, 4, 2, 3, 0])), np.array([1, 4, 2.5, 2.5, 0]) / 10)
    np.testing.assert_allclose(one_hump(np.array([5, 3, 1])), np.array([5, 3, 1]) / 9)


def test_a_cloud_has_the_floor_and_the_correlations_of_the_values() -> None:
    values = floored(3000, np.random.default_rng(0))
    drawn = fit_one_cloud(values).draw(20_000, np.random.default_rng(1))
    np.testing.assert_allclose((drawn == 0).mean(0), (values == 0).mean(0), atol=0.02)
    np.testing.assert_allclose(np.corrcoef(drawn, rowvar=False), np.corrcoef(values, rowvar=False), atol=0.03)
    assert set(np.unique(drawn)) <= set(np.unique(values))


@pytest.mark.parametrize("method", [K_MEANS, MIXTURE])
def test_planted_profiles_are_seen_again(method: str) -> None:
    values, kind = planted(240, np.random.default_rng(2))
    found = mien.profiles(samples_of(values), by="a,b,c", method=method, most=4, n_null=19, n_boot=5)
    assert found.k == 3 and sum(found.sizes) == 240
    agree = [np.bincount(found.profile[kind == k]).max() / (kind == k).sum() for k in range(3)]
    assert min(agree) > 0.85


def test_one_skewed_cloud_is_no_profiles_although_every_criterion_divides_it() -> None:
    """Ten cohorts with a floor: BIC, silhouette and stability choose two groups or more in each."""
    divided = []
    for seed in range(10):
        values = standardised(floored(200, np.random.default_rng(seed)))[0]
        tried, _ = candidates(values, 3, K_MEANS, n_null=19, n_boot=5, seed=seed)
        divided.append(chosen_number(tried, K_MEANS) > 1)
        assert max(one.agreement for one in tried) > 0.6
    assert sum(divided) <= 1


def test_groups_of_a_mixture_are_those_of_the_library() -> None:
    values = standardised(planted(200, np.random.default_rng(3))[0])[0]
    from sklearn.mixture import GaussianMixture

    library = GaussianMixture(3, n_init=5, reg_covar=0.02, random_state=0, max_iter=200).fit(values)
    found = fit_groups(values, 3, MIXTURE)
    np.testing.assert_allclose(found.probabilities(values), library.predict_proba(values), atol=1e-8)
    nearest = fit_groups(values, 3, K_MEANS)
    apart = ((values[:, None] - nearest.means[None]) ** 2).sum(-1)
    np.testing.assert_array_equal(nearest.probabilities(values).argmax(1), apart.argmin(1))


def test_measures_that_profiles_are_made_of_are_not_tested() -> None:
    rng = np.random.default_rng(4)
    values, kind = planted(150, rng)
    samples = samples_of(values)
    faces = np.stack([rng.normal(size=150) + 1.5 * (kind == 1), rng.normal(size=150)], axis=1)
    book = (Measure("smile mean", "smile", "mean"), Measure("blink rate", "blink", "rate"))
    measures = Measures(samples.path, faces, book, np.full(150, "ok", dtype=object))
    found = mien.profiles(samples, by="a,b,c", measures=measures, most=3, n_null=19, n_boot=5)
    by_name = {one.measure: one for one in found.described}
    assert by_name["a"].circular and np.isnan(by_name["a"].p)
    assert by_name["smile mean"].p_corrected < 0.001 < 0.05 < by_name["blink rate"].p_corrected
    assert {one.measure for k in (1, 2, 3) for one in found.strongest(k)} == {"smile mean"}


def test_without_effects_few_measures_are_called_different() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(60):
        groups = np.repeat([0, 1, 2], 20)
        rows = describe(rng.normal(size=(60, 20)), [str(i) for i in range(20)], [False] * 20, groups, 3)
        hits += any(row.p_corrected <= 0.05 for row in rows)
    assert hits <= 8


def test_hedges_g_by_hand() -> None:
    g, low, high = hedges(np.array([3.0, 4, 5]), np.array([1.0, 2, 3]))
    assert g == pytest.approx(2 * (1 - 3 / 15)) and low < g < high
    assert np.isnan(hedges(np.array([1.0, 2]), np.array([1.0, 2, 3]))[0])


def test_several_recordings_are_one_person_and_missing_scores_no_profile() -> None:
    values = planted(60, np.random.default_rng(6))[0]
    twice = np.repeat(values, 2, axis=0)
    twice[0] = np.nan
    twice[2:4] = np.nan
    samples = Samples(
        path=[f"r{i}" for i in range(120)], subject=[f"p{i // 2}" for i in range(120)],
        ratings=dict(zip("abc", twice.T, strict=True)),
    )  # fmt: skip
    found = mien.profiles(samples, by="a,b,c", most=3, n_null=19, n_boot=5)
    assert len(found) == 60 and (found.profile == 0).sum() == 1
    assert any("1 of 60 people lack" in note for note in found.notes)


def test_profiles_are_applied_to_other_people_and_read_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    found = mien.profiles(
        samples_of(planted(150, rng)[0]), by="a,b,c", most=3, n_null=19, n_boot=5, output=tmp_path / "p"
    )
    again = Profiles.read(tmp_path / "p")
    assert again.candidates == found.candidates and again.words() == found.words()
    np.testing.assert_array_equal(again.probability, found.probability)
    values, kind = planted(40, rng)
    other = mien.profiles(samples_of(values), apply=tmp_path / "p")
    assert other.k == found.k and len({(k, p) for k, p in zip(kind, other.profile, strict=True)}) <= 5


def test_by_the_command_line_with_a_questionnaire(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    answers = ITEMS.draw(60, rng)
    lines = [",".join(["path", "subject", *(f"gad_{i}" for i in range(1, 8))])]
    lines += [",".join([f"p{i}", f"p{i}", *map(str, row)]) for i, row in enumerate(answers)]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    words = ["profiles", str(tmp_path / "a.csv"), "--scale", "gad-7", "--most", "3", "--n-null", "19"]
    done = CliRunner().invoke(app, [*words, "-o", str(tmp_path / "study/profiles/gad")])
    assert done.exit_code == 0 and "no profiles" in done.output and "not a diagnosis" in done.output, done.output
    for more, said in ((["--by", "nothing"], "no column"), (["--method", "x"], "method is one of")):
        done = CliRunner().invoke(app, [*words, *more])
        assert done.exit_code == 2 and said in done.output


def test_too_few_people_and_constant_scores_are_refused() -> None:
    with pytest.raises(InputError, match="30 people"):
        mien.profiles(samples_of(np.random.default_rng(0).normal(size=(20, 3))), by="a,b")
    flat = np.random.default_rng(0).normal(size=(40, 3))
    flat[:, 1] = 2
    with pytest.raises(InputError, match="the same 'b'"):
        mien.profiles(samples_of(flat), by="a,b")
