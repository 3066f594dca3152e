"""The report's section on who took part: the flow from the table to the analysed, and what was wrong with rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.cohort.flow import FLOW_FILE, Count, Flow
from mien.cohort.participants_file import FOLDER, Participants
from mien.cohort.problems import by_kind
from mien.report.draw.flow import flow_chart
from mien.report.guarded import guarded


def section(study: Path, unread: list[str]) -> dict[str, Any]:
    """The flow of a study, the whole one where it was written and else that of its table; empty where there is none."""
    flow, complete = _flow(study, unread)
    if flow is None:
        return {}
    people = guarded(unread, Participants.read, study) if (study / FOLDER).is_dir() else None
    problems = by_kind(people.problems) if people else {}
    return {
        "plot": flow_chart(flow, complete=complete),
        "words": f"Of {flow.begin} in the table, {flow.left} {'were analysed' if complete else 'are left'}.",
        "sites": _sites(flow),
        "steps": ["In the table", *(step.name for step in flow.steps)],
        # Rows stand in the study's own files: here nobody is named.
        "problems": [{"kind": kind, "count": len(rows), "step": rows[0].step} for kind, rows in problems.items()],
    }


def narrow_plot(study: Path) -> str:
    """The flow for a narrow column; empty where there is none."""
    flow, complete = _flow(study, [])
    return "" if flow is None else flow_chart(flow, complete=complete, narrow=True)


def _flow(study: Path, unread: list[str]) -> tuple[Flow | None, bool]:
    """The flow of a study, and whether it is the whole one."""
    place = next((folder for folder in (study, study / FOLDER) if (folder / FLOW_FILE).is_file()), None)
    return (guarded(unread, Flow.read, place) if place else None), place == study


def _sites(flow: Flow) -> list[dict[str, Any]]:
    """People and sessions of each site in the table and after each step."""
    counts: list[Count] = [flow.begin, *(step.left for step in flow.steps)]
    sites = list(dict.fromkeys(site for count in counts for site in count.sites))
    return [{"name": site, "cells": [_cell(count.sites.get(site, (0, 0))) for count in counts]} for site in sites]


def _cell(count: tuple[int, int]) -> str:
    return f"{count[0]:,} ({count[1]:,})"
