"""Evidence: why a model said what it said, as raw signed values in the space of its input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.features import PICTURE, SPACES
from mien.core.in_notebooks import Plotted, WithAxes
from mien.core.target import Target
from mien.core.words import percent

INCOMPLETE = "incomplete"
EVIDENCE_STATUSES = (
    "ok", "constant", INCOMPLETE, "saturated", "abstained", "non-finite", "no input", "crashed", "other part",
)  # fmt: skip
# Setting of evidence: whether + and - are for and against its target.
SIGN_IS_DIRECTION = "signed_attribution"
# Setting of evidence: why it must not be interpreted, where its model is not shown to predict the target.
NOT_PREDICTED = "not_predicted"
# Setting of evidence: shares that models of shuffled labels give, see ``mien.explain.shuffled``.
SHUFFLED = "shuffled"
DO_NOT = "Not predicted: do not interpret."


@dataclass(frozen=True, eq=False)
class Evidence(Plotted, WithAxes):
    """Signed evidence for one target, one row per sample. Nothing is normalised, clipped or made absolute.

    Attributes
    ----------
    values : ndarray of float32, shape of the model's input (see ``Features.values``)
        Methods that give one value per pixel for all channels of a picture: (samples, 1, height, width).
        Positive: speaks for the target. Unit: that of the explained output. NaN where the status is not ``'ok'``,
        ``'constant'`` or ``'incomplete'``.
    space : str
        ``'named features'``, ``'landmarks x time'``, ``'pixels'`` or ``'channels x time'``.
    names : tuple of str
        As in ``Features``.
    target : Target
    method : str
        Published name in lower case, such as ``'integrated-gradients'``.
    settings : dict
        Steps, baselines, seed and whatever else is needed to compute the values again.
    sample : ndarray of str, shape (samples,)
        Path or clip id of each row.
    subject : ndarray of str, shape (samples,)
    label : ndarray of str, shape (samples,)
        The sample's own label, ``''`` where unknown.
    output : ndarray of float32, shape (samples,)
        The explained output of the model for each sample.
    gap : ndarray of float32, shape (samples,)
        Completeness gap: sum of the values minus (output at the sample - output at the baseline); NaN for
        methods that promise no completeness.
    standard_error : ndarray of float32 or None
        Shape of ``values``, for sampled methods.
    status : ndarray of str, shape (samples,)
        ``'ok'``, ``'constant'`` (all values are equal), ``'incomplete'`` (the method promises that the values add up to
        the output's difference from the baselines, but they leave more of it open than they explain: do not
        interpret; they are kept to be looked at and are in no average), ``'saturated'`` (all are zero although the
        output differs from that of the baseline: the network's answer has no slope here), ``'abstained'`` (the method
        or the model says that it cannot know), ``'non-finite'``, ``'no input'``, ``'crashed'`` (the process that
        explained it died again and again) or ``'other part'`` (of a job array; it was not computed here).
    topology : str
        Which points a sequence holds; ``''`` otherwise.
    model : dict
        Name and kind of the explained model; ``weights_sha256`` where it is stored.
    columns : dict of str to ndarray, shape (samples,)
        Further numbers per sample that the method gives, such as ``'r2'`` of a local model.
    """

    def __repr__(self) -> str:
        """One line; of a target that the model is not shown to predict, another one that says so."""
        return "\n".join([brief(self), *([self.caution] if self.caution else [])])

    values: np.ndarray
    space: str
    names: tuple[str, ...]
    target: Target
    method: str
    settings: dict[str, Any]
    sample: np.ndarray
    subject: np.ndarray
    label: np.ndarray
    output: np.ndarray
    gap: np.ndarray
    status: np.ndarray
    standard_error: np.ndarray | None = None
    topology: str = ""
    model: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.space not in SPACES:
            raise InputError(f"Evidence: space is one of {', '.join(SPACES)}, but got '{self.space}'.")
        values = np.asarray(self.values, dtype=np.float32)
        if values.ndim != SPACES[self.space]:
            raise InputError(
                f"Evidence: '{self.space}' needs an array with {SPACES[self.space]} axes, but it has {values.ndim}."
            )
        rows = len(values)
        object.__setattr__(self, "values", values)
        for name in ("sample", "subject", "label", "status"):
            column = np.array([str(v) for v in getattr(self, name)], dtype=object)
            _check_rows(name, len(column), rows)
            object.__setattr__(self, name, column)
        for name in ("output", "gap"):
            column = np.asarray(getattr(self, name), dtype=np.float32)
            _check_rows(name, len(column), rows)
            object.__setattr__(self, name, column)
        columns = {str(name): np.asarray(column, dtype=np.float64) for name, column in self.columns.items()}
        for name, column in columns.items():
            _check_rows(name, len(column), rows)
        object.__setattr__(self, "columns", columns)
        unknown = sorted(set(self.status) - set(EVIDENCE_STATUSES))
        if unknown:
            raise InputError(f"Evidence: status is one of {EVIDENCE_STATUSES}, but got '{unknown[0]}'.")
        if self.standard_error is not None and np.shape(self.standard_error) != values.shape:
            raise InputError(
                f"Evidence: standard_error must have shape {values.shape}, but has {np.shape(self.standard_error)}."
            )

    @property
    def caution(self) -> str:
        """That the model is not shown to predict the target, with the score; ``''`` where it is or where none is known.

        As the report, ``mien explain`` and the page say it; see ``mien.learn.predicted``.
        """
        return str(self.settings.get(NOT_PREDICTED, ""))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Any) -> Evidence:
        """Samples by slice, mask or array of indices."""
        columns = ("values", "sample", "subject", "label", "output", "gap", "status")
        changed: dict[str, Any] = {name: getattr(self, name)[rows] for name in columns}
        changed["columns"] = {name: column[rows] for name, column in self.columns.items()}
        if self.standard_error is not None:
            changed["standard_error"] = self.standard_error[rows]
        return replace(self, **changed)

    def on_photo(self, row: int) -> np.ndarray:
        """One sample's evidence in the pixels of its photo.

        Parameters
        ----------
        row : int
            Number of the sample.

        Returns
        -------
        ndarray of float32, shape (channels, height, width)
            Of the whole upright photo, 0 outside the crop that was explained. Each crop pixel's evidence is spread over
            the photo's pixels that it covers, so that the sum over the face stays the same.

        Raises
        ------
        InputError
            If there is no such row, the evidence is not about pixels, or where the crop lies in the photo is not known.
        """
        from mien.core.placing import in_photo, place_of

        if self.space != PICTURE:
            raise InputError(f"Evidence about {self.space} has no place in a photo; that of pictures has.")
        if not 0 <= row < len(self.values):
            raise InputError(f"row: there are the samples 0 to {len(self.values) - 1}, but got {row}.")
        to_photo, shape = place_of(self.columns, row)
        return in_photo(self.values[row], to_photo, shape)

    @property
    def ok(self) -> np.ndarray:
        """Mask of the samples with values that can be interpreted, shape (samples,)."""
        return (self.status == "ok") | (self.status == "constant")


def _check_rows(name: str, got: int, rows: int) -> None:
    if got != rows:
        raise InputError(f"Evidence: {rows} samples, but '{name}' has {got} values.")


def joined(parts: Sequence[Evidence]) -> Evidence:
    """Rows of all parts, in order; what is said of all of them is that of the first."""
    first = parts[0]
    names = ("values", "sample", "subject", "label", "output", "gap", "status")
    found: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    columns = list(dict.fromkeys(name for part in parts for name in part.columns))
    found["columns"] = {
        name: np.concatenate([part.columns.get(name, np.full(len(part), np.nan)) for part in parts]) for name in columns
    }
    if any(part.standard_error is not None for part in parts):
        found["standard_error"] = np.concatenate(
            [part.standard_error if part.standard_error is not None else np.full_like(part.values, np.nan)
             for part in parts]
        )  # fmt: skip
    left_out = {name: why for part in parts for name, why in part.settings.get("left_out", {}).items()}
    return replace(first, **found, settings={**first.settings, **({"left_out": left_out} if left_out else {})})


def steps_in_words(settings: Mapping[str, Any]) -> str:
    """How many steps from baseline to sample a path method took; empty for other methods."""
    if "n_steps" not in settings:
        return ""
    if settings["n_steps"] is not None:
        return f"{settings['n_steps']} steps"
    return f"steps until the completeness gap is at most {percent(settings['tolerance'])}"


def baselines_in_words(settings: Mapping[str, Any]) -> str:
    """What evidence was measured against."""
    kind, count = str(settings.get("baselines", "none")), settings.get("n_baselines", 1)
    known = {
        "medoids": f"{count} typical samples (medoids)",
        "mean": "the mean sample",
        "zero": "zero",
        "none": "none",
        "blur": "each picture without detail (blur)",
    }
    if kind.startswith("medoids:"):
        return f"{count} typical samples of '{kind.partition(':')[2]}' (medoids)"
    return known.get(kind, f"{kind} ({count})")
