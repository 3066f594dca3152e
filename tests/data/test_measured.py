"""Tables of named numbers as tools write them: nothing in them is dropped or mistaken without a word."""

import warnings

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.importers.named import read_named_features

# FaceReader's detailed log, saved by Excel: lines above the header are padded to its width.
READER = """Video analysis detailed log\t\t\t\t\t
Face Model:\tGeneral61\t\t\t\t
Filename:\t\\talk.mp4\t\t\t\t
Frame rate:\t29.97\t\t\t\t
\t\t\t\t\t
Video Time\tNeutral\tValence\tMouth\tAction Unit 12 - Lip Corner Puller\tStimulus
00:00.0\t0.5\t0.2\tClosed\tNotActive\tNo Stimulus
00:00.1\t0.4\t-0.1\tOpen\tB\tNo Stimulus
00:00.2\tFIT_FAILED\tFIT_FAILED\tFIT_FAILED\tFIT_FAILED\tNo Stimulus
00:01.3\t0.3\t0.0\tOpen\tE\tNo Stimulus
"""


def read(tmp_path, text, **settings):
    told = []
    place = tmp_path / "S01.csv"
    place.write_text(text, encoding="utf-8")
    return read_named_features(place, say=told.append, **settings), told


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_facereaders_detailed_log(tmp_path, end):
    (tmp_path / "talk.txt").write_bytes(READER.replace("\n", end).encode())
    told = []
    faces = read_named_features(tmp_path / "talk.txt", say=told.append)
    assert list(faces.status) == ["ok", "ok", "no face", "ok"]
    # What was shown to the person is no name of the film.
    assert set(faces.source) == {"talk"}
    unit = faces.extra["Action Unit 12 - Lip Corner Puller"]
    assert unit == pytest.approx([0, 2, np.nan, 5], nan_ok=True) and set(faces.extra) > {"Neutral", "Valence"}
    assert faces.time_s == pytest.approx([0, 0.1, 0.2, 1.3]) and "Mouth" not in faces.extra
    assert any("letters were read as 0 (not active) and 1 to 5" in note for note in told)


def test_letters_of_groups_are_no_intensities(tmp_path):
    faces, _ = read(tmp_path, "frame,group,AU12\n1,A,0.5\n2,B,0.6\n")
    assert set(faces.extra) == {"AU12"}


def test_imotions_with_lines_above_the_header(tmp_path):
    text = "#INFO,,,,\n#Respondent Name,R3,,,\n#DATA,,,,\nRow,Timestamp,SourceStimuliName,Joy,Brow Furrow\n"
    faces, told = read(tmp_path, text + "1,2000,ad,0.1,2\n2,2040,ad,0.2,3\n3,2044,ad,,\n4,2046,ad,,\n5,2048,ad,,\n")
    # Milliseconds, however closely the sensors follow each other; the number of a row is no measure.
    assert faces.time_s == pytest.approx([2, 2.04, 2.044, 2.046, 2.048]) and set(faces.extra) == {"Joy", "Brow Furrow"}
    assert "3 of 5 rows hold none of the features" in told[0]


def test_libreface(tmp_path):
    text = ",frame_idx,frame_time_in_ms,aligned_frame_path,facial_expression,au_1_intensity,au_12\n"
    faces, told = read(tmp_path, text + "0,0,0.0,t/0.png,Neutral,0.5,0\n1,1,40.0,t/1.png,Happiness,1.5,1\n")
    assert faces.frame.tolist() == [0, 1] and faces.time_s == pytest.approx([0, 0.04])
    assert set(faces.extra) == {"au_1_intensity", "au_12"} and not told


@pytest.mark.parametrize("cell", ["inf", "-inf", "Infinity"])
def test_infinite_values_are_missing_and_told(tmp_path, cell):
    faces, told = read(tmp_path, f"frame,AU12\n1,0.5\n2,{cell}\n3,0.7\n", features="AU*")
    assert faces.extra["AU12"] == pytest.approx([0.5, np.nan, 0.7], nan_ok=True)
    assert "'AU12': 1 of 3 cells are infinite" in told[0] and "row 3" in told[0]
    with pytest.warns(UserWarning, match="infinite"):
        read_named_features(tmp_path / "S01.csv", features="AU*")


def test_odd_cells_and_text_columns_that_a_pattern_fits_are_told(tmp_path):
    text = "frame,AU12,AU_note,AU45\n1,0.5,high,\n2,lost,low,\n3,0.7,high,\n"
    faces, told = read(tmp_path, text, features="AU*")
    assert set(faces.extra) == {"AU12", "AU45"} and np.isnan(faces.extra["AU12"][1])
    words = " ".join(told)
    assert "1 of 3 cells are no numbers ('lost' in row 3)" in words and "no number at all in 'AU45'" in words
    assert "the column 'AU_note' is no feature, because it holds text, such as 'high' in row 2" in words
    with pytest.raises(InputError, match="'AU_note' is asked for as a feature, but it holds text"):
        read(tmp_path, text, features="AU_note")
    # By default every column of numbers is taken, and text is nothing to be told of.
    faces, told = read(tmp_path, text)
    assert set(faces.extra) == {"AU12"} and not any("AU_note" in note for note in told)


def test_one_column_has_one_role(tmp_path):
    with pytest.raises(InputError, match="'t' is named as 'frame' and as 'time'"):
        read(tmp_path, "t,AU12\n1,0.5\n", columns={"frame": "t", "time": "t"})


def test_plain_tables_say_nothing(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (tmp_path / "a.csv").write_text("frame,timestamp,success,AU12\n1,0,1,0.5\n2,0.04,0,0\n3,0.08,1,0.5\n")
        assert list(read_named_features(tmp_path / "a.csv").status) == ["ok", "no face", "ok"]
