"""Promise: a made-up cohort holds what its truth says and nothing else, and any part of it can be written alone."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.data.synthetic.behaviour import PARAMETERS
from mien.data.synthetic.participants import participants
from mien.data.synthetic.planted import MUSCLES, Planted, parsed, usual
from mien.data.synthetic.recording import Person, Scenario, parameters, record_session
from mien.data.synthetic.streams import SESSION, stream


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "faces").glob("*.parquet"))}


def test_parts_and_a_grown_cohort_are_the_same_to_the_byte(tmp_path: Path) -> None:
    settings = {"frames": 40, "missing_share": 0.1, "sessions": 2, "seed": 5}
    whole = mien.synthesize_cohort(tmp_path / "whole", people=12, **settings)
    for number in (3, 1, 2):
        mien.synthesize_cohort(tmp_path / "parts", people=12, part=f"{number}/3", **settings)
    mien.synthesize_cohort(tmp_path / "grown", people=5, **settings)
    grown = mien.synthesize_cohort(tmp_path / "grown", people=12, **settings)
    assert bytes_of(tmp_path / "whole") == bytes_of(tmp_path / "parts") == bytes_of(tmp_path / "grown")
    for name in ("participants.csv", "truth.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "grown" / name).read_bytes()
    assert grown.written + grown.kept == whole.written < 24 and grown.kept >= 5
    # Some did not come, but stand in the table.
    assert len(whole.samples) == 24 and set(bytes_of(tmp_path / "whole")) < {f"{p}.parquet" for p in whole.samples.path}


def test_a_damaged_shard_is_written_again_and_another_cohort_is_refused(tmp_path: Path) -> None:
    mien.synthesize_cohort(tmp_path, people=3, frames=30, missing_share=0)
    path = tmp_path / "faces" / "p00002-1.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:2000] + b"x" + whole[2001:])
    again = mien.synthesize_cohort(tmp_path, people=3, frames=30, missing_share=0)
    assert (again.written, again.kept) == (1, 2) and path.read_bytes() == whole
    with pytest.raises(InputError, match="holds a cohort with seed = 0, not 1"):
        mien.synthesize_cohort(tmp_path, people=3, frames=30, missing_share=0, seed=1)
    with pytest.raises(InputError, match="holds a cohort with people = 3, not 2"):
        mien.synthesize_cohort(tmp_path, people=2, frames=30, missing_share=0)


def test_the_table_is_read_as_the_samples_that_come_back(tmp_path: Path) -> None:
    cohort = mien.synthesize_cohort(tmp_path, people=6, frames=20, scales=("phq9", "gad7"), missing_share=0.2)
    read = mien.read_samples(tmp_path / "participants.csv")
    assert (
        read.path.tolist() == cohort.samples.path.tolist() and read.subject.tolist() == cohort.samples.subject.tolist()
    )
    assert {*read.labels, *read.ratings} == {"session", "sex", "site", "age", *cohort.samples.ratings}
    assert len(cohort.samples.ratings) == 1 + 9 + 7
    for name, values in cohort.samples.ratings.items():
        np.testing.assert_array_equal(read.ratings[name], values)
    faces = mien.read_faces(tmp_path)
    assert set(np.unique(faces.source.astype(str))) <= set(read.path) and faces.topology == "no-points"
    assert {"AU12_r", "task"} <= faces.extra.keys() and set(faces.extra["task"]) <= {"rest", "reading", "conversation"}


def traits_and_parameters(effect: float, n: int = 1500, **changes: float) -> tuple[np.ndarray, np.ndarray, list]:
    made = participants(n, sites=3, confounding=changes.pop("confounding", 0.0), missing_share=0, scales=(), seed=2)
    scenario = Scenario(90, usual(effect), changes.pop("site_shift", 0.0), 0.0, 2)
    people = [
        Person(i, int(made.site[i]), tuple(float(t[i]) for t in made.traits.values()), made.age[i], made.sex[i])
        for i in range(n)
    ]
    found = [parameters(scenario, person, stream(2, SESSION, person.number, 1)) for person in people]
    return np.stack(list(made.traits.values()), 1), np.array(found), people


def test_planted_parameters_go_with_their_trait_and_the_others_do_not() -> None:
    traits, found, people = traits_and_parameters(0.5)
    sex = np.array([person.sex == "f" for person in people], dtype=float)
    # What age and sex do is no effect of a trait.
    design = np.stack([np.ones(len(sex)), sex, [person.age for person in people]], 1)
    left = [x - design @ np.linalg.lstsq(design, x, rcond=None)[0] for x in (traits, found)]
    r = np.corrcoef(left[0].T, left[1].T)[:3, 3:]
    planted = {one.parameter: one for one in usual(0.5)}
    for place, name in enumerate(PARAMETERS):
        if name in planted:
            trait = ("depression", "anxiety", "stress").index(planted[name].trait)
            assert abs(r[trait, place] - planted[name].size) < 0.1
        else:
            assert np.abs(r[:, place]).max() < 0.12
    assert 0.5 < np.corrcoef(traits.T)[0, 1] < 0.75


def test_sites_shift_levels_and_traits_only_where_that_is_asked_for() -> None:
    traits, found, people = traits_and_parameters(0.0, 600, site_shift=1.0, confounding=1.0)
    site = np.array([person.site for person in people])
    level = PARAMETERS.index("cheekPuff level")
    gap = [found[site == number, level].mean() for number in range(3)]
    assert np.ptp(gap) > 0.5 and traits[site == 2].mean() - traits[site == 0].mean() == pytest.approx(2, abs=0.35)
    traits, found, _ = traits_and_parameters(0.0, 600)
    assert np.ptp([found[site == number, level].mean() for number in range(3)]) < 0.35


def test_answers_follow_the_traits_and_some_are_missing() -> None:
    made = participants(2000, sites=4, confounding=0, missing_share=0.05, scales=("dass21",), seed=1)
    answers = np.stack(list(made.items.values()), 1)
    assert set(np.unique(answers[np.isfinite(answers)])) == {0, 1, 2, 3}
    silent = np.isnan(answers).all(axis=1)
    assert silent.mean() == pytest.approx(0.05, abs=0.02)
    assert np.isnan(answers[~silent]).mean() == pytest.approx(0.05, abs=0.01)
    depression = answers[~silent][:, [n - 1 for n in (3, 5, 10, 13, 16, 17, 21)]]
    assert np.corrcoef(np.nanmean(depression, 1), made.traits["depression"][~silent])[0, 1] > 0.75
    with pytest.raises(InputError, match="scales are dass21, phq9, gad7, but got 'bdi'"):
        participants(2, sites=1, confounding=0, missing_share=0, scales=("bdi",), seed=0)


def test_recordings_look_like_faces() -> None:
    scenario = Scenario(900, usual(0.4), 0.5, 0.05, 1)
    shown = [record_session(scenario, Person(i, 0, (0.0, 0.0, 0.0), 15, "f"), 1, f"p{i}") for i in range(12)]
    faces = next(one for one in shown if one.ok.mean() > 0.8)
    left, right = (faces.blendshapes[faces.ok, BLENDSHAPES.index(f"mouthSmile{side}")] for side in ("Left", "Right"))
    assert np.corrcoef(left, right)[0, 1] > 0.9 and not np.array_equal(left, right)
    assert (np.diff(faces.time_s) > 0).all() and np.ptp(np.diff(faces.time_s)) > 0
    opening = faces.eye_opening[faces.ok].mean(axis=1)
    blinks = np.flatnonzero(np.diff((opening < 0.15).astype(int)) == 1)
    assert 3 < len(blinks) < 60
    assert np.isnan(faces.blendshapes[~faces.ok]).all() and (~faces.ok).any()
    filled = faces.blendshapes[faces.ok]
    assert filled.min() >= 0 and filled.max() <= 1 and filled.std(axis=0).min() > 0


def test_effects_are_named_in_a_sentence(tmp_path: Path) -> None:
    assert parsed(["jawOpen: level: stress=0.3"], 0.4) == (Planted("jawOpen", "level", "stress", 0.3),)
    assert parsed([], 0.0) == () and len(MUSCLES) == 28
    for text, said in {
        "mouthSmil: level: stress=.3": "Did you mean 'mouthSmile'", "jawOpen: asymmetry: stress=.3": "no 'asymmetry'",
        "jawOpen: level: joy=.3": "the trait is one of", "jawOpen: level=.3": "is written WHAT: STATISTIC: TRAIT=SIZE",
        "jawOpen: level: stress=1": "between -1 and 1", "jawOpen: level: stress=x": "is written",
    }.items():  # fmt: skip
        with pytest.raises(InputError, match=said):
            mien.synthesize_cohort(tmp_path / "x", people=2, planted=(text,))
    with pytest.raises(InputError, match="named twice"):
        parsed(["head: energy: stress=.1", "head: energy: anxiety=.1"], 0)
    assert not (tmp_path / "x").exists()


def test_the_truth_says_which_channels_show_what_was_planted(tmp_path: Path) -> None:
    mien.synthesize_cohort(tmp_path, people=2, frames=5, planted=("mouthSmile: level: stress=-.3",))
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["planted"][0]["channels"] == ["mouthSmileLeft", "mouthSmileRight", "AU12_r"]
    with (tmp_path / "participants.csv").open() as file:
        assert [row["subject"] for row in csv.DictReader(file)] == truth["subject"] == ["p00001", "p00002"]


def test_unreadable_and_short_recordings_are_among_many() -> None:
    scenario = Scenario(40, (), 0.0, 0.02, 3)
    made = [record_session(scenario, Person(i, 0, (0.0, 0.0, 0.0), 15, "f"), 1, f"p{i}") for i in range(600)]
    lengths = {len(faces) for faces in made}
    assert lengths == {1, 5, 40} and sum(len(faces) == 40 for faces in made) > 580


def test_an_effect_in_a_part_of_the_recording_is_there_and_nowhere_else() -> None:
    """Outside the part, and in all other channels, every number is as it was."""
    person = Person(1, 0, (3.0, 0.0, 0.0), 15.0, "f")
    plain, part = (
        record_session(Scenario(150, parsed(texts, 0.0), 0.0, 0.0, 0), person, 1, "p")
        for texts in ([], ["mouthFrown: level: depression=.9: 4-6"])
    )
    inside = (plain.time_s >= 4) & (plain.time_s < 6)
    frown = [i for i, name in enumerate(BLENDSHAPES) if name.startswith("mouthFrown")]
    differ = plain.blendshapes != part.blendshapes
    assert differ[np.ix_(inside, frown)].all() and not differ[~inside].any()
    assert not np.delete(differ, frown, axis=1).any()
    np.testing.assert_array_equal(plain.extra["AU12_r"], part.extra["AU12_r"])
    for text, words in (
        ("mouthFrown: level: depression=.9: 6-4", "FROM-TO in seconds"),
        ("mouthFrown: bout rate: depression=.9: 4-6", "for the level of a muscle"),
    ):
        with pytest.raises(InputError, match=words):
            parsed([text], 0.4)


def test_effects_of_whole_recordings_are_written_as_before(tmp_path: Path) -> None:
    """So that cohorts of earlier versions can be completed."""
    mien.synthesize_cohort(
        tmp_path, people=1, frames=10, planted=["head: energy: stress=.3", "jawOpen: level: stress=.2: 1-2"]
    )
    whole, part = json.loads((tmp_path / "truth.json").read_text())["settings"]["planted"]
    assert set(whole) == {"what", "statistic", "trait", "size"} and (part["start_s"], part["end_s"]) == (1, 2)
