"""Stimuli: pictures with their category and source, from tables, folders per category and known data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.files import read_json
from mien.core.samples import Samples
from mien.core.words import did_you_mean
from mien.data.layout.category_folders import read_category_folder
from mien.data.samples import CATEGORY, read_samples, table_in
from mien.data.sets.catalogue import set_of

FACE = "face"
# Beside the table of stimuli that were made: what they were made of.
MADE_FILE, PAREIDOLIA_FILE = "stimuli.json", "pareidolia.json"


def read_stimuli(
    spec: str | Path | Samples,
    *,
    category: str = "",
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
) -> Samples:
    """Read pictures with what kind of thing each shows (label ``category``) and which one (``subject``, its source).

    Parameters
    ----------
    spec : str, Path or Samples
        One of

        - a table with the columns ``path``, ``category`` and ``source`` (the person or thing shown; ``subject`` does as
          well), or a folder that holds ``samples.csv``;
        - a folder with one sub-folder of pictures per category. Pictures in a folder of their own below a category's
          show one thing, each other picture is a source of its own, which a note says;
        - ``objects`` or another data set by name. A set of faces without categories is of the category ``face``.
    category : str
        Column that says the category; by default ``category``.
    labels, columns, missing, same
        As in ``mien.read_samples``, for a table.
    subject_pattern : str, optional
        For a folder per category: a regular expression that finds the source in a picture's path.

    Returns
    -------
    Samples
        Notes say which categories show one source only: probes of them cannot be tested.

    Raises
    ------
    InputError
        As ``mien.read_samples``; and where nothing says the category of pictures, or of some.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> _ = Path("s.csv").write_text("path,category,source\\na.png,face,ann\\nb.png,cup,mug\\nc.png,cup,mirror\\n")
    >>> stimuli = mien.read_stimuli("s.csv")
    >>> stimuli.labels["category"].tolist(), stimuli.subject.tolist()
    (['face', 'cup', 'cup'], ['ann', 'mug', 'mirror'])
    >>> stimuli.notes
    ("Of the category 'face' only one source is shown ('ann', 1 picture): no other is left to test a probe of it.",)
    """
    if isinstance(spec, Samples):
        return _with_category(spec, category, faces=False)
    known, place = set_of(spec)
    folder = Path(place).expanduser()
    settings = {"labels": labels, "columns": columns, "missing": missing, "same": same}
    if known is None and folder.is_dir() and table_in(folder) is None:
        given = [name for name, value in settings.items() if value not in (None, "") and len(value)]  # type: ignore[arg-type]
        if given:
            raise InputError(f"{given[0]} says how a table is read, but {folder} holds none; leave it out.")
        samples = replace(read_category_folder(folder, subject_pattern or ""), read_from=str(folder.absolute()))
    else:
        samples = read_samples(spec, subject_pattern=subject_pattern, **settings)  # type: ignore[arg-type]
        samples = _as_made(samples, folder) if known is None else samples
    return _with_category(samples, category, faces=known is not None)


def _as_made(samples: Samples, place: Path) -> Samples:
    """With licence and credit, and whether nobody is shown, where ``mien.stimuli`` or ``mien.pareidolia`` made them."""
    folder = place if place.is_dir() else place.parent
    facts = next((folder / name for name in (MADE_FILE, PAREIDOLIA_FILE) if (folder / name).is_file()), None)
    if facts is None:
        return samples
    found = read_json(facts)
    said = {key: found[key] for key in ("licence", "credit", "synthetic") if isinstance(found.get(key), str | bool)}
    return replace(samples, **said)


def _with_category(samples: Samples, column: str, *, faces: bool) -> Samples:
    """The samples with a label ``category`` and what has to be said of it."""
    found = dict(samples.labels)
    if column and column != CATEGORY:
        values = samples.target(column)
        found[CATEGORY] = values if values.dtype == object else np.array([f"{v:g}" for v in values], dtype=object)
    elif CATEGORY not in found and faces:
        found[CATEGORY] = np.full(len(samples), FACE, dtype=object)
    if CATEGORY not in found:
        hint = did_you_mean(CATEGORY, list(found)) or (f" Other labels: {', '.join(found)}." if found else "")
        raise InputError(
            f"{samples.name or 'The samples'}: nothing says what kind of thing each picture shows. Add a column "
            f"'{CATEGORY}', or name the one that says it (category='...').{hint}"
        )
    unknown = int((found[CATEGORY] == "").sum())
    if unknown:
        raise InputError(
            f"{samples.name or 'The samples'}: {unknown} of {len(samples)} pictures have no category, the first is "
            f"'{samples.path[found[CATEGORY] == ''][0]}'. Fill the column or leave these rows out."
        )
    notes = single_sources(found[CATEGORY], samples.subject)
    about = {**samples.column_notes, CATEGORY: (*samples.column_notes.get(CATEGORY, ()), *notes)}
    return replace(samples, labels=found, notes=(*samples.notes, *notes), column_notes=about)


def single_sources(category: np.ndarray, source: np.ndarray) -> tuple[str, ...]:
    """A sentence for each category of which one source alone is shown.

    Parameters
    ----------
    category, source : ndarray of str, shape (pictures,)
    """
    notes = []
    for name in dict.fromkeys(category):
        shown = source[category == name]
        if len(set(shown)) == 1:
            notes.append(
                f"Of the category '{name}' only one source is shown ('{shown[0]}', {len(shown)} "
                f"picture{'' if len(shown) == 1 else 's'}): no other is left to test a probe of it."
            )
    return tuple(notes)
