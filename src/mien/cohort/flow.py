"""The flow of participants: from the table through every exclusion to the analysed, by people and sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import read_json, write_json
from mien.core.results import MISFIT
from mien.core.samples import Samples

FLOW_FILE = "flow.json"
_FORMAT = "mien flow 1"
# What a session without a site is counted as, where others have one.
NO_SITE = "(no site)"


@dataclass(frozen=True)
class Count:
    """How many people and sessions there are.

    Attributes
    ----------
    people, sessions : int
    sites : dict of str to tuple (people, sessions)
        The same by site; empty where there are no sites. Somebody with sessions at two sites counts at both.
    """

    people: int
    sessions: int
    sites: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.people <= self.sessions:
            raise InputError(
                f"A flow counts people, each with at least one session, but got {self.people} people with "
                f"{self.sessions} sessions."
            )

    @classmethod
    def of(cls, samples: Samples, site: str = "site") -> Count:
        """Count the rows of samples; ``site`` is the label that holds sites."""
        sites = samples.labels.get(site)
        if sites is None or not (sites != "").any():
            return cls(_distinct(samples.subject), len(samples))
        by_site = {}
        for name in sorted(set(sites)):
            here = sites == name
            by_site[str(name) or NO_SITE] = (_distinct(samples.subject[here]), int(here.sum()))
        return cls(_distinct(samples.subject), len(samples), by_site)


@dataclass(frozen=True)
class Exclusion:
    """What was left out for one reason.

    Attributes
    ----------
    reason : str
        In words, such as ``'no recording'``.
    people : int
        Who has no session left after this step. Somebody who lost sessions for several reasons counts at the first.
    sessions : int
    """

    reason: str
    people: int
    sessions: int


@dataclass(frozen=True)
class FlowStep:
    """One step of the flow.

    Attributes
    ----------
    name : str
        What was looked at, such as ``'Recordings'``.
    excluded : tuple of Exclusion
        By reason, the largest first.
    left : Count
    frames : int
        Frames that were looked at; 0 where the step is not about frames.
    frames_excluded : dict of str to int
        Frames that were left out, by reason, while their sessions stay.
    """

    name: str
    excluded: tuple[Exclusion, ...]
    left: Count
    frames: int = 0
    frames_excluded: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if sum(self.frames_excluded.values()) > self.frames:
            raise InputError(f"The step '{self.name}' leaves out more frames than the {self.frames} that it looked at.")


@dataclass(frozen=True)
class Flow:
    """How many people and sessions a table names, what was excluded in which step and why, and who is left.

    Attributes
    ----------
    begin : Count
        In the table.
    steps : tuple of FlowStep
        In the order in which they were taken.

    Examples
    --------
    >>> from mien.cohort.flow import Flow
    >>> import mien
    >>> samples = mien.Samples(path=["a.mp4", "b.mp4", "c.mp4"], subject=["ann", "ann", "ben"])
    >>> flow, left = Flow.of(samples).without(samples, ["", "too short", ""], "Session gates")
    >>> len(left), flow.left.people, flow.steps[-1].excluded
    (2, 2, (Exclusion(reason='too short', people=0, sessions=1),))
    """

    __repr__ = brief

    begin: Count
    steps: tuple[FlowStep, ...] = ()

    def __post_init__(self) -> None:
        before = self.begin
        for step in self.steps:
            people, sessions = (sum(getattr(e, unit) for e in step.excluded) for unit in ("people", "sessions"))
            if (before.people - people, before.sessions - sessions) != (step.left.people, step.left.sessions):
                raise InputError(
                    f"The flow does not add up at '{step.name}': of {before.people} people with {before.sessions} "
                    f"sessions {people} people and {sessions} sessions are excluded, but {step.left.people} people "
                    f"with {step.left.sessions} sessions are left."
                )
            before = step.left

    @property
    def left(self) -> Count:
        """Who is left after all steps."""
        return self.steps[-1].left if self.steps else self.begin

    @classmethod
    def of(cls, samples: Samples) -> Flow:
        """A flow that begins with samples and has no steps yet."""
        return cls(Count.of(samples))

    def without(
        self,
        samples: Samples,
        reasons: Sequence[str] | np.ndarray,
        step: str,
        *,
        frames: int = 0,
        frames_excluded: Mapping[str, int] | None = None,
    ) -> tuple[Flow, Samples]:
        """The flow with one more step, and the samples that are left.

        Parameters
        ----------
        samples : Samples
            Those that are left so far, one row per session.
        reasons : sequence of str, shape (rows,)
            Why each row is excluded; ``''`` where it stays.
        step : str
            What was looked at, such as ``'Session gates'``.
        frames, frames_excluded
            As of ``FlowStep``.

        Returns
        -------
        flow : Flow
        samples : Samples

        Raises
        ------
        InputError
            If these are not the samples that are left, or there is not one reason per row.
        """
        if len(reasons) != len(samples):
            raise InputError(
                f"Step '{step}': one reason per session ('' where it stays), but got {len(reasons)} for "
                f"{len(samples)} sessions."
            )
        if (len(samples), _distinct(samples.subject)) != (self.left.sessions, self.left.people):
            raise InputError(
                f"Step '{step}': the flow has {self.left.sessions} sessions of {self.left.people} people left, but got "
                f"{len(samples)} sessions of {_distinct(samples.subject)} people; give the samples that are left."
            )
        why = np.array([str(reason) for reason in reasons], dtype=object)
        kept = samples[why == ""]
        lost = _first_reasons(samples.subject, why, set(kept.subject))
        counts: dict[str, int] = {}
        for reason in why[why != ""]:
            counts[reason] = counts.get(reason, 0) + 1
        excluded = [Exclusion(reason, lost.get(reason, 0), count) for reason, count in counts.items()]
        excluded.sort(key=lambda one: -one.sessions)
        taken = FlowStep(step, tuple(excluded), Count.of(kept), frames, dict(frames_excluded or {}))
        return replace(self, steps=(*self.steps, taken)), kept

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"format": _FORMAT, **asdict(self)}

    def write(self, path: str | Path) -> None:
        """Write ``flow.json``.

        Parameters
        ----------
        path : str or Path
            The file, or a folder for it.
        """
        path = Path(path)
        write_json(path / FLOW_FILE if path.is_dir() else path, self.to_json())

    @classmethod
    def read(cls, path: str | Path) -> Flow:
        """What ``write`` wrote.

        Parameters
        ----------
        path : str or Path
            The file, or a folder that holds it.

        Returns
        -------
        Flow

        Raises
        ------
        InputError
            If the file is missing or something else, or its counts do not add up.
        """
        path = Path(path)
        path = path / FLOW_FILE if path.is_dir() else path
        found = read_json(path)
        try:
            if found["format"] != _FORMAT:
                raise KeyError(found["format"])
            return cls(_count(found["begin"]), tuple(_step(step) for step in found["steps"]))
        except MISFIT as error:
            raise InputError(f"{path} is no flow of participants of this version ({error}); make it again.") from error


def _distinct(subjects: np.ndarray) -> int:
    return len(set(subjects))


def _first_reasons(subjects: np.ndarray, why: np.ndarray, stay: set[str]) -> dict[str, int]:
    """People without a session left, by the reason of their first excluded one."""
    first: dict[str, str] = {}
    for subject, reason in zip(subjects, why, strict=True):
        if reason and subject not in stay:
            first.setdefault(subject, reason)
    counts: dict[str, int] = {}
    for reason in first.values():
        counts[reason] = counts.get(reason, 0) + 1
    return counts


def _count(found: Mapping[str, Any]) -> Count:
    sites = {str(name): (int(people), int(sessions)) for name, (people, sessions) in found["sites"].items()}
    return Count(int(found["people"]), int(found["sessions"]), sites)


def _step(found: Mapping[str, Any]) -> FlowStep:
    excluded = tuple(Exclusion(str(e["reason"]), int(e["people"]), int(e["sessions"])) for e in found["excluded"])
    frames = {str(reason): int(count) for reason, count in found["frames_excluded"].items()}
    return FlowStep(str(found["name"]), excluded, _count(found["left"]), int(found["frames"]), frames)
