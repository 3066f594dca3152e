"""Stimuli in the report: with their licence where they show nobody, without pictures where they may show people."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mien

pytest.importorskip("jinja2")


def stimuli(folder: Path, synthetic: bool) -> mien.Samples:
    rng = np.random.default_rng(0)
    for k in range(10):
        image = Image.new("RGB", (80, 80), "white")
        image.paste(tuple(int(v) for v in rng.integers(0, 200, 3)), (6, 6, 74, 74))
        image.save(folder / f"{k}.png")
    return mien.Samples(
        path=[f"{k}.png" for k in range(10)], subject=[f"thing {k}" for k in range(10)],
        labels={"category": ["cup", "box"] * 5}, root=folder, name="Things", licence="CC0", credit="Nobody 2026",
        synthetic=synthetic, things=True,
    )  # fmt: skip


@pytest.mark.parametrize("synthetic", [True, False])
def test_thumbnails_stand_with_their_licence_where_nobody_is_shown(tmp_path: Path, synthetic: bool) -> None:
    given = stimuli(tmp_path, synthetic)
    mien.stimuli(given, tmp_path / "study/stimuli/altered", make=["inverted", "grey"])
    mien.pareidolia(given, tmp_path / "study/stimuli/pairs", pairs=4)
    page = mien.report(tmp_path / "study").read_text(encoding="utf-8")
    assert "20 pictures made of those of Things" in page and "4 pairs of pictures of 4 objects" in page
    assert "mirror symmetry" in page and page.count("luminance") >= 3
    if synthetic:
        assert page.count("data:image/jpeg") == 2 * 6 + 4 * 4
        assert "CC0; Nobody 2026" in page and "CC0; altered: Nobody 2026" in page
    else:
        assert "data:image/jpeg" not in page and "with --show-faces only" in page
        assert (
            mien.report(tmp_path / "study", show_faces=True).read_text(encoding="utf-8").count("data:image/jpeg") == 28
        )


def test_a_damaged_set_is_a_sentence_and_the_rest_is_shown(tmp_path: Path) -> None:
    given = stimuli(tmp_path, True)
    for name in ("a", "b"):
        mien.stimuli(given, tmp_path / "study/stimuli" / name)
    (tmp_path / "study/stimuli/a/stimuli.json").write_text("{}")
    page = mien.report(tmp_path / "study").read_text(encoding="utf-8")
    assert "is not laid out as mien stimuli writes it" in page and "10 pictures made of those of Things" in page
