"""The codebook: what every statistic means, in its unit."""

from __future__ import annotations

from functools import cache

from mien.data.measures import Measure
from mien.features.over_time.catch22 import STATISTICS
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
    "share active": ("share", "Share of time in which {channel} is in a bout."),
    "bouts per minute": ("1/min", "Number of bouts of {channel} per minute of usable time."),
    "bout duration": ("s", "Mean time from onset to offset of bouts of {channel} of which both were seen."),
    "bout amplitude": ("{unit}", "Mean height of bouts of {channel} at the apex above the resting level."),
    "rise time": ("s", "Mean time from onset to apex of bouts of {channel}."),
    "fall time": ("s", "Mean time from apex to offset of bouts of {channel}."),
    "frequency": ("Hz", "Frequency from 0.2 to 5 Hz at which {channel} swings most."),
    "frequency share": ("share", "Share of the power of {channel} from 0.2 to 5 Hz that is at its main frequency."),
    "blinks per minute": ("1/min", "Closures of the eyes of at most 0.5 s per minute, by {channel}."),
    "blink duration": ("s", "Mean time from closing to opening in a blink, by {channel}."),
    "closed share": ("share", "Share of time in closures of the eyes longer than a blink, by {channel}."),
    "shifts per minute": ("1/min", "Turns of {channel} relative to the head by 5 degrees within 0.15 s, per minute."),
    "shift amplitude": ("{unit}", "Mean size of the shifts of {channel}."),
    "aversion share": (
        "share",
        "Share of time, eyes open, with {channel} more than 10 degrees off its median direction.",
    ),
    "turning speed": ("{unit}/s", "Mean angular speed of the {channel}."),
    "movement energy": ("{unit}2/s2", "Mean square of the angular speed of the {channel}."),
    "share moving": ("share", "Share of time in which the {channel} turns faster than 10 degrees per second."),
    "turning range": ("{unit}", "Turns of the {channel} between the 5th and 95th percentiles of its three angles."),
    "left minus right": ("{unit}", "Mean of {channel} on the person's left minus that on the right."),
    "asymmetry": ("{unit}", "Mean absolute difference of {channel} between the person's left and right."),
    "peak correlation": ("1", "Correlation of {channel} at the lag up to 1 s where it is largest in size."),
    "lag": ("s", "Lag of the largest correlation of {channel}; positive where the second follows the first."),
    "coupling": ("sd", "How far the largest correlation of {channel} lies above those of shifted series."),
    "coupling p": ("1", "Share of shifts of {channel} against each other whose largest correlation is as large."),
    **{name: ("1", f"{name} of {{channel}}; see Lubba et al. (2019).") for name in STATISTICS},
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
