"""Who is who from frame to frame, by place, size and motion alone; nothing about identity is computed."""

from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts when they are asked for, which is not always

# A lost person keeps the number for this long.
REMEMBER_S = 2.0
# A face may lie this many face sizes from where its track expects it, plus as much again per second unseen.
GATE_SIZES = 0.7
# A face may be this much larger or smaller than its track's last one, as a logarithm.
MOST_GROWTH = np.log(2)
# Share of each new displacement in the running estimate of velocity.
VELOCITY_GAIN = 0.3
# The estimate of velocity fades while a person is unseen; seconds to 1/e.
COASTING_S = 1.0


@dataclass
class _Track:
    number: int
    centre: np.ndarray
    velocity: np.ndarray
    log_size: float
    seen_s: float

    def expected(self, time_s: float) -> np.ndarray:
        unseen = time_s - self.seen_s
        return self.centre + self.velocity * COASTING_S * (1 - np.exp(-unseen / COASTING_S))


class Tracker:
    """Gives every face of every frame the number of its person.

    Faces are assigned to tracks by the smallest total cost (Hungarian method); the cost is the distance from
    where the track would be at its velocity, in face sizes, plus the change of size. Tracks of people who are
    covered or out of the picture wait for ``REMEMBER_S`` seconds.
    """

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._next = 0

    def update(self, time_s: float, box_px: np.ndarray) -> np.ndarray:
        """Numbers of the faces of one frame.

        Parameters
        ----------
        time_s : float
            Must not decrease from call to call.
        box_px : ndarray, shape (faces, 4)
            x, y, width, height.

        Returns
        -------
        ndarray of int, shape (faces,)
        """
        self._tracks = [track for track in self._tracks if time_s - track.seen_s <= REMEMBER_S]
        centres = box_px[:, :2] + box_px[:, 2:] / 2
        sizes = np.maximum(box_px[:, 2:].max(axis=1, initial=0), 1e-6)
        numbers = np.full(len(box_px), -1, dtype=np.int64)
        for row, track in self._assign(time_s, centres, sizes):
            unseen = max(time_s - track.seen_s, 1e-6)
            velocity = (centres[row] - track.centre) / unseen
            track.velocity = track.velocity + VELOCITY_GAIN * (velocity - track.velocity)
            track.centre, track.log_size, track.seen_s = centres[row], float(np.log(sizes[row])), time_s
            numbers[row] = track.number
        for row in np.flatnonzero(numbers < 0).tolist():
            self._tracks.append(_Track(self._next, centres[row], np.zeros(2), float(np.log(sizes[row])), time_s))
            numbers[row] = self._next
            self._next += 1
        return numbers

    def waiting(self, time_s: float, found: int) -> bool:
        """Whether more people were seen within ``REMEMBER_S`` before ``time_s`` than the ``found`` ones."""
        return sum(time_s - track.seen_s <= REMEMBER_S for track in self._tracks) > found

    def _assign(self, time_s: float, centres: np.ndarray, sizes: np.ndarray) -> list[tuple[int, _Track]]:
        if not self._tracks or not len(centres):
            return []
        cost = np.full((len(centres), len(self._tracks)), np.inf)
        for column, track in enumerate(self._tracks):
            offset = (centres - track.expected(time_s)) / np.exp(track.log_size)
            distance = np.hypot(offset[:, 0], offset[:, 1])
            growth = np.abs(np.log(sizes) - track.log_size)
            near = distance <= GATE_SIZES * (1 + time_s - track.seen_s)
            cost[:, column] = np.where(near & (growth <= MOST_GROWTH), distance + growth, np.inf)
        if cost.size == 1:
            return [(0, self._tracks[0])] if np.isfinite(cost[0, 0]) else []
        # The method needs finite costs; pairs that are not allowed cost more than all others together.
        rows, columns = scipy.optimize.linear_sum_assignment(np.where(np.isfinite(cost), cost, 1e6))
        pairs = zip(rows.tolist(), columns.tolist(), strict=True)
        return [(row, self._tracks[column]) for row, column in pairs if np.isfinite(cost[row, column])]
