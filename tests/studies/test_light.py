"""A study that has nothing left to do reads what was done, and loads nothing that computes."""

import json
import subprocess
import sys
from importlib import import_module

import mien
from mien.core.errors import InputError
from mien.core.provenance import record
from mien.studies.stages import Run, report_step

HEAVY = ("torch", "sklearn", "scipy", "pandas", "matplotlib", "lightgbm")
LESS = {
    "networks": {"train": ["landmark-rvfl"]},
    "folds": {"n_folds": 2},
    "features": {"points": "ibug-68"},
    "reduction": {"counts": [17], "methods": ["one-shot"]},
}
AGAIN = """
import sys, mien
said = []
mien.study.run("study", say=said.append)
print([name for name in {heavy!r} if name in sys.modules], [line for line in said if not line.endswith("done before.")])
"""


def test_a_second_run_loads_no_library_that_computes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mien.synthesize("people", subjects=4, expressions=("neutral", "smile"), frames=4)
    mien.study.new("fast-landmarks", "study", samples="people", target="expression", changed=LESS)
    page = mien.study.run("study")
    written = page.stat().st_mtime_ns
    command = [sys.executable, "-c", AGAIN.format(heavy=HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"
    assert page.stat().st_mtime_ns == written


def test_the_page_is_written_again_where_a_result_or_a_setting_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mien.synthesize("people", subjects=4, expressions=("neutral", "smile"), frames=4)
    mien.study.new("fast-landmarks", "study", samples="people", target="expression", changed=LESS)
    page = mien.study.run("study")
    evaluation = next((tmp_path / "study" / "models").rglob("evaluation.json"))
    evaluation.write_text(evaluation.read_text().replace("{", '{"another": 1, ', 1))
    said = []
    mien.study.run("study", say=said.append)
    assert "report ..." in said
    settings = tmp_path / "study" / "study.toml"
    settings.write_text(settings.read_text().replace('title = "Fast landmarks"', 'title = "Another title"'))
    mien.study.run("study")
    assert "Another title" in page.read_text()


def test_what_is_written_anew_with_the_same_content_changes_nothing(tmp_path, monkeypatch):
    """Some steps write their table in every run, and when."""
    pages = []
    monkeypatch.setattr(import_module("mien.report.report"), "report", lambda folder, **shown: pages.append(shown))
    for name in ("report.html", "study.toml"):
        (tmp_path / name).write_text("")
    run = Run(tmp_path, {})

    def result(written: str, people: int, reason: str) -> None:
        found = {"people": people, "written": written, "checksum": written}
        (tmp_path / "participants.json").write_text(json.dumps(found))
        record(tmp_path, "profiles left out", reason=reason)

    for written, people, reason, expected in (
        ("monday", 40, "few", 1), ("tuesday", 40, "few", 1), ("tuesday", 41, "few", 2), ("tuesday", 41, "none", 3)
    ):  # fmt: skip
        result(written, people, reason)
        report_step(run, ["participants"])
        assert len(pages) == expected, (written, people, reason)
    report_step(run, ["participants"], show_names=True)
    assert pages[-1] == {"show_names": True} and len(pages) == 4


def test_settings_that_were_refused_are_refused_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mien.synthesize("people", subjects=4, expressions=("neutral", "smile"), frames=4)
    wrong = {**LESS, "reduction": {"settings": {"filtres": 8}}}
    mien.study.new("fast-landmarks", "study", samples="people", target="expression", changed=wrong)
    for _ in range(2):
        try:
            mien.study.run("study")
        except InputError as error:
            assert "filtres" in str(error)
        else:
            raise AssertionError("an unknown setting was accepted")
