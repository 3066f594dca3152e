"""What an analysis of a cohort is about: samples, with the scores of the study's questionnaires, and measures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.cohort.participants import load_participants
from mien.cohort.participants_file import FACTS, FOLDER
from mien.core.samples import Samples
from mien.data.measures import Measures
from mien.data.questionnaires.questionnaire import load_questionnaire
from mien.data.samples import given_samples, read_samples

QUESTIONNAIRES, _FILE = "questionnaires", "questionnaire.json"


def samples_of(samples: Samples | str | Path, **reading: Any) -> Samples:
    """Samples as ``mien.read_samples`` reads them; of a study that holds checked participants, those that were kept."""
    if isinstance(samples, Samples):
        return given_samples(samples, **reading)
    if (Path(samples) / FOLDER / FACTS).is_file():
        return load_participants(samples).kept
    return read_samples(samples, **reading)


def inputs_of(
    samples: Samples | str | Path,
    measures: Measures | str | Path,
    needed: Sequence[str],
    select: Sequence[str] = (),
    **reading: Any,
) -> tuple[Samples, Measures]:
    """Samples and measures; columns that the samples lack come from the questionnaires of the measures' study.

    Parameters
    ----------
    samples : Samples, or what ``mien.read_samples`` takes, or a study that ``mien.participants`` wrote to
    measures : Measures, or the study folder that holds them
    needed : sequence of str
        Columns that are asked for.
    select : sequence of str
        Names or patterns of the measures; all by default.
    **reading
        How a table is read, as of ``mien.read_samples``.
    """
    known = samples_of(samples, **reading)
    table = measures if isinstance(measures, Measures) else Measures.read(measures)
    if not isinstance(measures, Measures):
        for place in sorted((Path(measures) / QUESTIONNAIRES).glob(f"*/{_FILE}")):
            lacking = [name for name in needed if name not in {*known.labels, *known.ratings, *table.quality}]
            if lacking:
                answers = load_questionnaire(place.parent)
                known = answers.beside(known) if {*answers.ratings, *answers.labels} & {*lacking} else known
    return known, table.select(select) if select else table
