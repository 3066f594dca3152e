"""Figures of a report: numbered as they come, captions that stand alone, the same words in codebook and figure."""

import csv
import re

import pytest

from mien.report.figure import figure
from mien.report.numbering import numbered
from mien.report.page import context_of
from mien.report.report import numbered_page, report
from mien.report.study_folder import read_folder
from mien.report.tables.study_tables import tables
from tests.report.test_report import add_evidence, add_faces, add_model


@pytest.fixture(scope="module")
def study(tmp_path_factory, weights):
    folder = tmp_path_factory.mktemp("study")
    add_model(folder, classes=["neutral", "smiling"])
    add_evidence(folder)
    add_faces(folder)
    return folder


def test_numbers_follow_the_page_and_belong_to_the_caption(study):
    page = report(study).read_text(encoding="utf-8")
    numbers = re.findall(r'<figure id="figure-(\d+)"', page)
    assert numbers == [str(i) for i in range(1, len(numbers) + 1)] and len(numbers) >= 5
    assert re.findall(r'<p class="number">Figure (\d+)</p><figcaption>', page) == numbers
    assert page.count("<figcaption>") == len(numbers)


def test_a_caption_says_what_and_how_many_without_the_page(study):
    figures = numbered_page(context_of(read_folder(study)))[1]
    scored = [one for one in figures if one.section in ("models", "evidence")]
    assert len(scored) >= 4
    for one in scored:
        assert re.search(r"\d+ samples?( of \d+ (people|person)| \(people unknown\))", one.caption), one.caption
        assert "'net'" in one.caption, one.caption
    confusion = next(one.caption for one in figures if one.caption.startswith("Confusion"))
    assert "95 % interval" in confusion and "chance 0.50" in confusion


def test_codebook_and_paper_have_the_report_s_own_captions(study, tmp_path):
    tables(study, tmp_path / "tables")
    with (tmp_path / "tables" / "codebook.csv").open(encoding="utf-8") as file:
        lines = {row["column"]: row for row in csv.DictReader(file) if row["file"] == "report.html"}
    figures = numbered_page(context_of(read_folder(study)))[1]
    assert {one.name: one.caption for one in figures} == {name: row["meaning"] for name, row in lines.items()}
    captions = {one.caption for one in figures}
    names = [name for name in figure(study) if name != "scores"]
    shown = {name: figure(study, name) for name in names[:3]}
    assert shown and all(one.captions[0] in captions for one in shown.values())


def test_only_figures_with_a_caption_have_numbers():
    page, found = numbered(
        "<figure><table></table></figure><figure class='x'><b></b><figcaption>a &lt; b</figcaption></figure>"
    )
    assert [one.caption for one in found] == ["a < b"]
    assert page.startswith("<figure><table></table></figure><figure id=\"figure-1\" class='x'>")
