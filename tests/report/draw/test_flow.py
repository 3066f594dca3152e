"""The flow of participants as it is drawn: all counts are there, nothing overlaps, names are escaped."""

import re

from mien.cohort.flow import Count, Exclusion, Flow, FlowStep
from mien.core.samples import Samples
from mien.report.draw.flow import flow_chart
from mien.report.draw.pdf import pdf
from mien.report.report import report

FLOW = Flow(
    Count(12_000, 13_000, {"<A>": (12_000, 13_000)}),
    (
        FlowStep("Table checked", (), Count(12_000, 13_000)),
        FlowStep("Recordings", (Exclusion("a <very> long reason " * 6, 1000, 1500),), Count(11_000, 11_500)),
        FlowStep("Gates", (Exclusion("too short", 1, 2),), Count(10_999, 11_498), 1000, {"blurred": 250}),
    ),
)


def rectangles(drawing: str) -> list[tuple[float, ...]]:
    found = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', drawing)
    return [tuple(map(float, one)) for one in found]


def test_every_count_and_reason_is_drawn_and_no_two_boxes_overlap() -> None:
    drawing = flow_chart(FLOW)
    text = " ".join(re.sub(r"<[^>]*>", " ", drawing).split())
    for words in (
        "12,000 people, 13,000 sessions",
        "Recordings: left out 1,000 people",
        "too short: 1 people",
        "25.0 %",
    ):
        assert words.replace("1 people", "1 person") in text, words
    assert "Analysed 10,999 people, 11,498 sessions" in text and "&lt;very&gt;" in drawing
    assert "Left after: Gates" in flow_chart(FLOW, complete=False)
    boxes = rectangles(drawing)
    assert len(boxes) == 6
    for number, (x, y, width, height) in enumerate(boxes):
        for u, v, other_width, other_height in boxes[:number]:
            assert x >= u + other_width or u >= x + width or y >= v + other_height or v >= y + height


def test_words_stay_inside_their_boxes() -> None:
    drawing = flow_chart(FLOW)
    ends = [(x + width, y, y + height) for x, y, width, height in rectangles(drawing)]
    for x, y, words in re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)<', drawing):
        right = max(end for end, top, bottom in ends if top < float(y) < bottom and end > float(x))
        assert float(x) + 0.56 * 12 * len(words.replace("&lt;", "<").replace("&gt;", ">")) <= right


def test_the_report_shows_the_whole_flow_of_a_study_and_names_nobody(tmp_path) -> None:
    from mien.cohort.participants import participants

    (tmp_path / "who.csv").write_text("subject,path,site\nzoe01,a.mp4,A\nzoe02,b.mp4,B\n")
    (tmp_path / "a.mp4").touch()
    found = participants(tmp_path / "who.csv", output=tmp_path)
    page = report(tmp_path).read_text(encoding="utf-8")
    assert 'id="participants"' in page and "Left after: Recordings" in page and "not found" in page
    assert "zoe0" not in page
    flow, left = found.flow.without(found.kept, ["too short"], "Gates")
    flow.write(tmp_path)
    assert len(left) == 0 and isinstance(left, Samples)
    assert "0 people, 0 sessions were analysed" in report(tmp_path).read_text(encoding="utf-8")


def test_the_flow_can_be_printed() -> None:
    assert pdf(flow_chart(FLOW)).startswith(b"%PDF")
