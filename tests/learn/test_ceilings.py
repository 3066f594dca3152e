"""Ceilings of ratings: from single ratings, from tables, from numbers; the share that a model reaches."""

import csv
from pathlib import Path

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.outcome import Ratings
from mien.learn.ceilings import Ceiling, ceilings_for, ceilings_json, ceilings_of, check_ceilings, learnable
from mien.stats.raters import rater_agreement
from mien.stats.scores import Score

RNG = np.random.default_rng(0)
FACES = [f"{i}.png" for i in range(60)]


def single_ratings(path, noise, raters=12):
    """``noise``: standard deviation of a single rating around the face's true value (whose own is 1)."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "attribute", "rating", "rater"])
        for name, spread in noise.items():
            truth = RNG.normal(size=len(FACES))
            for r in range(raters):
                for face, value in zip(FACES, truth + RNG.normal(0, spread, len(FACES)), strict=True):
                    rows.writerow([face, name, f"{value:.5f}", f"r{r}"])
    return str(path)


def score(value):
    return {"pearson": Score(value, value - 0.1, value + 0.1, 0.0)}


def test_single_ratings_give_the_root_of_their_reliability(tmp_path):
    source = single_ratings(tmp_path / "r.csv", {"kind": 1.0, "old": 0.2})
    found = ceilings_of(source, ["kind", "old", "absent"], FACES)
    assert set(found) == {"kind", "old"}
    # Twelve ratings of signal 1 and noise 1: reliability 12 / 13.
    np.testing.assert_allclose(found["kind"].value, np.sqrt(12 / 13), atol=0.02)
    assert found["kind"].low < found["kind"].value < found["kind"].high
    np.testing.assert_allclose(found["kind"].single, 0.5, atol=0.12)
    assert found["old"].value > found["kind"].value
    assert found["old"].n_items == 60 and found["old"].n_ratings == 720 and found["old"].n_raters == 12
    assert found["old"].lowest < 0 < found["old"].highest


def test_single_ratings_of_something_else_are_refused_in_a_sentence(tmp_path):
    source = single_ratings(tmp_path / "r.csv", {"kind": 1.0})
    with Path(source).open(newline="") as file:
        rows = [(row["path"], float(row["rating"])) for row in csv.DictReader(file)]
    mean = np.array([np.mean([value for path, value in rows if path == face]) for face in FACES])
    outcome = Ratings(("kind",))
    # Rounded, on another scale and of somewhat other raters it is still the same rating.
    for same in (mean, np.round(mean, 1), 3 + 2 * mean, mean + RNG.normal(0, 0.15, len(mean))):
        assert ceilings_for(outcome, source, FACES, same[:, None])["kind"].n_items == 60
    with pytest.raises(
        InputError, match=r"means of the single ratings of 'kind'.*not what is predicted.*0\.8 is the least"
    ):
        ceilings_for(outcome, source, FACES, RNG.permutation(mean)[:, None])
    assert ceilings_for(outcome, 0.9, FACES, RNG.permutation(mean)[:, None])["kind"].value == 0.9


def test_only_the_scored_samples_count(tmp_path):
    source = single_ratings(tmp_path / "r.csv", {"kind": 1.0})
    found = ceilings_of(source, ["kind"], FACES[:20])["kind"]
    with Path(source).open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["path"] in FACES[:20]]
    columns = ([row[key] for row in rows] for key in ("path", "rating", "rater"))
    items, values, raters = columns
    assert found.value == rater_agreement(items, [float(v) for v in values], raters).ceiling
    with pytest.raises(InputError, match="of other items"):
        ceilings_of(source, ["kind"], ["x.png"])


@pytest.mark.parametrize("spelling", ["/data/pictures/{}", "C:\\data\\pictures\\{}", "./{}"])
def test_items_are_found_by_the_end_of_their_path(tmp_path, spelling):
    source = single_ratings(tmp_path / "r.csv", {"kind": 1.0})
    there = ceilings_of(source, ["kind"], [spelling.format(face) for face in FACES[:20]])
    assert there == ceilings_of(source, ["kind"], FACES[:20])


def test_an_item_is_one_sample_only(tmp_path):
    source = single_ratings(tmp_path / "r.csv", {"kind": 1.0})
    with pytest.raises(InputError, match=r"'7\.png' of .* fits two samples, 'a/7\.png' and 'b/7\.png'"):
        ceilings_of(source, ["kind"], ["a/7.png", "b/7.png"])


def test_a_source_that_says_nothing_is_refused_without_computing(tmp_path):
    source = single_ratings(tmp_path / "r.csv", {"kind": 1.0})
    check_ceilings(source, ["kind", "absent"], FACES)
    for given, names, paths, words in (
        (source, ["absent"], FACES, "no ceiling for 'absent'"),
        (source, ["kind"], ["x.png"], "of other items"),
        (str(tmp_path / "absent.csv"), ["kind"], FACES, "does not exist"),
        ({"a": 0.7}, ["kind"], FACES, "the numbers that were given"),
    ):
        with pytest.raises(InputError, match=words):
            check_ceilings(given, names, paths)


def test_ceilings_can_be_given(tmp_path):
    assert ceilings_of("0.9", ["a", "b"])["b"] == ceilings_of(0.9, ["b"])["b"]
    assert ceilings_of({"a": 0.7}, ["a", "b"])["a"].value == 0.7
    table = tmp_path / "c.csv"
    table.write_text("attribute,ceiling,low\na,0.8,0.7\nb,0.9,0.85\n")
    found = ceilings_of(str(table), ["b"])["b"]
    assert (found.value, found.low) == (0.9, 0.85) and found.high != found.high
    table.write_text("attribute,ceiling\na,1.8\n")
    with pytest.raises(InputError, match=r"row 2: the ceiling '1\.8'"):
        ceilings_of(str(table), ["a"])
    with pytest.raises(InputError, match="There is no ceiling for 'z'"):
        ceilings_of({"a": 0.7}, ["z"])
    with pytest.raises(InputError, match="above 0 and up to 1"):
        ceilings_of(1.2, ["a"])


def test_raters_who_agree_about_nothing_give_no_ceiling(tmp_path):
    path = tmp_path / "r.csv"
    # Two raters who contradict each other.
    rows = [f"{f},kind,{sign * i},{r}" for i, f in enumerate(FACES) for r, sign in (("p", 1), ("q", -1))]
    path.write_text("path,attribute,rating,rater\n" + "\n".join(rows))
    with pytest.raises(InputError, match="do not agree about 'kind'"):
        ceilings_of(str(path), ["kind"])


def test_codes_and_raters_who_say_one_number_are_noted(tmp_path):
    path = Path(single_ratings(tmp_path / "r.csv", {"kind": 0.5}, raters=4))
    lines = path.read_text().splitlines()
    lines = [line.rsplit(",", 2)[0] + ",999,r1" if number % 40 == 5 else line for number, line in enumerate(lines)]
    path.write_text("\n".join([*lines, *(f"{face},kind,0.5,flat" for face in FACES)]))
    found = ceilings_of(str(path), ["kind"], FACES)["kind"]
    assert found.n_ratings == 5 * 60 - 6 and found.value > 0.9
    assert "999 (6 times" in found.notes[0]
    assert f"1 rater of 'kind' in {path} gave every item the same number" in found.notes[1]


def test_the_share_is_the_correlation_over_the_ceiling():
    share = Ceiling(0.8).share(Score(0.6, 0.4, 0.7, 0.0))
    np.testing.assert_allclose((share.value, share.low, share.high), (0.75, 0.5, 0.875))
    plain = ceilings_json({"a": Ceiling(0.8)}, {"a": score(0.4), "b": score(0.1)})
    assert list(plain) == ["a"] and plain["a"]["share"] == 0.5 and plain["a"]["low"] is None


def test_what_people_agree_on_is_what_can_be_learnt():
    values = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
    ceilings = {str(i): Ceiling(v) for i, v in enumerate(values)}
    found = learnable(ceilings, {str(i): score(v**2) for i, v in enumerate(values)})
    np.testing.assert_allclose(found.statistic, np.corrcoef(values, np.square(values))[0, 1])
    # Of the 720 orders only this one is as extreme.
    assert found.p < 0.01
    assert learnable({"0": Ceiling(0.5)}, {"0": score(0.3)}) is None
    assert learnable(ceilings, {str(i): score(0.5) for i in range(6)}) is None
