"""From raw samples of eye trackers to fixations, with the quality of every recording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.output import check_file
from mien.core.progress import Progress, progress_of
from mien.data.eyes.detectors import DETECTORS, IVT, RECORDED, SACCADES, FixationMethod, FixationRules
from mien.data.eyes.eyelink import EYES, EyeLink
from mien.data.eyes.follow import Counts, Fixation, follow, velocity_spread
from mien.data.eyes.result import NUMBERS, OK, WORDS, EyeRecording, EyeRecordings
from mien.data.eyes.screen import ORIGINS, PIXELS, UNITS, Screen, screen_of
from mien.data.eyes.tables import SampleTable
from mien.data.eyes.trackers import EYELINK, TIME_UNITS, TRACKERS

# Share of places beyond the screen from which on they are those of something else, and from which on it is said.
MOST_BEYOND, SAID_BEYOND = 0.2, 0.02
# No eye tracker gives fewer or more samples per second: times are in another unit then.
SLOWEST_HZ, FASTEST_HZ = 4.0, 10_000.0
# The rate that a file states and that of its times may differ by so much.
_RATE = 0.01


@dataclass(frozen=True)
class _Asked:
    """What holds for all files."""

    tracker: str
    columns: Mapping[str, str]
    screen: Screen
    units: str
    origin: str
    time_unit: str
    eye: str
    message: re.Pattern[str] | None
    until: re.Pattern[str] | None
    viewer: str
    detector: FixationMethod
    rules: FixationRules


@checked_numbers
def fixations(
    files: str | Path | Sequence[str | Path],
    *,
    tracker: str = "",
    method: str = IVT,
    columns: Mapping[str, str] | None = None,
    screen: Any = None,
    screen_cm: Any = None,
    distance_cm: float | None = None,
    pixels_per_degree: float | None = None,
    units: str = "",
    origin: str = "",
    time_unit: str = "",
    eye: str = "mean",
    message: str = "",
    until: str = "",
    viewer: str = "",
    velocity_deg_s: float = 30.0,
    dispersion_deg: float = 1.0,
    saccade_factor: float = 6.0,
    min_fixation_s: float = 0.1,
    velocity_window_s: float = 0.02,
    output: str | Path | None = None,
    progress: Progress | bool | None = None,
) -> EyeRecordings:
    """Fixations out of raw samples of eye trackers; files are read in chunks, however long they are.

    Parameters
    ----------
    files : path or several
        EyeLink ``.asc``, or tables with a row per sample (``.csv``, ``.tsv``, ``.txt``).
    tracker : str, optional
        ``'eyelink'``, ``'tobii'``, ``'pupil'``, ``'gazepoint'`` or ``'table'``; by default by ending and columns.
    method : str
        ``'i-vt'`` (velocity), ``'i-dt'`` (dispersion), ``'saccades'`` (what lies between them, by the noise of the
        recording) or ``'recorded'`` (the tracker's own, of EyeLink).
    columns : mapping of str to str, optional
        What tables call ``time``, ``x``, ``y``, ``left_x`` ... ``right_y``, ``valid``, ``picture``, ``run``,
        ``viewer``.
    screen : (int, int) or text such as ``'1920x1080'``, optional
        In pixels; by default what an EyeLink file states.
    screen_cm : (float, float) or text such as ``'53x30'``, optional
    distance_cm : float, optional
        Of the eyes from the screen; with ``screen_cm`` for degrees of visual angle.
    pixels_per_degree : float, optional
        Instead of both.
    units, origin, time_unit : str, optional
        ``'pixels'``, ``'shares'`` (of the screen) or ``'degrees'``; from the ``'top-left'``, ``'bottom-left'`` or
        ``'centre'``; ``'s'``, ``'ms'``, ``'us'`` or ``'ns'``. By default those of the tracker.
    eye : str
        Of recordings of both: ``'mean'`` (where both are seen), ``'left'`` or ``'right'``.
    message, until : str, optional
        Regular expressions of messages (EyeLink): of the one with which a picture or run begins, whose groups
        ``picture``, ``run``, ``viewer`` (or whose first group) name it, and of the one that ends it.
    viewer : str, optional
        By default the column ``viewer`` or the file's name.
    velocity_deg_s : float
        I-VT: what is slower belongs to a fixation.
    dispersion_deg : float
        I-DT: width plus height of a fixation at most.
    saccade_factor : float
        ``'saccades'``: times the median deviation of velocities.
    min_fixation_s : float
    velocity_window_s : float
        Over which velocities are regressed.
    output : str or Path, optional
        Table (``.csv``) of the fixations; beside it a JSON file with settings and quality.
    progress : callable (done, total) or bool, optional

    Returns
    -------
    EyeRecordings

    Raises
    ------
    InputError
        If no file can be read, or degrees of visual angle are not known.

    Notes
    -----
    Blinks and lost samples end a fixation; nothing is bridged or filled in. A file that cannot be read is named with
    the reason, and the others are read.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> lines = ["time_ms,x,y", *(f"{4 * i},{300 if i < 100 else 700},{400 + i % 2}" for i in range(200))]
    >>> _ = Path("v1.csv").write_text("\\n".join(lines))
    >>> found = mien.fixations("v1.csv", method="i-dt", screen="1000x800", pixels_per_degree=40)
    >>> found.x_px.round().tolist(), found.onset_s.tolist(), found.duration_s.round(3).tolist()
    ([300.0, 700.0], [0.0, 0.4], [0.4, 0.4])
    >>> found.recordings[0].rate_hz
    250.0
    """
    if output is not None:
        check_file(output)
    for value, known, what in (
        (tracker, TRACKERS, "tracker"), (units, UNITS, "units"), (origin, ORIGINS, "origin"),
        (time_unit, TIME_UNITS, "time_unit"), (eye, EYES, "eye"), (method, DETECTORS, "method"),
    ):  # fmt: skip
        if value and value not in known:
            raise InputError(f"{what} is one of {', '.join(known)}, but got '{value}'.")
    asked = _Asked(
        tracker, columns or {}, screen_of(screen, screen_cm, distance_cm, pixels_per_degree), units, origin, time_unit,
        eye, _pattern(message, "message"), _pattern(until, "until"), viewer, DETECTORS[method],
        FixationRules(
            velocity_deg_s, dispersion_deg, saccade_factor, min_s=min_fixation_s, velocity_window_s=velocity_window_s,
        ),
    )  # fmt: skip
    paths = [Path(files)] if isinstance(files, (str, Path)) else [Path(path) for path in files]
    if not paths:
        raise InputError("No file was given; name recordings of an eye tracker (.asc, .csv, .tsv).")
    each = progress_of(progress, "files")
    every: list[Fixation] = []
    rows: list[EyeRecording] = []
    notes: list[str] = []
    for number, path in enumerate(paths, 1):
        try:
            found, said, more = _file(path, asked)
            every += found
            rows += said
            notes += more
        except (InputError, OSError) as error:
            text = str(error)
            rows.append(EyeRecording(path.name, viewer, text if str(path) in text else f"{path}: {text}"))
        if each is not None:
            each(number, len(paths))
    if all(row.status != OK for row in rows):
        raise InputError(rows[0].status + (f" None of the {len(rows)} files could be read." if len(rows) > 1 else ""))
    used = {name: getattr(asked.rules, name) for name in asked.detector.used}
    settings = {
        "method": method, **used, "tracker": tracker, "columns": dict(columns or {}), "screen": asdict(asked.screen),
        "units": units, "origin": origin, "time_unit": time_unit, "eye": eye, "message": message, "until": until,
        "clock": "since the start of the run or picture, else since the first sample",
    }  # fmt: skip
    words: Any = {name: np.array([getattr(one.part, name) for one in every], dtype=object) for name in WORDS}
    numbers: Any = {name: np.array([getattr(one, name) for one in every], dtype=np.float64) for name in NUMBERS}
    result = EyeRecordings(
        **words, **numbers, recordings=tuple(rows), settings=settings, notes=tuple(dict.fromkeys(notes))
    )
    if output is not None:
        result.write(output)
    return result


def _pattern(text: str, what: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise InputError(f"{what} is no regular expression ({error}); 'IMAGE (\\S+)' is one.") from error


def _file(path: Path, asked: _Asked) -> tuple[list[Fixation], list[EyeRecording], list[str]]:
    """Fixations of a file, a row for each viewer in it, and what has to be said."""
    if not path.is_file():
        raise InputError(f"{path} is no file; name a recording of an eye tracker.")
    if not path.stat().st_size:
        raise InputError(f"{path} is empty.")
    name = asked.viewer or path.stem
    if asked.tracker == EYELINK or (not asked.tracker and path.suffix.lower() == ".asc"):

        def opened() -> EyeLink | SampleTable:
            return EyeLink(path, asked.eye, asked.message, asked.until, name)
    else:

        def opened() -> EyeLink | SampleTable:
            return SampleTable(
                path, asked.tracker, asked.columns, asked.screen, asked.units, asked.origin, asked.time_unit, asked.eye,
                name,
            )  # fmt: skip

    own = asked.detector.name == RECORDED
    source = opened()
    if isinstance(source, SampleTable) and own:
        raise InputError(f"{path}: only EyeLink files hold the tracker's own fixations; choose another method.")
    if isinstance(source, SampleTable) and asked.message:
        raise InputError(
            f"{path}: tables have no messages; name the column of pictures or runs (columns picture=NAME)."
        )
    if not asked.screen.known and asked.detector.degrees:
        raise InputError(
            f"{path}: {asked.detector.name} goes by degrees of visual angle. Give the size of the screen in pixels and "
            "centimetres and the distance of the eyes (screen, screen_cm, distance_cm), or pixels_per_degree."
        )
    screen = asked.screen
    if isinstance(source, EyeLink) and not screen.width:
        screen = replace(screen, **dict(zip(("width", "height"), _stated(source), strict=True)))
    spread = (float("nan"), float("nan"))
    if asked.detector.name == SACCADES:
        spread = velocity_spread(opened(), screen, asked.rules)
    counts: dict[str, Counts] = {}
    steps: dict[str, float] = {}
    found = list(follow(source, screen, None if own else asked.detector, asked.rules, spread, counts, steps))
    if own:
        found = [Fixation(*one, float("nan")) for one in source.facts.fixations]
    if not counts:
        why = "no sample lies behind a message that begins a picture or run" if source.facts.outside else "no samples"
        raise InputError(f"{path}: {why}.")
    notes = [*source.facts.notes, *_parts_note(path, source, counts)]
    tracker = EYELINK if isinstance(source, EyeLink) else source.tracker
    rows = []
    for viewer, counted in counts.items():
        notes += _checks(path, viewer, counted, steps[viewer], source, screen)
        rows.append(_row(path, viewer, tracker, counted, steps[viewer], found, source))
    return found, rows, notes


def _stated(source: EyeLink) -> tuple[int, int]:
    """The size of the screen that a file states in its first part, (0, 0) without."""
    head = source.path.open("rb").read(200_000).decode("utf-8", "replace")
    for line in head.splitlines():
        if "_COORDS" in line:
            source.hear(line)
    return source.facts.screen


def _parts_note(path: Path, source: EyeLink | SampleTable, counts: Mapping[str, Counts]) -> Iterator[str]:
    if source.facts.outside:
        every = source.facts.outside + sum(one.samples for one in counts.values())
        yield (f"{path.name}: {source.facts.outside} of {every} samples belong to no picture or run and were left out.")
    if source.facts.coded:
        code = f"{source.facts.code:g}"
        yield (
            f"{path.name}: places such as ({code}, {code}) are none ({source.facts.coded} of them); a tracker writes "
            "them where nothing was seen, and they count as lost."
        )
    if isinstance(source, SampleTable):
        yield (
            f"{path.name}: read as {source.tracker}: times in {source.unit} ('{source.columns['time']}'), places in "
            f"{source.units} from the {source.origin} corner of the screen."
        )  # fmt: skip


def _checks(
    path: Path, viewer: str, counted: Counts, step: float, source: EyeLink | SampleTable, screen: Screen
) -> Iterator[str]:  # fmt: skip
    """What has to be said of a recording.

    Raises
    ------
    InputError
        If its coordinates cannot be those of the screen.
    """
    seen = counted.samples - counted.missing
    where = f"{path.name} ({viewer})"
    if not seen:
        raise InputError(f"{path}: none of the {counted.samples} samples of '{viewer}' has a place on the screen.")
    units = PIXELS if isinstance(source, EyeLink) else source.units
    least, greatest = min(counted.low), max(counted.high)
    if units == PIXELS and least >= -0.5 and greatest <= 1.5:
        raise InputError(
            f"{path}: all places lie between {least:.3g} and {greatest:.3g}, so they seem to be shares of the screen. "
            "Give units='shares' and the size of the screen."
        )
    if counted.samples > 2 and not SLOWEST_HZ <= 1 / step <= FASTEST_HZ:
        own = "ms" if isinstance(source, EyeLink) else source.unit
        raw = step / TIME_UNITS[own]
        fits = [unit for unit, second in TIME_UNITS.items() if SLOWEST_HZ <= 1 / (raw * second) <= FASTEST_HZ]
        raise InputError(
            f"{path}: with times in {own}, the samples of '{viewer}' are {step:.3g} s apart ({1 / step:.4g} Hz), as "
            f"those of no eye tracker are. Give the unit of the times (time_unit{f'={fits[0]!r}' if fits else ''}), or "
            "the right column (columns time=NAME)."
        )
    if counted.beyond > MOST_BEYOND * seen:
        raise InputError(
            f"{path}: {100 * counted.beyond / seen:.0f} % of the places lie beyond a screen of {screen.width} x "
            f"{screen.height} pixels (up to {counted.high[0]:.0f}, {counted.high[1]:.0f}). Give the size of the screen "
            "on which they were recorded, or their units and origin."
        )
    if counted.beyond > SAID_BEYOND * seen:
        yield f"{where}: {100 * counted.beyond / seen:.0f} % of the places lie beyond the screen; they stay in."
    if screen.width and counted.high[0] < screen.width / 2 and counted.high[1] < screen.height / 2:
        yield (
            f"{where}: all places lie in the top left quarter of a screen of {screen.width} x {screen.height} pixels; "
            "check its size, the units and the origin."
        )  # fmt: skip
    said = source.facts.rate_hz
    if said > 0 and abs(said * step - 1) > _RATE:
        yield f"{where}: the file states {said:g} Hz, but its samples are {1 / step:.4g} Hz apart."
    expected = (counted.last_s - counted.first_s) / step + 1
    if counted.samples > 100 and not counted.gaps and abs(counted.samples / expected - 1) > _RATE:
        yield (
            f"{where}: {counted.samples} samples in {counted.last_s - counted.first_s:.6g} s do not fit their usual "
            f"step of {1000 * step:.4g} ms: the clock of the tracker drifts or jumps. Times were not changed."
        )


def _row(
    path: Path, viewer: str, tracker: str, counted: Counts, step: float, found: Sequence[Fixation],
    source: EyeLink | SampleTable,
) -> EyeRecording:  # fmt: skip
    own = [one for one in found if one.part.viewer == viewer]
    seen = counted.samples - counted.missing
    nan = float("nan")
    steady = np.array([one.rms_deg for one in own])
    steady = steady[np.isfinite(steady)]
    last = source.facts.validation[-1] if source.facts.validation else (nan, nan)
    return EyeRecording(
        path.name, viewer, OK, tracker, counted.samples, len(own), seen / counted.samples, counted.beyond / seen,
        counted.last_s - counted.first_s, round(1 / step, 4), source.facts.rate_hz, counted.gaps, counted.longest_gap_s,
        float(np.median(steady)) if len(steady) else nan, *last,
        float(np.median([one.duration_s for one in own])) if own else nan,
    )  # fmt: skip
