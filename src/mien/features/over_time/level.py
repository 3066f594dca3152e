"""Level, spread, trend and speed of channels."""

from __future__ import annotations

import numpy as np

from mien.features.over_time.even import Even

# Changes are measured over this time, so that neither the frame rate nor its noise decides.
SPEED_S = 0.1


def level(series: Even) -> dict[str, np.ndarray]:
    """Mean, sd, quantiles and their ranges, each of shape (channels,)."""
    # Less the first value, so that what is constant has no spread by rounding.
    values = series.values - series.values[:, :1]
    mean = values.mean(axis=1)
    ordered = np.sort(values, axis=1)
    low, lower, middle, upper, high = (_quantile(ordered, share) for share in (0.1, 0.25, 0.5, 0.75, 0.9))
    base = series.values[:, 0]
    return {
        "mean": base + mean,
        "sd": values.std(axis=1),
        "median": base + middle,
        "p10": base + low,
        "p90": base + high,
        "iqr": upper - lower,
    }


def _quantile(ordered: np.ndarray, share: float) -> np.ndarray:
    place = share * (ordered.shape[1] - 1)
    low = int(place)
    high = min(low + 1, ordered.shape[1] - 1)
    return ordered[:, low] + (ordered[:, high] - ordered[:, low]) * np.float32(place - low)


def change(series: Even) -> dict[str, np.ndarray]:
    """Slope per minute over the whole, and mean absolute speed per second within stretches; NaN where too short."""
    channels = len(series.values)
    time = series.time_s - series.time_s.mean()
    square = float(time @ time)
    values = series.values - series.values[:, :1]
    slope = values @ (time / square).astype(np.float32) * 60 if square > 0 else np.full(channels, np.nan)
    lag = series.lag(SPEED_S) if series.step_s else 1
    pairs = series.change(lag) if len(time) > lag else np.empty((channels, 0))
    speed = np.abs(pairs).mean(axis=1) / (lag * series.step_s) if pairs.shape[1] else np.full(channels, np.nan)
    return {"trend": slope, "speed": speed}
