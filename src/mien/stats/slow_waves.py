"""How a mean over time varies where moments resemble their neighbours: its slow waves alone tell."""

from __future__ import annotations

import numpy as np

# Below, an interval would say nothing.
FEWEST_WAVES = 2


def slow_waves(run: np.ndarray, time_s: np.ndarray, shortest_s: float) -> np.ndarray:
    """Contrasts of runs, and cosines within them that are no shorter than a period.

    Parameters
    ----------
    run : ndarray, shape (moments,)
        The run of each moment.
    time_s : ndarray, shape (moments,)
        When it is.
    shortest_s : float
        Periods below are left out. It has to be several times as long as moments resemble each other.

    Returns
    -------
    ndarray of float64, shape (moments, waves)
        Orthonormal, and each sums to 0. The mean square of a series' products with them estimates the variance that
        matters for its mean, with as many degrees of freedom as waves; all waves that there are give the ordinary
        variance.

    Notes
    -----
    The equal-weighted cosine estimator of Müller 2004 and Lazarus, Lewis, Stock & Watson 2018 (HAR inference:
    recommendations for practice, J. Business & Economic Statistics 36(4)), here with a period that the user knows in
    place of a rate of the sample's size, and over several runs.
    """
    columns = []
    for name in dict.fromkeys(run.tolist()):
        own = run == name
        columns.append(own.astype(np.float64))
        at = time_s[own]
        if own.sum() < 2:
            continue
        step = float(np.median(np.diff(np.sort(at))))
        length = float(np.ptp(at)) + step
        turn = np.pi * (at - at.min() + step / 2) / length
        for k in range(1, min(int(2 * length / shortest_s + 1e-9), int(own.sum()) - 1) + 1):
            wave = np.zeros(len(run))
            wave[own] = np.cos(k * turn)
            columns.append(wave)
    return orthonormal(np.stack(columns, axis=1)) if columns else np.zeros((len(run), 0))


def orthonormal(waves: np.ndarray) -> np.ndarray:
    """An orthonormal basis of what columns span apart from their means, shape (moments, waves)."""
    left, size, _ = np.linalg.svd(waves - waves.mean(axis=0), full_matrices=False)
    return np.asarray(left[:, size > 1e-8 * max(1.0, size.max(initial=0.0))])
