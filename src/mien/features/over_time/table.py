"""Measures beside samples: their columns as numbers of each sample, for every verb that learns from named columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.measures import Measures
from mien.features.match import sources_of

# What names of columns of recording quality begin with.
QUALITY = "quality:"


def with_measures(samples: Samples, measures: Measures, patterns: Sequence[str] = ("*",)) -> Samples:
    """The samples with the measures of their recordings among the ratings, under their names; NaN where there are none.

    Parameters
    ----------
    samples : Samples
        One row per recording.
    measures : Measures
    patterns : sequence of str
        Which measures.

    Returns
    -------
    Samples
        Recordings are matched by path as faces are, see ``mien.features.match``.

    Raises
    ------
    InputError
        If a pattern fits no measure, a measure has the name of a column, or no sample has measures.
    """
    found = matched(samples, measures.select(patterns))
    taken = next((name for name in found.names if name in samples.ratings or name in samples.labels), None)
    if taken is not None:
        raise InputError(
            f"{samples.name or 'The samples'} have a column '{taken}', and so have the measures; rename it."
        )
    columns = found.values.T.astype("f8")
    return replace(samples, ratings={**samples.ratings, **dict(zip(found.names, columns, strict=True))})


def with_quality(samples: Samples, measures: Measures) -> Samples:
    """The samples with what is known of their recordings' quality among the ratings, as ``'quality: frames'``.

    Parameters
    ----------
    samples : Samples
    measures : Measures
    """
    quality = {f"{QUALITY} {name}": column for name, column in matched(samples, measures).quality.items()}
    return replace(samples, ratings={**quality, **samples.ratings})


def matched(samples: Samples, measures: Measures) -> Measures:
    """Measures in the order of the samples; those of samples that were not measured are NaN and say so.

    Raises
    ------
    InputError
        If no sample was measured.
    """
    files = [str(file) for file in samples.files()]
    sources = sources_of(samples.path.tolist(), files, measures.source.tolist())
    if len(sources) and not any(sources):
        raise InputError(
            f"None of the {len(samples)} recordings was measured: the samples are called '{samples.path[0]}', the "
            f"measured ones '{measures.source[0] if len(measures) else ''}'."
        )
    rows = measures.beside([source or "" for source in sources])
    return replace(rows, source=samples.path)
