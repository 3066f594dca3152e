"""What a job may run: verbs of mien by their public names, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mien.core.registry import Row

# Of sources that failed, by name.
MOST_NAMED = 3
# (done, total, what)
Report = Callable[[int, int, str], None]


@dataclass(frozen=True)
class JobVerb(Row[Any]):
    """One verb of mien that the page runs as a job; ``meaning`` stands above its progress."""

    kind: ClassVar[str] = "job"
    room: ClassVar[str] = "mien."

    # 'files': progress as extraction has it; 'count': (done, total); 'say': sentences; '': none.
    progress: str = "count"
    unit: str = ""
    # What is said of the result.
    said: Callable[[Any], str] = field(default=lambda result: "")

    def call(self, arguments: dict[str, Any], report: Report, say: Callable[[str], None]) -> str:
        """Run it; a sentence about the result.

        Parameters
        ----------
        arguments : dict
            By name, as Python takes them.
        report : callable (done, total, unit)
        say : callable (sentence)
        """
        given = dict(arguments)
        if self.progress == "files":
            given["progress"] = lambda files, frames: _Files(files, frames, report).step
        elif self.progress == "count":
            given["progress"] = lambda done, total: report(done, total, self.unit)
        elif self.progress == "say":
            given["say"] = say
        # Through the public name, so that places and checks are those of Python's callers.
        import mien

        function: Any = mien
        for part in self.home.split("."):
            function = getattr(function, part)
        return self.said(function(**given))


def _extracted(result: Any) -> str:
    """How many sources have which status, and the first reasons of those that failed."""
    counts = ", ".join(f"{number} {status}" for status, number in result.counts.items() if number)
    reasons = "; ".join(f"{name}: {reason.rstrip('.')}" for name, reason in result.problems[:MOST_NAMED])
    more = f"; and {len(result.problems) - MOST_NAMED} more" if len(result.problems) > MOST_NAMED else ""
    return f"Sources: {counts or 'none'}.{f' {reasons}{more}.' if reasons else ''}"


def _trained(result: Any) -> str:
    """Which models were trained, and why others were not."""
    failed = " ".join(f"{name}: not trained. {why}" for name, why in result.failed.items())
    kept = f" ({', '.join(result.kept)}: as before)" if result.kept else ""
    return f"Trained: {', '.join(result.evaluations)}{kept}. {failed}".strip()


class _Files:
    """Adds up what extraction counts."""

    def __init__(self, files: int, frames: int, report: Report) -> None:
        self.files, self.frames, self.report, self.done_files, self.done_frames = files, frames, report, 0, 0

    def step(self, more_files: int, more_frames: int) -> None:
        self.done_files += more_files
        self.done_frames += more_frames
        if self.frames > self.files:
            self.report(self.done_frames, self.frames, f"frames; {self.done_files} of {self.files} files done")
        else:
            self.report(self.done_files, self.files, "files")


JOB_VERBS: dict[str, JobVerb] = {
    row.name: row
    for row in (
        JobVerb("extract", "extract", "Faces in pictures and videos", progress="files", said=_extracted),
        JobVerb("train", "train", "Training and scores on held-out people", unit="folds"),
        JobVerb("train-models", "train_all", "Training and scores on held-out people", unit="folds", said=_trained),
        JobVerb("compare-models", "compare_models", "Models compared", progress=""),
        JobVerb("explain", "explain", "Evidence", unit="samples"),
        JobVerb("embed", "embed", "Map of the faces", unit="maps"),
        JobVerb("report", "report", "Report", progress=""),
        JobVerb("pull", "models.pull", "Weights", progress="say"),
        JobVerb("demo", "demo", "The demo study", progress="say"),
    )
}
