"""The codebook: what every statistic means, in its unit."""

from __future__ import annotations

from functools import cache

from mien.data.measures import Measure
from mien.features.over_time.channels import Channel

# Statistic -> unit ('{unit}' is the channel's) and sentence ('{channel}' is its name).
MEANINGS: dict[str, tuple[str, str]] = {
    "mean": ("{unit}", "Mean of {channel} over time."),
    "sd": ("{unit}", "Standard deviation of {channel} over time."),
    "median": ("{unit}", "Median of {channel} over time."),
    "p10": ("{unit}", "10th percentile of {channel} over time."),
    "p90": ("{unit}", "90th percentile of {channel} over time."),
    "iqr": ("{unit}", "Interquartile range of {channel} over time."),
    "trend": ("{unit}/min", "Slope of a straight line through {channel} over time, per minute."),
    "speed": ("{unit}/s", "Mean absolute change of {channel} over 0.1 s, per second."),
}


def described(channel: str, group: str, statistic: str, unit: str, window: str = "") -> Measure:
    """A line of the codebook; a window of ``''`` is the whole recording."""
    name = f"{channel} {statistic}"
    meaning = MEANINGS[statistic][1].format(channel=channel)
    if window:
        name, meaning = f"{window}: {name}", f"{meaning} During '{window}'."
    return Measure(name, channel, statistic, unit, meaning, group, window)


@cache
def lines(channels: tuple[Channel, ...], statistics: tuple[str, ...], window: str) -> tuple[Measure, ...]:
    """One line for each statistic of each channel, channel by channel."""
    return tuple(
        described(channel.name, channel.group, name, MEANINGS[name][0].format(unit=channel.unit), window)
        for channel in channels
        for name in statistics
    )
