"""What covering a part costs: windows of a picture, points, features, or whole regions.

Zeiler & Fergus, "Visualizing and understanding convolutional networks", ECCV 2014. The value of a part is the output
of the input minus the output with the part covered.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.core.settings import Count, Precision
from mien.explain.fills import Fill, inpainted
from mien.explain.perturb.precision import Runner, runner
from mien.explain.perturb.sampling import many_outputs, probe_of, segment_counts
from mien.explain.problem import Attribution, Problem
from mien.explain.units import Segmentation, units_of


def occlusion(
    problem: Problem,
    *,
    window: Count | None = None,
    stride: Count | None = None,
    fill: Any = "auto",
    precision: Precision = "auto",
) -> Attribution:
    """What covering a window of a picture, a point of a sequence or a feature costs.

    Parameters
    ----------
    problem : Problem
    window : int, optional
        Side of the window in pixels; by default an eighth of the picture's shorter side.
    stride : int, optional
        Step of the window in pixels; by default half the window.
    fill : str or array
        What covered places show; ``'auto'``: the picture's mean colour, elsewhere the training mean.
    precision : str
        ``'auto'``, ``'float32'``, ``'float16'`` or ``'bfloat16'``; see ``mien.explain.perturb.precision``.

    Returns
    -------
    Attribution
        A pixel bears the mean over all windows that cover it. A point's value is shared equally among its frames and
        coordinates.

    Raises
    ------
    InputError
        If window and stride do not fit the picture, or are given for something else.
    """
    if problem.space != PICTURE:
        if window is not None or stride is not None:
            raise InputError(f"window and stride are for pictures; of {problem.space} one point or feature is covered.")
        return _one_out(problem, units_of(problem), fill, precision)
    height, width = problem.values.shape[2:]
    window = max(1, min(height, width) // 8) if window is None else window
    stride = max(1, window // 2) if stride is None else stride
    if not (0 < window <= min(height, width) and 0 < stride <= window):
        raise InputError(
            f"A window is 1 to {min(height, width)} pixels and a stride 1 to the window, but got {window} and {stride}."
        )
    boxes = [(y, x) for y in _starts(height, window, stride) for x in _starts(width, window, stride)]
    covering = Fill(problem, fill, "mean", _no_segments(problem))
    values = np.empty((len(problem.values), 1, height, width), dtype=np.float32)
    times = np.zeros((height, width))
    for y, x in boxes:
        times[y : y + window, x : x + window] += 1

    def probe(rows: int) -> torch.Tensor:
        picks = np.linspace(0, len(boxes) - 1, rows).round().astype(int)
        return _windows(problem, covering, 0, [boxes[i] for i in picks], window)

    with runner(problem, precision, len(boxes) * len(problem.values), probe) as run:
        whole = _clean(problem, run)
        for sample in range(len(problem.values)):
            costs = whole[sample] - _window_outputs(problem, run, covering, sample, boxes, window)
            total = np.zeros((height, width))
            for (y, x), cost in zip(boxes, costs, strict=True):
                total[y : y + window, x : x + window] += cost
            values[sample, 0] = total / times
            run.steps.finished(sample + 1, len(problem.values))
    passes = np.full(len(values), float(len(boxes)))
    facts = {**run.facts, "fill": covering.name, "window": window, "stride": stride}
    return Attribution(values, columns={"passes": passes}, facts=facts)


def leave_one_region_out(
    problem: Problem, *, segments: Any = "regions", fill: Any = "auto", precision: Precision = "auto"
) -> Attribution:
    """What covering a whole region of the face costs.

    Parameters
    ----------
    problem : Problem
    segments : str or array of int
        ``'regions'``: the topology's regions of sequences; the places that the names of features say. For pictures
        an array (height, width) or (samples, height, width) with a number per region, -1 for what is no region.
    fill, precision
        As for ``occlusion``.

    Raises
    ------
    InputError
        If the regions are not known.
    """
    return _one_out(problem, units_of(problem, segments), fill, precision)


def _one_out(problem: Problem, units: Segmentation, fill: Any, precision: str) -> Attribution:
    """Each unit covered alone, in batches across samples."""
    covering = Fill(problem, fill, "mean", units)
    counts = [units.count(sample) for sample in range(len(problem.values))]
    sample = np.repeat(np.arange(len(counts)), counts)
    unit = np.concatenate([np.arange(count) for count in counts])
    values = []
    with runner(problem, precision, len(sample), probe_of(problem, units, covering)) as run:
        whole = _clean(problem, run)
        costs = np.empty(len(sample))
        # So many rows at a time that the table of what is kept stays small.
        step = max(1, 2**24 // max(1, units.most))
        for start in range(0, len(sample), step):
            rows = slice(start, start + step)
            kept = np.ones((len(sample[rows]), units.most), dtype=bool)
            kept[np.arange(len(kept)), unit[rows]] = False
            costs[rows] = whole[sample[rows]] - many_outputs(problem, run, units, covering, sample[rows], kept)
            run.steps.finished(min(start + step, len(sample)), len(sample))
    for number in range(len(counts)):
        values.append(units.spread(number, costs[sample == number]))
    return Attribution(
        np.stack(values),
        columns={"passes": np.array(counts, dtype=np.float64), **segment_counts(units, len(counts))},
        facts={**run.facts, "fill": covering.name, "segments": units.name},
    )


def _clean(problem: Problem, run: Runner) -> np.ndarray:
    """The output of the inputs themselves, in the same precision as what it is compared with."""
    return run.outputs(len(problem.values), lambda a, b: torch.from_numpy(problem.values[a:b]).to(run.device))


def _starts(side: int, window: int, stride: int) -> list[int]:
    """Places of the window along one side; the last one may reach beyond the border, so that all is covered."""
    return [i * stride for i in range(-(-(side - window) // stride) + 1)]


def _no_segments(problem: Problem) -> Segmentation:
    """Allows the fills that look at what is covered: here each window is a segment of its own."""
    height, width = problem.values.shape[2:]
    return Segmentation(np.zeros((1, height, width), dtype=np.int64), problem.space, problem.values.shape[1:], "grid")


def _windows(problem: Problem, fill: Fill, sample: int, boxes: list[tuple[int, int]], window: int) -> torch.Tensor:
    """One sample with each of the windows covered."""
    picture = problem.values[sample]
    own = fill.name in ("inpaint", "segment mean")
    instead = picture if own else fill.of(sample)
    covered = np.repeat(picture[None], len(boxes), axis=0)
    for row, (y, x) in zip(covered, boxes, strict=True):
        place = (slice(None), slice(y, y + window), slice(x, x + window))
        if fill.name == "segment mean":
            row[place] = picture[place].mean(axis=(1, 2), keepdims=True)
        elif own:
            mask = np.zeros(picture.shape[1:], dtype=bool)
            mask[place[1:]] = True
            row[place] = inpainted(picture, mask)[place]
        else:
            row[place] = instead[place]
    return torch.from_numpy(covered).to(problem.device)


def _window_outputs(
    problem: Problem, run: Runner, fill: Fill, sample: int, boxes: list[tuple[int, int]], window: int
) -> np.ndarray:
    # What is shown instead is the same for all windows unless it depends on them; make it once.
    if fill.name not in ("inpaint", "segment mean"):
        fill = Fill(problem, fill.of(sample), fill.name)
    return run.outputs(len(boxes), lambda a, b: _windows(problem, fill, sample, boxes[a:b], window))
