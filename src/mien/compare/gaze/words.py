"""What was seen of maps beside fixations, in sentences; an absence of a difference is never the news."""

from __future__ import annotations

from mien.compare.gaze.baselines import CENTRE
from mien.compare.gaze.metrics import METRICS, NSS
from mien.compare.gaze.result import GazeAgreement
from mien.compare.gaze.rows import GazeContrast
from mien.core.words import DASH, equals, interval, listed, number, percent


def called(name: str, part: str = "") -> str:
    """A map and its part, as tables call it."""
    return f"{name} ({part})" if part else name


def share_words(share: float) -> str:
    """A share of the ceiling, which may lie below 0, in per cent."""
    return DASH if share != share else f"{100 * share:.0f} %".replace("-0 %", "0 %").replace("-", "−")


def units_looked_at(found: GazeAgreement) -> str:
    """What viewers looked at, as scores count it."""
    return "blocks of time of a film" if "film" in found.settings else "pictures"


def units_counted(found: GazeAgreement) -> str:
    """The same, as the head of a column."""
    return "blocks of time" if "film" in found.settings else "pictures"


def in_words(found: GazeAgreement) -> list[str]:
    """A sentence on the ceiling, and one for each map, by NSS."""
    ceiling = found.ceiling(NSS)
    whom = f"{ceiling.viewers} viewers on {ceiling.pictures} {units_looked_at(found)}"
    sentences = [
        f"Fixations of {whom}. The densities of the other viewers' fixations reach an NSS of {number(ceiling.score)} "
        f"({interval(ceiling.low, ceiling.high)}): the ceiling."
    ]
    if ceiling.low <= 0:
        sentences[0] += " That viewers look at the same places is not shown, so no share of it is given."
    centre = found.row(CENTRE, NSS) if any(row.map == CENTRE for row in found.rows) else None
    if centre is not None and ceiling.low > 0 and centre.score > ceiling.score:
        sentences[0] += (
            f" The centre prior reaches more ({number(centre.score)}): so few other viewers say less than where people "
            "look on all pictures, and shares of this ceiling say little."
        )
    if not found.maps and centre is not None:
        sentences.append(
            f"The centre prior reaches {number(centre.score)} ({interval(centre.low, centre.high)})"
            + (f", {share_words(centre.share)} of the ceiling." if centre.share == centre.share else ".")
        )
    return sentences + [_of_map(found, *key) for key in found.maps]


def _of_map(found: GazeAgreement, name: str, part: str) -> str:
    row = found.row(name, NSS, part)
    text = f"{called(name, part)}: NSS {number(row.score)} ({interval(row.low, row.high)})"
    if row.share == row.share:
        text += f", {share_words(row.share)} of the ceiling"
    against = next(
        (c for c in found.contrasts if (c.metric, c.map, c.part, c.other) == (NSS, name, part, CENTRE)), None
    )
    return f"{text}. {_beside_centre(against)}" if against is not None else f"{text}."


def _beside_centre(row: GazeContrast) -> str:
    if row.p != row.p:
        return "Whether that is more or less than the centre prior reaches cannot be said: there are too few units."
    said = f"({interval(row.low, row.high)}; p corrected {equals(row.p_corrected)})"
    if not row.p_corrected <= 0.05:
        return f"Whether that is more or less than the centre prior reaches is open {said}."
    if row.difference > 0:
        more = number(row.difference)
        return f"Evidence and fixations fall on the same places more than the centre prior explains, by {more} {said}."
    return f"The centre prior alone is closer to the fixations, by {number(-row.difference)} {said}."


def method_words(found: GazeAgreement) -> str:
    """How it was computed and tested, in sentences."""
    asked = found.settings
    low, high = asked["pixels_per_degree"]
    degree = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
    first = "counts" if asked["with_first"] else "does not count"
    others = "times" if "film" in asked else "pictures"
    return (
        f"Every viewer is scored alone; intervals (95 %) and tests hold for other viewers and other {others}, p "
        "corrected (Holm) over all differences of a metric. Column 'all viewers': against all viewers' fixations at "
        f"once, as benchmarks give it. Densities of fixations: Gaussian of {asked['blur_deg']:g} degrees ({degree} "
        f"pixels each); a viewer's first fixation on a picture {first}. KL and information gain: maps with "
        f"{percent(asked['floor'])} of an even spread. "
        "Share of the ceiling: from an even spread (information gain: the centre prior) to what the densities of all "
        "other viewers reach, which grows with their number. That evidence and fixations fall on the same places does "
        "not say that a model and viewers use them alike."
    )


def curve_words(found: GazeAgreement) -> str:
    """How the ceiling depends on the number of other viewers; ``''`` with two viewers."""
    if len(found.curve) < 2:
        return ""
    place = list(METRICS).index(NSS)
    parts = [f"{number(float(values[place]))} by {count}" for count, values in found.curve.items()]
    return (
        f"The ceiling by fewer other viewers (NSS, a draw of pictures): {listed(parts)}. More viewers would raise it."
    )


def credit(found: GazeAgreement) -> str:
    """Where the fixations come from."""
    asked = found.settings
    if not asked["credit"]:
        return ""
    return f"Fixations: {asked['credit']}" + (f" Licence: {asked['licence']}." if asked["licence"] else "")
