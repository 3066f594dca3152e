"""StudyForrest: how often emotions are portrayed, against plain loops over the raw table."""

import csv

import numpy as np
import pytest

from mien.data.streams.annotations import read_annotations
from mien.data.streams.placing import placed
from mien.data.streams.store import read_runs
from mien.data.streams.windows import Windows, onto

pytestmark = pytest.mark.data("studyforrest")
EMOTIONS = ("e_happiness", "e_anger/rage", "e_fear", "e_sadness")


@pytest.mark.parametrize("shift", [0.0, 5.0])
def test_volumes_with_a_portrayed_emotion_are_those_of_a_plain_loop(shared_data, shift):
    folder = shared_data("studyforrest")
    with (folder / "emotions_av_1s_events.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    agreed = {
        emotion: [
            (float(row["onset"]), float(row["onset"]) + float(row["duration"]))
            for row in rows
            if float(row[emotion]) >= 0.5
        ]
        for emotion in EMOTIONS
    }
    with (folder / "fmri_segments.csv").open() as file:
        segments = list(csv.DictReader(file))
    runs = read_runs(folder / "fmri_segments.csv")
    portrayed = placed(read_annotations(folder / "emotions_av_1s_events.tsv"), runs)
    assert len(segments) == len(runs) == 8
    for segment in segments:
        start, stop = float(segment["start"]), float(segment["end"])
        many = int((stop - start) // 2)
        name = np.full(many, segment["id"], dtype=object)
        at = Windows(name, np.arange(many) * 2.0, 2.0, np.full(many, "", dtype=object))
        most = onto(portrayed, at, overlap="max", lag_s=shift)
        for emotion in EMOTIONS:
            by_hand = set()
            for first, last in agreed[emotion]:
                for volume in range(many):
                    middle = start + 2 * volume + 1 - shift
                    if middle >= start and first <= middle < last:
                        by_hand.add(volume)
            values = most[:, portrayed.columns.index(emotion)]
            assert set(np.flatnonzero(values >= 0.5).tolist()) == by_hand
