"""Evidence as people see it: in words and in drawings beside its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mien.atlas.evidence_words import in_words
from mien.atlas.summary import summarise
from mien.core.errors import InputError, WeightsError
from mien.core.evidence import DO_NOT, Evidence
from mien.core.features import PICTURE
from mien.explain.store import evidence_folder
from mien.explain.thumbnails import load_shown
from mien.learn.predicted import evaluation_beside, not_predicted
from mien.report.draw.evidence import save_plots
from mien.report.draw.pictures import not_drawn, save_picture_plots
from mien.report.privacy import privacy_of_evidence


@dataclass(frozen=True)
class Drawn:
    """What was drawn of some evidence.

    Attributes
    ----------
    folder : Path
        Of the drawings.
    words : str
        The evidence in a sentence or two; ``''`` where there is none.
    drawings : tuple of Path
    notes : tuple of str
        What was not drawn, and why.
    problem : str
        Why words or drawings are missing; ``''`` where none is.
    """

    folder: Path
    words: str = ""
    drawings: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


def draw_evidence(
    evidence: Evidence,
    output: str | Path,
    *,
    model: str | Path | None = None,
    show_faces: bool = False,
    show_names: bool = False,
) -> Drawn:
    """Draw evidence and put it into words, as ``mien explain`` does after ``mien.explain``.

    Parameters
    ----------
    evidence : Evidence
    output : str or Path
        The folder that ``explain`` was given as ``output``; drawings go beside the numbers, to ``METHOD/TARGET``.
    model : str or Path, optional
        Folder of the model. Where its evaluation says that the target is not predicted, the words say so instead.
    show_faces : bool
        Show pictures of people, and means over few of them.
    show_names : bool
        Name files and people instead of numbering them.

    Returns
    -------
    Drawn

    Raises
    ------
    OSError
        If the folder cannot be written to. Evidence that cannot be drawn is no error; ``problem`` says why.

    Examples
    --------
    >>> import mien, numpy as np
    >>> rows = np.random.default_rng(0).normal(size=(12, 2))
    >>> score = lambda x: x @ np.float32([2, -1])
    >>> evidence = mien.explain(score, rows, names=("smile", "frown"), output="study/evidence/mine")
    >>> [path.name for path in mien.draw_evidence(evidence, "study/evidence/mine").drawings]
    ['features.svg']
    """
    folder = evidence_folder(output, evidence)
    if not evidence.ok.any() and (evidence.status == "abstained").any():
        # Who says openly that it cannot be known has nothing to draw.
        return Drawn(folder)
    words, drawings, notes, problem = "", [], [], ""
    try:
        summary = summarise(evidence)
        # What is not predicted is not put into words as a finding.
        warning = not_predicted(evaluation_beside(model), evidence.target.name) or evidence.caution
        words = f"{evidence.target}: {warning}" if warning else in_words(summary)
        unit = str(evidence.settings.get("explained", "output"))
        but = DO_NOT if warning else ""
        drawings += save_plots(summary, folder, unit, but=but)
        if evidence.space == PICTURE:
            privacy = privacy_of_evidence(evidence, faces=show_faces, names=show_names)
            drawings += save_picture_plots(evidence, summary, folder, unit, privacy, but=but)
            notes += not_drawn(evidence, summary, load_shown(folder), privacy)
    except (InputError, WeightsError) as error:
        # The evidence itself is stored; only what comes after it is missing.
        problem = f"{evidence.target}: {error}"
    return Drawn(folder, words, tuple(drawings), tuple(notes), problem)
