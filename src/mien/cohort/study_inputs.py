"""What an analysis of a cohort is about: samples, with the scores of the study's questionnaires, and measures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mien.core.samples import Samples
from mien.data.measures import Measures
from mien.data.questionnaires.questionnaire import load_questionnaire
from mien.data.samples import read_samples

QUESTIONNAIRES, _FILE = "questionnaires", "questionnaire.json"


def inputs_of(
    samples: Samples | str | Path, measures: Measures | str | Path, columns: Sequence[str], select: Sequence[str] = ()
) -> tuple[Samples, Measures]:
    """Samples and measures; columns that the samples lack come from the questionnaires of the measures' study.

    Parameters
    ----------
    samples : Samples, or what ``mien.read_samples`` takes
    measures : Measures, or the study folder that holds them
    columns : sequence of str
        That are asked for.
    select : sequence of str
        Names or patterns of the measures; all by default.
    """
    known = samples if isinstance(samples, Samples) else read_samples(samples)
    table = measures if isinstance(measures, Measures) else Measures.read(measures)
    if not isinstance(measures, Measures):
        for place in sorted((Path(measures) / QUESTIONNAIRES).glob(f"*/{_FILE}")):
            lacking = [name for name in columns if name not in {*known.labels, *known.ratings, *table.quality}]
            if lacking:
                answers = load_questionnaire(place.parent)
                known = answers.beside(known) if {*answers.ratings, *answers.labels} & {*lacking} else known
    return known, table.select(select) if select else table
