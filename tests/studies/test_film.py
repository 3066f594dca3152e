"""The study of a film: each part where its data are, a sentence where they are not, nothing twice."""

import os
from pathlib import Path

import pytest

import mien
from mien.core.errors import InputError
from mien.core.files import read_json
from mien.data.streams.store import read_stream
from mien.studies.film_frames import networks_step
from mien.studies.stages import Run
from mien.studies.study import read_study

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
    best = max(found.rows, key=lambda row: abs(row.r))
    assert best.second in truth[best.first.removeprefix("e_").partition("/")[0]]
    again: list[str] = []
    mien.study.run(tmp_path, say=again.append)
    assert not [sentence for sentence in again if sentence.endswith("...")]
    asked = tmp_path / "study.toml"
    asked.write_text(asked.read_text().replace(f'target = "{EMOTIONS}"', 'target = ""'))
    page = mien.study.run(tmp_path, say=again.append).read_text()
    assert "brain evidence: left out. It needs what was decoded from the brain." in again
    assert "What decoders of a brain rest on" not in page and "Decodable: portrayed" not in page


def test_gaze_works_alone(film, tmp_path):
    more = {"gaze": {"fixations": str(film / "fixations.csv"), "picture_size": "320x192"}}
    mien.study.new("film", tmp_path, changed=more)
    said: list[str] = []
    page = mien.study.run(tmp_path, say=said.append).read_text()
    assert "Fixations of 3 viewers on" in page
    assert sum("left out" in sentence for sentence in said) >= 3


def test_from_another_folder_nothing_is_done_twice(film, tmp_path, monkeypatch):
    way = Path(os.path.relpath(film, tmp_path / "study")).as_posix()
    more = {
        "streams": {"annotations": {"emotions": f"{way}/annotations/emotions_av_1s_events.tsv"},
                    "runs": f"{way}/annotations/fmri_segments.csv"},
        "gaze": {"fixations": f"{way}/fixations.csv", "picture_size": "320x192"},
    }  # fmt: skip
    monkeypatch.chdir(tmp_path)
    mien.study.new("film", "study", target="", changed=more)
    mien.study.run("study")
    monkeypatch.chdir(film)
    again: list[str] = []
    mien.study.run(tmp_path / "study", say=again.append)
    assert not [sentence for sentence in again if sentence.endswith("...")]


@pytest.mark.parametrize(("more", "said"), [
    ({}, "nothing to work on"),
    ({"streams": {"runs": "nowhere.csv"}}, "'streams.runs' names"),
    ({"streams": {"brain": ["none/*.csv"]}}, "'streams.brain' names none"),
])  # fmt: skip
def test_settings_that_mean_nothing_are_refused(tmp_path, more, said):
    mien.study.new("film", tmp_path, changed=more)
    with pytest.raises(InputError, match=said):
        mien.study.run(tmp_path)


@pytest.mark.parametrize(("table", "setting", "given", "said"), [
    ("samples", "target", "e_happiness,e_hapiness", "'samples.target' names 'e_hapiness'.*mean 'e_happiness'"),
    ("decoding", "labels", "emotion", "'decoding.labels' names 'emotion'.*mean 'emotions'"),
    ("decoding", "sources", ["brian"], "'decoding.sources' names 'brian'.*mean 'brain'"),
    ("link", "columns", ["e_fear", "e_feer"], "'link.columns' names 'e_feer'.*mean 'e_fear'"),
    ("link", "columns", ["character=ANA"], "'link.columns' names 'character=ANA'.*mean 'character=ANNA'"),
    ("streams", "offset_s", {"emotionz": 0.5}, "'streams.offset_s' names 'emotionz'.*mean 'emotions'"),
    ("streams", "samples", {"brain": "{film}/frames.csv"}, "calls a table 'brain'"),
    ("streams", "samples", {"emotions": "{film}/frames.csv"}, "calls two tables 'emotions'"),
    ("gaze", "fixations", "{film}/fixation.csv", "'gaze.fixations' names.*mean 'fixations.csv'"),
    ("gaze", "maps", ["rise={film}/evidence"], "'gaze.maps' names"),
    ("gaze", "columns", {"picure": "Bild"}, "'gaze.columns' names 'picure'.*mean 'picture'"),
    ("frames", "networks", ["efficientnet-lite9"], "'frames.networks': There is no body 'efficientnet-lite9'"),
    ("gaze", "picture_size", "320", "'gaze.picture_size': a size is"),
    ("frames", "model", "{film}/models/mine", "'frames.model' names"),
])  # fmt: skip
def test_a_misspelt_name_stops_the_study_before_anything_is_computed(film, tmp_path, table, setting, given, said):
    if isinstance(given, dict):
        given = {name: one.format(film=film) if isinstance(one, str) else one for name, one in given.items()}
    else:
        given = [one.format(film=film) for one in given] if isinstance(given, list) else given.format(film=film)
    more = asked_for(film, samples={"target": "e_happiness"})
    more[table] = {**more.get(table, {}), setting: given}
    mien.study.new("film", tmp_path, target="", changed=more)
    heard: list[str] = []
    with pytest.raises(InputError, match=said):
        mien.study.run(tmp_path, say=heard.append)
    assert not heard and not (tmp_path / "streams").exists()


def test_a_misspelt_column_of_fixations_stops_the_study_before_anything_is_computed(film, tmp_path):
    looked = {"fixations": str(film / "fixations.csv"), "picture_size": "320x192"}
    mien.study.new("film", tmp_path, changed={"gaze": {**looked, "columns": {"x": "x_pxx"}}})
    said: list[str] = []
    with pytest.raises(InputError, match=r"'x_pxx', which is no column of fixations.csv.*'x_px'"):
        mien.study.run(tmp_path, say=said.append)
    assert not said and not (tmp_path / "gaze").exists()


def test_networks_answers_are_sources_beside_the_brain(film, tmp_path):
    pytest.importorskip("torch")
    more = {
        "samples": {"source": str(film / "frames.csv")},
        "frames": {"networks": ["small=songnet"], "weights": "random", "layers": ["hidden"], "components": 5},
    }  # fmt: skip
    mien.study.new("film", tmp_path, target="", changed=asked_for(film, **more))
    run = Run(tmp_path, read_study(tmp_path / "study.toml")[1])
    assert networks_step(run) == (["small"], ["activations/small"])
    stream = read_stream(tmp_path / "streams" / "small.parquet")
    assert len(stream) == 120 and len(stream.columns) == 5 and len(set(stream.run)) == 4
