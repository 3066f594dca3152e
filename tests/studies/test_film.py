"""The study of a film: each part where its data are, a sentence where they are not, nothing twice."""

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.files import read_json

EMOTIONS = "e_happiness,e_fear,e_sadness,e_anger/rage"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "film"
    mien.synthesize_film(folder, viewers=3, minutes=2, runs=4, parcels=20, response=2.0, seed=2)
    return folder


def asked_for(film, **more):
    return {
        "streams": {
            "runs": str(film / "annotations" / "fmri_segments.csv"),
            "annotations": {"emotions": str(film / "annotations" / "emotions_av_1s_events.tsv")},
            "brain": [str(film / "parcels" / f"v0{viewer}.csv") for viewer in (1, 2, 3)],
        },
        "decoding": {"model": "lda"}, "comparison": {"permutations": 99}, **more,
    }  # fmt: skip


def test_what_was_planted_is_in_the_report_and_nothing_is_done_twice(film, tmp_path):
    mien.study.new("film", tmp_path, target="", changed=asked_for(film, samples={"target": EMOTIONS}))
    said: list[str] = []
    page = mien.study.run(tmp_path, say=said.append).read_text()
    assert (
        "decodable from &#39;brain&#39;" in page
        and "Decodable: portrayed" in page
        and "Over time: emotions-brain" in page
    )
    assert "gaze: left out. [gaze] names no fixations." in said
    found = mien.load_link(tmp_path / "link" / "emotions-brain")
    truth = read_json(film / "truth.json")["planted"]
    fear = {row.second for row in found.sure() if row.first == "e_fear"}
    assert fear & set(truth["fear"])
    again: list[str] = []
    mien.study.run(tmp_path, say=again.append)
    assert [sentence for sentence in again if sentence.endswith("...")] == ["report ..."]


def test_gaze_works_alone(film, tmp_path):
    more = {"gaze": {"fixations": str(film / "fixations.csv"), "picture_size": "320x192"}}
    mien.study.new("film", tmp_path, changed=more)
    said: list[str] = []
    page = mien.study.run(tmp_path, say=said.append).read_text()
    assert "Fixations of 3 viewers on 120 pictures" in page
    assert sum("left out" in sentence for sentence in said) >= 3


def test_a_null_is_no_headline(film, tmp_path):
    silent = tmp_path / "film"
    (silent / "annotations").mkdir(parents=True)
    rng = np.random.default_rng(5)
    for viewer in (1, 2, 3):
        rows = [f"v{viewer},{run},{2 * volume},{rng.normal():.3f},{rng.normal():.3f}"
                for run in (1, 2, 3, 4) for volume in range(15)]  # fmt: skip
        (silent / f"v{viewer}.csv").write_text("\n".join(["viewer,run,time_s,a,b", *rows]) + "\n")
    asked = asked_for(film, samples={"target": EMOTIONS})
    asked["streams"]["brain"] = [str(silent / f"v{viewer}.csv") for viewer in (1, 2, 3)]
    mien.study.new("film", tmp_path / "study", changed=asked)
    page = mien.study.run(tmp_path / "study").read_text()
    assert "Nothing is shown to be decodable" in page


@pytest.mark.parametrize(("more", "said"), [
    ({}, "nothing to work on"),
    ({"streams": {"runs": "nowhere.csv"}}, "'streams.runs' names"),
    ({"streams": {"brain": ["none/*.csv"]}}, "'streams.brain' names none"),
])  # fmt: skip
def test_settings_that_mean_nothing_are_refused(tmp_path, more, said):
    mien.study.new("film", tmp_path, changed=more)
    with pytest.raises(InputError, match=said):
        mien.study.run(tmp_path)
