"""The report counts what people decided about faces after they looked at them."""

from pathlib import Path

import numpy as np

from mien.core.faces import EXCLUDED, Faces
from mien.data.shards import write_shard
from mien.report.privacy import Privacy
from mien.report.study_folder import read_folder
from mien.report.used import faces_block


def test_the_report_counts_what_a_review_decided(tmp_path: Path) -> None:
    frame = np.repeat(np.arange(12), 2)
    track = np.where(frame < 3, [0, 1] * 12, np.where(frame < 6, [2, 1] * 12, [1, 0] * 12))
    clip = Faces.build(24, source=["ann.mp4"] * 24, frame=frame, track=track)
    write_shard(clip, tmp_path / "faces" / "ann.parquet")
    write_shard(Faces.build(2, source=["bo.jpg"] * 2, track=[0, 1]), tmp_path / "faces" / "bo.parquet")
    before = faces_block(read_folder(tmp_path), Privacy(names=True))
    assert before["review"] == "" and ("excluded", 0) not in before["tiles"]

    (tmp_path / "review.csv").write_text(
        "source,frame,track,action,other\nbo.jpg,,,exclude,\nann.mp4,3..5,2,merge,0\nann.mp4,6..,0,swap,1\n"
        "ann.mp4,2,,mark,\n"
    )
    block = faces_block(read_folder(tmp_path), Privacy(names=True))
    assert block["review"].startswith(
        "By review, kept in review.csv: 2 faces excluded (1 of the sources are left without a face), 1 track merged "
        "into another, 1 pair of tracks swapped, 1 mark set."
    )
    assert ("excluded", 1) in block["tiles"]
    assert ("bo.jpg", EXCLUDED, "excluded by review") in block["failures"]
