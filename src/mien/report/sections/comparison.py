"""The report's section on models compared on the same people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.compare.comparison import Comparison
from mien.core.outcome import CLASSES, RATINGS
from mien.core.words import listed, p_value
from mien.report.sections.models import score_in_text
from mien.report.sections.numbers import with_bounds
from mien.stats.scores import between

_MEANS = {
    RATINGS: {"one": "Rating", "many": "Ratings", "mean": "Mean Pearson", "caption": "Mean correlation"},
    CLASSES: {"one": "Class", "many": "Classes", "mean": "Balanced accuracy", "caption": "Mean recall"},
}


def section(path: Path) -> dict[str, Any]:
    """Texts and tables of a stored comparison."""
    found = Comparison.read(path)
    rows = [
        {
            "one": pair.one, "other": pair.other, "difference": f"{pair.difference:.3f}",
            "interval": between(pair.low, pair.high, found.n_people).replace("-", "−"),
            "better": f"{pair.better} of {len(found.attributes)}",
            "p_people": p_value(pair.p_people_corrected),
        }
        for pair in found.pairs
    ]  # fmt: skip
    models = [{"name": m.model, "pearson": with_bounds(m)} for m in found.models]
    where = [
        {"name": r.attribute, "pair": f"{r.one} − {r.other}", "difference": f"{r.difference:+.3f}".replace("-", "−"),
         "interval": between(r.low, r.high, found.n_people).replace("-", "−"), "p": p_value(r.p_corrected)}
        for r in found.per_attribute
    ]  # fmt: skip
    words = _MEANS[found.predicts] | {"words": _words(found), "apart": _apart(found)}
    return {"models": models, "pairs": rows, "attributes": where, **words}


def difference_words(found: Comparison) -> str:
    """Caption of the drawing of all differences."""
    name = _MEANS[found.predicts]
    return (
        f"Differences of models in {score_in_text(found.score)} on {found.n_samples} samples of "
        f"{found.n_people} {'person' if found.n_people == 1 else 'people'}, held out of training: the first model less "
        f"the second, over {len(found.attributes)} {name['many' if len(found.attributes) > 1 else 'one'].lower()}. "
        "Lines: 95 % intervals over people, for each pair by itself; dashed: no difference. Right: p over people, "
        "corrected for the number of pairs"
    )


def _words(found: Comparison) -> str:
    best = found.models[0].model
    clear = [p for p in found.pairs if p.one == best and p.p_people_corrected < 0.05]
    beaten = [f"'{p.other}'" for p in clear]
    even = [f"'{p.other}'" for p in found.pairs if p.one == best and p not in clear]
    parts = [f"better than {listed(beaten)}"] if beaten else []
    parts += [f"not shown to differ from {listed(even)}"] if even else []
    name = _MEANS[found.predicts]
    what = (
        f"{len(found.attributes)} {name['many'].lower()}"
        if len(found.attributes) > 1
        else f"the {name['one'].lower()} '{found.attributes[0]}'"
    )
    return (
        f"On {found.n_samples} faces and {what}, '{best}' is {' and '.join(parts)} (tests "
        "over people, corrected)."
        f"{''.join(f' Careful: {caution}' for caution in found.cautions)}"
    )


def _apart(found: Comparison) -> str:
    """Why interval and test of some pairs say different things, and which decides; ``''`` if they agree."""
    pairs = [
        f"'{pair.one}' and '{pair.other}'"
        for pair in found.pairs
        if pair.low == pair.low and (pair.low > 0 or pair.high < 0) != (pair.p_people_corrected < 0.05)
    ]
    if not pairs:
        return ""
    return (
        f"Interval and test do not say the same of {listed(pairs)}: the interval leaves out one person at a time "
        "(jackknife) and is that pair's own, the test flips the signs of people's differences and is corrected over "
        "the pairs; with few people the two can differ. The test decides."
    )
