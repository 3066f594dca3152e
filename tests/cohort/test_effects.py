"""Promise: what was planted is seen, sites that differ fool nobody who holds them constant, and people are the unit."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.cohort.effects_result import OutcomeEffects
from mien.cohort.not_held import caution
from mien.cohort.people_rows import People
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.measures import Measure, Measures
from mien.report.draw.channels import channel_plot

CHANNELS, STATISTICS = [f"c{i}" for i in range(20)], ("mean", "sd", "bouts per minute")
PLANTED = ("c0", "c1", "c2")


def cohort(
    people: int = 150, *, effect: float = 0.5, sessions: int = 1, site_gap: float = 0.0, seed: int = 0
) -> tuple[Samples, Measures]:
    """Scores, bands and measures; the level of three channels goes with the score, sites shift levels and scores."""
    generator = np.random.default_rng(seed)
    site = generator.integers(0, 3, people)
    score = generator.normal(size=people) + site_gap * site
    codebook = tuple(Measure(f"{c} {s}", c, s, group="other") for s in STATISTICS for c in CHANNELS)
    own = generator.normal(size=(people, len(codebook))) + site_gap * site[:, None]
    own[:, : len(PLANTED)] += effect * score[:, None]
    who = np.repeat(np.arange(people), sessions)
    values = own[who] + 0.3 * generator.normal(size=(len(who), len(codebook)))
    path = np.array([f"p{person}-{i}" for i, person in enumerate(who)], dtype=object)
    samples = Samples(
        path, np.array([f"p{person}" for person in who], dtype=object),
        {"site": np.array(["abc"[s] for s in site], dtype=object)[who],
         "band": np.where(score[who] > 0.5, "high", "low").astype(object)},
        {"score": score[who], "age": generator.uniform(12, 18, people)[who]},
    )  # fmt: skip
    order = generator.permutation(len(path))
    status = np.full(len(path), "ok", dtype=object)
    return samples, Measures(path[order], values[order], codebook, status, {"usable share": np.ones(len(path))})


def test_planted_channels_rank_first_and_the_others_do_not_survive() -> None:
    samples, measures = cohort(80, effect=1.0)
    for outcome, kind in (("score", "correlation"), ("band", "difference")):
        found = mien.effects(samples, measures, outcome=outcome)
        assert found.kind == kind and found.covariates == ("age", "site") and found.people == 80
        assert {row.channel for row in found.channels[:3]} == set(PLANTED)
        kept = {name for name, q in zip(found.names, found.q, strict=True) if q <= 0.05}
        assert {f"{c} mean" for c in PLANTED} <= kept and len(kept) <= 5
        sign = -1 if kind == "difference" and next(iter(found.groups)) == "high" else 1
        assert (sign * found.effect[:3] > 0.2).all() and (found.low < found.effect).all()


def test_sites_that_differ_in_both_fool_only_those_who_do_not_hold_them_constant() -> None:
    """Simpson: within each site there is nothing, over all of them there is."""
    samples, measures = cohort(100, effect=0.0, site_gap=1.5)
    found = mien.effects(samples, measures, outcome="score")
    bare = mien.effects(samples, measures, outcome="score", covariates=())
    assert (found.q <= 0.05).sum() <= 1 and (bare.q <= 0.05).mean() > 0.9
    np.testing.assert_array_equal(found.unadjusted, bare.effect)
    assert "Without holding anything constant: 6" in found.words() or "constant: 5" in found.words()


def test_sessions_of_a_person_are_one_observation() -> None:
    once, many = (mien.effects(*cohort(40, effect=0, sessions=n), outcome="score", covariates=()) for n in (1, 10))
    assert once.people == many.people == 40 and many.n.max() == 40
    assert (many.p < 0.05).mean() < 0.2
    assert np.corrcoef(once.effect, many.effect)[0, 1] > 0.8


def test_people_without_values_are_counted() -> None:
    samples, measures = cohort(60)
    score = samples.ratings["score"].copy()
    score[:5] = np.nan
    status = measures.status.copy()
    status[np.isin(measures.source, samples.path[3:8])] = "no face"
    short = Measures(measures.source[:-2], measures.values[:-2], measures.codebook, status[:-2])
    changed = Samples(samples.path, samples.subject, samples.labels, {**samples.ratings, "score": score})
    found = mien.effects(changed, short, outcome="score")
    assert found.people == 60 - sum(found.left_out.values())
    assert found.left_out["no score"] == 3 or found.left_out["no score"] >= 2
    assert found.left_out["no measures"] >= 5


def test_cutoffs_references_and_covariates_of_quality() -> None:
    samples, measures = cohort(80)
    found = mien.effects(samples, measures, outcome="score", cutoff=0.5, covariates=("age", "usable share"))
    assert list(found.groups) == ["below 0.5", "0.5 or more"] and found.kind == "difference"
    assert sum(found.groups.values()) == 80
    other = mien.effects(samples, measures, outcome="band", reference="high", select=("c0 *",))
    assert list(other.groups) == ["high", "low"] and other.names == [f"c0 {s}" for s in STATISTICS]
    assert other.effect[0] < 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"outcome": "scor"}, "Did you mean 'score'"), ({"outcome": "score", "reference": "low"}, "holds numbers"),
        ({"outcome": "band", "cutoff": 1.0}, "cutoff is for scores"),
        ({"outcome": "band", "reference": "hgh"}, "Did you mean"),
        ({"outcome": "score", "covariates": ("agee",)}, "there is no column 'agee'"),
        ({"outcome": "score", "cutoff": 99.0}, "only 0 people are '99 or more'"),
        ({"outcome": "band", "covariates": ("band",)}, "nothing of the outcome is left"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_told(settings: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        mien.effects(*cohort(30), **settings)


def test_recordings_of_other_names_are_told() -> None:
    samples, measures = cohort(30)
    strange = Measures(
        np.array([f"x/{s}" for s in measures.source]), measures.values, measures.codebook, measures.status
    )
    with pytest.raises(
        InputError, match="None of the 30 recordings has measures: the samples call them such as 'p0-0'"
    ):
        mien.effects(samples, strange, outcome="score")


def test_tables_in_other_words_and_with_gaps_are_read(tmp_path: Path) -> None:
    """``columns`` says what a table calls its columns; rows without a recording are left out and said by row."""
    samples, measures = cohort(30)
    rows = [f"{p},{s},{v}" for p, s, v in zip(samples.path, samples.subject, samples.ratings["score"], strict=True)]
    table = tmp_path / "people.csv"
    table.write_text("\n".join(["Datei,Vp,score", *rows[:29], rows[29].replace(samples.path[29], "", 1)]))
    found = mien.effects(table, measures, outcome="score", columns={"path": "Datei", "subject": "Vp"})
    assert found.people == 29 and "One row has no 'path' and is left out: row 31." in found.notes


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    found = mien.effects(*cohort(40), tmp_path, outcome="score", cutoff=0.0)
    assert found.folder == tmp_path / "effects" / "score_at-0"
    read = mien.load_effects(found.folder)
    assert isinstance(read, OutcomeEffects) and read.words() == found.words() and read.codebook == found.codebook
    for name in ("effect", "low", "high", "p", "q", "q_group", "unadjusted", "unadjusted_p", "n"):
        np.testing.assert_array_equal(getattr(read, name), getattr(found, name))
    assert (found.folder / "effects.csv").read_text().startswith('"name","channel","statistic"')
    assert list(read.table["name"][:1]) == [found.channels[0].strongest]
    (found.folder / "effects.parquet").write_bytes(b"x")
    with pytest.raises(InputError, match=r"is not the file that effects\.json names"):
        mien.load_effects(found.folder)


def test_the_figure_shows_channels_by_statistics() -> None:
    found = mien.effects(*cohort(60), outcome="score")
    drawn = channel_plot(found, most=10)
    assert drawn.count("<rect") > 30 and "bouts per minute" in drawn and ">c0<" in drawn and "NaN" not in drawn
    assert "the surest 10 of 20 channels" in drawn and "partial correlation (adjusted)" in drawn


def test_an_outcome_that_is_the_site_is_no_finding_without_a_caution() -> None:
    """Two sites that shift levels, each with one diagnosis, and nothing within them."""
    samples, measures = cohort(24, effect=0.0, site_gap=1.5)
    labels = {**samples.labels, "dx": np.where(samples.labels["site"] == "a", "case", "control").astype(object)}
    labels["site"] = np.where(labels["site"] == "a", "a", "b").astype(object)
    two = Samples(samples.path, samples.subject, labels, samples.ratings)
    with pytest.raises(InputError, match="cannot tell the outcome from that covariate"):
        mien.effects(two, measures, outcome="dx", select=["c0*"])
    found = mien.effects(two, measures, outcome="dx", covariates=["age"], select=["c0*"])
    assert "cannot tell dx from site" in found.words() and found.caution in found.words()
    assert (
        mien.effects(two, measures, outcome="dx", covariates=["age", "band"], select=["c0*"]).caution == found.caution
    )
    part = mien.effects(samples, measures, outcome="score", covariates=(), select=["c0*"])
    assert "goes with site (" in part.caution and "for other reasons" in part.caution
    assert not mien.effects(samples, measures, outcome="score", select=["c0*"]).caution
    assert mien.effects(samples, measures, outcome="age", select=["c0*"]).covariates == ("site",)


def test_a_caution_is_seldom_given_where_nothing_is_wrong() -> None:
    """Age and site have nothing to do with the outcome: about 5 % of each in 200 studies of 12 people."""
    told = 0
    for seed in range(200):
        samples, measures = cohort(12, effect=0.0, seed=seed)
        people = People.of(samples, measures.beside(list(samples.path)))
        told += caution(samples, people, people.numbers(samples.ratings["score"]), "score", ["age"]) != ""
    assert 2 <= told <= 20
