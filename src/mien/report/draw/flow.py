"""The flow of participants: a box for who is left after each step, and beside the arrows who was left out and why."""

from __future__ import annotations

from textwrap import wrap

from mien.cohort.flow import Count, Exclusion, Flow, FlowStep
from mien.report.draw import svg

_GAP, _DOWN = 36.0, 18.0
# Boxes of those who are left and of those who were left out, usually and in a narrow column.
_USUAL, _NARROW = (250.0, 330.0), (190.0, 190.0)
_SIZE, _LINE, _EDGE = 12.0, 16.0, 10.0
# Mean width of a letter, in its height: wide enough for capitals and figures.
_LETTER = 0.58


def flow_chart(flow: Flow, *, complete: bool = True, narrow: bool = False) -> str:
    """Draw a flow of participants as studies of people report it (von Elm et al., 2007, STROBE).

    Parameters
    ----------
    flow : Flow
    complete : bool
        Whether those who are left at the end were analysed; else further steps may follow.
    narrow : bool
        For a narrow column: boxes are narrower and taller.

    Returns
    -------
    str
        SVG.
    """
    left_box, right_box = _NARROW if narrow else _USUAL
    middle, right = left_box / 2 + 1, left_box + (_GAP / 2 if narrow else _GAP) + 1
    box, y = _box(1.0, 1.0, left_box, ["In the table", _people(flow.begin)])
    parts = [box]
    for number, step in enumerate(flow.steps, 1):
        said = _left_out(step)
        height = _height(said, right_box)
        below = y + 2 * _DOWN + height
        parts.append(_arrow(middle, y, middle, below))
        if said:
            at = y + _DOWN + height / 2
            parts += [_arrow(middle, at, right, at), _box(right, y + _DOWN, right_box, said)[0]]
        last = complete and number == len(flow.steps)
        name = "Analysed" if last else f"Left after: {step.name}"
        box, y = _box(1.0, below, left_box, [name, _people(step.left)])
        parts.append(box)
    return svg.picture(right + right_box + 1, y + 1, *parts, title="Flow of participants")


def _counted(people: int, sessions: int) -> str:
    who = "person" if people == 1 else "people"
    return f"{people:,} {who}, {sessions:,} session{'' if sessions == 1 else 's'}"


def _people(count: Count | Exclusion) -> str:
    return _counted(count.people, count.sessions)


def _left_out(step: FlowStep) -> list[str]:
    """What stands beside an arrow: the first line is its title."""
    if not step.excluded and not step.frames_excluded:
        return []
    people = sum(one.people for one in step.excluded)
    sessions = sum(one.sessions for one in step.excluded)
    lines = [f"{step.name}: left out {_counted(people, sessions)}"]
    lines += [f"{one.reason}: {_people(one)}" for one in step.excluded]
    if step.frames_excluded:
        share = sum(step.frames_excluded.values()) / max(step.frames, 1)
        lines.append(f"Of the frames of all others {100 * share:.1f} % of {step.frames:,}:")
        lines += [f"{reason}: {count:,} frames" for reason, count in step.frames_excluded.items()]
    return lines


def _wrapped(lines: list[str], width: float) -> list[tuple[str, bool]]:
    """Lines that fit, and whether each is a title."""
    letters = int((width - 2 * _EDGE) / (_LETTER * _SIZE))
    return [
        (part, number == 0)
        for number, line in enumerate(lines)
        for part in wrap(line, letters, subsequent_indent="  " if number else "") or [""]
    ]


def _height(lines: list[str], width: float) -> float:
    return len(_wrapped(lines, width)) * _LINE + 2 * _EDGE - 4 if lines else 0.0


def _box(x: float, y: float, width: float, lines: list[str]) -> tuple[str, float]:
    """A box with its words, and where it ends."""
    words = _wrapped(lines, width)
    height = len(words) * _LINE + 2 * _EDGE - 4
    frame = svg.element(
        "rect", x=x, y=y, width=width, height=height, rx=3.0, fill="none", stroke="currentColor", stroke_width="1"
    )
    texts = [
        svg.text(
            x + _EDGE + (_SIZE if line.startswith("  ") else 0.0),
            y + _EDGE + _LINE * (row + 1) - 6,
            line.strip(),
            size=_SIZE,
            **({"font_weight": "600"} if title else {}),
        )
        for row, (line, title) in enumerate(words)
    ]
    return "".join([frame, *texts]), y + height


def _arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    line = svg.element(
        "path", d=f"M{svg.number(x)} {svg.number(y)}L{svg.number(to_x)} {svg.number(to_y)}", stroke="currentColor",
        stroke_width="1", fill="none",
    )  # fmt: skip
    head = "l-4 -7h8z" if to_y > y else "l-7 -4v8z"
    return line + svg.element("path", d=f"M{svg.number(to_x)} {svg.number(to_y)}{head}", fill="currentColor")
