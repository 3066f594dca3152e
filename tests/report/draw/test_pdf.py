"""Drawings for print: what is on the page of the report is on the page of the PDF."""

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.atlas.canonical_map import canonical_face
from mien.core.errors import InputError
from mien.report.draw import svg
from mien.report.draw.atlas import Panel, atlas_plot
from mien.report.draw.pdf import pdf, write_drawing
from mien.report.figures import write_figures
from mien.report.page import safe


def content(data: bytes) -> str:
    """What the page draws."""
    streams = re.findall(rb"<<  /Filter /FlateDecode /Length \d+ >>\nstream\n(.*?)\nendstream", data, re.DOTALL)
    return zlib.decompress(streams[0]).decode("ascii")


def seen(data: bytes, folder: Path, dots_per_inch: int = 72) -> np.ndarray:
    """The page as another program shows it."""
    if shutil.which("pdftoppm") is None:
        document = pytest.importorskip("pypdfium2").PdfDocument(data)
        picture = document[0].render(scale=dots_per_inch / 72).to_pil().convert("RGB")
        document.close()
        return np.asarray(picture).astype(int)
    (folder / "page.pdf").write_bytes(data)
    words = ["pdftoppm", "-r", str(dots_per_inch), "-png", "-singlefile", "page.pdf", "page"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    assert not done.stderr
    return np.asarray(Image.open(folder / "page.png").convert("RGB")).astype(int)


def test_shapes_lie_where_they_are_drawn_in_their_colours(tmp_path: Path) -> None:
    drawing = svg.picture(
        100, 50,
        svg.element("rect", x=0.0, y=0.0, width=50.0, height=25.0, fill="#ff0000"),
        svg.element("circle", cx=75.0, cy=12.5, r=10, fill="#0000ff", fill_opacity="0.5"),
        svg.element("g", svg.element("path", d="M0 40H100v5H0Z"), fill="#00ff00"),
        title="shapes",
    )  # fmt: skip
    page = seen(pdf(drawing, width_mm=100 * 25.4 / 72), tmp_path)
    assert page.shape == (50, 100, 3)
    assert page[12, 25].tolist() == [255, 0, 0] and page[42, 50].tolist() == [0, 255, 0]
    assert abs(page[12, 75] - [127, 127, 255]).max() <= 2 and page[35, 25].tolist() == [255, 255, 255]


def test_text_starts_ends_and_turns_as_asked(tmp_path: Path) -> None:
    turned = svg.text(10, 40, "up", size=10, anchor="middle", transform="rotate(-90 10 40)")
    parts = [svg.text(100, 20, "−1.5 & Ärger", size=10, anchor="end"), turned]
    data = pdf(svg.picture(200, 80, *parts, title="text"), width_mm=200 * 25.4 / 72)
    page = seen(data, tmp_path)
    dark = np.argwhere(page.sum(2) < 380)
    right = dark[dark[:, 1] > 20]
    assert 95 <= right[:, 1].max() <= 101 and right[:, 0].min() >= 10 and right[:, 0].max() <= 24
    left = dark[dark[:, 1] <= 20]
    assert np.ptp(left[:, 0]) > np.ptp(left[:, 1])
    assert "\x96".encode("latin-1").hex() in content(data)


@pytest.mark.parametrize(("turn", "ends"), [(-52, (76, 22)), (30, (99, 82))])
def test_heads_turned_by_any_angle_are_turned_in_print(tmp_path: Path, turn: int, ends: tuple[int, int]) -> None:
    words = svg.text(50, 55, "lllllllllllllllllllllllllll", size=9.5, transform=f"rotate({turn} 50 55)")
    page = seen(pdf(svg.picture(120, 100, words, title="text"), width_mm=120 * 25.4 / 72), tmp_path)
    dark = np.argwhere(page.sum(2) < 500)
    assert abs(dark[:, 1].max() - ends[0]) < 12 and dark[:, 1].min() > 42
    far = dark[dark[:, 1] > dark[:, 1].max() - 3]
    assert abs(far[:, 0].mean() - ends[1]) < 12
    with pytest.raises(InputError, match="no transform"):
        pdf(svg.picture(9, 9, svg.text(0, 0, "x", transform="scale(2)"), title="x"))


def test_heads_of_boxes_are_bold_in_print() -> None:
    drawn = svg.picture(9, 9, svg.text(0, 0, "x", font_weight="600"), svg.text(0, 0, "y"), title="x")
    assert re.findall(r"/([FB]) [\d.]+ Tf", content(pdf(drawn))) == ["B", "F"]
    assert b"/Helvetica-Bold" in pdf(drawn)


def test_a_map_over_the_face_keeps_its_transparency(tmp_path: Path) -> None:
    face = canonical_face(468)
    page = seen(
        pdf(atlas_plot([Panel(np.full(face.shape, 1.0), ("map",))], title="map", unit="unit", limit=2.0)), tmp_path
    )
    middle = page[page.shape[0] // 2, page.shape[1] // 3]
    assert middle[0] > middle[2] + 40 and page[2, 2].tolist() == [255, 255, 255]


def test_relative_steps_of_a_path_lead_where_absolute_ones_do() -> None:
    def drawn(path: str) -> str:
        return content(
            pdf(svg.picture(100, 100, svg.element("path", d=path, stroke="#ff0000", fill="none"), title="one"))
        )

    assert drawn("M58 22.5m-5 0h10") == drawn("M58 22.5M53 22.5H63")
    assert drawn("M10 20l5 5l-5 5l-5 -5Z") == drawn("M10 20L15 25L10 30L5 25Z")
    # A closed path goes on from where it began.
    assert drawn("M10 20l5 5v9Zl1 1") == drawn("M10 20L15 25V34ZL11 21")
    assert drawn("M10 20l5 5v9zl1 1") == drawn("M10 20L15 25V34ZL11 21")
    with pytest.raises(InputError, match="no 'c'"):
        drawn("M1 1c1 1 2 2 3 3")


def test_what_is_no_drawing_of_ours_is_refused() -> None:
    for text in ("<svg", "<svg xmlns='http://www.w3.org/2000/svg'/>", svg.picture(9, 9, "<script/>", title="x")):
        with pytest.raises(InputError, match="own drawings"):
            pdf(text)


def test_every_drawing_of_a_page_is_written_twice_and_those_of_before_go(tmp_path: Path) -> None:
    figure = svg.picture(200, 100, svg.text(0, 10, "x"), title="A figure")
    line = svg.picture(180, 18, svg.text(0, 10, "x"), title="A line in a table")
    (tmp_path / "old.svg").touch()
    context = {"models": [{"plot": safe(figure), "line": safe(line), "name": "<svg>"}, {"plot": safe(figure)}]}
    names = [path.name for path in write_figures(context, tmp_path)]
    assert len(names) == 4 == len(set(names)) and sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    assert names == ["models-svg.svg", "models-svg.pdf", "models.svg", "models.pdf"]
    first, second = write_drawing(tmp_path / "one", figure)
    assert first.read_text().startswith('<svg color="#000000"') and second.read_bytes().startswith(b"%PDF-1.4")
