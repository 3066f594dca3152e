"""What a model's output rests on, by channel and statistic: written and read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.evidence import DO_NOT
from mien.core.files import finite
from mien.core.in_notebooks import Plotted
from mien.core.results import number
from mien.core.words import equals, interval, listed, percent
from mien.core.words import number as shown
from mien.data.result_files import ResultFiles

CHANNELS, FACTS, ARRAYS = "channels", "channels.json", "channels.safetensors"
_FORMAT = "mien channels 1"
_FILES = ResultFiles("mien channels", _FORMAT, FACTS, {"arrays": ARRAYS}, optional=("arrays",))
_SURE = 0.05


@dataclass(frozen=True)
class ChannelImportance:
    """One channel, or one statistic, of a model.

    Attributes
    ----------
    name, group : str
    shap, shap_low, shap_high : float
        Its share of the mean absolute SHAP values of held-out people, with a 95 % interval over people; NaN where the
        model has none.
    shap_shuffled : float
        The same of models that were trained on the outcome of other people.
    importance, low, high : float
        How much the loss of held-out people grows when all its measures, and those of the channels that say the same,
        come from another person, in per cent of the loss, with a 95 % interval over people.
    p, q : float
        One-sided, whether that is more than nothing; alone, and corrected over channels (Benjamini and Hochberg).
    together : tuple of str
        The channels that say the same.
    """

    name: str
    group: str
    shap: float
    shap_low: float
    shap_high: float
    shap_shuffled: float
    importance: float
    low: float
    high: float
    p: float
    q: float
    together: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Accumulated:
    """Accumulated local effects of one measure.

    Attributes
    ----------
    measure : str
    at : ndarray, shape (points,)
        Values of the measure: quantiles of the people.
    effect, low, high : ndarray, shape (points,)
        On the model's score, mean 0 over people; 95 % interval over people.
    """

    __repr__ = brief

    measure: str
    at: np.ndarray
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class ChannelEvidence(Plotted):
    """What a model of an outcome rests on, of people who did not train it.

    Attributes
    ----------
    model, outcome, unit : str
        ``unit``: of SHAP values and accumulated effects.
    people, n_folds : int
    skill, skill_low, skill_high : float
        Share of the loss of a constant prediction that the model saves on held-out people; below 0 it is worse.
    channels, statistics : tuple of ChannelImportance
        The most important first; statistics have no permutation importance.
    swarm : dict of str to ndarray
        For drawing, of some people: ``'shap'`` and ``'value'`` (rank, 0 to 1), shape (measures, people).
    swarm_measures : tuple of str
    accumulated : tuple of Accumulated
    settings : dict
    notes : tuple of str
    caution : str
        What of age, sex and site goes with the outcome, which a model may rest on; ``''``: nothing.
    folder : Path or None
    """

    __repr__ = brief

    model: str
    outcome: str
    unit: str
    people: int
    n_folds: int
    skill: float
    skill_low: float
    skill_high: float
    channels: tuple[ChannelImportance, ...]
    statistics: tuple[ChannelImportance, ...]
    swarm: dict[str, np.ndarray]
    swarm_measures: tuple[str, ...]
    accumulated: tuple[Accumulated, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    caution: str = ""
    folder: Path | None = None

    @property
    def unlearnt(self) -> str:
        """That it must not be interpreted, where the model is not shown to save anything; else ``''``."""
        return "" if self.skill_low > 0 else DO_NOT

    def words(self) -> str:
        """What was seen, in sentences."""
        return f"{self._found()} {self.caution}".rstrip()

    def _found(self) -> str:
        sure = [row for row in self.channels if row.q <= _SURE]
        skill = f"{percent(self.skill)} of the loss of a constant" if self.skill > 0 else "nothing beyond a constant"
        text = (
            f"{self.model} of {self.outcome}: on {self.people} held-out people it saves {skill} "
            f"({interval(self.skill_low, self.skill_high)})."
        )
        if self.unlearnt:
            return f"{self.unlearnt} {text} It may have learned nothing; what it rests on says nothing of the outcome."
        if not sure:
            return f"{text} No channel is one that it needs."
        best = max(sure, key=lambda row: row.importance)
        others = f"{best.name} with {listed(list(best.together))}" if best.together else best.name
        return text + (
            f" {len(sure)} of {len(self.channels)} channels are needed; most of all {others} (without it the loss "
            f"is {shown(best.importance)} % higher, {interval(best.low, best.high)}, q {equals(best.q)}). "
            f"Largest share of its evidence: {listed([row.name for row in self.channels[:3]])}."
        )

    def method_words(self) -> str:
        """How it was computed, in sentences."""
        return (
            f"Trained in {self.n_folds} folds of people; everything is about the people left out. Shares: mean "
            "absolute SHAP values (TreeSHAP), those of a channel's measures summed first; of noise, too, a model has "
            "shares, see those with the outcome shuffled. Importance: all measures of a channel, and of the channels "
            "that say the same, come from another person together; one-sided t over people. It is about this model, "
            "and is not a diagnosis."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values without the arrays."""
        return dict(
            finite(
                {
                    "format": _FORMAT, "model": self.model, "outcome": self.outcome, "unit": self.unit,
                    "people": self.people, "n_folds": self.n_folds,
                    "skill": [self.skill, self.skill_low, self.skill_high],
                    "channels": [asdict(row) for row in self.channels],
                    "statistics": [asdict(row) for row in self.statistics],
                    "swarm_measures": list(self.swarm_measures),
                    "accumulated": [one.measure for one in self.accumulated], "settings": self.settings,
                    "notes": list(self.notes), "caution": self.caution, "words": self.words(),
                }
            )
        )  # fmt: skip

    def write(self, folder: str | Path) -> None:
        """Write ``channels.json`` and ``channels.safetensors``, which change together."""
        arrays = {f"swarm {name}": np.asarray(a, np.float32) for name, a in self.swarm.items()}
        for place, one in enumerate(self.accumulated):
            stacked = np.stack([one.at, one.effect, one.low, one.high])
            arrays[f"accumulated {place}"] = np.asarray(stacked, np.float64)
        _FILES.write(folder, self.to_json(), {"arrays": arrays})


def load_channels(folder: str | Path) -> ChannelEvidence:
    """Read what ``mien channels`` wrote.

    Parameters
    ----------
    folder : path
        ``STUDY/channels/MODEL``.

    Returns
    -------
    ChannelEvidence

    Raises
    ------
    InputError
        If a file is missing, damaged or something else.

    Examples
    --------
    >>> import mien
    >>> mien.load_channels("nowhere")
    Traceback (most recent call last):
    mien.core.errors.InputError: nowhere holds no channels.json; 'mien channels' writes it.
    """
    return _FILES.read(folder, lambda facts, parts: _result(facts, parts["arrays"], Path(folder)))


def _result(facts: dict[str, Any], arrays: dict[str, np.ndarray], folder: Path) -> ChannelEvidence:
    skill, skill_low, skill_high = (number(value) for value in facts["skill"])
    return ChannelEvidence(
        model=str(facts["model"]), outcome=str(facts["outcome"]), unit=str(facts["unit"]),
        people=int(facts["people"]), n_folds=int(facts["n_folds"]), skill=skill, skill_low=skill_low,
        skill_high=skill_high, channels=_rows(facts["channels"]), statistics=_rows(facts["statistics"]),
        swarm={name: arrays[f"swarm {name}"] for name in ("shap", "value") if f"swarm {name}" in arrays},
        swarm_measures=tuple(facts["swarm_measures"]),
        accumulated=tuple(
            Accumulated(name, *arrays[f"accumulated {i}"]) for i, name in enumerate(facts["accumulated"])
            if f"accumulated {i}" in arrays
        ),
        settings=dict(facts["settings"]), notes=tuple(facts["notes"]),
        caution=str(facts.get("caution", "")), folder=folder,
    )  # fmt: skip


def _rows(found: Any) -> tuple[ChannelImportance, ...]:
    figures = [name for name in ChannelImportance.__dataclass_fields__ if name not in ("name", "group", "together")]
    return tuple(
        ChannelImportance(
            str(row["name"]),
            str(row["group"]),
            **{name: number(row[name]) for name in figures},
            together=tuple(row["together"]),
        )
        for row in found
    )
