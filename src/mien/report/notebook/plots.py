"""Nouns and results as matplotlib drawings: one function per kind, one row in the table at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import DO_NOT
from mien.core.extras import require
from mien.core.features import PICTURE, SEQUENCE
from mien.core.outcome import outcome_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Blue and vermilion of Okabe and Ito (2008), which most colour-blind readers tell apart, and greys.
INK, SOFT, ACCENT, FOR, AGAINST = "#1b1e22", "#59616a", "#0072b2", "#d55e00", "#0072b2"
SHADES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
MOST_BARS = 15


@dataclass(frozen=True)
class Bar:
    """A number with its interval and its chance level; NaN where there is none."""

    name: str
    value: float
    low: float = float("nan")
    high: float = float("nan")
    chance: float = float("nan")


def plot_of(shown: Any, ax: Axes | None = None) -> Axes:
    """Draw a noun or result.

    Parameters
    ----------
    shown : object
        Of a kind in ``PLOTS``.
    ax : matplotlib.axes.Axes, optional
        None: a figure of its own.

    Raises
    ------
    InputError
        If there is nothing in it that can be drawn.
    """
    if ax is None:
        require("matplotlib", "A drawing", "learn")
        import matplotlib.pyplot as plt

        ax = plt.figure(layout="constrained").add_subplot()
    # Of a kind that stands on another one, what draws that.
    next(PLOTS[kind.__name__] for kind in type(shown).__mro__ if kind.__name__ in PLOTS)(shown, ax)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def intervals(ax: Axes, bars: Sequence[Bar], label: str) -> None:
    """Numbers with their 95 % intervals, one below the other; chance as a grey mark.

    Raises
    ------
    InputError
        If no number is finite.
    """
    drawn = [bar for bar in bars if np.isfinite(bar.value)]
    if not drawn:
        raise InputError("There is nothing to draw: no number in this result is finite.")
    rows = np.arange(len(drawn))[::-1]
    for row, bar in zip(rows, drawn, strict=True):
        if np.isfinite(bar.low) and np.isfinite(bar.high):
            ax.plot([bar.low, bar.high], [row, row], color=ACCENT, linewidth=2, solid_capstyle="butt")
        if np.isfinite(bar.chance):
            ax.plot([bar.chance] * 2, [row - 0.35, row + 0.35], color=SOFT, linewidth=1.5, linestyle=(0, (2, 1)))
    ax.plot([bar.value for bar in drawn], rows, "o", color=ACCENT)
    ax.set_yticks(rows, [bar.name for bar in drawn])
    ax.set_ylim(-0.7, len(drawn) - 0.3)
    marks = ["95 % interval"] if any(np.isfinite(bar.low) for bar in drawn) else []
    marks += ["dashed: chance"] if any(np.isfinite(bar.chance) for bar in drawn) else []
    ax.set_xlabel("\n".join([label, *([", ".join(marks)] if marks else [])]))


def _samples(samples: Any, ax: Axes) -> None:
    if samples.labels:
        name, column = next(iter(samples.labels.items()))
        values, counts = np.unique(column.astype(str), return_counts=True)
        ax.barh(values[::-1], counts[::-1], color=ACCENT)
        ax.set_xlabel(f"samples per {name}")
    elif samples.ratings:
        name, column = next(iter(samples.ratings.items()))
        finite = np.asarray(column, dtype=float)
        ax.hist(finite[np.isfinite(finite)], bins="auto", color=ACCENT)
        ax.set_xlabel(name)
        ax.set_ylabel("samples")
    else:
        people, counts = np.unique(samples.subject.astype(str), return_counts=True)
        ax.hist(counts, color=ACCENT)
        ax.set_xlabel(f"samples per person, of {len(people)} people")
        ax.set_ylabel("people")


def _faces(faces: Any, ax: Axes) -> None:
    from mien.core.faces import OK

    usable = faces.status == OK
    if not usable.any():
        raise InputError("There is nothing to draw: no row holds a face.")
    points = faces.landmarks_px[usable, :, :2]
    centre = np.nanmean(points, axis=1, keepdims=True)
    size = np.sqrt(np.nanmean((points - centre) ** 2, axis=(1, 2), keepdims=True))
    mean = np.nanmean((points - centre) / size, axis=0)
    ax.plot(mean[:, 0], mean[:, 1], ".", color=INK, markersize=2)
    ax.invert_yaxis()
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(f"mean of {int(usable.sum())} faces (of {len(faces)} rows), size made equal", fontsize="small")


def _features(features: Any, ax: Axes) -> None:
    values = features.values.reshape(len(features), -1).astype(float)
    spread = np.nanstd(values, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = np.where(spread > 0, (values - np.nanmean(values, axis=0)) / spread, np.nan)
    drawn = ax.imshow(scaled, aspect="auto", cmap="PuOr", vmin=-3, vmax=3, interpolation="nearest")
    ax.set_xlabel(f"{values.shape[1]} features")
    ax.set_ylabel("samples")
    ax.figure.colorbar(drawn, ax=ax, label="standard deviations from the feature's mean")


def _evidence(evidence: Any, ax: Axes) -> None:
    from mien.atlas.summary import summarise

    found = summarise(evidence)
    values = found.signed_mean if found.directed else found.mean_absolute
    unit = "mean over people, for (+) and against (−)" if found.directed else "mean amount over people"
    if found.space == PICTURE:
        _on_crop(values.sum(axis=0), found.directed, unit, ax)
    elif found.space == SEQUENCE and found.topology:
        _on_face(values.sum(axis=(0, 2)), found, unit, ax)
    else:
        _as_bars(values.sum(axis=tuple(range(values.ndim - 1))), found, unit, ax)
    title = f"{evidence.method}: {evidence.target}"
    ax.set_title("\n".join([title, *([DO_NOT] if evidence.caution else [])]), fontsize="small")


def _on_crop(picture: np.ndarray, directed: bool, unit: str, ax: Axes) -> None:
    drawn = ax.imshow(picture, **_shades(picture, directed))
    ax.set_xticks([])
    ax.set_yticks([])
    ax.figure.colorbar(drawn, ax=ax, label=unit)


def _on_face(values: np.ndarray, found: Any, unit: str, ax: Axes) -> None:
    """Each point where it lies on the canonical face: numbers of points say nothing to people."""
    from mien.atlas.frontal import contours, frontal_points

    at = frontal_points(found.topology)
    for line in contours():
        ax.plot(line[:, 0], line[:, 1], color=SOFT, linewidth=0.5, zorder=0)
    shades = _shades(values, found.directed)
    drawn = ax.scatter(at[:, 0], at[:, 1], c=values, s=9, edgecolors="none", **shades)
    ax.invert_yaxis()
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.figure.colorbar(drawn, ax=ax, label=unit)


def _as_bars(values: np.ndarray, found: Any, unit: str, ax: Axes) -> None:
    from mien.atlas.words import feature_words

    first = np.argsort(-np.abs(values))[:MOST_BARS][::-1]
    colours = [FOR if values[place] > 0 else AGAINST for place in first] if found.directed else ACCENT
    ax.barh([feature_words(found.names[place], found.topology) for place in first], values[first], color=colours)
    ax.axvline(0, color=SOFT, linewidth=0.8)
    ax.set_xlabel(unit)


def _shades(values: np.ndarray, directed: bool) -> dict[str, Any]:
    limit = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    return {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit} if directed else {"cmap": "Purples", "vmin": 0}


def _evaluation(evaluation: Any, ax: Axes) -> None:
    bars = [
        Bar(name.replace("_", " "), score.value, score.low, score.high, score.chance)
        for name, score in ((name, evaluation.as_shown(score)) for name, score in evaluation.scores.items())
    ]
    if evaluation.predicts == "ratings":
        main = outcome_of(evaluation.predicts, ()).main
        bars = [
            Bar(name, score.value, score.low, score.high, score.chance)
            for name, score in ((name, evaluation.as_shown(found[main])) for name, found in evaluation.each.items())
        ]
    intervals(ax, bars, f"{evaluation.model}: {evaluation.target}, held-out people")


def _trained(trained: Any, ax: Axes) -> None:
    if trained.evaluation is None:
        raise InputError("There is nothing to draw: the model was not scored. Train with evaluate=True.")
    _evaluation(trained.evaluation, ax)


def _embedding(embedding: Any, ax: Axes) -> None:
    at = embedding.coordinates
    name, column = next(iter(embedding.attributes.items()), ("", None))
    second = at[:, 1] if at.shape[1] > 1 else np.zeros(len(at))
    if column is None:
        ax.plot(at[:, 0], second, ".", color=ACCENT)
    elif np.issubdtype(np.asarray(column).dtype, np.number):
        drawn = ax.scatter(at[:, 0], second, c=column, s=10, cmap="viridis")
        ax.figure.colorbar(drawn, ax=ax, label=name)
    else:
        words = np.asarray(column).astype(str)
        for number, value in enumerate(np.unique(words)):
            here = words == value
            shade, mark = SHADES[number % len(SHADES)], "osD^v<>P"[number % 8]
            ax.plot(at[here, 0], second[here], mark, color=shade, markersize=4, label=value)
        ax.legend(title=name, fontsize="small")
    ax.set_xlabel(f"{embedding.method} 1")
    ax.set_ylabel(f"{embedding.method} 2" if at.shape[1] > 1 else "")


def _reduction(reduction: Any, ax: Axes) -> None:
    for number, (method, rows) in enumerate(reduction.curve.groupby("method", sort=False)):
        rows = rows.sort_values("count")
        shade = SHADES[number % len(SHADES)]
        ax.plot(rows["count"], rows["accuracy"], "o-", color=shade, markersize=3, label=method)
        if method == reduction.protocol.get("method", "one-shot"):
            ax.fill_between(rows["count"], rows["low"], rows["high"], color=shade, alpha=0.15, linewidth=0)
    ax.axvline(reduction.chosen.count, color=SOFT, linestyle=(0, (2, 1)), linewidth=1)
    ax.set_xscale("log")
    ax.set_xlabel("landmarks (dashed: chosen)")
    ax.set_ylabel("accuracy on held-out clips")
    ax.legend(fontsize="small")


def _learning_curve(curve: Any, ax: Axes) -> None:
    people = [size.people for size in curve.sizes]
    for part, shade, words in (("held_out", ACCENT, "people held out"), ("within", FOR, "cross-validation within")):
        found = [getattr(size, part) for size in curve.sizes]
        ax.plot(people, [one.value for one in found], "o-", color=shade, label=words)
        ax.fill_between(people, [one.low for one in found], [one.high for one in found], color=shade, alpha=0.15, lw=0)
    ax.axhline(curve.chance, color=SOFT, linestyle=(0, (2, 1)), linewidth=1, label="chance")
    ax.set_xscale("log")
    ax.set_xlabel("people in training")
    ax.set_ylabel(f"{curve.target}: {curve.score.replace('_', ' ')}")
    ax.legend(fontsize="small")


def _comparison(comparison: Any, ax: Axes) -> None:
    bars = [Bar(row.model, row.value, row.low, row.high) for row in comparison.models]
    intervals(ax, bars, comparison.score.replace("_", " "))


def _groups(found: Any, ax: Axes) -> None:
    from mien.atlas.words import feature_words

    rows = sorted(found.rows, key=lambda row: -abs(row.effect) if np.isfinite(row.effect) else 0.0)[:MOST_BARS]
    ax.axvline(0, color=SOFT, linewidth=0.8)
    bars = [
        Bar(feature_words(row.name, found.settings.get("topology", "")), row.effect, row.low, row.high) for row in rows
    ]
    intervals(ax, bars, f"effect size, {found.labels[0]} against {found.labels[1]}")


def _effects(found: Any, ax: Axes) -> None:
    order = np.argsort(np.where(np.isfinite(found.p), found.p, 2.0), kind="stable")[:MOST_BARS]
    ax.axvline(0, color=SOFT, linewidth=0.8)
    bars = [Bar(found.names[row], found.effect[row], found.low[row], found.high[row]) for row in order]
    intervals(ax, bars, f"{found.outcome}: {found.measure_of_effect}; the surest {len(bars)} of {len(found.p)}")


def _channels(found: Any, ax: Axes) -> None:
    rows = sorted(found.channels, key=lambda row: -row.shap)[:MOST_BARS]
    bars = [Bar(row.name, row.shap, row.shap_low, row.shap_high, row.shap_shuffled) for row in rows]
    intervals(ax, bars, f"{found.outcome}: share of mean |SHAP|; chance: shuffled")
    ax.set_title(found.unlearnt, fontsize="small")


def _decoding(found: Any, ax: Axes) -> None:
    bars = [Bar(row.source, row.value, row.low, row.high, row.chance) for row in found.scores]
    names = {row.score.replace("_", " ") for row in found.scores}
    intervals(ax, bars, f"{found.target}: {', '.join(sorted(names))}")


def _faithfulness(found: Any, ax: Axes) -> None:
    metric = next(iter(found.rows)).metric
    rows = [row for row in found.rows if row.metric == metric]
    bars = [Bar(row.method, row.value, row.low, row.high) for row in rows]
    intervals(ax, bars, f"{metric} ({found.target})")


def _probe(found: Any, ax: Axes) -> None:
    rows = [row for row in found.scores if row.body == found.body.name] or list(found.scores)
    bars = [Bar(row.layer, row.auc.value, row.auc.low, row.auc.high, 0.5) for row in rows]
    intervals(ax, bars, "area under the ROC curve, faces against the rest")


def _fairness(found: Any, ax: Axes) -> None:
    first = found.scores[0] if found.scores else None
    rows = [
        row
        for row in found.scores
        if first and (row.column, row.measure, row.of) == (first.column, first.measure, first.of)
    ]
    bars = [Bar(f"{row.group} ({row.people})", row.value, row.low, row.high) for row in rows]
    intervals(ax, bars, f"{first.measure if first else ''} by {first.column if first else 'group'} (people)")


def _gaze(found: Any, ax: Axes) -> None:
    first = found.rows[0] if found.rows else None
    rows = [row for row in found.rows if first and (row.part, row.metric) == (first.part, first.metric)]
    intervals(ax, [Bar(row.map, row.score, row.low, row.high) for row in rows], first.metric if first else "")


# By the name of the class: none of them is imported before it is drawn.
PLOTS: dict[str, Callable[[Any, Any], None]] = {
    "Samples": _samples, "Faces": _faces, "Features": _features, "Evidence": _evidence, "Evaluation": _evaluation,
    "Trained": _trained, "Embedding": _embedding, "Reduction": _reduction, "LearningCurve": _learning_curve,
    "Comparison": _comparison, "GroupComparison": _groups, "OutcomeEffects": _effects, "ChannelEvidence": _channels,
    "Decoding": _decoding, "Faithfulness": _faithfulness, "Probe": _probe, "Fairness": _fairness,
    "GazeAgreement": _gaze,
}  # fmt: skip
