"""Which sources of pictures show faces, which something else, and in which half of the sources each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from mien.core.errors import InputError
from mien.core.words import listed
from mien.responses.activations import Activations
from mien.responses.probes.design import asked
from mien.responses.probes.linear import same_pictures
from mien.stats.subjects import codes_of

# Sources of a group in each half: Welch's t of fewer says nothing.
LEAST = 4


@dataclass(frozen=True, eq=False)
class UnitDesign:
    """Sources in two halves.

    Attributes
    ----------
    picture : ndarray of int, shape (pictures,)
        Rows of the activations that are used.
    row : ndarray of int, shape (pictures,)
        Source of each, counted from 0. A source that shows several categories is one for each.
    category : ndarray of str, shape (sources,)
    face : ndarray of bool, shape (sources,)
    half : ndarray of int, shape (sources,)
        0 or 1; all rows of one source are in one half.
    others : tuple of str
        Categories that are no faces and have enough sources in each half to be compared with alone.
    notes : tuple of str
    """

    picture: np.ndarray
    row: np.ndarray
    category: np.ndarray
    face: np.ndarray
    half: np.ndarray
    others: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.category)

    def means(self, values: np.ndarray) -> np.ndarray:
        """Mean of each source's pictures, shape (sources, units), from one row for each picture of the activations."""
        count = np.bincount(self.row, minlength=len(self))
        average = csr_array(
            ((1 / count)[self.row].astype(np.float32), (self.row, self.picture)), shape=(len(self), len(values))
        )
        if not np.isfinite(values).all():  # rows that were not answered have no weight, but NaN times 0 is NaN
            values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        return np.asarray(average @ values)


def design_of(
    activations: Activations,
    target: str,
    faces: str | Sequence[str],
    against: str | Sequence[str] = (),
    *,
    seed: int = 0,
) -> UnitDesign:
    """Sources by what they show, dealt into halves in which every category is spread evenly.

    Parameters
    ----------
    activations : Activations
    target : str
        Column of labels with the category of each picture.
    faces, against : str or sequence of str
        Categories that show faces, and those that they are compared with; all others by default.
    seed : int
        Of the halves.

    Raises
    ------
    InputError
        For a column or a category that is not there, or fewer than four sources of faces (or of others) in a half.
    """
    ask = asked(activations, target, faces, against, "")
    labels = activations.samples.labels[target].astype(str)
    ok = activations.ok
    wanted = np.isin(labels, [*ask.faces, *ask.against])
    picture = np.flatnonzero(ok & wanted)
    notes = _left_out(int((wanted & ~ok).sum()), int((labels == "").sum()))
    given = activations.samples.subject[picture].astype(str)
    ends = [activations.layer(name)[picture] for name in (activations.layers[0], activations.layers[-1])]
    source = same_pictures(np.concatenate(ends, axis=1), given)
    if copies := len(set(given.tolist())) - len(set(source.tolist())):
        notes.append(f"Sources that hold a copy of another source's picture count as one with it: {copies}.")
    names, kind = np.unique(labels[picture], return_inverse=True)
    who = codes_of(source)[1] if len(picture) else np.zeros(0, dtype=int)
    pairs, row = np.unique(np.stack([who, kind]), axis=1, return_inverse=True)
    category = names[pairs[1]]
    face = np.isin(category, ask.faces)
    if several := len(pairs[0]) - len(np.unique(pairs[0])):
        notes.append(
            f"{several} sources show several categories; each has a mean per category and is in one half with all of "
            "them, but counts as independent in tests."
        )
    half = _halves(pairs[0], category, face, ask.faces, seed)
    held = {c: np.bincount(half[category == c], minlength=2) for c in ask.against}
    others = [c for c in ask.against if held[c].min() >= LEAST]
    if few := [c for c in ask.against if c not in others]:
        notes.append(
            f"{listed([repr(str(c)) for c in few])} {'has' if len(few) == 1 else 'have'} fewer than {LEAST} sources in "
            "a half: compared with faces among all others, not alone."
        )
    return UnitDesign(picture, row.reshape(-1), category, face, half, tuple(others), tuple(notes))


def _left_out(unanswered: int, unlabelled: int) -> list[str]:
    notes = []
    if unanswered:
        notes.append(f"Left out, as the network gave no answer: {_pictures(unanswered)}.")
    if unlabelled:
        notes.append(f"Left out, as they have no category: {_pictures(unlabelled)}.")
    return notes


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"


def _halves(who: np.ndarray, category: np.ndarray, face: np.ndarray, faces: Sequence[str], seed: int) -> np.ndarray:
    for is_face, name in ((True, f"faces ({', '.join(faces)})"), (False, "the other categories")):
        count = len(np.unique(who[face == is_face]))
        if count < 2 * LEAST:
            raise InputError(
                f"Units are chosen on one half of the sources and tested on the other, so {name} need at least "
                f"{2 * LEAST} sources, but there are {count}. Add pictures of other people or objects, or check that "
                "the column of sources tells them apart."
            )
    # Sources that show the same categories take turns; one that is left over goes where fewer are.
    kinds, kind = np.unique(category, return_inverse=True)
    shows = np.zeros((int(who.max()) + 1, len(kinds)), dtype=bool)
    shows[who, kind] = True
    alike = np.unique(shows, axis=0, return_inverse=True)[1].reshape(-1)
    rng, half = np.random.default_rng(seed), np.zeros(len(shows), dtype=int)
    turn = 0
    for group in range(alike.max() + 1):
        sources = rng.permutation(np.flatnonzero(alike == group))
        half[sources] = (np.arange(len(sources)) + turn) % 2
        turn = (turn + len(sources)) % 2
    if min(np.bincount(half[who][face == is_face], minlength=2).min() for is_face in (True, False)) < LEAST:
        raise InputError(
            f"One half of the sources has fewer than {LEAST} of faces or of the other categories; another seed may "
            "spread them better, more sources will."
        )
    return half[who]
