"""Models compared on the same people, in the words of a paper."""

from __future__ import annotations

from mien.compare.comparison import COMPARISON_FILE, Comparison, PairRow
from mien.core.outcome import RATINGS
from mien.core.words import equals, listed, number, p_value, quoted
from mien.report.guarded import guarded
from mien.report.paper.model_words import FEW
from mien.report.paper.paper_table import PaperTable
from mien.report.study_folder import StudyFolder
from mien.stats.scores import valued

_MOST_P = 0.05


def comparison_methods(study: StudyFolder, problems: list[str]) -> str:
    """How models were compared; ``''`` where none were.

    Parameters
    ----------
    study : StudyFolder
    problems : list of str
        Gets a sentence for what cannot be read.
    """
    found = _comparison(study, problems)
    if found is None:
        return ""
    score = "correlation" if found.predicts == RATINGS else "recall"
    over = f"{len(found.attributes)} attributes" if len(found.attributes) > 1 else f"'{found.attributes[0]}'"
    return (
        f"{quoted(row.model for row in found.models)} were compared on the same {found.n_samples} samples of "
        f"{found.n_people} people by the mean {score} over {over}: 95 % intervals of differences over people "
        "(jackknife), and tests that flip the signs of people's differences, with Holm's correction over the pairs."
    )


def comparison_results(study: StudyFolder, problems: list[str]) -> tuple[list[str], list[PaperTable]]:
    """Which model does better, in sentences, and of many pairs a table."""
    found = _comparison(study, problems)
    if found is None or not found.pairs:
        return [], []
    several = len(found.pairs) > 1
    cautions = [f"Careful: {caution}" for caution in found.cautions]
    if len(found.pairs) <= FEW:
        return [*(_pair(pair, found, several) for pair in found.pairs), *cautions], []
    sure = [pair for pair in found.pairs if pair.p_people_corrected <= _MOST_P]
    better = [f"'{pair.one}' does better than '{pair.other}'" for pair in sure]
    said = (
        f"Of {len(found.pairs)} pairs of models {len(sure)} differ after correction: "
        f"{listed(better)}."
        if sure else f"Of {len(found.pairs)} pairs of models none is shown to differ after correction."
    )  # fmt: skip
    rows = tuple(
        (pair.one, pair.other, _apart(pair, found), p_value(pair.p_people), p_value(pair.p_people_corrected))
        for pair in found.pairs
    )
    caption = (
        f"Differences of models on {found.n_samples} samples of {found.n_people} people, the first less the second, "
        "with 95 % intervals over people; p by itself and after Holm's correction."
    )
    return [said, *cautions], [PaperTable(caption, ("First", "Second", "Difference", "p", "p corrected"), rows)]


def _pair(pair: PairRow, found: Comparison, several: bool) -> str:
    p = f"p {equals(pair.p_people_corrected)}{' corrected' if several else ''}"
    verb = "did better than" if pair.p_people_corrected <= _MOST_P else "is not shown to differ from"
    values = {row.model: number(row.value) for row in found.models}
    return (
        f"'{pair.one}' ({values[pair.one]}) {verb} '{pair.other}' ({values[pair.other]}): difference "
        f"{_apart(pair, found)}, {p}."
    )


def _apart(pair: PairRow, found: Comparison) -> str:
    return valued(pair.difference, pair.low, pair.high, found.n_people)


def _comparison(study: StudyFolder, problems: list[str]) -> Comparison | None:
    path = study.path / "comparison" / COMPARISON_FILE
    return guarded(problems, Comparison.read, path) if path.is_file() and study.shows("comparison") else None
