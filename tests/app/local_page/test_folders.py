"""The page reads and writes in the folders that were chosen, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mien.app.local_page.drop import dropped_path
from mien.app.local_page.folders import NOTHING_KEPT, Folders, OpenStudies, OpenStudy
from mien.app.local_page.job_panel import JOBS
from mien.app.local_page.jobs.job import start
from mien.app.local_page.start import make_study
from mien.core.errors import InputError


@pytest.fixture
def studies(tmp_path: Path) -> OpenStudies:
    """May use one folder; beside it lies another one."""
    (tmp_path / "mine" / "study").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret.png").write_bytes(b"x")
    (tmp_path / "mine" / "link").symlink_to(tmp_path / "other")
    return OpenStudies(Folders.of([tmp_path / "mine"]))


@pytest.mark.parametrize("path", ["../../other/secret.png", "/etc/passwd", "../link/secret.png", "~root", "a\0b"])
def test_no_path_leads_out(studies: OpenStudies, tmp_path: Path, path: str) -> None:
    study = studies.open(tmp_path / "mine" / "study")
    with pytest.raises(InputError):
        study.inside(path)


def test_paths_inside_are_found(studies: OpenStudies, tmp_path: Path) -> None:
    study = studies.open(tmp_path / "mine" / "study")
    assert study.inside("a.png") == tmp_path / "mine" / "study" / "a.png"
    assert study.inside("../b.png") == tmp_path / "mine" / "b.png"


def test_a_study_elsewhere_is_not_opened(studies: OpenStudies, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--folder"):
        studies.open(tmp_path / "other")
    with pytest.raises(InputError, match="open its folder again"):
        studies.named("0123456789ab")


def test_the_same_folder_is_the_same_study(studies: OpenStudies, tmp_path: Path) -> None:
    first = studies.open(tmp_path / "mine" / "study")
    assert studies.open(tmp_path / "mine" / "." / "study") is first
    assert studies.named(first.name) is first


@pytest.mark.parametrize("name", ["run.exe", "page.html", ".hidden.png", "", "study.toml", "a.png/..", "report.json"])
def test_dropped_files_of_other_kinds_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="does not read"):
        dropped_path(tmp_path, name)


def test_dropped_files_keep_their_bare_name_and_replace_nothing(tmp_path: Path) -> None:
    for name in ("../../up.png", "C:\\people\\up.png", "/etc/up.png"):
        assert dropped_path(tmp_path, name) == tmp_path / "media" / "up.png"
    (tmp_path / "media" / "up.png").write_bytes(b"x")
    with pytest.raises(InputError, match="already"):
        dropped_path(tmp_path, "up.png")


def test_what_the_page_keeps_survives_and_damage_counts_as_nothing(studies: OpenStudies, tmp_path: Path) -> None:
    study = studies.open(tmp_path / "mine" / "study")
    study.keep(target="expression", columns={"subject": "person"})
    assert OpenStudy(study.folder, studies.folders).kept()["target"] == "expression"
    for damage in ("", "[]", '{"columns": 3}'):
        (study.folder / "page.json").write_text(damage)
        assert study.kept() == NOTHING_KEPT


def test_a_study_of_nothing_is_refused_before_a_folder_is_made(studies: OpenStudies, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        make_study(studies, str(tmp_path / "mine" / "new"), str(tmp_path / "mine" / "nothing"))
    assert not (tmp_path / "mine" / "new").exists()


def test_a_study_of_a_table_takes_its_pictures_from_there(studies: OpenStudies, tmp_path: Path) -> None:
    table = tmp_path / "mine" / "people.csv"
    table.write_text("path,subject\na.png,1\n")
    study = make_study(studies, str(tmp_path / "mine" / "new"), str(table))
    assert study.kept()["samples"] == str(table)


def test_a_study_that_was_moved_while_it_is_open_is_not_begun_anew_in_its_place(
    studies: OpenStudies, tmp_path: Path
) -> None:
    study = studies.open(tmp_path / "mine" / "study")
    study.keep(target="warm")
    study.folder.rename(tmp_path / "mine" / "moved")
    for ask in (
        lambda: studies.named(study.name), lambda: study.keep(target="cold"),
        lambda: start(study.folder / JOBS, "report", {}),
    ):  # fmt: skip
        with pytest.raises(InputError, match=r"study of this study is not there any more: it was moved"):
            ask()
    assert not study.folder.exists()
    (tmp_path / "mine" / "moved").rename(study.folder)
    assert studies.named(study.name).kept()["target"] == "warm"
