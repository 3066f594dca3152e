"""The local page in a browser, from a folder of pictures to a report: ``python -m benchmarks.page --out FOLDER``.

Made-up people. Each step's time is what a person waits for, and its picture lies in the folder afterwards. ``--quick``
takes fewer people (and only the first page, without ``--out``), ``--part first`` or ``gallery`` measures
only this. Needs Chromium (``MIEN_CHROMIUM`` names another
one) and the packages ``playwright`` and ``axe-playwright-python``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import mien
from benchmarks.common import arguments, write

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
VIEWS = ("faces", "samples", "models", "why", "maps", "camera", "report")
SIZE = {"width": 1280, "height": 900}


class Flow:
    """One walk through the page: steps are timed, pictured, and looked at for faults of access."""

    def __init__(self, page: Any, pictures: Path) -> None:
        self.page, self.pictures, self.rows = page, pictures, []

    def step(self, name: str, begin: float) -> None:
        """A step that is done now."""
        self.rows.append({"step": name, "seconds": round(time.perf_counter() - begin, 2)})
        print(self.rows[-1], flush=True)

    def picture(self, name: str) -> None:
        """What the page looks like now."""
        self.page.wait_for_timeout(400)
        raw = self.pictures / f"{name}.png"
        self.page.screenshot(path=raw, full_page=True)
        from PIL import Image

        with Image.open(raw) as image:
            part = image.convert("RGB").crop((0, 0, image.width, min(image.height, 1500)))
            part.resize((part.width * 3 // 4, part.height * 3 // 4)).save(raw.with_suffix(".webp"), quality=82)
        raw.unlink()

    def faults(self) -> int:
        """How many faults axe-core finds here."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page, options=RULES).response["violations"]
        return sum(len(rule["nodes"]) for rule in found)

    def milliseconds(self, what: str) -> dict[str, float]:
        """Median and 95th percentile of answers, by the page's own clock."""
        times = sorted(self.page.evaluate(f"window.mienTimes.{what}"))
        return {"median ms": round(statistics.median(times)), "95 % ms": round(times[int(0.95 * (len(times) - 1))])}


def served(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A page over a folder, in a process of its own, and its start address."""
    command = [sys.executable, "-u", "-m", "mien", "app", "--folder", str(folder), "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, next(word for word in process.stdout.readline().split() if word.startswith("http"))


def first_pages(browser: Any, place: Path, times: int) -> dict[str, Any]:
    """Seconds from the command to the first page, several times, each with a browser's page of its own."""
    seconds, loads = [], []
    for _ in range(times):
        page = browser.new_context(viewport=SIZE).new_page()
        loads.append(round(os.getloadavg()[0], 1))
        begin = time.perf_counter()
        process, url = served(place)
        page.goto(url)
        page.wait_for_selector("main h1")
        seconds.append(round(time.perf_counter() - begin, 2))
        page.context.close()
        process.terminate()
        process.wait(20)
    return {"seconds": seconds, "load before each": loads}


# Writes down how long each frame of the page took while the gallery is thrown from end to end.
THROW = """async (seconds) => {
  const scroll = document.querySelector("[data-testid=gallery]"), whole = scroll.scrollHeight - scroll.clientHeight;
  const lengths = [], began = performance.now();
  let last = began;
  await new Promise((done) => {
    const next = (now) => {
      lengths.push(now - last);
      last = now;
      const share = (now - began) / (1000 * seconds);
      if (share >= 1) return done();
      scroll.scrollTop = whole * share;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  return lengths.slice(1);
}"""


def thrown_gallery(browser: Any, place: Path, faces: int = 5000, seconds: int = 10) -> dict[str, Any]:
    """Frames of the browser while a gallery of thousands is thrown from end to end, and while nothing is done."""
    import numpy as np

    from mien.core.faces import Faces
    from mien.data.shards import write_shard

    study = place / "gallery"
    pictures = sorted((place / "people" / "pictures").glob("*.png"))
    links = place / "many"
    links.mkdir()
    for number in range(faces):
        (links / f"{number:05}.png").symlink_to(pictures[number % len(pictures)])
    points = np.random.default_rng(0).uniform(60, 190, (faces, 68, 3))
    write_shard(
        Faces.build(
            faces, topology="ibug-68", source=[f"many/{number:05}.png" for number in range(faces)], landmarks_px=points,
            status=["ok"] * faces, box_px=np.tile([60.0, 60, 130, 130], (faces, 1)), track=np.zeros(faces, int),
            width_px=np.full(faces, 256), height_px=np.full(faces, 256),
        ),
        study / "faces" / "all.parquet",
    )  # fmt: skip
    (study / "page.json").write_text(f'{{"input": "{links}"}}')
    command = [sys.executable, "-u", "-m", "mien", "app", str(study), "--folder", str(place), "--port", "0"]
    process = subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = next(w for line in process.stdout for w in line.split() if w.startswith("http"))
    page = browser.new_context(viewport=SIZE).new_page()
    try:
        page.goto(url)
        page.locator("[data-testid=tile-ok] img").first.wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        still = page.evaluate(THROW.replace("scroll.scrollTop = whole * share;", ""), 3)
        first, again = (page.evaluate(THROW, seconds) for _ in range(2))
    finally:
        page.context.close()
        process.terminate()
        process.wait(20)

    def facts(lengths: list[float]) -> dict[str, float]:
        return {
            "frames": len(lengths), "median ms": round(statistics.median(lengths)),
            "longer than 50 ms": round(sum(one > 50 for one in lengths) / len(lengths), 3),
            "longest ms": round(max(lengths)),
        }  # fmt: skip

    return {
        "faces": faces, "load": round(os.getloadavg()[0], 1), "nothing done": facts(still), "thrown": facts(first),
        "thrown again": facts(again),
    }  # fmt: skip


def walk(flow: Flow, place: Path, url: str, begin: float) -> dict[str, Any]:
    """Everything that a person does, in order."""
    page = flow.page
    page.goto(url)
    page.wait_for_selector("main h1")
    flow.step("start of the command to the first page", begin)
    begin = time.perf_counter()
    page.get_by_label("Folder of the new study").fill(str(place / "study"))
    page.get_by_label("Pictures, videos, or a table").fill(str(place / "people" / "pictures.csv"))
    flow.picture("start")
    page.get_by_test_id("make-study").click()
    page.wait_for_url("**/faces")
    flow.step("new study", begin)
    base = page.url.rsplit("/", 1)[0]

    begin = time.perf_counter()
    page.get_by_role("button", name="Find faces").click()
    page.get_by_text("Faces in pictures and videos: done").wait_for()
    page.locator("[data-testid=tile-ok]").first.wait_for()
    flow.step("faces of all pictures", begin)
    page.locator("[data-testid=tile-ok]").first.click()
    page.wait_for_selector(".one-face h3:focus")
    flow.picture("faces")

    page.goto(f"{base}/samples")
    page.get_by_text("How many of what").wait_for()
    flow.picture("samples")

    page.goto(f"{base}/models")
    page.get_by_test_id("model-expression").wait_for()
    page.get_by_text("More models").click()
    for name in ("expression", "efdnn-lite"):
        box = page.get_by_test_id(f"model-{name}")
        box.wait_for()
        if box.get_attribute("aria-checked") == "false":
            box.click()
    begin = time.perf_counter()
    page.get_by_test_id("train-now").click()
    page.get_by_text("held-out people: done").wait_for()
    flow.step("two models trained and scored", begin)
    page.get_by_test_id("one-model").wait_for()
    flow.picture("models")

    page.goto(f"{base}/why?model=expression&face=pictures/s001-smile-1.png")
    page.locator('[data-testid="move-holder"][data-ready]').wait_for()
    begin = time.perf_counter()
    page.get_by_test_id("explain-here").click()
    page.get_by_test_id("side-by-side").locator("svg").first.wait_for()
    flow.step("one face explained", begin)
    begin = time.perf_counter()
    page.get_by_test_id("explain-all").click()
    page.get_by_text("Evidence: done").wait_for()
    flow.step("all faces explained", begin)
    flow.picture("why")
    page.get_by_test_id("move-canvas").focus()
    for _ in range(30):
        page.keyboard.press("Shift+ArrowDown")
        page.wait_for_timeout(120)
    answers = {"move it yourself, landmark measures": flow.milliseconds("move")}
    for model in ("expression", "efdnn-lite"):
        page.goto(f"{base}/why?model={model}&face=pictures/s001-smile-1.png")
        page.locator('[data-testid="cover-holder"][data-ready]').wait_for()
        paint(page)
        answers[f"cover it yourself, {model}"] = flow.milliseconds("cover")
    flow.picture("cover")

    page.goto(f"{base}/camera")
    page.get_by_test_id("camera-start").click()
    page.wait_for_timeout(1500)
    flow.picture("camera")

    page.goto(f"{base}/report")
    begin = time.perf_counter()
    page.get_by_test_id("build-report").click()
    page.get_by_text("Report: done").wait_for()
    flow.step("report", begin)
    flow.picture("report")

    faults = {}
    for view in VIEWS:
        page.goto(f"{base}/{view}")
        page.wait_for_selector("main h1")
        page.wait_for_timeout(2500)
        faults[view] = flow.faults()
    return {"steps": flow.rows, "answers": answers, "faults of access (axe-core, WCAG 2.1 A and AA)": faults}


def paint(page: Any) -> None:
    """Strokes over the mouth, as a person paints them."""
    canvas = page.get_by_test_id("cover-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for row in range(3):
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + (0.68 + 0.04 * row) * box["height"])
        page.mouse.down()
        for step in range(15):
            across = box["x"] + (0.3 + 0.025 * step) * box["width"]
            page.mouse.move(across, box["y"] + (0.68 + 0.04 * row) * box["height"])
            page.wait_for_timeout(120)
        page.mouse.up()
    page.wait_for_timeout(500)


def main() -> None:
    """Make people up, serve the page, walk through it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="Folder of the pictures; they are thrown away without it.")
    parser.add_argument("--part", choices=("first", "gallery"), default="", help="Only the first page, or the gallery.")
    asked = arguments(parser)
    if asked.quick and not (asked.out or asked.part):
        asked.part = "first"  # the tests of the page walk through the rest
    from playwright.sync_api import sync_playwright

    path = os.environ.get("MIEN_CHROMIUM") or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        raise SystemExit(f"This needs Chromium (one of {', '.join(BROWSERS)}, or MIEN_CHROMIUM=/path/to/it).")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        place, out = Path(folder), asked.out or Path(folder, "pictures")
        out.mkdir(parents=True, exist_ok=True)
        people, expressions = (6, ("neutral", "smile")) if asked.quick else (12, ("neutral", "smile", "surprise"))
        mien.synthesize(place / "people", subjects=people, expressions=expressions, frames=2, pictures=True)
        flags = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        browser = driver.chromium.launch(executable_path=path, args=flags)
        found: dict[str, Any] = {}
        if asked.part in ("", "first"):
            found["first page"] = first_pages(browser, place, 1 if asked.quick else 5)
            print(found["first page"], flush=True)
        if asked.part in ("", "gallery"):
            found["gallery"] = thrown_gallery(browser, place)
            print(found["gallery"], flush=True)
        if asked.part:
            browser.close()
            write(f"page_{asked.part}", found)
            return
        page = browser.new_context(viewport=SIZE, permissions=["camera"]).new_page()
        page.set_default_timeout(180_000)
        begin = time.perf_counter()
        process, url = served(place)
        try:
            found |= walk(Flow(page, out), place, url, begin)
        except Exception:
            page.screenshot(path=out / "failed.png", full_page=True)
            raise
        finally:
            browser.close()
            process.terminate()
            process.wait(20)
    write("page", found)


if __name__ == "__main__":
    main()
