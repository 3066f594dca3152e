"""The report in a real browser: printed whole, and readable on a phone."""

import os
from xml.etree import ElementTree

import pytest

from mien.core.files import write_json
from mien.report.report import report
from tests.report.chromium import CHROMIUM, Browser
from tests.report.test_belonging import add_model
from tests.report.test_report import add_evidence, add_faces

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None or os.name != "posix", reason="needs Chromium"),
    pytest.mark.usefixtures("weights"),
]
# Letters smaller than this many pixels cannot be read at arm's length; a printed point is 4/3 of one.
SMALLEST_PX = 8.0
LETTERS = """Math.min(...[...document.querySelectorAll('svg[role] > text, svg[role] g > text, svg text')]
  .filter((t) => t.getBoundingClientRect().width > 0)
  .map((t) => Number(t.getAttribute('font-size')) * t.getScreenCTM().a))"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory, weights):
    folder = tmp_path_factory.mktemp("study")
    add_model(folder, classes=["neutral", "smiling"])
    add_evidence(folder)
    add_faces(folder)
    path = folder / "models" / "net" / "model.json"
    write_json(path, {"name": "net", "kind": "sequence", "target": "expression", "settings": {"penalty": 0.25}})
    (folder / "study.toml").write_text("[folds]\nseed = 4711\n")
    found = Browser(report(folder), folder / "home")
    yield found
    found.close()


def width(browser, pixels, media=""):
    browser.call("Emulation.setDeviceMetricsOverride", width=pixels, height=900, deviceScaleFactor=1, mobile=False)
    browser.call("Emulation.setEmulatedMedia", media=media)


def test_printing_opens_every_collapsed_part(browser):
    words = "[...document.querySelectorAll('details:not([open]) table')].map((t) => t.innerText.length)"
    width(browser, 1000)
    assert browser.ask(words) and not any(browser.ask(words))
    width(browser, 672, "print")
    assert all(browser.ask(words))
    width(browser, 1000)


@pytest.mark.parametrize(("pixels", "media"), [(390, ""), (1000, ""), (672, "print")])
def test_every_word_of_a_drawing_can_be_read(browser, pixels, media):
    width(browser, pixels, media)
    assert browser.ask(LETTERS) >= SMALLEST_PX


def test_a_phone_shows_that_a_table_goes_on(browser):
    width(browser, 390)
    assert browser.ask("document.documentElement.scrollWidth") <= 390
    wide = "[...document.querySelectorAll('.scroll')].filter((s) => s.scrollWidth > s.clientWidth)"
    found = browser.ask(f"{wide}.map((s) => [getComputedStyle(s).backgroundImage, s.tabIndex])")
    assert found and all("radial-gradient" in image and index == 0 for image, index in found)
    captions = "[...document.querySelectorAll('caption')].map((c) => c.getBoundingClientRect().width)"
    assert max(browser.ask(captions)) <= 390


def test_one_click_copies_a_table(browser):
    """As text with tabs and as a table, of a page that was opened as a file."""
    width(browser, 1000)
    # A page may write to the clipboard only where somebody has clicked.
    browser.ask(
        """(() => {
          window.kept = {};
          const set = DataTransfer.prototype.setData;
          DataTransfer.prototype.setData = function (kind, text) { kept[kind] = text; set.call(this, kind, text); };
          document.querySelector('#models .scroll + .take').scrollIntoView({ block: 'center', behavior: 'instant' });
          return 1;
        })()"""
    )
    place = browser.ask(
        "(() => { const b = document.querySelector('#models .scroll + .take').getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    browser.drag(place, place)
    kinds, said, protocol = browser.ask(
        "[window.kept, document.querySelector('#models .scroll + .take').textContent, location.protocol]"
    )
    first, *rows = kinds["text/plain"].split("\n")
    assert protocol == "file:" and said == "Copied"
    assert first.split("\t")[:4] == ["Score", "Value", "95 % interval", "Chance"]
    assert "Balanced accuracy" in {line.split("\t")[0] for line in rows}
    assert len({line.count("\t") for line in [first, *rows]}) == 1
    assert kinds["text/html"].startswith("<table>") and "class=" not in kinds["text/html"]


def test_one_click_saves_a_figure(browser):
    """As SVG of its own that says what it shows; nothing of it needs the page."""
    saved = browser.ask(
        """(async () => {
          const make = URL.createObjectURL; let blob = null, name = '';
          URL.createObjectURL = (b) => { blob = b; return make(b); };
          const click = HTMLAnchorElement.prototype.click;
          HTMLAnchorElement.prototype.click = function () { name = this.download; };
          document.querySelector('.number .take').click();
          URL.createObjectURL = make; HTMLAnchorElement.prototype.click = click;
          return [name, blob.type, await blob.text()];
        })()"""
    )
    name, kind, drawn = saved
    root = ElementTree.fromstring(drawn.encode())
    assert name.startswith("figure-") and name.endswith(".svg") and kind == "image/svg+xml"
    words = next(child.text for child in root if child.tag.endswith("desc"))
    assert words.startswith(f"Figure {name[7:-4]}. ") and "Save" not in words and "var(" not in drawn
