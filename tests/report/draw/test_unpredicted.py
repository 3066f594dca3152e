"""What is not predicted has no hue, and the drawing itself says so, also in print."""

import base64
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
from PIL import Image

import mien
from mien.core.evidence import NOT_PREDICTED
from mien.report.draw import svg
from mien.report.draw.face import face_plot
from mien.report.draw.pdf import pdf
from mien.report.draw.raster import image, png, rgba_of
from mien.report.draw.unpredicted import GREY, unpredicted


def test_a_face_is_grey_and_says_why_above_what_is_drawn():
    drawn = face_plot(np.linspace(-1, 1, 478), "mediapipe-478", title="face & co", unit="logit")
    grey = unpredicted(drawn, "Not predicted.")
    assert svg.POSITIVE in drawn and not re.search(f"{svg.POSITIVE}|{svg.NEGATIVE}", grey) and GREY in grey
    root = ET.fromstring(grey)
    words = next(one for one in root.iter() if one.text == "Not predicted.")
    left, top, width, height = (float(part) for part in root.attrib["viewBox"].split())
    before = [float(part) for part in ET.fromstring(drawn).attrib["viewBox"].split()]
    assert top < float(words.attrib["y"]) < before[1] and abs(top + height - before[1] - before[3]) < 0.2
    assert float(words.attrib["x"]) == left + width / 2
    assert pdf(grey).startswith(b"%PDF")


def test_pixels_are_grey_and_as_opaque_as_before():
    values = np.linspace(-1, 1, 64).reshape(8, 8)
    drawn = svg.picture(80, 80, image(png(rgba_of(values, 1.0, False)), 0, 0, 80, 80), title="map")
    found = re.search(r'base64,([^"]+)"', unpredicted(drawn, "Not predicted."))
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGBA"))
    assert np.ptp(pixels[..., :3].astype(int), axis=-1).max() == 0
    assert (pixels[..., 3] == rgba_of(values, 1.0, False)[..., 3]).all()


def test_where_hue_alone_says_for_or_against_no_number_has_a_sign():
    words = re.findall(r">([^<>]+)</text>", svg.colour_bar(22, "% per region", x=0, y=0, width=200, sides=True))
    assert words == ["22 against", "0", "22 for", "% per region"]
    assert "−22" in svg.colour_bar(22, "logit", x=0, y=0, width=200)


def test_drawings_that_explain_saves_are_grey_where_nothing_is_predicted(tmp_path):
    rows = np.random.default_rng(0).normal(size=(12, 2))
    found = mien.explain(lambda x: x @ np.float32([2, -1]), rows, names=("jawOpen", "browInnerUp"))
    poor = replace(found, settings={**found.settings, NOT_PREDICTED: "Not predicted: r is 0."})
    for evidence, hues in ((found, True), (poor, False)):
        drawn = mien.draw_evidence(evidence, tmp_path / str(hues))
        texts = [path.read_text(encoding="utf-8") for path in drawn.drawings]
        assert texts and all((svg.POSITIVE in one or svg.NEGATIVE in one) == hues for one in texts)
        assert all(("Not predicted" in one) != hues for one in texts) and ("r is 0" in drawn.words) != hues
