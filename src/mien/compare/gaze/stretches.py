"""A film's frames in short stretches of time, over which means and their intervals are taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.compare.gaze.film import Frames
from mien.stats.crossed import CrossedMean, crossed_mean
from mien.stats.slow_waves import FEWEST_WAVES, slow_waves

# So many stretches make a block; slow waves last at least so many blocks: what resembles its neighbours within a block
# leaves them nearly alone (benchmarks: .05 of films without effect have p <= .05, with waves of four blocks .06).
PER_BLOCK, SHORTEST_BLOCKS = 10, 5
# With fewer degrees of freedom only large differences show.
FEW = 5


@dataclass(frozen=True, eq=False)
class Stretches:
    """Which frames belong together.

    Attributes
    ----------
    of : ndarray of int, shape (frames,)
        Stretch of each frame, in order.
    block : ndarray of int, shape (stretches,)
        The block of time of each.
    waves : ndarray, shape (stretches, waves)
        See ``mien.stats.slow_waves``.
    """

    of: np.ndarray
    block: np.ndarray
    waves: np.ndarray

    @property
    def enough(self) -> bool:
        """Whether intervals and tests are possible."""
        return self.waves.shape[1] >= FEWEST_WAVES

    @property
    def blocks(self) -> int:
        """How many blocks have frames."""
        return int(self.block[-1]) + 1

    def means(self, values: np.ndarray) -> np.ndarray:
        """Means of what is known in each stretch, shape (..., frames, viewers) -> (..., stretches, viewers)."""
        starts = np.searchsorted(self.of, np.arange(len(self.block)))
        known = np.isfinite(values)
        count = np.add.reduceat(known, starts, axis=-2, dtype=np.int64)
        total = np.add.reduceat(np.where(known, values, 0.0), starts, axis=-2)
        return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def stretches_of(frames: Frames, used: list[int], block_s: float) -> Stretches:
    """Stretches of a tenth of a block within runs; neither stretches nor waves reach over the end of a run."""
    run, time = frames.run[used].astype(str), frames.time_s[used]
    short, of = _numbered(run, time, block_s / PER_BLOCK)
    first = np.searchsorted(of, np.arange(short))
    middle = np.bincount(of, time) / np.bincount(of)
    waves = slow_waves(run[first], middle, SHORTEST_BLOCKS * block_s)
    return Stretches(of, _numbered(run, time, block_s)[1][first], waves)


def _numbered(run: np.ndarray, time: np.ndarray, step_s: float) -> tuple[int, np.ndarray]:
    """How many steps of time have frames, and the one of each frame, counted on; frames are in order."""
    step = np.floor(time / step_s + 1e-9)
    new = (run[1:] != run[:-1]) | (step[1:] != step[:-1])
    of = np.concatenate([[0], np.cumsum(new)])
    return int(of[-1]) + 1, of


def over_both(table: np.ndarray, stretches: Stretches | None) -> CrossedMean:
    """Mean over viewers and pictures, or of a film over viewers and stretches; ``stimuli`` are pictures or blocks.

    Parameters
    ----------
    table : ndarray, shape (pictures or stretches, viewers)
    stretches : Stretches, optional
    """
    if stretches is None:
        return crossed_mean(table)
    found = crossed_mean(table, waves=stretches.waves)
    blocks = len(np.unique(stretches.block[np.isfinite(table).any(axis=1)]))
    return CrossedMean(found.value, found.low, found.high, found.p, blocks, found.people)


def film_words(stretches: Stretches, frames: int, viewers: int, block_s: float, far_s: float) -> list[str]:
    """What has to be known of a film's scores, and whether units are too few to say anything of others."""
    waves = stretches.waves.shape[1]
    said = [
        f"A film: {frames} frames in {stretches.blocks} blocks of {block_s:g} s; fixations count by how long they lie "
        f"in a frame's window; other frames are those at least {far_s:g} s away or of other runs. Intervals and tests "
        f"hold for other viewers and other times, not frames: they rest on {viewers} viewers and {waves} slow waves of "
        f"the scores, none shorter than {SHORTEST_BLOCKS} blocks. What is shown has to change within a block (block_s)."
    ]
    if not stretches.enough:
        said.append(
            f"Too short for intervals and tests: what holds for other times needs {SHORTEST_BLOCKS} blocks of "
            f"{block_s:g} s in one run, or {FEWEST_WAVES + 1} runs. Nothing follows from these scores beyond the film."
        )
    elif min(waves, viewers - 1) < FEW:
        what = f"{waves} slow waves" if waves < viewers - 1 else f"{viewers} viewers"
        said.append(f"{what} are few: only large differences can show, and where none shows, there can still be one.")
    return said
