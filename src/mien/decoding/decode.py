"""``mien decode``: what is decodable from a brain, from frames or from faces, on the same folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.people.same_viewers import without_copies
from mien.core.progress import Progress
from mien.core.streams import Stream, TimeLine
from mien.data.streams.store import read_time_line
from mien.decoding.chance import arrangements, null_scores
from mien.decoding.contrasts import contrasts_of
from mien.decoding.decoders import DECODERS, FittedDecoder, answers, fit, grid_of
from mien.decoding.folds import LEAK, RUN, SHUFFLED, STRETCH, VIEWER, DecodingFold, folds_of, inner_groups
from mien.decoding.result import DecodedSource, Decoding
from mien.decoding.rows import BLOCK, VOLUME, DecodedRows, blocks, prepared, streams_of, volumes
from mien.decoding.same_rows import common_rows, folds_once, of_viewers, on_same_samples
from mien.decoding.score import DecodingScore, scored, statistics_of
from mien.engine.work import Spread

# Numbers of columns that nested selection tries, where there are more.
COLUMNS = (50, 100, 200, 400, 0)
_FEWEST_OF_CLASS = 2


@checked_numbers
def decode(
    study: str | Path | TimeLine,
    *,
    sources: str | Sequence[str],
    labels: str,
    target: str | Sequence[str],
    model: str = "logistic",
    unit: str = BLOCK,
    leave_out: str = RUN,
    shift_s: float = 5.0,
    gap_s: float = 10.0,
    at_least: float | None = None,
    other: str = "none",
    against: str = "",
    detrend: bool = True,
    standardise: bool = True,
    select: bool = True,
    n_permutations: int = 199,
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    seed: int = 0,
    output: str | Path | None = None,
    progress: Progress | None = None,
) -> Decoding:
    """Decode labels from one or several streams of a time line.

    Parameters
    ----------
    study : str, Path or TimeLine
        Study folder with ``streams/``.
    sources : str or sequence of str
        Streams of samples that are decoded from: a brain, features of frames, faces. Several are decoded on the same
        rows and folds and compared in pairs.
    labels : str
        Stream of intervals or samples with the labels.
    target : str or sequence of str
        Its column of words (classes), of numbers, or several of numbers with ``at_least``.
    model : str
        ``'logistic'``, ``'ridge'``, ``'lda'``, ``'trees'`` or ``'mlp'``.
    unit : str
        ``'block'``: the mean over each labelled interval is one row; ``'volume'``: each sample is.
    leave_out : str
        ``'run'`` (each viewer alone), ``'viewer'`` (of viewers who saw the same, with the run) or ``'stretch'`` of
        time. Folds of shuffled volumes are refused.
    shift_s : float
        Seconds that the signal comes after what is labelled; 5 for the blood's answer, 0 for frames and faces, where
        streams without a viewer are never shifted.
    gap_s : float
        Between test and training within one run.
    at_least : float, optional
        Numbers from here on count as the class (agreement of observers, say).
    other : str
        What rows are called in which none holds.
    against : str
        Decode this class against all others together.
    detrend, standardise : bool
        Take a straight line out of every run; divide by its standard deviation.
    select : bool
        Choose the decoder's strength and the number of columns by nested folds of training runs (or viewers).
    n_permutations : int
        For chance and p: all decoders are fitted anew to labels that were permuted over blocks, or shifted, in runs.
    seed : int
    output : path, optional
        Folder for the result, such as ``STUDY/decoding/NAME``.
    workers, engine, address
        Over which workers permutations are spread, as in ``mien.train``; the result is the same.
    progress : callable (done, total), optional

    Returns
    -------
    Decoding

    Raises
    ------
    InputError
        If streams do not fit, one class or one run is there only, or folds would leak.

    Examples
    --------
    >>> import numpy as np
    >>> import mien
    >>> from mien.core.streams import Runs, Stream, TimeLine
    >>> rng, time = np.random.default_rng(0), np.tile(np.arange(60) * 2.0, 4)
    >>> run = np.repeat(["1", "2", "3", "4"], 60).astype(object)
    >>> shown = (time // 20 % 2).astype(int)
    >>> brain = Stream("brain", "sampled", time, ("a", "b"), rng.normal(size=(240, 2)) + 2 * shown[:, None], run=run)
    >>> word = np.array(["house", "face"], object)[shown]
    >>> told = Stream("told", "sampled", time, texts={"what": word}, run=run)
    >>> runs = Runs(["1", "2", "3", "4"], [0, 120, 240, 360], [120, 240, 360, 480])
    >>> line = TimeLine(runs, {"brain": brain, "told": told})
    >>> found = mien.decode(line, sources="brain", labels="told", target="what", unit="volume", shift_s=0)
    >>> found.score("brain").value > 0.8
    True
    """
    if output is not None:
        check_folder(output)
    _check(model, unit, leave_out)
    how = Spread(engine, workers, address=address)
    line = study if isinstance(study, TimeLine) else read_time_line(study)
    names = [sources] if isinstance(sources, str) else [str(name) for name in sources]
    targets = [target] if isinstance(target, str) else [str(name) for name in target]
    found, told = streams_of(line, names, labels)
    if labels in names and (itself := [name for name in targets if name in told.columns]):
        raise InputError(
            f"'{labels}' holds '{itself[0]}', which would be decoded from itself. Take another source, or labels of "
            "another stream."
        )
    notes: list[str] = []
    found = _once(found, leave_out, notes)
    # What belongs to the stimulus is there when it is shown; a brain answers late, whoever's it is.
    shared = [stream.name for stream in found if not of_viewers(stream)]
    parts = _labelled(
        found, told, targets, notes, unit=unit, shift_s=shift_s, at_least=at_least, other=other, detrend=detrend,
        standardise=standardise,
    )  # fmt: skip
    rows = common_rows(parts, notes)
    first = next(iter(rows.values()))
    observed, classes, kept = _coded(first, against, notes)
    if not classes and not DECODERS[model].for_numbers:
        fits = ", ".join(name for name, row in DECODERS.items() if row.for_numbers)
        raise InputError(
            f"'{', '.join(targets)}' is a number, which '{model}' cannot decode: take {fits}, or say from which "
            "value on it counts as a class (at_least)."
        )
    rows = {name: part[kept] for name, part in rows.items()}
    first = first[kept]
    folds = _folds(first, observed, len(classes), leave_out, gap_s, notes)
    decoded = []
    total = len(rows) * (len(folds) + n_permutations)
    done = count()

    def step() -> None:
        if progress is not None:
            progress(next(done) + 1, total)

    for name, part in rows.items():
        fitted = _of_folds(
            part, observed, folds, name in shared,
            partial(_fitted, model, part, observed, len(classes), leave_out, select, seed), step,
        )  # fmt: skip
        scores = np.full((len(part), _outputs(len(classes))), np.nan)
        for fold, one in zip(folds, fitted, strict=True):
            scores[fold.test] = one.scores(part.values[fold.test])
        decoded.append(
            DecodedSource(name, part.columns, part.values.astype(np.float32), scores, tuple(fitted), parts[name][1])
        )
    tested = np.full(len(first), "", dtype=object)
    for fold in folds:
        tested[fold.test] = fold.name
    used = tested != ""
    overlapping = leave_out == VIEWER
    table: list[DecodingScore] = []
    tested_of: dict[str, np.ndarray] = {}
    for source, part in zip(decoded, rows.values(), strict=True):
        own = folds_once(folds, first) if source.name in shared else list(range(len(folds)))
        if len(own) < len(folds):
            notes.append(
                f"'{source.name}' is the same for all viewers: its scores count once, with intervals over runs."
            )
        null = null_scores(
            part, observed, len(classes), [folds[i] for i in own], [source.folds[i] for i in own], unit=unit,
            n_permutations=n_permutations, seed=seed, step=step, how=how,
        )  # fmt: skip
        at = tested_of[source.name] = np.sort(np.concatenate([folds[i].test for i in own]))
        table += scored(
            source.name, observed[at], source.scores[at], first.run[at], first.viewer[at],
            classes=len(classes), null=null, overlapping=overlapping,
        )  # fmt: skip
    possible = arrangements(observed[used], first.run[used], first.viewer[used], first.time_s[used], unit)
    if possible <= n_permutations:
        notes.append(
            f"Labels can be {'put into' if unit == BLOCK else 'shifted into'} {possible:.0f} different orders within "
            f"runs, no more: p is hardly below {1 / possible:.2g}, however well they are decoded."
        )
    if leave_out == STRETCH and (detrend or standardise):
        notes.append(
            "Lines and standard deviations are those of whole runs, so of the stretches that were tested, too."
        )
    if len(set(first.viewer)) == 1:
        notes.append("One viewer: intervals are over runs, and nothing follows for other people.")
    settings = {
        "labels": labels, "target": targets, "model": model, "unit": unit, "leave_out": leave_out, "shift_s": shift_s,
        "gap_s": gap_s, "at_least": at_least, "against": against, "detrend": detrend, "standardise": standardise,
        "select": select, "n_permutations": n_permutations, "seed": seed,
    }  # fmt: skip
    result = Decoding(
        target=against or ", ".join(targets), classes=classes, observed=observed, run=first.run, viewer=first.viewer,
        fold=tested, time_s=first.time_s, folds=tuple((fold.name, fold.viewer) for fold in folds),
        sources=tuple(decoded), scores=tuple(table),
        contrasts=contrasts_of(
            {source.name: source.scores for source in decoded}, observed, first.run, first.viewer, tested_of,
            classes=len(classes), overlapping=overlapping, shared=shared,
        ),
        confusion=_confusion(decoded, observed, used, len(classes)), settings=settings,
        notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip
    if output is not None:
        result.write(output)
    return result


def _once(streams: list[Stream], leave_out: str, notes: list[str]) -> list[Stream]:
    """Each viewer once."""
    found = without_copies(streams, notes)
    if leave_out == VIEWER and notes and len({viewer for one in found for viewer in one.viewer if viewer}) < 3:
        raise InputError(f"Leaving out viewers needs three or more. {notes[0]}")
    return found


def _labelled(
    streams: Sequence[Stream], told: Stream, targets: Sequence[str], notes: list[str], *, unit: str, shift_s: float,
    at_least: float | None, other: str, detrend: bool, standardise: bool,
) -> dict[str, tuple[DecodedRows, BrainSpace | None]]:  # fmt: skip
    """Rows of every source with their labels, and the space of their columns."""
    parts = {}
    for stream, late in on_same_samples(streams, shift_s, unit, notes):
        clean, said = prepared(stream, detrend=detrend, standardise=standardise)
        if shift_s and not late:
            notes.append(f"'{stream.name}' is of the stimulus, not of a viewer, and is not shifted.")
        made = (
            blocks(clean, told, targets[0], shift_s=late)
            if unit == BLOCK
            else volumes(clean, told, targets, shift_s=late, at_least=at_least, other=other)
        )
        notes += [*said, *made.notes]
        parts[stream.name] = (made, _space_of(stream, clean))
    return parts


def _check(model: str, unit: str, leave_out: str) -> None:
    if leave_out == SHUFFLED:
        raise InputError(LEAK)
    if model not in DECODERS:
        raise InputError(f"The decoder is one of {', '.join(DECODERS)}, but got '{model}'.")
    if unit not in (BLOCK, VOLUME):
        raise InputError(f"The unit is 'block' or 'volume', but got '{unit}'.")


def _outputs(classes: int) -> int:
    return classes if classes > 2 else 1


def _space_of(stream: Stream, clean: Stream) -> BrainSpace | None:
    """The space of the columns that are left."""
    space = stream.space
    if space is None or clean.columns == stream.columns:
        return space
    places = np.array([stream.columns.index(name) for name in clean.columns])
    number = np.full(len(space), -1)
    number[places] = np.arange(len(places))
    inside = number[space.column] >= 0 if len(space.column) else np.zeros(0, dtype=bool)
    return replace(
        space, names=space.names[places], voxels=space.voxels[inside], column=number[space.column[inside]],
        centres_mm=space.centres_mm[places],
    )  # fmt: skip


def _coded(rows: DecodedRows, against: str, notes: list[str]) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """Codes of the classes (or numbers), their names, and which rows are kept."""
    if rows.observed.dtype != object:
        if np.ptp(rows.observed) == 0:
            raise InputError("The target never varies; there is nothing to decode.")
        return rows.observed.astype(np.float64), (), np.arange(len(rows))
    words = rows.observed
    if against:
        if against not in set(words):
            raise InputError(f"'{against}' is none of the classes: {', '.join(sorted(set(words)))}.")
        return (words == against).astype(int), ("rest", against), np.arange(len(rows))
    names, counts = np.unique(words.astype(str), return_counts=True)
    rare = names[counts < _FEWEST_OF_CLASS]
    if len(rare):
        notes.append(f"Left out, as fewer than {_FEWEST_OF_CLASS} rows show them: {', '.join(rare)}.")
    kept = np.flatnonzero(~np.isin(words.astype(str), rare))
    names = names[counts >= _FEWEST_OF_CLASS]
    if not len(names):
        raise InputError(
            f"Every class has one row only ({', '.join(rare[:5])}): add runs, or decode volumes instead of blocks "
            "(unit)."
        )
    if len(names) < 2:
        raise InputError(f"There is one class only ('{names[0]}'); decoding needs two.")
    return np.searchsorted(names, words[kept].astype(str)), tuple(str(name) for name in names), kept


def _folds(
    rows: DecodedRows, observed: np.ndarray, classes: int, leave_out: str, gap_s: float, notes: list[str]
) -> list[DecodingFold]:
    found = folds_of(rows, leave_out, gap_s)
    if leave_out == VIEWER:
        notes.append(
            "Viewers were shown different things (labels at the same moments do not agree), so each is left out whole."
            if found[0].name == found[0].viewer
            else "Viewers saw the same, so other viewers' rows of the run that is tested are not trained on."
        )
    kept = [fold for fold in found if not classes or len(set(observed[fold.train])) == classes]
    if len(kept) < len(found):
        lost = [fold.name for fold in found if fold not in kept]
        notes.append(f"Not tested, as a class is missing from all other runs or viewers: {', '.join(lost)}.")
    if not kept:
        raise InputError("No fold has every class in its training; use fewer classes (against), or more runs.")
    return kept


def _of_folds(
    rows: DecodedRows, observed: np.ndarray, folds: list[DecodingFold], shared: bool,
    fitted: Callable[[DecodingFold], FittedDecoder], step: Callable[[], None],
) -> list[FittedDecoder]:  # fmt: skip
    """The decoder of each fold; of what all viewers saw (``shared``) equal training is done once."""
    known: dict[bytes, FittedDecoder] = {}
    result = []
    for number, fold in enumerate(folds):
        same = rows.values[fold.train].tobytes() + observed[fold.train].tobytes() if shared else str(number).encode()
        if same not in known:
            known[same] = fitted(fold)
        result.append(known[same])
        step()
    return result


def _fitted(
    model: str, rows: DecodedRows, observed: np.ndarray, classes: int, leave_out: str, select: bool, seed: int,
    fold: DecodingFold,
) -> FittedDecoder:  # fmt: skip
    x, y = rows.values[fold.train], observed[fold.train]
    wide = [many for many in COLUMNS if many < x.shape[1]]
    grid = [(value, many) for many in wide for value in grid_of(model)]
    if not select or len(grid) == 1:
        middle = grid_of(model)[len(grid_of(model)) // 2]
        return fit(model, x, y, classes, value=middle, seed=seed)
    groups = inner_groups(rows, fold.train, leave_out)
    if not groups.any():
        # One training run cannot be divided by runs: nothing is chosen, all columns are used.
        return fit(model, x, y, classes, value=grid_of(model)[len(grid_of(model)) // 2], seed=seed)
    statistic = next(iter(statistics_of(classes).values()))
    best, most = grid[0], -np.inf
    for value, many in grid:
        said = np.full((len(y), _outputs(classes)), np.nan)
        for group in range(groups.max() + 1):
            inside = groups == group
            if classes and len(set(y[~inside])) < classes:
                continue
            said[inside] = fit(model, x[~inside], y[~inside], classes, value=value, columns=many, seed=seed).scores(
                x[inside]
            )
        known = np.isfinite(said).all(axis=1)
        reached = statistic(y[known], said[known]) if known.any() else -np.inf
        # The first that is best is the simplest: most shrunken, fewest columns.
        if reached > most + 1e-12:
            best, most = (value, many), reached
    return fit(model, x, y, classes, value=best[0], columns=best[1], seed=seed)


def _confusion(
    decoded: list[DecodedSource], observed: np.ndarray, used: np.ndarray, classes: int
) -> dict[str, np.ndarray]:
    if not classes:
        return {}
    result = {}
    for source in decoded:
        matrix = np.zeros((classes, classes), dtype=int)
        np.add.at(matrix, (observed[used], answers(source.scores[used], classes)), 1)
        result[source.name] = matrix
    return result
