"""Face Research Lab London Set: pictures of 102 adults, and who rated them how."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.sets.catalogue import part
from mien.data.tables.ratings import SingleRatings
from mien.data.tables.table import read_table
from mien.data.vocabulary import LABEL, OWN_LABEL, common_words

# What the file says of the person, and its column. Age is no rating: nobody judged it from the picture.
_PEOPLE = {"gender": "face_gender", "age": "face_age", "ethnicity": "face_eth"}


def london(folder: Path) -> Samples:
    """Face Research Lab London Set: 102 adults, neutral and smiling.

    Label ``expression``, and ``label`` in common words; where the file has them ``gender``, ``age`` (years, as text)
    and ``ethnicity``, for groups. Rating ``attractiveness`` (mean impression of 2,513 raters, 1 to 7, of the neutral
    picture).
    """
    table = read_table(part(folder, "labels.csv", "london"))
    path = table.need("file", "the picture of each row")
    subject = table.need("subject", "who is shown")
    expression = table.need("expression", "neutral or smiling")
    table.need("attractiveness_mean", "mean rating")
    more = {name: table.columns[column] for name, column in _PEOPLE.items() if column in table.columns}
    return Samples(
        path=path,
        subject=subject,
        labels={"expression": expression, LABEL: common_words(expression), OWN_LABEL: expression, **more},
        # The file repeats a person's rating beside the smiling picture, which nobody rated.
        ratings={
            "attractiveness": np.where(expression == "neutral", table.numbers("attractiveness_mean")[0], np.nan),
        },
        root=folder.resolve(),
        name="Face Research Lab London Set",
        licence="CC BY 4.0",
        credit="DeBruine, L. & Jones, B. (2017), Face Research Lab London Set (v5), figshare, "
        "doi 10.6084/m9.figshare.5047666.v5; pictures resized to 512x512.",
    )


def london_ratings(folder: Path) -> SingleRatings:
    """Every rater's ratings of the neutral pictures."""
    path = folder / "ratings_matrix.npz"
    if not path.is_file():
        raise InputError(f"{path} does not exist; the London set's single ratings come with it.")
    with np.load(path, allow_pickle=False) as stored:
        matrix = stored["ratings"]
    samples = london(folder)
    rated = samples.labels["expression"] == "neutral"
    faces, means = samples.path[rated], samples.ratings["attractiveness"][rated]
    # The columns come without names that can be read without pickle; their means say that they are the table's rows.
    total, number = matrix.sum(axis=0, dtype=np.float64), (matrix > 0).sum(axis=0)
    if len(faces) != matrix.shape[1] or np.abs(total / np.maximum(number, 1) - means).max() > 0.01:
        raise InputError(f"{path} does not fit labels.csv: the mean ratings differ.")
    rater, face = np.nonzero(matrix)
    attribute = np.full(len(face), "attractiveness", dtype=object)
    people = np.array([str(r) for r in range(len(matrix))], dtype=object)
    return SingleRatings(faces[face], attribute, matrix[rater, face].astype(np.float64), people[rater])
