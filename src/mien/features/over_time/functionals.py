"""``functionals``: what faces do over time in numbers, one row per recording, shard after shard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import need
from mien.core.in_notebooks import InNotebooks
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.patterns import patterns_of
from mien.core.progress import Progress, progress_of
from mien.data.measures import BLOCKS, OK, Measure, Measures
from mien.data.shards import shard_paths
from mien.engine.spread import spread
from mien.engine.work import DONE, Item, Spread
from mien.features.over_time.blocks import BlockWork, MeasuresAsked, blocks_of, is_current, unpacked
from mien.features.over_time.coupling import pair_of
from mien.features.over_time.events import read_events
from mien.features.over_time.gates import Gates
from mien.features.over_time.series import Rules
from mien.features.over_time.statistics import check_groups

DEFAULT = "level,change,bouts,rhythm,eyes,head,asymmetry"


@dataclass(frozen=True, eq=False)
class Functionals(InNotebooks):
    """What was computed, and where it is.

    Attributes
    ----------
    folder : Path
        ``measures/`` of the study.
    codebook : tuple of Measure
    recordings : dict of str to int
        How many have values (``'ok'``), and how many have none for which reason.
    frames : dict of str to int
        ``'frames'``, ``'usable frames'`` and ``'left out: REASON'``: each frame counts once, for its first reason.
    computed : int
        Blocks computed now; the others were there.
    blocks : int
    problems : tuple of (str, str)
        Blocks that could not be computed, and why.
    """

    __repr__ = brief

    folder: Path
    codebook: tuple[Measure, ...]
    recordings: dict[str, int]
    frames: dict[str, int]
    computed: int
    blocks: int
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def measures(self) -> Measures:
        """All rows, read from the folder."""
        return Measures.read(self.folder)


@checked_numbers
def functionals(
    study: str | Path,
    output: str | Path | None = None,
    *,
    channels: str | Sequence[str] = "*",
    statistics: str | Sequence[str] = DEFAULT,
    min_presence: float = 0.5,
    min_face_px: float = 40.0,
    min_sharpness: float = 6.0,
    max_yaw_deg: float = 40.0,
    max_pitch_deg: float = 30.0,
    min_usable: float = 0.5,
    min_frames: int = 10,
    min_duration_s: float = 1.0,
    max_others: float = 0.5,
    max_gap_s: float = 0.25,
    bout_on: float = 0.2,
    bout_off: float = 0.1,
    min_bout_s: float = 0.1,
    couplings: str | Sequence[str] = (),
    catch22: str | Sequence[str] = (),
    task: str = "",
    events: str | Path | None = None,
    fps: float | None = None,
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    part: str = "",
    progress: Progress | bool | None = None,
) -> Functionals:
    """What every channel of every recording does over time, in numbers, and why frames and recordings do not count.

    One shard is in memory at a time. The rows go to the study's ``measures/`` in blocks, with a codebook; a second run
    computes only blocks whose shards or settings changed.

    Parameters
    ----------
    study : path
        Folder that ``mien.extract``, ``mien.import_`` or ``mien.synthesize`` wrote.
    output : path, optional
        Folder for the blocks and the codebook; by default the study's ``measures/``.
    channels : str or sequence of str
        Names or patterns of channels, such as ``'mouth*,!mouthClose'``.
    statistics : str or sequence of str
        Groups: ``'level'``, ``'change'``, ``'bouts'``, ``'rhythm'``, ``'eyes'``, ``'head'``, ``'asymmetry'``. The
        codebook says what each gives.
    min_presence, min_face_px, min_sharpness, max_yaw_deg, max_pitch_deg : float
        Gates of frames: sureness of the landmarker, height of the face in pixels, sharpness, turn of the head to the
        side and up or down. What a tool does not know does not fail.
    min_usable : float
        Least share of usable frames of a recording.
    min_frames : int
        Least number of them.
    min_duration_s : float
        Least time that they cover.
    max_others : float
        Largest share of frames that show another face.
    max_gap_s : float
        Nothing is interpolated across longer gaps.
    bout_on, bout_off, min_bout_s : float
        A bout of a blendshape or action unit reaches ``bout_on`` above the person's resting level (the 10th percentile)
        and lasts as long as ``bout_off`` is exceeded, both as shares of the channel's range; shorter ones do not count.
    couplings : str or sequence of str
        Channels whose coupling is asked for, such as ``'mouthSmileLeft~eyeSquintLeft'``.
    catch22 : str or sequence of str
        Channels whose catch22 features are asked for, by names or patterns; needs the extra [catch22] (GPL-3).
    task : str
        Column of imported or made-up faces that names each frame's task: its measures are called
        ``'TASK: CHANNEL STATISTIC'``, beside those of the whole recording.
    events : path, optional
        Table with the columns source, start_s, end_s and name: further windows. Without a source for all recordings.
    fps : float, optional
        Frames per second of recordings whose times are not known.
    workers : int
        Processes.
    engine, address, part : str
        As in ``mien.engine.work.Spread``. After all parts one run without ``part`` joins their codebooks.
    progress : callable (done, total) or bool, optional
        Counts shards.

    Returns
    -------
    Functionals

    Raises
    ------
    InputError
        If the study holds no shards, or a setting does not fit.

    Examples
    --------
    >>> import mien, numpy as np, tempfile
    >>> from pathlib import Path
    >>> from mien.data.shards import write_shard
    >>> study, t = tempfile.mkdtemp(), np.arange(90) / 30
    >>> smile = np.sin(2 * np.pi * t) / 2 + 0.5
    >>> faces = mien.Faces.build(90, source=["ann.mp4"] * 90, frame=np.arange(90), time_s=t, track=[0] * 90,
    ...                          extra={"smile": smile})
    >>> write_shard(faces, Path(study, "faces/ann.parquet"))
    >>> found = mien.functionals(study)
    >>> float(found.measures.select(["smile mean"]).values[0, 0].round(2))
    0.5
    """
    wanted, couples, series = patterns_of(statistics), patterns_of(couplings), patterns_of(catch22)
    for pair in couples:
        pair_of(pair)
    if series:
        need("catch22", "catch22")
    asked = MeasuresAsked(
        channels=patterns_of(channels),
        groups=check_groups([*wanted, *["coupling"] * bool(couples), *["catch22"] * bool(series)]),
        gates=Gates(
            min_presence=min_presence, min_face_px=min_face_px, min_sharpness=min_sharpness, max_yaw_deg=max_yaw_deg,
            max_pitch_deg=max_pitch_deg, min_usable=min_usable, min_frames=min_frames, min_duration_s=min_duration_s,
            max_others=max_others,
        ),
        rules=Rules(max_gap_s, bout_on, bout_off, min_bout_s, pairs=couples, catch22=series),
        task=task,
        events=read_events(events) if events else {},
        fps=fps,
    )  # fmt: skip
    paths = shard_paths(Path(study))
    if not paths:
        raise InputError(f"{study} holds no faces; fill it with: mien extract INPUT -o {quote(str(study))}")
    how = Spread(engine=engine, workers=workers, part=part, address=address)
    place = Path(study).parent if Path(study).name == "faces" else Path(study)
    return _run(paths, Path(output) if output else place / "measures", asked, how, progress)


def _run(
    paths: list[Path], folder: Path, asked: MeasuresAsked, how: Spread, progress: Progress | bool | None
) -> Functionals:
    """Compute the blocks that are not there, and write what belongs to all of them."""
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    blocks = blocks_of(paths, asked)
    for stale in set(folder.glob(BLOCKS)) - {_file(folder, name) for name, _, _ in blocks}:
        stale.unlink()
    known = {name: is_current(_file(folder, name), fingerprint) for name, fingerprint, _ in blocks}
    missing = [block for block in blocks if known[block[0]] is None]
    tell, done = progress_of(progress, "recordings"), len(paths) - sum(len(block[2]) for block in missing)

    def step(count: int) -> None:
        nonlocal done
        done += count
        if tell:
            tell(done, len(paths))

    step(0)
    items = [Item(block[0], block) for block in missing]
    results = list(spread(BlockWork(asked, folder), items, how, step=step))
    problems = tuple((result.key, result.reason) for result in results if result.status != DONE)
    known |= {result.key: result.value for result in results if result.status == DONE}
    # Other parts may have been done meanwhile.
    late = [block for block in blocks if known[block[0]] is None]
    known |= {name: is_current(_file(folder, name), fingerprint) for name, fingerprint, _ in late}
    facts = [found for found in known.values() if found]
    codebook = tuple({one.name: one for found in facts for one in unpacked(found["codebook"])}.values())
    recordings: Counter[str] = Counter()
    frames: Counter[str] = Counter()
    for found in facts:
        recordings.update(found["status"])
        frames.update(found["counts"])
    settings = {**asked.as_dict(), "recordings": dict(recordings), "frames": dict(frames)}
    empty = np.empty(0, dtype=object)
    Measures(empty, np.empty((0, len(codebook))), codebook, empty, settings=settings).write_facts(folder)
    recordings = Counter({OK: recordings[OK], **recordings})
    computed = sum(result.status == DONE for result in results)
    return Functionals(folder, codebook, dict(recordings), dict(frames), computed, len(blocks), problems)


def _file(folder: Path, name: str) -> Path:
    return folder / BLOCKS.replace("*", name)
