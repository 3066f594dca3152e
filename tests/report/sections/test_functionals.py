"""The report's section on measures over time says what was measured and what was left out, and names nobody."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.faces import Faces
from mien.data.shards import write_shard
from mien.report.draw.histograms import histogram

pytest.importorskip("torch")
pytest.importorskip("jinja2")


def test_counts_and_reasons_stand_on_the_page(tmp_path: Path) -> None:
    for name, frames in (("ann", 60), ("ben", 60), ("kim", 5)):
        pose = np.zeros((frames, 3))
        pose[:2, 1] = 70
        faces = Faces.build(
            frames, topology="no-points", source=[name] * frames, frame=np.arange(frames), track=[0] * frames,
            time_s=np.arange(frames) / 30, pose_deg=pose,
        )  # fmt: skip
        write_shard(faces, tmp_path / "faces" / f"{name}.parquet", {"source": name})
    mien.functionals(tmp_path)
    page = mien.report(tmp_path).read_text()
    section = page[page.index('id="functionals"') : page.index('id="limits"')]
    assert "2 of 3 recordings have measures" in section
    assert "119 of 125 frames" in section
    assert "the head is turned too far" in section and "too few frames" in section
    assert "at least 10 usable frames" in section and section.count("<svg") >= 3
    assert not any(name in section for name in ("ann", "ben", "kim") if f" {name} " in section)


def test_a_histogram_counts_what_is_known() -> None:
    drawn = histogram(np.array([1.0, 2.0, 2.0, np.nan]), words="seconds", title="Recordings by seconds", mark=1.5)
    assert drawn.count("<rect") == 2 and "stroke-dasharray" in drawn and "<title>Recordings by seconds" in drawn
    assert histogram(np.array([np.nan]), words="", title="") == ""
    assert histogram(np.zeros(3), words="", title="", mark=9.0).count("<rect") == 1
