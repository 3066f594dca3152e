"""``questionnaire``: scores of a questionnaire from a table of its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.samples import Samples
from mien.data.questionnaires.answers import read_answers
from mien.data.questionnaires.result import NOTICE, Questionnaire, of_answers
from mien.data.questionnaires.scale import ScoringKey
from mien.data.questionnaires.scale_file import read_scale
from mien.stats.reliability import reliability


@checked_numbers
def questionnaire(
    samples: Samples | str | Path,
    *,
    scale: ScoringKey | str | Path,
    items: str | Sequence[str] = "",
    output: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
) -> Questionnaire:
    """Scores of a questionnaire, severity bands (not a diagnosis), what is wrong with answers, and reliability.

    Parameters
    ----------
    samples : Samples, str or Path
        A table with one row per person, or per person and session, and a column for each item; ``subject``, ``session``
        and ``path`` say whose answers they are. Or samples that hold the items among their ratings.
    scale : ScoringKey, str or Path
        ``'dass-21'``, ``'phq-9'``, ``'gad-7'``, or a scoring file (TOML; see ``docs/questionnaires.md``).
    items : str or sequence of str
        What the table calls the items, in the scale's order: ``'DASS{01..21}'`` or all names with commas. By default as
        the scoring file says.
    output : str or Path, optional
        Folder that receives ``scores.parquet``, ``questionnaire.json`` and ``problems.csv``, as
        ``STUDY/questionnaires/NAME``.
    columns, missing : optional
        How a table is read, see ``mien.data.samples.read_samples``.

    Returns
    -------
    Questionnaire
        ``.ratings`` has scores, ``.labels`` bands; ``.beside(samples)`` puts both into samples.

    Raises
    ------
    InputError
        If the scoring file is wrong (with its key and line), a column is not there, or no cell holds an answer.

    Notes
    -----
    A cell that is out of range, text or a decimal counts as missing and is listed by row and column; nothing else is
    left out. Prorated scores are compared with cut-offs as they are, not rounded. Cronbach's alpha and McDonald's omega
    are of the rows with all items: ``mien.stats.reliability``.

    Examples
    --------
    >>> import mien
    >>> lines = ["subject,gad_1,gad_2,gad_3,gad_4,gad_5,gad_6,gad_7", "ann,2,2,1,3,2,1,1", "ben,0,1,0,9,1,0,0"]
    >>> with open("gad.csv", "w") as file:
    ...     _ = file.write("\\n".join(lines))
    >>> found = mien.questionnaire("gad.csv", scale="gad-7")
    >>> found.ratings["gad_7_total"].round(2).tolist(), found.labels["gad_7_total_band"].tolist()
    ([12.0, 2.33], ['moderate', 'minimal'])
    >>> [(one.row, one.column, one.kind) for one in found.problems]
    [(3, 'gad_4', 'out of range')]
    """
    if output is not None:
        check_folder(output)
    key = read_scale(scale)
    answers = read_answers(samples, key, items, dict(columns or {}), missing)
    turned = key.turned(answers.values)
    reliable = []
    for one in key.subscales:
        own = [number - 1 for number in one.items]
        names = tuple(answers.columns[place] for place in own)
        reliable.append(reliability(one.name, turned[:, own], answers.subject, names))
    result = of_answers(
        key, answers, reliability=tuple(reliable), settings={"scale": key.name},
        notes=(NOTICE, *key.notes, *answers.notes),
    )  # fmt: skip
    if output is not None:
        result.write(output)
    return result


def load_questionnaire(folder: str | Path) -> Questionnaire:
    """Read what ``mien questionnaire`` wrote.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    Questionnaire

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    if not Path(folder).is_dir():
        raise InputError(f"{folder} is not a folder; give the one that 'mien questionnaire' wrote.")
    return Questionnaire.read(folder)
