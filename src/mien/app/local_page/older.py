"""Whether what is shown was made before somebody changed a decision about faces."""

from __future__ import annotations

from pathlib import Path

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.parts import say_problem
from mien.data.review import REVIEW

OLDER = "Decisions about faces were changed after this was made, so its numbers are those of before: make it again."


def changed_since(study: OpenStudy, made: Path) -> bool:
    """Whether decisions about faces were changed after a file was written; also where the last was taken back.

    Parameters
    ----------
    study : OpenStudy
    made : Path
        That was written when what is shown was made.
    """
    review = study.folder / REVIEW
    changed_ns = max(study.kept()["reviewed_ns"], review.stat().st_mtime_ns if review.exists() else 0)
    return made.exists() and changed_ns > made.stat().st_mtime_ns


def say_if_older(study: OpenStudy, made: Path) -> None:
    """Say so where one looks at it."""
    if changed_since(study, made):
        say_problem(OLDER)
